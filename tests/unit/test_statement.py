"""What a statement reads ahead ends with its last cursor, and its thread may close a cursor at any moment."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from box_dialect.api import CallCount
from box_dialect.engine.lookahead import Level
from box_dialect.engine.reading import Reading
from box_dialect.engine.statement import Statement


class Pages:
    """A scan that never ends."""

    async def next_page(self) -> list[tuple[Any, ...]] | None:
        await asyncio.Event().wait()
        return None

    def ready_pages(self) -> list[list[tuple[Any, ...]]]:
        return []

    async def aclose(self) -> None:
        """Do nothing."""


PLAN: Any = SimpleNamespace(scan_key=lambda arguments: arguments)
SESSION: Any = SimpleNamespace(properties=SimpleNamespace(max_concurrency=4))


def reading_of(statement: Statement, *, most: int = 100) -> Reading:
    scan: Any = Pages()
    return Reading(scan, 1, most, statement._keep)


class Foreseeing(Level):
    """A level that looks ahead; `asked` counts how often it looks for what it will be asked for."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(statement, SESSION, PLAN)
        self._window.size, self.asked = 2, 0

    def _next_arguments(self) -> None:
        self.asked += 1


def test_nothing_is_read_ahead_once_the_last_cursor_is_closed() -> None:
    statement = Statement(CallCount())
    level = Foreseeing(statement)
    statement.levels.append(level)
    statement.opened()
    level.look_ahead()
    assert level.asked == 1
    assert statement.closed() is None
    level.look_ahead()
    statement.look_ahead()
    assert level.asked == 1


def test_what_is_passed_over_is_closed_where_it_is_not_kept() -> None:
    statement = Statement(CallCount())
    kept, dropped, followed = (reading_of(statement) for _ in range(3))
    for reading in (dropped, followed):
        reading.let_go()
    followed.followers = 1
    for number, reading in enumerate((kept, dropped, followed)):
        statement._readings[(number,)] = reading
    passed = [statement.pass_over(PLAN, (number,), each) for number, each in enumerate((kept, dropped, followed))]
    assert passed == [[], [dropped], []]
    assert list(statement._readings.values()) == [kept, followed]


def test_a_cursor_may_go_while_another_thread_asks_where_it_stands() -> None:
    class Going(Level):
        """A level whose cursor goes after it was looked at once."""

        cursors: Any = iter(())

        @property
        def cursor(self) -> Any:
            return next(self.cursors)

        @cursor.setter
        def cursor(self, _: Any) -> None:
            self.cursors = iter([SimpleNamespace(row=(1,), stand="here"), None])

    assert Going(Statement(CallCount()), SESSION, PLAN).row == (1,)
    assert Going(Statement(CallCount()), SESSION, PLAN).stand == "here"


def test_what_is_known_is_held_on_to_as_long_as_there_is_room() -> None:
    statement = Statement(CallCount())
    reading = reading_of(statement, most=2)
    page = reading.take()
    reading._append([(1,), (2,)])
    assert (statement._kept_values, reading.first) == (2, page)
    reading._append([(3,)])
    assert (statement._kept_values, reading.first, reading.is_kept) == (0, None, False)
