#!/usr/bin/env python
"""Write the page of the scopes that each table needs: `python docs/scopes.py`.

`--check` exits with 1 where it is stale. The emulator tells, which demands the scopes that Box's reference names: each
table is read as its administrator with tokens of a few scopes, and as another user with tokens of all.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import httpx

import box_dialect
from box_dialect.catalog import TABLES
from box_dialect.emulator import Emulator
from box_dialect.emulator.oauth.scopes import SCOPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PAGE: Final = Path(__file__).with_name("scopes.md")
_NOTICE: Final = "<!-- Written by docs/scopes.py out of the emulator; edit that script, not this page. -->"
_ALL: Final = tuple(SCOPES)
_ABOUT: Final = f"""\
# Scopes

{_NOTICE}

What an application may do at all is the sum of its *Application Scopes*, on the tab *Configuration* of Box's developer
console; what it may do as somebody is bounded by that person's rights, too. A token that lacks a scope is refused with
`insufficient_scope`. After a change of scopes an administrator has to
[authorize the application again](first-sign-in.md#4-have-an-administrator-authorize-it).

The table tells the fewest scopes by which all of a table can be read. To change files, folders, and what belongs to
them takes `root_readwrite` in the place of `root_readonly`; the other scopes let change what they let read. Where Box's
reference names no scope for a table, it has the one here that applications have anyway. Events of the enterprise
(`stream_type = 'admin_logs'`) take `manage_enterprise_properties` and an administrator."""


def page() -> str:
    """Return the page."""
    names = "\n".join(f"| `{scope}` | {label} |" for scope, label in SCOPES.items())
    rows = "\n".join(f"| [{table}](tables.md#{table}) | {scopes} | {who} |" for table, scopes, who in _measured())
    return f"""\
{_ABOUT}

## What are they called in the console?

| scope | in the console, about |
| --- | --- |
{names}

## Which does a table need?

| table | scopes | an administrator's rights |
| --- | --- | --- |
{rows}
"""


def _measured() -> Iterator[tuple[str, str, str]]:
    """Yield each table with the scopes that it takes to read it, and whether that takes an administrator."""
    with Emulator() as box:
        administrator = _reader(box.ready, box.ready["developer_token"])
        person = _reader(box.ready, box.ready["user_access_token"])
        for table in _listed(box.ready):
            if administrator(table, _ALL):
                scopes = _fewest(table, administrator)
                yield table, ", ".join(f"`{scope}`" for scope in scopes), "" if person(table, _ALL) else "yes"


def _listed(ready: Mapping[str, Any]) -> list[str]:
    """Return the tables of which some access path needs no key, so that all of their rows can be read."""
    with box_dialect.connect(ready["url"]) as connection:
        found = connection.cursor().execute("SELECT table_name FROM sys_access_paths WHERE key_columns = '[]'")
        names = {name for (name,) in found.fetchall()}
    return [table for table in TABLES if table in names]


def _fewest(table: str, may_read: Callable[[str, tuple[str, ...]], bool]) -> tuple[str, ...]:
    """Return one scope that lets read a table, the first of them, or what is left of all when each is left out."""
    if (single := next((scope for scope in _ALL if may_read(table, (scope,))), None)) is not None:
        return (single,)
    left = _ALL
    for scope in reversed(_ALL):
        without = tuple(each for each in left if each != scope)
        left = without if may_read(table, without) else left
    return left


def _reader(ready: Mapping[str, Any], token: str) -> Callable[[str, tuple[str, ...]], bool]:
    """Return what tells whether a token that is exchanged for one of some scopes lets read a table."""
    connections: dict[tuple[str, ...], box_dialect.Connection] = {}

    def may_read(table: str, scopes: tuple[str, ...]) -> bool:
        if scopes not in connections:
            connections[scopes] = box_dialect.connect(
                f"box://{urlsplit(ready['api_base_url']).netloc}/", OAuthAccessToken=_exchanged(ready, token, scopes)
            )
        try:
            connections[scopes].cursor().execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 - a table's name
        except box_dialect.OperationalError:
            return False
        return True

    return may_read


def _exchanged(ready: Mapping[str, Any], token: str, scopes: tuple[str, ...]) -> str:
    """Return a token of some scopes.

    Source: https://developer.box.com/guides/authentication/tokens/downscope/
    """
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": token,
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "scope": " ".join(scopes),
    }
    answer: dict[str, str] = httpx.post(ready["token_url"], data=form).raise_for_status().json()
    return answer["access_token"]


def main(arguments: list[str]) -> None:
    """Write the page; with `--check`, only compare it."""
    if arguments not in ([], ["--check"]):
        sys.exit("usage: python docs/scopes.py [--check]")
    fresh = page()
    if arguments and fresh != PAGE.read_text(encoding="utf-8"):
        sys.exit(f"stale: {PAGE.name}; run: python docs/scopes.py")
    if not arguments:
        PAGE.write_text(fresh, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
