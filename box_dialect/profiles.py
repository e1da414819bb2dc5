"""Profiles: connection properties that are kept under a name, in a file of the user's; secrets are in the keyring.

    box_dialect.connect(**profiles.load("work"))
    sqlalchemy.create_engine("box://", connect_args=profiles.load("work"))

`box-dialect profile` makes them, and wherever the command line takes a URL it takes the name of one.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, field

from box_dialect.errors import OperationalError, ProgrammingError, printable
from box_dialect.properties import check_values, find, from_url, merged
from box_dialect.properties.secret_files import read_secret
from box_dialect.token_cache.files import replace_file
from box_dialect.token_cache.keyring import SERVICE, SystemKeyring
from box_dialect.token_cache.locks import file_lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

__all__ = ["Profile", "add", "is_profile", "load", "names", "profile", "profiles_file", "raw_properties", "remove"]

_VERSION: Final = 1
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_REFERENCES: Final = ("env:", "file:")


class Profile(Struct, frozen=True):
    """Connection properties by their names; `secrets` are those whose values are in the keyring."""

    properties: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()


class _File(Struct):
    version: int = _VERSION
    profiles: dict[str, Profile] = field(default_factory=dict)


def profiles_file() -> Path:
    """Return the path of the file, `profiles.json` in the user's folder for configuration."""
    from platformdirs import user_config_path

    return user_config_path(SERVICE, appauthor=False) / "profiles.json"


def names() -> list[str]:
    """Return the names of all profiles, sorted; raises OperationalError where the file cannot be read."""
    return sorted(_read().profiles)


def is_profile(name: str) -> bool:
    """Tell whether there is a profile of that name."""
    return _NAME.fullmatch(name) is not None and name in _read().profiles


def profile(name: str) -> Profile:
    """Return what the file has of a profile, which is no secret; raises ProgrammingError where there is none."""
    found = _read().profiles
    if name in found:
        return found[name]
    near = difflib.get_close_matches(name, found, n=1)
    hint = f"did you mean {near[0]}?" if near else "box-dialect profile add makes one"
    raise ProgrammingError(f"there is no profile {printable(name)!r}; {hint}")


def load(name: str) -> dict[str, str]:
    """Return the properties of a profile, with its secrets out of the keyring.

    Raises ProgrammingError where there is no such profile, OperationalError where the keyring does not give a secret.
    """
    found = profile(name)
    properties = dict(found.properties)
    for each in found.secrets:
        secret = _keyring(each).get(_entry(name, each))
        if secret is None:
            raise OperationalError(
                f"the keyring no longer holds {each} of the profile {name}; make the profile anew by box-dialect "
                "profile add"
            )
        properties[each] = secret
    return properties


def raw_properties(account: str) -> dict[str, str]:
    """Return the properties of a URL, or else of the profile of that name; raises as `load` and a URL's reading do."""
    return from_url(account) if "://" in account else load(account)


def add(name: str, properties: Mapping[str, str]) -> Profile:
    """Keep properties under a name, in the place of what it stood for, and return what the file has of them now.

    The value of a secret goes to the keyring, unless it is a reference to where it is, `env:NAME` or `file:PATH`.
    Raises ProgrammingError for a wrong name or property, and where a secret has no keyring to go to.
    """
    if not _NAME.fullmatch(name):
        raise ProgrammingError(
            f"{printable(name)!r} is no name of a profile: up to 64 letters, digits, and _ . - after the first"
        )
    given = merged({}, list(properties.items()))
    check_values({each: value for each, value in given.items() if not value.startswith(_REFERENCES)})
    kept = {each for each, value in given.items() if find(each).secret and not value.startswith(_REFERENCES)}
    made = Profile({each: value for each, value in given.items() if each not in kept}, tuple(sorted(kept)))
    with _locked():
        file = _read()
        for each in kept:
            _keyring(each).set(_entry(name, each), given[each])
        before = file.profiles.get(name)
        file.profiles[name] = made
        _write(file)
        if before is not None:
            _forget(name, set(before.secrets) - kept)
    return made


def remove(name: str) -> None:
    """Remove a profile and its secrets; raises ProgrammingError where there is none."""
    with _locked():
        gone = profile(name)
        file = _read()
        del file.profiles[name]
        _write(file)
        _forget(name, set(gone.secrets))


def _forget(name: str, secrets: set[str]) -> None:
    for each in sorted(secrets):
        _keyring(each).delete(_entry(name, each))


def _keyring(secret: str) -> SystemKeyring:
    found = SystemKeyring.here()
    if found is None:
        raise ProgrammingError(
            f"{secret} is a secret, and this machine has no keyring that keeps it; install one (pip install "
            "'box-dialect[keyring]', and see `python -m keyring --list-backends`), or say where the secret is: "
            f"{secret}=env:NAME, {secret}=file:PATH"
        )
    return found


def _entry(name: str, secret: str) -> str:
    return f"profile {name} {secret}"


def _locked() -> AbstractContextManager[None]:
    path = profiles_file()
    return file_lock(path.with_name(f"{path.name}.lock"), str(path))


def _read() -> _File:
    path = profiles_file()
    try:
        content = read_secret(path)
    except FileNotFoundError:
        return _File()
    except OSError as error:
        raise OperationalError(f"cannot read {path}: {error.strerror or error}") from None
    try:
        file = msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, ValueError) as error:
        raise OperationalError(f"{path} is damaged ({printable(error)}); mend or remove it") from None
    if file.version != _VERSION:
        raise OperationalError(f"{path} has form {file.version}, which a later version of box-dialect wrote; upgrade")
    return file


def _write(file: _File) -> None:
    replace_file(profiles_file(), msgspec.json.format(msgspec.json.encode(file), indent=2))
