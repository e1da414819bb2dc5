"""What a connection signs in as, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from box_dialect.properties import Properties

_SERVICE_ACCOUNT: Final = re.compile(r"AutomationUser_\w+@boxdevedition\.com")
_APP_USER: Final = re.compile(r"AppUser_\w+@boxdevedition\.com")
"""Logins of accounts that Box makes. Source: https://developer.box.com/platform/user-types/"""

NO_FILES: Final = (
    "A service account has a folder tree of its own, which is empty: it sees no file of others until it is invited to "
    "a folder as a collaborator, or stands for a user (SubjectType=user&SubjectId=…, OAuthJWTSubjectType=user&"
    "OAuthJWTSubject=…, or AsUserId=…)."
)


def sign_in_of(properties: Properties) -> str:
    """Return which sign-in the properties of a connection lead to, and for whom."""
    if properties.auth_scheme == "OAuth":
        ways = {
            "an authorization code": properties.verifier,
            "a given refresh token": properties.refresh_token,
            "a given access token": properties.access_token,
        }
        how = next((way for way, value in ways.items() if value), "tokens that are kept")
        told = f"OAuth 2.0 as a person, by {how}"
    elif properties.auth_scheme == "OAuthJWT":
        told = f"JWT, {_subject(properties.jwt_subject_type, properties.jwt_subject)}"
    else:
        told = f"client credentials, {_subject(properties.subject_type, properties.subject_id)}"
    return told if properties.as_user is None else f"{told}, and calls are made as the user {properties.as_user}"


def kind_of(login: str) -> str:
    """Return what kind of account has a login: a service account, an app user, or a user."""
    if _SERVICE_ACCOUNT.fullmatch(login):
        return "service account"
    return "app user" if _APP_USER.fullmatch(login) else "user"


def scopes_of(properties: Properties) -> str:
    """Return which scopes tokens have, as far as it can be told."""
    return properties.scope or "all that the application has (Box tells none of a token)"


def _subject(kind: str, identity: str | None) -> str:
    if kind == "user":
        return f"for the user {identity}"
    return "for the service account" if identity is None else f"for the service account of the enterprise {identity}"
