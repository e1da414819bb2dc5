"""Each row has one outcome, and nobody waits for ever, in whatever order calls are answered and rows come."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps import Steps, steps

from box_dialect.api import CallCount
from box_dialect.engine.execution import write_queue
from box_dialect.engine.execution.write_queue import PendingWrite, WriteQueue
from box_dialect.errors import DatabaseError, DataError, Diagnostics, IntegrityError, OperationalError

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("no_network")

MANY = settings(max_examples=100)
DRAWN = st.builds(random.Random, st.integers(0, 2**32))
WRITTEN, LEFT_OUT, CONFLICT, REFUSED, MALFORMED, BROKEN = "written", "left out", "conflict", "refused", "{}", "broken"
OUTCOMES: dict[str, Callable[[], Any]] = {
    WRITTEN: lambda: {"id": "7"},
    LEFT_OUT: lambda: None,
    CONFLICT: lambda: IntegrityError("taken", Diagnostics(status=409, operation="PUT /folders/7")),
    REFUSED: lambda: DataError("wrong", Diagnostics(status=400, operation="PUT /folders/7")),
    MALFORMED: dict,
    BROKEN: lambda: RuntimeError("a fault of the driver"),
}


class Rows:
    """The rows that a queue is given by its statement: what their calls gave, and what the queue makes of them."""

    def __init__(self, drawn: random.Random, loop: Steps, *, stopped_after: int | None = None) -> None:
        self._drawn, self._loop, self._stopped_after = drawn, loop, stopped_after
        self.count = CallCount()
        self.given: list[list[str]] = []
        self.keys: list[str | None] = []
        self.ignored: set[int] = set()
        self.written_before: dict[int, int] = {}
        self.queue = WriteQueue(self, drawn.randint(1, 4))  # type: ignore[arg-type]  # this is its execution, too
        self.queue.is_concurrent = drawn.random() < 0.8
        self.repeats = drawn.random() < 0.5

    def wake(self, function: Callable[[], object]) -> None:
        self._loop.loop.call_soon(function)

    has_failed = False

    def run(self, function: Callable[..., Any], *args: Any) -> Any:
        is_of_statement = function == self.queue._on_loop_until
        if is_of_statement and self._stopped_after is not None:
            self._stopped_after -= 1
            if self._stopped_after < 0:
                waiting = self._loop.loop.create_task(function(*args))
                self._loop.some(6)
                waiting.cancel()
                raise OperationalError("interrupted")
        return self._loop.run(function(*args))

    def change(self) -> PendingWrite:
        """Return the next row."""
        number = len(self.given)
        key = self._drawn.choice([None, *("abcdefgh" if self.repeats else [f"of row {number}"])])
        self.given.append([])
        self.keys.append(key)
        if key is not None and self._drawn.random() < 0.2:
            self.ignored.add(number)

        async def send() -> Any:
            assert key is None or key not in [self.keys[each] for each, _ in self._loop.in_flight], "of one key at once"
            self.written_before[number] = self.queue.written
            return await self._loop.call(number)

        return PendingWrite(send, key, lambda answer: int(answer["id"]), number in self.ignored)

    def answer(self, number: int) -> Any:
        """Draw what a call gives; a new row that conflicts is refused."""
        name = self._drawn.choice([WRITTEN, WRITTEN, WRITTEN, LEFT_OUT, CONFLICT, CONFLICT, REFUSED, MALFORMED, BROKEN])
        self.given[number].append(name)
        return OUTCOMES[name]()

    def ended(self, *names: str) -> set[int]:
        """Return the rows whose last call gave one of these."""
        return {number for number, each in enumerate(self.given) if each and each[-1] in names}


def write(drawn: random.Random, rows: Rows, loop: Steps) -> DatabaseError | None:
    """Put some rows, as a statement does, and return what the queue raises at last."""
    try:
        for _ in range(drawn.randint(1, 40)):
            loop.some()
            rows.queue.begin_set()
            rows.queue.put(rows.change())
    except DatabaseError:
        pass
    try:
        rows.queue.finish()
    except DatabaseError as problem:
        return problem
    return None


def statement(drawn: random.Random, **options: Any) -> tuple[Rows, DatabaseError | None]:
    """Run a statement that writes rows; nothing may be left of it on the loop."""
    made: list[Rows] = []
    with steps(drawn, lambda number: made[0].answer(number)) as loop, pytest.MonkeyPatch.context() as patch:
        rows = Rows(drawn, loop, **options)
        made.append(rows)
        patch.setattr(write_queue, "portal", lambda: rows)
        problem = write(drawn, rows, loop)
        assert loop.most_in_flight <= rows.queue._width
    assert not rows.queue._workers
    assert not rows.queue._queue
    return rows, problem


def told(rows: Rows, problem: DatabaseError | None) -> list[int]:
    """Return the rows that an error names, the only one where it is the failure of that row itself."""
    if problem is None:
        return []
    return [number for number, _ in problem.failures] or [len(rows.given) - 1]


@MANY
@given(drawn=DRAWN)
def test_each_row_has_one_outcome_in_any_order_of_answers(drawn: random.Random) -> None:
    rows, problem = statement(drawn)
    assert rows.queue._put == rows.queue._done == len(rows.given)
    assert not rows.queue._keys
    assert rows.queue.written == len(rows.ended(WRITTEN))
    for each in rows.given:
        assert len(each) >= 1
        assert set(each[:-1]) <= {CONFLICT}, "only a row with a conflict may be sent again"
    conflicts = rows.ended(CONFLICT)
    if rows.queue.is_concurrent and not rows.repeats:
        changed = {rows.written_before[each] for each in conflicts if rows.keys[each] is not None}
        assert changed <= {rows.queue.written}, "another row may have made room"
    assert sorted(told(rows, problem)) == sorted((conflicts - rows.ignored) | rows.ended(REFUSED, MALFORMED, BROKEN))


@MANY
@given(drawn=DRAWN, waits=st.integers(0, 3))
def test_a_statement_that_is_stopped_leaves_nothing_on_its_way(drawn: random.Random, waits: int) -> None:
    rows, problem = statement(drawn, stopped_after=waits)
    failures = dict(problem.failures) if problem is not None else {}
    cancelled = {number for number, failure in failures.items() if "cancelled on its way" in str(failure)}
    assert rows.queue.written == len(rows.ended(WRITTEN) - cancelled)
    assert not rows.ended(WRITTEN, LEFT_OUT) & (failures.keys() - cancelled)
    if failures:
        assert rows.ended(REFUSED, MALFORMED, BROKEN) <= failures.keys()
