"""Line 9: a whole process that imports, connects and selects 1, against the same with shillelagh."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Final

from bench.outcome import Bound, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.contest import Settings

RUNS: Final = 15
_PROGRAM: Final = """
import sqlalchemy as sa
with sa.create_engine({arguments}).connect() as connection:
    assert connection.execute(sa.text("SELECT 1")).scalar() == 1
"""
_OURS: Final = '"box://id:secret@127.0.0.1:9/?AuthScheme=OAuthClient&SubjectId=1"'
_THEIRS: Final = '"shillelagh://", adapters=["csvfile"]'
"""With one adapter: as it comes it loads all that are installed, which takes twice as long."""


def run(settings: Settings) -> Iterator[Outcome]:
    """Run both by turns; without shillelagh there is nothing to compare with, and no outcome."""
    if find_spec("shillelagh") is None:
        return
    programs = [_PROGRAM.format(arguments=arguments) for arguments in (_OURS, _THEIRS)]
    times = [[_seconds(program) for program in programs] for _ in range(max(1, round(RUNS * min(settings.scale, 1))))]
    ours, theirs = zip(*times, strict=True)
    yield Outcome(
        line="9",
        work="import, connect, SELECT 1, against shillelagh",
        unit="s",
        measured=median(ours),
        limit=median(theirs),
        bound=Bound("<=", 1.0),
        runs=ours,
    )


def _seconds(program: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)  # noqa: S603 - as above
    return time.perf_counter() - began
