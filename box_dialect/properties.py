"""The connection properties: one table that drives parsing, checks, redaction and the reference page."""

from __future__ import annotations

import contextlib
import difflib
import functools
import ipaddress
import os
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal["text", "choice", "boolean", "integer", "url"]

BOX_API_HOST: Final = "api.box.com"
BOX_CALLS_PER_MINUTE: Final = 1000
"""Box's published limit for a user: https://developer.box.com/guides/api-calls/permissions-and-errors/rate-limits/"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """Declare one connection property.

    `name` is matched in any case and in snake_case; `values` are the allowed ones of a choice, matched in any case;
    `minimum` bounds an integer; a `secret` never appears in a text form of the properties.
    """

    name: str
    kind: Kind = "text"
    default: str | int | bool | None = None
    values: tuple[str, ...] = ()
    minimum: int = 0
    secret: bool = False
    doc: str


def _property(name: str, kind: Kind = "text", **declaration: Any) -> Any:
    return field(metadata={"property": Property(name=name, kind=kind, **declaration)})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Properties:
    """The checked properties of a connection; equal ones share client, token and rate limit in a process.

    Each attribute is declared together with its property. Text forms never hold a secret.
    """

    auth_scheme: str = _property(
        "AuthScheme",
        "choice",
        values=("OAuth", "OAuthClient"),
        default="OAuth",
        doc="How to sign in: `OAuth` uses a given access token, `OAuthClient` the client credentials grant.",
    )
    initiate_oauth: str = _property(
        "InitiateOAuth",
        "choice",
        values=("OFF", "GETANDREFRESH"),
        default="OFF",
        doc="When to sign in: `OFF` when the first query needs a token, `GETANDREFRESH` at connect.",
    )
    client_id: str | None = _property("OAuthClientId", doc="Client id of the Box application; also the URL's username.")
    client_secret: str | None = _property(
        "OAuthClientSecret", secret=True, doc="Client secret of the Box application; also the URL's password."
    )
    access_token: str | None = _property(
        "OAuthAccessToken",
        secret=True,
        doc="An access token to use as it is, such as a developer token. It is not refreshed.",
    )
    subject_type: str = _property(
        "SubjectType",
        "choice",
        values=("enterprise", "user"),
        default="enterprise",
        doc="Whom client credentials act for: the application's service account, or a user.",
    )
    subject_id: str | None = _property("SubjectId", doc="Enterprise id or user id, as `SubjectType` says.")
    scope: str | None = _property(
        "Scope", doc="Scopes to ask for, separated by spaces. Default: all scopes of the application."
    )
    api_base_url: str = _property("APIBaseURL", "url", default="https://api.box.com/2.0", doc="Base of Box's API.")
    upload_base_url: str = _property(
        "UploadBaseURL", "url", default="https://upload.box.com/api/2.0", doc="Base of uploads."
    )
    authorize_url: str = _property(
        "AuthorizeURL", "url", default="https://account.box.com/api/oauth2/authorize", doc="Box's authorization page."
    )
    token_url: str = _property(
        "TokenURL", "url", default="https://api.box.com/oauth2/token", doc="Box's token endpoint."
    )
    revoke_url: str = _property(
        "RevokeURL", "url", default="https://api.box.com/oauth2/revoke", doc="Box's revocation endpoint."
    )
    readonly: bool = _property(
        "Readonly", "boolean", default=False, doc="Refuse every statement that writes, before any call is made."
    )
    max_concurrency: int = _property(
        "MaxConcurrency",
        "integer",
        default=16,
        minimum=1,
        doc="API calls in flight at once, for all connections with equal properties in the process.",
    )
    max_calls_per_minute: int = _property(
        "MaxCallsPerMinute",
        "integer",
        doc="API calls a minute; 0 is no limit. Default: Box's published 1000 toward api.box.com, no limit toward "
        "another host. HTTP 429 is honoured in either case.",
    )
    max_retries: int = _property(
        "MaxRetries",
        "integer",
        default=4,
        doc="Times a call is sent again after HTTP 5xx or a broken connection. After HTTP 429 only `RetrySeconds` "
        "counts, but 0 sends nothing again.",
    )
    retry_seconds: int = _property(
        "RetrySeconds", "integer", default=120, doc="Seconds from its first attempt in which a call is sent again."
    )
    request_timeout: int = _property(
        "RequestTimeout", "integer", default=60, minimum=1, doc="Seconds to wait for one answer of Box."
    )

    def __repr__(self) -> str:
        shown = (
            f"{p.name}={'***' if p.secret else value!r}"
            for p, value in zip(PROPERTIES, astuple(self), strict=True)
            if value is not None
        )
        return f"Properties({', '.join(shown)})"


PROPERTIES: Final[tuple[Property, ...]] = tuple(f.metadata["property"] for f in fields(Properties))

_SPELLINGS: Final = {p.name.lower(): p for p in PROPERTIES}
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})


def from_url(url: str) -> dict[str, str]:
    """Read the raw properties out of `box://CLIENT_ID:CLIENT_SECRET@HOST:PORT/?Name=value&…`.

    A host and port replace Box's hosts, as for the emulator. Raises ProgrammingError for another form; the message
    never repeats the URL, which may hold a secret.
    """
    parts, pairs = _split(url)
    if parts.scheme.partition("+")[0].lower() != "box" or parts.path.strip("/") or parts.fragment:
        raise ProgrammingError(_URL_FORM)
    if "@" in parts.query and not all(_spelling(name) in _SPELLINGS for name, _ in pairs):
        raise ProgrammingError(_URL_FORM)  # a ? in the secret, whose rest must not be quoted as an unknown name
    raw = hosted(parts.hostname, parts.port)
    if parts.username:
        raw["OAuthClientId"] = unquote(parts.username)
    if parts.password:
        raw["OAuthClientSecret"] = unquote(parts.password)
    return merged(raw, pairs)


def _split(url: str) -> tuple[SplitResult, list[tuple[str, str]]]:
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


def _spelling(name: str) -> str:
    return name.replace("_", "").lower()


def parse(raw: Mapping[str, Any]) -> Properties:
    """Check raw properties and fill in the defaults.

    `raw` maps names (any case, or snake_case) to text or to Python values; `env:NAME` and `file:PATH` stand for the
    content of an environment variable or a file. Raises ProgrammingError that names the property and what it allows.
    """
    properties = check_values(raw)
    _check_sign_in(properties)
    return properties


def check_values(raw: Mapping[str, Any]) -> Properties:
    """Check raw properties as `parse` does, but for what signing in needs, which may come later."""
    given = merged({}, list(raw.items()))
    values: dict[str, Any] = {
        f.name: _read(p, given.get(p.name)) for f, p in zip(fields(Properties), PROPERTIES, strict=True)
    }
    if values["max_calls_per_minute"] is None:
        is_box = urlsplit(values["api_base_url"]).hostname == BOX_API_HOST
        values["max_calls_per_minute"] = BOX_CALLS_PER_MINUTE if is_box else 0
    return Properties(**values)


def _check_sign_in(properties: Properties) -> None:
    if properties.access_token:
        if not properties.access_token.isascii():
            raise ProgrammingError("property OAuthAccessToken holds characters that no access token of Box has")
        return
    needed: dict[str, str | None] = {"OAuthAccessToken": None}
    if properties.auth_scheme == "OAuthClient":
        needed = {
            "OAuthClientId": properties.client_id,
            "OAuthClientSecret": properties.client_secret,
            "SubjectId": properties.subject_id,
        }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        raise ProgrammingError(
            f"AuthScheme={properties.auth_scheme} needs {' and '.join(missing)}. Client id and secret are those of an "
            "application that you create in Box's developer console (https://app.box.com/developers/console); "
            "AuthScheme=OAuthClient signs in with them, AuthScheme=OAuth takes an OAuthAccessToken"
        )


def _read(declared: Property, value: Any) -> str | int | bool | None:
    """Convert one raw value by its declaration."""
    if value is None or value == "":
        return declared.default
    if isinstance(value, str):
        value = _dereferenced(declared, value)
    return _READERS[declared.kind](declared, value)


def _dereferenced(declared: Property, value: str) -> str:
    scheme, _, target = value.partition(":")
    if scheme == "env" and target:
        found = None
        with contextlib.suppress(ValueError):  # a name that the system cannot have
            found = os.environ.get(target)
        if found is None:
            raise ProgrammingError(
                f"property {declared.name} refers to environment variable {target}, which is not set"
            )
        return _Referred(found)
    if scheme == "file" and target:
        text, problem = _file_text(target)
        if problem:
            raise ProgrammingError(f"property {declared.name} refers to file {target}, which cannot be read: {problem}")
        return _Referred(text)
    return value


class _Referred(str):
    """A value out of a variable or a file, which no message shows: the reference may lead to what is not ours."""

    __slots__ = ()


def _file_text(path: str) -> tuple[str, str | None]:
    """Return the text of a file, or why there is none; Python's own error may hold what the file holds."""
    try:
        return Path(path).read_text(encoding="utf-8").strip(), None
    except OSError as error:
        return "", error.strerror
    except ValueError:
        return "", "it is no file of text in UTF-8"


def _text(declared: Property, value: Any) -> str:
    if not isinstance(value, str | int):
        raise _wrong(declared, "is text", value)
    text = str(value)
    if not text.isprintable():
        raise _wrong(declared, "must not hold line breaks or control characters", value)
    return text


def _choice(declared: Property, value: Any) -> str:
    for allowed in declared.values:
        if str(value).lower() == allowed.lower():
            return allowed
    raise _wrong(declared, f"is one of {', '.join(declared.values)}", value)


def _boolean(declared: Property, value: Any) -> bool:
    text = str(value).lower()
    if text not in _TRUE | _FALSE:
        raise _wrong(declared, "is true or false", value)
    return text in _TRUE


def _integer(declared: Property, value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= declared.minimum):
        raise _wrong(declared, f"is a whole number from {declared.minimum} to 999999999", value)
    return int(text)


def _url(declared: Property, value: Any) -> str:
    parts, _ = _split(_text(declared, value))
    host = parts.hostname
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise _wrong(declared, "is a URL such as https://api.box.com/2.0, without user, query or fragment", value)
    if parts.scheme == "http" and not is_loopback(host):
        raise _wrong(
            declared,
            "must be https: plain http is accepted only toward loopback (127.0.0.1, localhost, [::1])",
            value,
        )
    return parts.geturl().rstrip("/")


_READERS: Final[dict[Kind, Callable[[Property, Any], str | int | bool]]] = {
    "text": _text,
    "choice": _choice,
    "boolean": _boolean,
    "integer": _integer,
    "url": _url,
}


def _wrong(declared: Property, rule: str, value: Any) -> ProgrammingError:
    may_hold_secret = declared.secret or isinstance(value, _Referred) or (declared.kind == "url" and "@" in str(value))
    given = "" if may_hold_secret else f", not {str(value)[:80]!r}"
    return ProgrammingError(f"property {declared.name} {rule}{given}")


def is_local(url: str) -> bool:
    """Tell whether a base URL leads to this machine, which no proxy stands before."""
    return is_loopback(urlsplit(url).hostname or "")


@functools.cache
def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
