"""The connection URL, and the names that its properties may have."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from box_dialect.errors import ProgrammingError
from box_dialect.properties.declared import PROPERTIES
from box_dialect.properties.hosts import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.properties.model import Property

_SPELLINGS: Final = {p.name.lower(): p for p in PROPERTIES}


def from_url(url: str) -> dict[str, str]:
    """Read the raw properties out of `box://CLIENT_ID:CLIENT_SECRET@HOST:PORT/?Name=value&…`.

    A host and port replace Box's hosts, as for the emulator. Raises ProgrammingError for another form; the message
    never repeats the URL, which may hold a secret.
    """
    parts, pairs = split_url(url)
    if parts.scheme.partition("+")[0].lower() != "box" or not is_database(parts.path) or parts.fragment:
        raise ProgrammingError(_URL_FORM)
    if "@" in parts.query and not all(_spelling(name) in _SPELLINGS for name, _ in pairs):
        raise ProgrammingError(_URL_FORM)  # a ? in the secret, whose rest must not be quoted as an unknown name
    raw = hosted(parts.hostname, parts.port)
    if parts.username:
        raw["OAuthClientId"] = unquote(parts.username)
    if parts.password:
        raw["OAuthClientSecret"] = unquote(parts.password)
    return merged(raw, pairs)


def split_url(url: str) -> tuple[SplitResult, list[tuple[str, str]]]:
    """Return the parts of a URL and the pairs of its query; empty ones where the text is no URL.

    Python's own error quotes the text, so it must not become the context of another exception.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
        return parts, parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        return urlsplit(""), []


_URL_FORM: Final = (
    "the connection URL has the form box://CLIENT_ID:CLIENT_SECRET@/?AuthScheme=OAuthClient&SubjectId=…; "
    "characters such as @ : / ? in the client id, the secret or a value must be percent-encoded"
)


def is_database(path: str) -> bool:
    """Tell whether the path of a URL may stand there: none, or `main`, for tools that want a name of the database.

    It is what reflection calls the one schema that Box's tables are in.
    """
    return path.strip("/") in {"", "main"}


def hosted(host: str | None, port: int | None) -> dict[str, str]:
    """Return the base URLs that a host and port in the URL stand for; none where there is no host.

    Plain http is used only toward loopback, where the emulator listens.
    """
    if not host:
        return {}
    scheme = "http" if is_loopback(host) else "https"
    origin = f"{scheme}://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")
    return {
        "APIBaseURL": f"{origin}/2.0",
        "UploadBaseURL": f"{origin}/api/2.0",
        "AuthorizeURL": f"{origin}/api/oauth2/authorize",
        "TokenURL": f"{origin}/oauth2/token",
        "RevokeURL": f"{origin}/oauth2/revoke",
    }


def merged(raw: Mapping[str, Any], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return `raw` with `pairs` laid over it, names in their declared spelling.

    Raises ProgrammingError for an unknown name, and for one that is given twice.
    """
    given: dict[str, Any] = {}
    for name, value in pairs:
        declared = find(name).name
        if declared in given:
            raise ProgrammingError(f"property {declared} is given twice")
        given[declared] = value
    return {**raw, **given}


def find(name: str) -> Property:
    """Return the property of that name, in any case or in snake_case.

    Raises ProgrammingError with the nearest known name.
    """
    found = _SPELLINGS.get(_spelling(name))
    if found is None:
        near = difflib.get_close_matches(_spelling(name), _SPELLINGS, n=1)
        hint = f"did you mean {_SPELLINGS[near[0]].name}?" if near else "see docs/properties.md for all of them"
        raise ProgrammingError(f"unknown connection property {name[:80]!r}; {hint}")
    return found


def is_named(name: str, given: Mapping[str, Any]) -> bool:
    """Tell whether a property has a value among what is given, however its name is spelled there."""
    return any(_spelling(each) == name.lower() and value is not None for each, value in given.items())


def _spelling(name: str) -> str:
    return name.replace("_", "").lower()
