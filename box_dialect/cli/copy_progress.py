"""What is told of files that are copied: a line of progress, a line for each that is not, and the sum."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from box_dialect.cli.progress import Line
from box_dialect.cli.records import human, shown
from box_dialect.cli.render import counted
from box_dialect.content.copies import Outcome

if TYPE_CHECKING:
    from box_dialect.cli.progress import Mode
    from box_dialect.content.copies import Copy, Result


class CopyProgress(Line):
    """How far copies have come. `counts` are how many came to each outcome."""

    def __init__(self, mode: Mode, *, is_dry: bool, is_quiet: bool) -> None:
        super().__init__(mode)
        self._is_dry, self._is_quiet = is_dry, is_quiet
        self._total = self._all_bytes = 0
        self._ended = self._ended_bytes = self._copied_bytes = 0
        self._under_way: dict[Copy, int] = {}
        self._told: list[Result] = []
        self.counts: Counter[Outcome] = Counter()

    def planned(self, copies: list[Copy]) -> None:
        """Take note of what is going to be looked at."""
        self._total, self._all_bytes = len(copies), sum(each.size for each in copies)

    def progress(self, copy: Copy, done: int) -> None:
        """Take note of how many bytes are there."""
        self._under_way[copy] = done

    def ended(self, result: Result, copy: Copy | None) -> None:
        """Take note of what became of a source."""
        self.counts[result.outcome] += 1
        if copy is not None:
            self._under_way.pop(copy, None)
            self._ended += 1
            self._ended_bytes += copy.size
        if result.outcome is Outcome.COPIED:
            self._copied_bytes += result.size
        if self._is_dry or result.outcome not in {Outcome.COPIED, Outcome.IDENTICAL}:
            self._told.append(result)

    def text(self) -> str:
        """Return how far the copies have come, in one line."""
        if not self._total:
            return f"looking at what is there, {self.seconds:,.1f} s"
        under_way = sum(list(self._under_way.values()))
        done, moved = self._ended_bytes + under_way, self._copied_bytes + under_way
        speed = moved / self.seconds
        parts = [
            f"{self._ended:,} of {self._total:,}",
            f"{human(done)} of {human(self._all_bytes)}",
            f"{human(int(speed))}/s",
        ]
        if speed and done < self._all_bytes:
            minutes, seconds = divmod(round((self._all_bytes - done) / speed), 60)
            parts.append(f"{minutes // 60}:{minutes % 60:02}:{seconds:02} left")
        return ", ".join(parts)

    def print_end(self) -> None:
        """Print what was not copied, and the sum, to standard error; a dry run also what would be, to the output."""
        for each in sorted(self._told, key=lambda each: (each.outcome is Outcome.FAILED, each.source)):
            line = shown(" -> ".join(filter(None, (each.source, each.target))))
            if each.outcome is Outcome.COPIED:
                click.echo(f"would copy {line}")
            elif each.outcome is Outcome.FAILED or not self._is_quiet:
                why = f": {shown(each.why)}" if each.why else ""
                click.echo(f"{each.outcome.value}: {line}{why}", err=True)
        if not self._is_quiet:
            click.echo(self._sum(), err=True)

    def _sum(self) -> str:
        copied = self.counts[Outcome.COPIED]
        verb = "would be copied" if self._is_dry else "copied"
        parts = [f"{counted(copied, 'item')} {verb} ({human(self._copied_bytes)})"]
        parts += [
            f"{self.counts[each]:,} {each.value}"
            for each in Outcome
            if self.counts[each] and each is not Outcome.COPIED
        ]
        goes_on = ""
        if left := self._total - self._ended:
            parts.append(f"{left:,} not yet")
            goes_on = "" if self._is_dry else "; the same command goes on"
        return f"{', '.join(parts)}, {self.seconds:,.1f} s{goes_on}"
