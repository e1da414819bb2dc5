"""What the tests of procedures share: procedures that count their calls, and a way to an authorization code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sign_in.acting import authorize

import box_dialect
from box_dialect.catalog import Column, Type
from box_dialect.catalog.model.procedure import Input, Procedure
from box_dialect.emulator.oauth import authority

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

CALLBACK_URL = "http://localhost:33333"


def user_url(box: Box, **properties: str) -> str:
    """Return a URL with client id and secret alone, and more properties where they are given."""
    ready = box.emulator.ready
    host = ready["api_base_url"].removeprefix("http://").removesuffix("/2.0")
    query = "&".join(f"{name}={value}" for name, value in {"AuthScheme": "OAuth", **properties}.items())
    return f"box://{ready['client_id']}:{ready['client_secret']}@{host}/?{query}"


def authorization_code(url: str) -> str:
    """Grant access on the authorization page at the URL, and return the code."""
    return httpx.URL(authorize(url)).params["code"]


@pytest.fixture(autouse=True)
def lasting_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let authorization codes outlive any pause of the machine."""
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


class Recorder:
    """Procedures with a side effect: each call adds the value of its first input to `calls`."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.failure: Exception | None = None

    async def _record(self, _context: object, *, value: str | None, note: str | None = None) -> list[tuple[Any, ...]]:
        if self.failure is not None:
            raise self.failure
        self.calls.append(value)
        return [(len(self.calls), value, note)]

    async def _stamp(self, context: object, *, value: str | None) -> list[tuple[Any, ...]]:
        return [row[:1] for row in await self._record(context, value=value)]

    async def _twice(self, context: object, *, value: str | None) -> list[tuple[Any, ...]]:
        return [(f"{row[1]}{row[1]}",) for row in await self._record(context, value=value)]

    async def _none(self, context: object, *, value: str | None) -> list[tuple[Any, ...]]:
        return [row for row in await self._record(context, value=value) if row is None]

    async def _read(self, context: object, *, value: str | None) -> list[tuple[Any, ...]]:
        return [row[:1] for row in await self._record(context, value=value)]

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        value = Input(name="Value", required=True, doc="The value.")
        number = Column("Number", Type.INTEGER, doc="How many calls there were.")
        said = (Column("Said", doc="The value."), Column("Note", doc="The note."))
        note = Input(name="AnyNote", default="none", doc="A note.")
        several = (number, *said)
        return (
            Procedure(
                name="Record",
                doc="Give several outputs.",
                inputs=(value, Input(name="Note", doc="A note.")),
                outputs=several,
                side_effect=True,
                run=self._record,
            ),
            Procedure(
                name="Stamp", doc="Give one.", inputs=(value,), outputs=(number,), side_effect=True, run=self._stamp
            ),
            Procedure(
                name="Twice",
                doc="Give an output that is called as an input.",
                inputs=(value,),
                outputs=(Column("Value", doc="The value twice."),),
                side_effect=True,
                run=self._twice,
            ),
            Procedure(
                name="NoRow", doc="Give no row.", inputs=(value,), outputs=(number,), side_effect=True, run=self._none
            ),
            Procedure(
                name="Peek", doc="Read only.", inputs=(value,), outputs=(number,), side_effect=False, run=self._read
            ),
            Procedure(
                name="Typed",
                doc="Give what Box sends, of each type.",
                inputs=(Input(name="Count", type=Type.INTEGER, doc="A number."),),
                outputs=(
                    Column("At", Type.TIMESTAMP, doc="A moment."),
                    Column("Is", Type.BOOLEAN, doc="A truth."),
                    Column("Tags", Type.JSON, doc="A list."),
                    Column("Size", Type.INTEGER, doc="A number."),
                ),
                side_effect=False,
                run=self._typed,
            ),
            Procedure(
                name="Optional",
                doc="Need nothing.",
                inputs=(Input(name="Value", doc="The value."), note),
                outputs=(number,),
                side_effect=True,
                run=self._optional,
            ),
        )

    async def _typed(self, _context: object, *, count: int | None) -> list[tuple[Any, ...]]:
        return [("2024-05-06T07:08:09+02:00", True, ["x", count], 1e3)]

    async def _optional(self, context: object, *, value: str | None, any_note: str) -> list[tuple[Any, ...]]:
        return [row[:1] for row in await self._record(context, value=f"{value} {any_note}")]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def cursor(small: Box, recorder: Recorder) -> Iterator[box_dialect.Cursor]:
    """A cursor of a connection that knows the recorder's procedures, and has a table `t` with three rows."""
    with small.connect() as connection:
        connection.catalog.add(*recorder.procedures)
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE t (a)")
        cursor.executemany("INSERT INTO t VALUES (?)", [("1",), ("2",), ("3",)])
        yield cursor


@pytest.fixture
def user(fresh: Box) -> Iterator[box_dialect.Connection]:
    """A connection that has no token."""
    with box_dialect.connect(user_url(fresh)) as connection:
        yield connection


@pytest.fixture
def code(user: box_dialect.Connection) -> str:
    """An authorization code, got by way of the page's address."""
    (url,) = user.cursor().execute("SELECT GetOAuthAuthorizationURL(?)", (CALLBACK_URL,)).fetchone() or ("",)
    return authorization_code(url)
