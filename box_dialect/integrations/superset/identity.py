"""Whom a connection of Superset's acts for: the account of its database, or a viewer.

Source: https://developer.box.com/guides/authentication/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from box_dialect.dialect.url import raw_properties
from box_dialect.errors import ProgrammingError
from box_dialect.properties import find, merged
from box_dialect.properties.hosts import BOX_HOSTS
from box_dialect.properties.parsing import reference

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SIGN_IN: Final = frozenset(
    {
        "AuthScheme",
        "InitiateOAuth",
        "OAuthClientId",
        "OAuthClientSecret",
        "OAuthAccessToken",
        "OAuthRefreshToken",
        "OAuthExpiresIn",
        "OAuthTokenTimestamp",
        "OAuthVerifier",
        "CallbackURL",
        "OAuthSettingsLocation",
        "TokenCache",
        "TokenCacheKey",
        "SubjectType",
        "SubjectId",
        "AsUserId",
        "Scope",
        "OAuthJWTCertType",
        "OAuthJWTCert",
        "OAuthJWTCertPassword",
        "OAuthJWTCertSubject",
        "OAuthJWTSubjectType",
        "OAuthJWTSubject",
        "OAuthJWTPublicKeyId",
        "OAuthJWTIssuer",
        "OAuthJWTAlgorithm",
    }
)
"""The properties that say who signs in, and by what."""

AS_USER: Final = "AsUserId"
VIEWERS_EMAIL: Final = "{email}"
"""The value of `AsUserId` in the URL of a database whose account stands for each viewer, by their e-mail."""

_EMAIL: Final = re.compile(r"[^@:\s]+@[^@:\s]+")


def stands_for_viewers(url: URL) -> bool:
    """Tell whether the account of a database stands for each viewer; raises ProgrammingError for a wrong URL."""
    return raw_properties(url).get(AS_USER) == VIEWERS_EMAIL


def without_sign_in(url: URL) -> URL:
    """Return a URL without client and whatever else signs in, which goes on to the same hosts."""
    kept = {name: value for name, value in url.query.items() if find(name).name not in SIGN_IN}
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database, query=kept)


def without(names: Collection[str], properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties without the named ones, however they are spelled; raises ProgrammingError."""
    return {name: value for name, value in merged({}, list(properties.items())).items() if name not in names}


def literal(value: str, what: str) -> str:
    """Return a value that is not the program's own; raises ProgrammingError where it refers to a variable or a file."""
    if any(reference(value)):
        raise ProgrammingError(f"{what} refers to a variable or a file of the server, which only the program may do")
    return value


def of_account(email: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties by which the account of a database stands for the viewer with an e-mail.

    `given` are those that the program passes by name. Raises ProgrammingError where the e-mail is none.
    """
    if not email or not _EMAIL.fullmatch(email):  # an id would stand for whomever it is of
        raise ProgrammingError(
            f"this database stands for each viewer by their e-mail ({AS_USER}={VIEWERS_EMAIL}), and there is no viewer "
            "with an e-mail; enter the login that the viewer has at Box as the e-mail of their user in Superset"
        )
    return {**without({AS_USER}, given), AS_USER: email}


def of_viewer(
    url: URL, client: Mapping[str, Any], access_token: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the properties by which a viewer acts for themselves: with their token, or asking for a sign-in.

    `client` is Superset's configuration of the OAuth2 client, `given` are the properties that the program passes by
    name. Raises ProgrammingError where a host is named that has not issued the token.
    """
    own = without(SIGN_IN, given)
    token = {"OAuthAccessToken": literal(access_token, "the access token")} if access_token else None
    # With the client alone the first call to Box asks for the sign-in, so that what makes no call needs none.
    signed_in = token or client_of(client)
    return {**_hosts(url, client, own), **own, "AuthScheme": "OAuth", "InitiateOAuth": "OFF", **signed_in}


def client_of(client: Mapping[str, Any]) -> dict[str, Any]:
    """Return the id and the secret of an OAuth2 client as properties; raises ProgrammingError for references."""
    return {
        "OAuthClientId": literal(client["id"], "the id of the OAuth2 client"),
        "OAuthClientSecret": literal(client["secret"], "the secret of the OAuth2 client"),
    }


def _hosts(url: URL, client: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hosts that a connection names, as the program's own: they are those that issue its tokens."""
    issuer = urlsplit(client["token_request_uri"]).netloc.lower()
    known = BOX_HOSTS if issuer in BOX_HOSTS else {issuer}
    named = {name: value for name, value in {**raw_properties(url), **given}.items() if find(name).reach == "host"}
    for name, value in named.items():
        if urlsplit(str(value)).netloc.lower() not in known:
            raise ProgrammingError(
                f"this database names another host by {name} than {issuer}, which issues its viewers' tokens, so that "
                "they are not sent there; name that host in the token_request_uri of the OAuth2 client too"
            )
    return named
