"""Serve the further addresses of users.

Source: https://developer.box.com/reference/resources/email-alias/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import whole_page
from box_dialect.emulator.resource import Create, Delete, List, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State


@dataclass(slots=True, eq=False, kw_only=True)
class EmailAlias(Entity):
    """A further address of a user."""

    type, table, first_id = "email_alias", "email_aliases", 850_000_001
    owners, unique = ("user",), ("email",)
    user: User
    email: str
    is_confirmed: bool = False


class NewEmailAlias(TypedDict):
    """What an alias is made of."""

    email: str


def _of_user(call: Call) -> Iterable[EmailAlias]:
    return call.found(User, call.id).of(EmailAlias).values()


def _conflict() -> BoxError:
    return errors.conflict("user_login_already_used", "The address is taken")


def _make(call: Call) -> EmailAlias:
    """Return an alias, which nobody has as their login."""
    if call.store.account_of(call.json["email"]) is not None:
        raise _conflict()
    return EmailAlias(user=call.found(User, call.id), email=call.json["email"])


def _check_user(call: Call, alias: EmailAlias) -> None:
    if alias.user.id != call.id:
        raise errors.not_found(alias.type, alias.id)


def _seed(state: State, _planted: Planted) -> None:
    state.add(EmailAlias(user=state.admin, email="ada@example.com", is_confirmed=True))


EMAIL_ALIASES = Resource(
    EmailAlias,
    List("/users/{user_id}/email_aliases", rows=_of_user, page=whole_page),
    Create("/users/{user_id}/email_aliases", NewEmailAlias, make=_make),
    Delete("/users/{user_id}/email_aliases/{email_alias_id}", entity_permission=_check_user),
    mini=("email", "is_confirmed"),
    permission=lambda call: call.require_administrator("manage_managed_users"),
    conflict=_conflict,
    takes_fields=False,
    seed=_seed,
)
