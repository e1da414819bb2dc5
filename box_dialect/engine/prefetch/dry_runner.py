"""Where a statement is run dry: the connection that runs it, and how its virtual tables answer meanwhile."""

from __future__ import annotations

import contextlib
import itertools
import re
import weakref
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw
from msgspec import Struct

from box_dialect.bytecode.listing import explained
from box_dialect.engine.prefetch.dry_run import EndOfDryRun, EndOfSet
from box_dialect.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.engine.plan.choice import Choice
    from box_dialect.engine.prefetch.dry_run import DryRun

_LOOPS: Final = frozenset({"OpenRead", "Rewind", "Yield"})
"""What the program of a statement has that goes through anything else than one table of Box."""

_LIMIT: Final = re.compile(r"\blimit\b(?! -1)", re.IGNORECASE)

Further: TypeAlias = "Callable[[], Iterator[Any]]"
"""Return the sets of parameters that `executemany()` comes to after the one that it runs."""


class TableMode(Struct):
    """How the virtual tables of a connection plan and answer now.

    `dry_run` is the one that runs, if one does. `noted` are the plans that are chosen for an estimate, None
    where none is made. `may_batch` tells whether the values of IN may come all at once;
    `has_batched` is set where a plan makes use of it.
    """

    dry_run: DryRun | None = None
    noted: list[Choice] | None = None
    may_batch: bool = True
    has_batched: bool = False


class DryRunner:
    """The statement that is run dry: its connection, its text and parameters, and whether it batches IN.

    `further` gives the parameters of the sets that come after; `has_limit` tells that there is a LIMIT anywhere in the
    statement, but for the one at the end of what `is_sorted` before; `writes` that it writes to Box.
    """

    def __init__(
        self,
        mode: TableMode,
        connection: apsw.Connection,
        sql: str,
        bindings: Any,
        further: Further | None = None,
        *,
        writes: bool = False,
        is_sorted: bool = False,
    ) -> None:
        self._mode = mode
        self._connection: apsw.Connection = weakref.proxy(connection)  # which leads here
        self._sql, self._bindings, self._may_batch = sql, bindings, mode.may_batch
        self._further: Further = further or (lambda: iter(()))
        self.writes = writes
        self.has_limit = len(_LIMIT.findall(sql)) > is_sorted

    @property
    def is_running(self) -> bool:
        """Whether a dry run runs on the connection."""
        return self._mode.dry_run is not None

    def has_several_scans(self) -> bool:
        """Tell whether the statement comes to anything but one scan."""
        try:
            listing = [step.code for step in explained(self._connection, self._sql, self._bindings)]
        except (apsw.Error, Error):  # a query that reads what a write does is not always one of SQLite's
            return False
        is_repeated = "VFilter" in listing and any(True for _ in self._further())
        return is_repeated or listing.count("VFilter") > 1 or not _LOOPS.isdisjoint(listing)

    def run(self, dry_run: DryRun) -> bool:
        """Run it; tell whether it failed, as it is going to in earnest. A further set of parameters may fail."""
        mode, is_first = self._mode, True
        may_batch, mode.may_batch = mode.may_batch, self._may_batch
        mode.dry_run = dry_run
        try:
            for bindings in itertools.chain((self._bindings,), self._further()):
                dry_run.begin_set()
                with contextlib.suppress(EndOfSet):
                    for _ in self._connection.execute(self._sql, bindings):
                        dry_run.step()
                is_first = False
        except EndOfDryRun:
            return False
        except apsw.InterruptError:
            return not dry_run.is_over
        except (apsw.Error, Error, UnicodeDecodeError):  # the last for a text that is not UTF-8, as SQL can make it
            return is_first
        finally:
            mode.dry_run, mode.may_batch = None, may_batch
        return False
