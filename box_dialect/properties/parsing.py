"""Read the values of properties, as they are declared."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import ProgrammingError
from box_dialect.properties.hosts import is_loopback
from box_dialect.properties.secret_files import read_secret
from box_dialect.properties.urls import split_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from urllib.parse import SplitResult

    from box_dialect.properties.model import Kind, Property

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})

_NO_FILE: Final = {"TokenCache": "; to keep tokens in a file, leave it out and name the file by OAuthSettingsLocation"}
"""What to do where a property may have been meant to name the file itself."""


def read(declared: Property, value: Any) -> str | int | bool | None:
    """Convert one raw value by its declaration; None is the default."""
    if value is None:
        return declared.default
    if isinstance(value, str):
        value = _dereferenced(declared, value)
    if is_blank(value):
        if declared.may_be_empty:
            return declared.default
        raise ProgrammingError(f"property {declared.name} is empty; leave it out, or give None, for its default")
    return _READERS[declared.kind](declared, value)


def is_blank(value: Any) -> bool:
    """Tell whether a value is text of no more than white space."""
    return isinstance(value, str) and not value.strip()


def truth(text: str) -> bool | None:
    """Return what a text says, as properties of true and false have it; None where it says neither."""
    return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None


def reference(value: str) -> tuple[str, str]:
    """Return whether a value refers to a variable or a file (`env`, `file`), and which; empty texts where to none."""
    scheme, _, target = value.partition(":")
    return (scheme, target) if scheme in {"env", "file"} and target else ("", "")


def _dereferenced(declared: Property, value: str) -> str:
    scheme, target = reference(value)
    if scheme == "env":
        found = None
        with contextlib.suppress(ValueError):  # a name that the system cannot have
            found = os.environ.get(target)
        if found is None:
            raise ProgrammingError(
                f"property {declared.name} refers to environment variable {target}, which is not set"
            )
        return _Referred(found)
    if scheme == "file":
        text, problem = _file_text(target)
        if problem:
            advice = _NO_FILE.get(declared.name, "")
            raise ProgrammingError(
                f"property {declared.name} refers to file {target}, which cannot be read: {problem}{advice}"
            )
        return _Referred(text)
    return value


class _Referred(str):
    """A value out of a variable or a file, which no message shows: the reference may lead to what is not ours."""

    __slots__ = ()


def _file_text(path: str) -> tuple[str, str | None]:
    """Return the text of a file, or why there is none; Python's own error may hold what the file holds."""
    try:
        return read_secret(Path(path)).decode().strip(), None
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


def _blob(declared: Property, value: Any) -> str:
    return _text(declared, value) if not isinstance(value, str) else value


def _path(declared: Property, value: Any) -> str:
    path = _text(declared, value)
    try:
        Path(path).expanduser()
    except RuntimeError:
        raise _wrong(declared, "names the home folder of a user that there is not", value) from None
    return path


def _choice(declared: Property, value: Any) -> str:
    for allowed in declared.values:
        if str(value).lower() == allowed.lower():
            return allowed
    raise _wrong(declared, f"is one of {', '.join(declared.values)}", value)


def _boolean(declared: Property, value: Any) -> bool:
    said = truth(str(value))
    if said is None:
        raise _wrong(declared, "is true or false", value)
    return said


def _integer(declared: Property, value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and declared.minimum <= int(text) <= declared.maximum):
        raise _wrong(declared, f"is a whole number from {declared.minimum} to {declared.maximum}", value)
    return int(text)


def _url(declared: Property, value: Any) -> str:
    parts = _reachable(declared, value)
    if parts.query:
        raise _wrong(declared, _URL_RULES["url"], value)
    return parts.geturl().rstrip("/")


def _callback(declared: Property, value: Any) -> str:
    """Return the URL as it is: Box compares redirect URIs letter by letter."""
    _reachable(declared, value)
    return str(value)


_URL_RULES: Final = {
    "url": "is a URL such as https://api.box.com/2.0, without user, query or fragment",
    "callback": "is a URL such as http://localhost:33333 or https://app.example/box, without user or fragment",
}


def _reachable(declared: Property, value: Any) -> SplitResult:
    """Return the parts of a URL with a host, to which plain http goes only where it is this machine."""
    parts, _ = split_url(_text(declared, value))
    host = parts.hostname
    if not host or parts.scheme not in {"http", "https"} or parts.fragment or "@" in parts.netloc:
        raise _wrong(declared, _URL_RULES[declared.kind], value)
    if parts.scheme == "http" and not is_loopback(host):
        raise _wrong(
            declared,
            "must be https: plain http is accepted only toward loopback (127.0.0.1, localhost, [::1])",
            value,
        )
    return parts


_READERS: Final[dict[Kind, Callable[[Property, Any], str | int | bool]]] = {
    "text": _text,
    "blob": _blob,
    "path": _path,
    "choice": _choice,
    "boolean": _boolean,
    "integer": _integer,
    "url": _url,
    "callback": _callback,
}


def _wrong(declared: Property, rule: str, value: Any) -> ProgrammingError:
    may_hold_secret = (
        declared.secret or isinstance(value, _Referred) or (declared.kind in _URL_RULES and "@" in str(value))
    )
    given = "" if may_hold_secret else f", not {str(value)[:80]!r}"
    return ProgrammingError(f"property {declared.name} {rule}{given}")
