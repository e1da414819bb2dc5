"""The report of the examples, run as its page says, over a folder of this machine."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from docs.pages import ROOT, command

from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

pytest.importorskip("pandas", exc_type=ImportError)


@pytest.mark.long
def test_the_report_sums_what_there_is(
    tmp_path: Path, serving: Callable[[Options], AbstractContextManager[Emulator]]
) -> None:
    (tmp_path / "Projects" / "Bridge").mkdir(parents=True)
    for name, size in {"Projects/plan.pdf": 300, "Projects/Bridge/plan.pdf": 300, "notes.txt": 400, "empty": 0}.items():
        (tmp_path / name).write_bytes(bytes(size))
    os.utime(tmp_path / "notes.txt", (0, 1_000_000_000))
    with serving(Options(load=tmp_path)) as box:
        arguments, environment = command(ROOT / "examples" / "README.md", "A report", box.ready)
        done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    total, by_folder, by_kind, old, duplicates = re.split(r"\n\n(?=[A-Z])", done.stdout)
    assert total == "4 files, 1,000 bytes"
    assert re.search(r"\nProjects +2 +600 +60.0\n\(at the top\) +2 +400 +40.0$", by_folder)
    assert re.search(r"\npdf +2 +600 +60.0\ntxt +1 +400 +40.0\n", by_kind)
    assert re.search(r"\n\w+ \w+ +1 +400 +100.0$", old)
    assert re.search(r"\n/Projects/Bridge/plan.pdf +2 +300 +300$", duplicates.rstrip())
