"""Fetch for the inner table of a join what the coming rows of the outer one will ask for.

SQLite joins by nested loops: for each row of the outer scan it opens the inner one with values of that row. Where these
values come from is found by comparing them with the rows that the outer cursors stand on; then the rows that come next
tell what will be asked for. Nothing is fetched for the first row, something for one row more with each row that was
foreseen, twice as much each time, up to the limit; and less again where rows were passed over, or where the LIMIT of
the statement will be reached.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from box_dialect.engine.checks import checks
from box_dialect.engine.rehearsal import Rehearsal
from box_dialect.engine.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from box_dialect.engine.directory import Directory
    from box_dialect.engine.plan import Plan
    from box_dialect.engine.reading import Page, Reading
    from box_dialect.engine.rows import Row
    from box_dialect.engine.session import Session
    from box_dialect.engine.statement import Statement

_ROWS_FILLED: Final = 1_000
"""Rows that are read ahead of one inner scan; who has more of them asks for the rest."""

_OUTER_ROWS_AHEAD: Final = 5_000
"""Rows of the outer scan that are read to find what the inner one will be asked for."""

_MOST_REHEARSED: Final = 16_384
"""Scans that one rehearsal foresees at most; the first foresees few, and each one more than that before it."""

_STEPS_REHEARSED: Final = 64
"""Rows and scans that rehearsals may go through for each scan that takes a call: a small part of the call's time."""


class Stand(NamedTuple):
    """Where a cursor stands: the next row is `page.rows[place]`, or the first one of the next page."""

    reading: Reading
    page: Page
    place: int

    @property
    def number(self) -> int:
        """The number of the next row in its reading."""
        return self.page.start + self.place


class Cursor(Protocol):
    """What a level knows of its cursor."""

    @property
    def row(self) -> Row | None:
        """The row that it stands on."""

    @property
    def stand(self) -> Stand | None:
        """Where it stands."""

    def pass_page(self) -> Sequence[Row]:
        """Go to the last row of its page, and return those from the next one on to it."""


class _Origin(NamedTuple):
    """A column of an outer row that an argument has the value of; `place` is that in the row."""

    level: Level
    place: int

    def has(self, value: Any) -> bool:
        """Tell whether the current row has the value."""
        row = self.level.row
        return row is not None and type(row[self.place]) is type(value) and row[self.place] == value


class Level:
    """A table in the nested loops of a statement: where its cursor stands, and what it will be asked for.

    Its `cursor` is None while none is open, and `reading` is the last one that was asked for. `look_ahead` runs on the
    event loop, all else on the thread of the statement.
    """

    def __init__(self, statement: Statement, session: Session, plan: Plan) -> None:
        self.plan = plan
        self.cursor: Cursor | None = None
        self.reading: Reading | None = None
        self._statement, self._session = statement, session
        self._width = session.properties.max_concurrency
        self._arguments: tuple[Any, ...] = ()
        self._origins: list[list[_Origin]] | None = None
        self._sources: list[_Origin | None] = []
        self._outer: Level | None = None
        self._outer_stand: Stand | None = None
        self._mark: Stand | None = None
        self._window = Window(2 * self._width, statement.shared)
        self._coming: OrderedDict[tuple[Any, ...], Reading] = OrderedDict()
        self._values: tuple[Any, ...] = ()
        self._checked: Callable[[Row], bool] | None = None
        self._rehearsed: deque[tuple[Any, ...]] = deque()
        self._is_rehearsed_whole = False
        self._most_rehearsed = 4 * self._width
        self._steps = 0
        self._counted: Page | None = None
        self._counted_ahead: Page | None = None
        self._reading_on: asyncio.Future[None] | None = None

    @property
    def stand(self) -> Stand | None:
        """Where the cursor stands."""
        cursor = self.cursor  # which its thread may take away
        return None if cursor is None else cursor.stand

    @property
    def row(self) -> Row | None:
        """The row that the cursor stands on."""
        cursor = self.cursor  # likewise
        return None if cursor is None else cursor.row

    def open(self, cursor: Cursor, values: tuple[Any, ...]) -> tuple[Reading, Page]:
        """Return the reading for the values of xFilter, and its first page; have those that come next be read too."""
        arguments = values[: self.plan.taken]
        with self._statement.lock:
            self._values, self._checked = values, None
            takes_calls = arguments in self._coming or not self._is_at_hand(arguments)
            if takes_calls:
                self._foresee(arguments)
            reading = self._statement.reading(self.plan, arguments, self._session)
            page = reading.take()
            self.cursor, self.reading, self._arguments = cursor, reading, arguments
            is_short = takes_calls and self._is_short(self._width // 2 + 1)
        if is_short:
            self._session.portal.spawn(self._looking_ahead)
        return reading, page

    def keeps(self, row: Row) -> bool:
        """Tell whether SQLite will not drop a row."""
        if self._checked is None:
            self._checked = checks(self.plan, self._values)
        return self._checked(row)

    def look_ahead(self) -> None:
        """Begin to read what comes next, as far as the window goes."""
        with self._statement.lock:
            while self._statement.is_in_use and self._is_short(self._width):
                arguments = self._next_arguments()
                if arguments is None:
                    return
                if arguments in self._coming or arguments == self._arguments or self._is_at_hand(arguments):
                    continue
                reading = self._statement.reading(self.plan, arguments, self._session)
                before = next(reversed(self._coming.values()), self.reading)
                # One that was read before may follow another already: those that follow it must not lead back to it.
                if before is not None and before is not reading and reading.follower is None:
                    before.follower = reading
                self._coming[arguments] = reading
                self._begin(reading.fill(self.plan.wanted_rows(arguments) or _ROWS_FILLED))

    def _is_at_hand(self, arguments: tuple[Any, ...]) -> bool:
        """Tell whether a scan takes no call, neither for its rows nor for values that these do not hold."""
        return not self.plan.downloaded and self._statement.knows(self.plan, arguments)

    async def _looking_ahead(self) -> None:
        self.look_ahead()

    def _is_short(self, most: int) -> bool:
        """Tell whether less is foreseen than the window has, and fewer scans than so many are read ahead."""
        return len(self._coming) < self._window.size and len(self._statement.ahead) < most

    def _foresee(self, arguments: tuple[Any, ...]) -> None:
        """Learn from what is asked for how far to look ahead."""
        was_foreseen = self._trace(arguments) and self._outer is not None
        if not was_foreseen:
            self._mark = None
            was_foreseen = self._rehearse(arguments)
        self._expect()
        skipped = self._advance(arguments)
        if not was_foreseen:
            self._coming.clear()
        self._window.learn(was_foreseen=was_foreseen, skipped=skipped)
        self._outer_stand = None if self._outer is None else self._outer.stand

    def _begin(self, reading: Coroutine[Any, Any, None]) -> asyncio.Future[None]:
        """Run what reads ahead; when it ends, there may be more to do for each level."""
        task = asyncio.ensure_future(reading)
        ahead, look_ahead = self._statement.ahead, self._statement.look_ahead

        def ended(task: asyncio.Future[None]) -> None:
            ahead.discard(task)
            if not task.cancelled():
                look_ahead()

        ahead.add(task)
        task.add_done_callback(ended)
        return task

    def _trace(self, arguments: tuple[Any, ...]) -> bool:
        """Find where the arguments come from; tell whether they come from where they came from before."""
        if self._origins is not None:
            kept = [
                [origin for origin in origins if origin.has(value)]
                for origins, value in zip(self._origins, arguments, strict=True)
            ]
            if all(
                origins or old == new for origins, old, new in zip(kept, self._arguments, arguments, strict=True)
            ) and any(kept):
                self._origins = kept
                self._choose(arguments)
                return True
        self._origins = [self._candidates(value) for value in arguments]
        self._outer = None
        return False

    def _rehearse(self, arguments: tuple[Any, ...]) -> bool:
        """Tell whether it was foreseen what is asked for; rehearse the statement where not much more is."""
        was_foreseen = self._was_rehearsed(arguments)
        stage = self._statement.stage
        is_enough = was_foreseen and (self._is_rehearsed_whole or len(self._rehearsed) > self._window.size)
        if stage is None or is_enough or not self._window.asked or self._steps > _STEPS_REHEARSED * self._window.asked:
            return was_foreseen
        rehearsal = Rehearsal(self._statement, self.plan, arguments, self._most_rehearsed, self._steps)
        self._statement.lock.release()  # the event loop, which may want it, must not wait for SQLite
        try:
            has_failed = stage.run(rehearsal)
        finally:
            self._statement.lock.acquire()
        if has_failed:
            self._statement.stage = None
        self._steps += rehearsal.steps
        self._most_rehearsed = min(4 * self._most_rehearsed, _MOST_REHEARSED)
        self._rehearsed, self._is_rehearsed_whole = deque(rehearsal.coming), rehearsal.is_whole
        self._expect_rehearsed()
        return rehearsal.was_met

    def _was_rehearsed(self, arguments: tuple[Any, ...]) -> bool:
        """Tell whether a rehearsal foresaw the arguments; what it foresaw before them is passed over."""
        if arguments in self._coming:
            return True
        while self._rehearsed:
            if self._rehearsed.popleft() == arguments:
                return True
        return False

    def _next_arguments(self) -> tuple[Any, ...] | None:
        """Return what will be asked for next, as far as that can be told now."""
        if self._outer is None:
            return self._rehearsed.popleft() if self._rehearsed else None
        while (row := self._next_outer_row()) is not None:
            arguments = tuple(
                self._arguments[number] if source is None else row[source.place]
                for number, source in enumerate(self._sources)
            )
            if None not in arguments and self._outer.keeps(row):
                return arguments
        return None

    def _expect(self) -> None:
        """Count the keys that the page of the outer row asks for: many of them are better found in a listing."""
        origin = next((origin for origins in self._origins or () for origin in origins), None)
        stand = None if origin is None else origin.level.stand
        if origin is not None and stand is not None and stand.page is not self._counted:
            self._counted = stand.page
            self._count(origin, stand.page.rows[stand.place :])

    def _expect_ahead(self, page: Page) -> None:
        """Count the keys of a page that is looked ahead into, as who comes there first decides whether to list."""
        source = self._sources[0]
        if source is not None and page is not self._counted_ahead:
            self._counted_ahead = page
            self._count(source, page.rows)

    def _expect_rehearsed(self) -> None:
        """Count the keys that a rehearsal foresees."""
        directory = self._wanting_directory()
        if directory is not None:
            for (argument,) in self._rehearsed:
                directory.expect(directory.keys(argument) or ())

    def _count(self, origin: _Origin, rows: Sequence[Row]) -> None:
        directory = self._wanting_directory()
        if directory is not None:
            directory.expect(row[origin.place] for row in rows)

    def _wanting_directory(self) -> Directory | None:
        """Return the directory that lookups are found in, where it matters to it how many more keys come."""
        directory = self._statement.directory(self.plan, self._session) if self.plan.is_lookup else None
        return directory if directory is not None and directory.is_wanting else None

    def _candidates(self, value: Any) -> list[_Origin]:
        """Return the columns of outer rows that have a value, those of the innermost row first."""
        found = []
        for level in reversed(self._statement.levels):
            row = level.row
            if level is self or row is None:
                continue
            found += [
                _Origin(level, place)
                for place, known in enumerate(row[:-1])
                if known is not None and type(known) is type(value) and known == value
            ]
        return found

    def _choose(self, arguments: tuple[Any, ...]) -> None:
        """Choose the innermost outer level whose rows, with values that stay, give all arguments."""
        stays = [old == new for old, new in zip(self._arguments, arguments, strict=True)]
        for level in reversed(self._statement.levels):
            sources = [next((o for o in origins if o.level is level), None) for origins in self._origins or ()]
            if any(sources) and all(source or stay for source, stay in zip(sources, stays, strict=True)):
                if level is not self._outer:
                    self._mark = None
                self._outer, self._sources = level, sources
                return
        self._outer = None

    def _advance(self, arguments: tuple[Any, ...]) -> int:
        """Take the arguments out of what comes, and return how many of those before them were passed over."""
        if arguments not in self._coming:
            return 0
        skipped = 0
        while True:
            passed, reading = self._coming.popitem(last=False)
            if passed == arguments:
                return skipped
            for unneeded in self._statement.pass_over(self.plan, passed, reading):
                self._session.portal.spawn(unneeded.aclose)
            skipped += 1

    def _next_outer_row(self) -> Row | None:
        """Return the next row of the outer scan that is there already; begin to read on where it is the last."""
        stand, mark = self._outer_stand, self._mark
        if stand is None:
            return None
        if mark is None or (mark.reading is stand.reading and mark.number < stand.number):
            mark = stand
        while mark.place >= len(mark.page.rows):
            if mark.page.following is not None:
                mark = Stand(mark.reading, mark.page.following, 0)
            elif not mark.reading.is_finished:
                self._mark = mark
                is_near = mark.reading is stand.reading and mark.number - stand.number < _OUTER_ROWS_AHEAD
                if is_near and (self._reading_on is None or self._reading_on.done()):
                    self._reading_on = self._begin(mark.reading.fill(mark.reading.end + 1))
                return None
            elif mark.reading.follower is not None:
                follower = mark.reading.follower
                page = follower.first
                if page is None:
                    return None
                mark = Stand(follower, page, 0)
            else:
                self._mark = mark
                return None
        self._mark = Stand(mark.reading, mark.page, mark.place + 1)
        self._expect_ahead(mark.page)
        return mark.page.rows[mark.place]
