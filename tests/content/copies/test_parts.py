"""What interrupted downloads leave beside their targets, and for how long."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.content.copies import Conflict, Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

SIZE = 1 << 20


@pytest.fixture
def left(fresh: Box, copy: Any, source: Path, tmp_path: Path) -> Path:
    """What an interrupted download of a file has left, of which Box has another version by now."""
    (source / "a").write_bytes(os.urandom(2 * SIZE))
    copy("source/a", "box:/t/")
    cut = {"operation": "download", "cut_after": SIZE, "times": 1}
    fresh.faults(cut, {"operation": "download", "status": 403, "times": None})
    assert copy("box:/t/a", "back/", properties={"MaxRetries": 0}).why
    fresh.reset()
    (part,) = (tmp_path / "back").iterdir()
    (source / "a").write_bytes(b"second version")
    copy("source/a", "box:/t/", conflict=Conflict.OVERWRITE)
    return part


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_is_left_of_an_earlier_version_is_removed(copy: Any, left: Path) -> None:
    assert copy("box:/t/a", "back/").outcomes() == {"box:/t/a": Outcome.COPIED}
    assert (left.parent / "a").read_bytes() == b"second version"
    assert names(left.parent) == ["a"]


def test_a_dry_run_removes_nothing(copy: Any, left: Path) -> None:
    copy("box:/t/a", "back/", dry=True)
    assert names(left.parent) == [left.name]


def test_what_is_of_another_file_stays(copy: Any, left: Path) -> None:
    other = left.with_name(left.name.replace("a.", "a.1"))
    other.touch()
    copy("box:/t/.", "back")
    assert names(left.parent) == ["a", other.name]


def test_what_is_itself_at_box_is_kept(copy: Any, left: Path, source: Path) -> None:
    (source / left.name).write_bytes(b"kept by somebody")
    copy(f"source/{left.name}", "box:/t/")
    left.write_bytes(b"kept by somebody")
    assert copy("box:/t/.", "back").outcomes()[f"box:/t/{left.name}"] is Outcome.IDENTICAL
    assert names(left.parent) == ["a", left.name]
