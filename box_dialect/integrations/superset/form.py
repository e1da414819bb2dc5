"""Form: the fields by which Superset adds a database, and the URL that they stand for.

Its page draws fields of names that it knows alone, under titles of its own: `username` is the client id, `password` the
client secret, `account` whom the connection acts for. `query` has any other property.
Source: https://github.com/apache/superset/blob/6.1.0/superset/db_engine_specs/base.py, BasicParametersMixin
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from sqlalchemy.engine import make_url

from box_dialect.errors import ProgrammingError
from box_dialect.integrations.superset.bounds import BOUNDS
from box_dialect.properties import find, gathered, hosted

if TYPE_CHECKING:
    from collections.abc import Mapping

Parameters = dict[str, Any]

PLACEHOLDER: Final = "box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectId=ENTERPRISE_ID&" + "&".join(
    f"{name}={bound}" for name, bound in BOUNDS.items()
)
"""A URL as the page shows it for an example."""

_SUBJECTS: Final[Mapping[str, str]] = {"oauthclient": "SubjectId", "oauthjwt": "OAuthJWTSubject"}
"""The property that says whom a service account acts for, by the scheme of signing in in lower case."""

_FIELDS: Final[Mapping[str, str]] = {
    "username": "the client id",
    "password": "the client secret",
    "account": "the id of the enterprise, or of a user with SubjectType=user",
}
"""The fields that client credentials need."""

OAUTH2_DEFAULTS: Final[Mapping[str, str]] = {
    "scope": "",
    "authorization_request_uri": str(find("AuthorizeURL").default),
    "token_request_uri": str(find("TokenURL").default),
}
"""What the part for viewers who sign in themselves is filled with."""


def url_of(parameters: Mapping[str, Any]) -> str:
    """Return the URL that the fields stand for, its secrets included; raises ProgrammingError for an unknown property.

    By client credentials, unless `query` names another scheme or viewers sign in themselves. What bounds a statement is
    added where nothing is said of it.
    """
    client, query = _client(parameters), _query(parameters)
    scheme = query.setdefault("AuthScheme", "OAuth" if client else "OAuthClient")
    subject = _SUBJECTS.get(scheme.lower())
    if subject and parameters.get("account"):
        query[subject] = str(parameters["account"])
    for name, bound in BOUNDS.items():
        query.setdefault(name, str(bound))
    username = parameters.get("username") or client.get("id")
    password = parameters.get("password") or client.get("secret")
    # SQLAlchemy 1.4 leaves ? and & in a password as they are.
    signs_in = ":".join(quote(str(each), safe="") for each in (username, password) if each)
    return f"box://{signs_in}{'@' if signs_in else ''}/?{urlencode(sorted(query.items()), quote_via=quote)}"


def parameters_of(uri: str) -> Parameters:
    """Return the fields that a URL fills; what has no field of its own is in `query`, a host as its addresses."""
    url = make_url(uri)
    query = hosted(url.host, url.port) | _query({"query": url.query})
    account = query.pop(_SUBJECTS.get(query.get("AuthScheme", "").lower(), ""), None)
    return {"username": url.username, "password": url.password, "account": account, "query": query}


def problem_of(parameters: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    """Return what is wrong with the fields, and the names of those that it is about; None where nothing is.

    No call is made: whether Box takes the client is told by the test of the connection.
    """
    try:
        query = _query(parameters)
        if query.get("AuthScheme", "OAuthClient").lower() == "oauthclient" and not _client(parameters):
            absent = [name for name in _FIELDS if not parameters.get(name)]
            if absent:
                return f"Box needs {', and '.join(_FIELDS[name] for name in absent)}", absent
        gathered(url_of(parameters), {})
    except ProgrammingError as error:
        return str(error), ["query"]
    return None


def _query(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the properties of `query` by their declared names; raises ProgrammingError for an unknown one."""
    query = parameters.get("query") or {}
    return {
        find(str(name)).name: str(value if isinstance(value, str) or not isinstance(value, Sequence) else value[-1])
        for name, value in query.items()
    }


def _client(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the OAuth2 client by which viewers sign in themselves; empty where there is none."""
    given = parameters.get("oauth2_client_info") or {}
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            return {}
    return dict(given) if isinstance(given, dict) and given.get("id") else {}
