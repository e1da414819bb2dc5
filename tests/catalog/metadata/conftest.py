"""An account with templates of every kind of field, and instances with awkward values."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Box
from patience import PATIENCE_SECONDS
from scripted_box import ScriptedBox, scripted_box

from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import box_dialect

QUERY = "POST /metadata_queries/execute_read"
OPEN, CLOSED = {"key": "open"}, {"key": "closed"}
FIELDS = (
    {"type": "float", "key": "amount", "displayName": "Amount", "description": "In euros"},
    {"type": "date", "key": "due"},
    {"type": "string", "key": "title", "displayName": "Title"},
    {"type": "enum", "key": "status", "options": [OPEN, CLOSED]},
    {"type": "multiSelect", "key": "tags", "options": [{"key": "a"}, {"key": "b"}]},
    {"type": "string", "key": "note", "hidden": True},
)
TEMPLATE = {"scope": "enterprise_7", "templateKey": "contract", "displayName": "Contract", "fields": [*FIELDS]}
AMOUNTS = (None, 0, -1, 5, 5.5, 0.1, 100, 16777215, 16777216, 16777217, -16777216, -16777217, 1e300)
DUES = (
    None,
    "2026-01-01T00:00:00Z",
    "2026-01-02T00:00:00.000Z",
    "2026-01-02T00:00:00.001Z",
    "2026-01-02T12:30:00.520Z",
    "2026-01-02T01:00:00+01:00",
    "1969-12-31T23:59:59.999Z",
)
PLAIN_TITLES = (None, "", "a", "A", "100%", "100_", "it's", 'the "final"', "back\\slash", "a%b")
TITLES = (*PLAIN_TITLES, "ä", "Ä", "x\N{GRINNING FACE}y", "\N{LATIN SMALL LIGATURE FI}", "\N{KELVIN SIGN}")


def values(number: int) -> dict[str, Any]:
    """Return the values of an instance; fields without a value are absent."""
    given = {
        "amount": AMOUNTS[number % len(AMOUNTS)],
        "due": DUES[number % len(DUES)],
        "title": TITLES[number % len(TITLES)],
        "status": (None, "open", "closed")[number % 3],
        "tags": (None, [], ["a"], ["a", "b"])[number % 4],
        "note": "hidden" if number % 2 else None,
    }
    return {key: value for key, value in given.items() if value is not None}


def tag(box: Box) -> None:
    """Make the template `contract`, and give every item an instance of it but the root folder."""
    store = box.store
    template = store.add_template("contract", *FIELDS, display_name="Contract")
    items = [*store.files.values(), *(folder for folder in store.folders.values() if folder.id != "0")]
    for number, item in enumerate(items):
        store.add_instance(item, template, values(number))


@pytest.fixture(scope="session")
def tagged() -> Iterator[Box]:
    """A small tree with instances of a template. Tests must leave it as it is."""
    with Emulator(Options()) as emulator:
        box = Box(emulator)
        tag(box)
        yield box


@pytest.fixture(scope="session")
def synthetic_tagged() -> Iterator[Box]:
    """A regular tree, 500 of whose files have an instance of the template. Tests must leave it as it is."""
    with Emulator(Options(synthetic=600)) as emulator:
        box = Box(emulator)
        template = box.store.add_template("contract", *FIELDS)
        for number, file in enumerate([*box.store.files.values()][:500]):
            box.store.add_instance(file, template, {"amount": number})
        yield box


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    """A Box that answers nothing but the template and its empty query."""
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [TEMPLATE]},
            "GET /metadata_templates/global": {"entries": []},
            QUERY: {"entries": [], "next_marker": None},
        }
        yield box


def answered_at_once() -> tuple[Callable[[Any], Any], threading.Event]:
    """Return what answers for instances by their items once several are asked for, and what is set then."""
    several, lock, waiting = threading.Event(), threading.Lock(), [0]

    def answer(asked: Any) -> Any:
        with lock:
            waiting[0] += 1
            if waiting[0] > 1:
                several.set()
        assert several.wait(PATIENCE_SECONDS)
        with lock:
            waiting[0] -= 1
        return {"amount": int(asked.path.split("/")[2])}

    return answer, several


def rows(connection: box_dialect.Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    return connection.cursor().execute(statement, parameters).fetchall()


def query(box: ScriptedBox, statement: str, *parameters: Any) -> dict[str, Any]:
    """Return the body of the query that a statement sends."""
    with box.connected() as connection:
        rows(connection, statement, *parameters)
    (body,) = [each.body for each in box.asked if each.operation == QUERY]
    return dict(body)
