"""Find the user that an application signs in as by its own credentials.

Source: https://developer.box.com/reference/post-oauth2-token
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.state import State


def subject_of(store: State, kind: object, identity: object) -> User | None:
    """Return the user that a subject names; an enterprise stands for the service account of the application."""
    if kind == "enterprise" and identity == store.enterprise["id"]:
        return store.service_account
    user = store.accounts.get(str(identity)) if kind == "user" else None
    return user if user is not None and user.enterprise is not None else None
