"""What a URL may say in a process that takes URLs from strangers.

Such a process says so; then a URL alone leads to nothing on this machine. What the program itself passes by name, as in
SQLAlchemy's `connect_args`, still may. What each property leads to is declared with it: its `reach`.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import ProgrammingError
from box_dialect.properties.parsing import is_blank, read, reference, truth
from box_dialect.properties.urls import find

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

RESTRICT: Final = "BOX_DIALECT_RESTRICT_URLS"
"""The environment variable that restricts URLs where it is true."""

FOLDERS: Final = "BOX_DIALECT_ALLOWED_FOLDERS"
"""The environment variable that names the folders whose files a URL may name, separated as in PATH."""

MEMORY_CACHE: Final = "memory"
"""The token cache of connections that have equal properties, secrets included."""

_PRIVATE: Final = {"LocalDatabase": ":memory:"}
"""What a property that names a file may say besides: no name by which somebody else's could be found."""

_DECIDING: Final = ("AuthScheme", "OAuthJWTCertType")
"""Properties by whose values others are judged."""

_SHARED_MEMORY: Final = "memory://"
_REFERRING: Final = frozenset({"nothing", "sent"})
"""The reaches of properties that may refer to a file in an allowed folder; what others refer to could lead on."""


def restrict_urls() -> None:
    """Say that this process takes URLs from strangers: from now on, a URL alone leads to nothing on this machine.

    No file, folder, environment variable, token cache or browser; docs/security.md has all of it. Nothing is written to
    Box either, unless the program itself passes `Readonly=False` by name. It sets the environment variable
    `BOX_DIALECT_RESTRICT_URLS`, so that it holds for processes that this one starts as well.
    """
    os.environ[RESTRICT] = "true"


def are_urls_restricted() -> bool:
    """Tell whether this process takes URLs from strangers.

    Raises ProgrammingError where the environment variable is neither true nor false, since a misspelt word must not
    open what was to be closed.
    """
    said = os.environ.get(RESTRICT, "").strip()
    if not said:
        return False
    value = truth(said)
    if value is None:
        raise ProgrammingError(f"the environment variable {RESTRICT} is true or false, not {said[:80]!r}")
    return value


def checked(given: Mapping[str, Any], by_url: Collection[str]) -> dict[str, Any]:
    """Return what is given, its paths without links; `by_url` are the names of what the URL alone gives.

    Raises ProgrammingError for what no URL may say. Where nobody names a token cache it is memory: the settings file of
    this machine holds the tokens of others.
    """
    _check_hosts(given, by_url)
    values = dict(given)
    # What the program refers to decides, not the reference.
    deciding = {name: read(find(name), given[name]) for name in _DECIDING if name in given and name not in by_url}
    for name, value in given.items():
        if name in by_url and value is not None and not is_blank(value):
            values[name] = _judged(name, {**given, **deciding})
    if by_url and all(values.get(name) is None for name in ("TokenCache", "OAuthSettingsLocation")):
        values["TokenCache"] = MEMORY_CACHE
    return values


def _check_hosts(given: Mapping[str, Any], by_url: Collection[str]) -> None:
    """Raise ProgrammingError where a URL names a host that secrets of the program would be sent to."""
    hosts = [name for name in given if name in by_url and find(name).reach == "host"]
    secrets = [
        name for name, value in given.items() if name not in by_url and value and find(name).reach in {"sent", "key"}
    ]
    if hosts and secrets:
        raise ProgrammingError(
            f"the URL names the host of {hosts[0]}, which {secrets[0]} would be sent to, and the program gives that. "
            f"This process restricts URLs ({RESTRICT}): give both in the URL, or both by name, as in connect_args"
        )


def _judged(name: str, given: Mapping[str, Any]) -> Any:
    """Return the value that a URL gives a property; raises ProgrammingError where it may not."""
    value, reach = str(given[name]), find(name).reach
    kind, target = reference(value)
    if kind:
        path = _allowed(target) if kind == "file" and reach in _REFERRING else None
        if path is None:
            what = "an environment variable" if kind == "env" else "a file"
            raise _refused(name, f"refers to {what}", is_path=kind == "file" and reach in _REFERRING)
        return f"file:{path}"
    if reach is None:
        raise _refused(name, "is not decided on")
    return _JUDGES[reach](name, value, given)


def _unchanged(_name: str, value: str, _given: Mapping[str, Any]) -> str:
    return value


def _path(name: str, value: str, _given: Mapping[str, Any]) -> str:
    if value == _PRIVATE.get(name):
        return value
    if value.lower().startswith(_SHARED_MEMORY):
        raise _refused(name, "names memory that others of this process may use")
    path = _allowed(value)
    if path is None:
        raise _refused(name, "names a file", is_path=True)
    return path


def _key(name: str, value: str, given: Mapping[str, Any]) -> str:
    form = str(given.get("OAuthJWTCertType") or find("OAuthJWTCertType").default)
    return value if form.upper().endswith("BLOB") else _path(name, value, given)


def _cache(name: str, value: str, _given: Mapping[str, Any]) -> str:
    if value.lower() != MEMORY_CACHE:
        raise _refused(name, f"names a token cache other than {MEMORY_CACHE}")
    return value


def _browser(name: str, value: str, given: Mapping[str, Any]) -> str:
    scheme = str(given.get("AuthScheme") or find("AuthScheme").default)
    is_other_sign_in = name == "InitiateOAuth" and (value.upper() != "GETANDREFRESH" or scheme.lower() != "oauth")
    if is_other_sign_in or truth(value) is False:
        return value
    raise _refused(name, "opens a browser and a port on this machine")


def _files(name: str, _value: str, _given: Mapping[str, Any]) -> str:
    raise _refused(name, "lets statements read and write files of this machine")


def _bound(name: str, value: str, _given: Mapping[str, Any]) -> str:
    default = int(find(name).default or 0)
    if value.isascii() and value.isdigit() and default and (int(value[:20]) > default or int(value[:20]) == 0):
        raise _refused(name, f"takes more of this machine than its default, {default}")
    return value


def _charge(name: str, value: str, _given: Mapping[str, Any]) -> str:
    if value.isascii() and value.isdigit() and int(value[:20]) == 0:
        return value
    raise _refused(name, "lets statements do what is charged for")


def _schema(name: str, value: str, _given: Mapping[str, Any]) -> str:
    if truth(value) is False:
        return value
    raise _refused(name, "vouches for a file")


def _deletion(name: str, value: str, _given: Mapping[str, Any]) -> str:
    if truth(value) is False:
        return value
    raise _refused(name, "lets statements delete more than rows")


_JUDGES: Final[dict[str, Callable[[str, str, Mapping[str, Any]], str]]] = {
    "nothing": _unchanged,
    "sent": _unchanged,
    "host": _unchanged,
    "path": _path,
    "key": _key,
    "cache": _cache,
    "browser": _browser,
    "files": _files,
    "bound": _bound,
    "charge": _charge,
    "schema": _schema,
    "deletion": _deletion,
}


def _allowed(text: str) -> str | None:
    """Return the path without links where it lies in an allowed folder, None elsewhere.

    A path that lies elsewhere by its spelling is not looked at: that would reach a host where it is one of a network.
    """
    folders = list(_folders())
    try:
        spelled = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 - which looks at nothing
        if any(spelled.is_relative_to(each) for each in folders):
            path = Path(os.path.realpath(spelled))
            if any(path.is_relative_to(each) for each in folders):
                return str(path)
    except (OSError, RuntimeError, ValueError):  # no path, no such user
        return None
    return None


def _folders() -> Iterator[Path]:
    """Yield each allowed folder as it is spelled and without links; raises ProgrammingError for a relative one."""
    for text in filter(None, os.environ.get(FOLDERS, "").split(os.pathsep)):
        folder = Path(text)
        with contextlib.suppress(RuntimeError):  # the home of a user that there is not
            folder = folder.expanduser()
        if not folder.is_absolute():
            raise ProgrammingError(f"the environment variable {FOLDERS} names {text[:80]!r}, which is no absolute path")
        yield Path(os.path.abspath(folder))  # noqa: PTH100 - which looks at nothing
        yield Path(os.path.realpath(folder))


def _refused(name: str, what: str, *, is_path: bool = False) -> ProgrammingError:
    folder = f", or name its folder in the environment variable {FOLDERS}" if is_path else ""
    return ProgrammingError(
        f"property {name} {what}, which a URL alone may not: this process restricts URLs ({RESTRICT}). The program may "
        f"pass it by name, as in connect_args{folder}; see docs/security.md"
    )
