"""Large uploads that go on by the same copy: what keeps them, for whom, and for how long."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.api import upload
from box_dialect.content.copies import Outcome
from box_dialect.content.copies.unfinished import LIFETIME_SECONDS
from box_dialect.emulator.resources import upload_sessions

if TYPE_CHECKING:
    from conftest import Box

PART_BYTES = 1 << 16
PART, BEGIN, WHO = "put_files_upload_sessions_id", "post_files_upload_sessions", "get_users_me"
ONE_AT_A_TIME = {"MaxRetries": 0, "MaxConcurrency": 1}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MOST_BYTES_AT_ONCE", PART_BYTES)
    monkeypatch.setattr(upload_sessions, "MIN_SIZE", PART_BYTES)
    monkeypatch.setattr(upload_sessions, "PART_SIZE", PART_BYTES)


@pytest.fixture
def large(source: Path) -> Path:
    """A file of three parts."""
    made = source / "large"
    made.write_bytes(os.urandom(2 * PART_BYTES + 1))
    return made


def kept() -> list[Path]:
    return [*(Path(os.environ["XDG_STATE_HOME"]) / "box-dialect" / "uploads").glob("*")]


def broken(fresh: Box, copy: Any, *paths: str, **properties: Any) -> Any:
    """Have copies fail after their first part."""
    fresh.faults({"operation": PART, "status": 403, "skip": 1, "times": None})
    seen = copy(*paths, properties={**ONE_AT_A_TIME, **properties})
    fresh.reset()
    return seen


def test_it_goes_on_from_its_parts_and_leaves_nothing(fresh: Box, copy: Any, large: Path, at_box: Any) -> None:
    assert broken(fresh, copy, "source/large", "box:/t/").outcomes() == {"source/large": Outcome.FAILED}
    assert len(kept()) == 1
    assert copy("source/large", "box:/t/", properties=ONE_AT_A_TIME).outcomes() == {"source/large": Outcome.COPIED}
    made = fresh.stats()["by_operation"]
    assert (made[PART], made[WHO], BEGIN in made) == (2, 1, False)  # type: ignore[index, operator]
    assert at_box()["large"] == large.read_bytes()
    assert kept() == []


@pytest.mark.usefixtures("large")
def test_another_user_begins_a_session_of_their_own(fresh: Box, copy: Any) -> None:
    """The root folder has the same id for all of them, and the path is the same one."""
    broken(fresh, copy, "source/large", "box:/large")
    other = {"AsUserId": fresh.emulator.ready["user_id"]}
    assert broken(fresh, copy, "source/large", "box:/large", **other).why.startswith("PUT /files/upload_sessions")
    assert len(kept()) == 2
    assert copy("source/large", "box:/large", properties=other).outcomes() == {"source/large": Outcome.COPIED}
    assert fresh.stats()["by_operation"][PART] == 2  # type: ignore[index]
    assert copy("source/large", "box:/large").outcomes() == {"source/large": Outcome.COPIED}
    assert fresh.stats()["by_operation"][PART] == 4  # type: ignore[index]
    assert kept() == []


def test_who_is_signed_in_is_asked_for_once_and_for_large_files_alone(fresh: Box, copy: Any, large: Path) -> None:
    copy("source/a", "box:/t/")
    assert WHO not in fresh.stats()["by_operation"]  # type: ignore[operator]
    large.with_name("other").write_bytes(large.read_bytes())
    copy("source", "box:/t/")
    assert fresh.stats()["by_operation"][WHO] == 1  # type: ignore[index]


def test_where_box_tells_no_user_nothing_is_kept(fresh: Box, copy: Any, large: Path, at_box: Any) -> None:
    fresh.faults({"operation": WHO, "status": 403})
    copy("source/large", "box:/t/")
    assert at_box() == {"large": large.read_bytes()}


def test_where_there_is_no_place_nothing_is_kept(
    fresh: Box, copy: Any, large: Path, at_box: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(large))
    copy("source/large", "box:/t/")
    assert at_box() == {"large": large.read_bytes()}
    assert WHO not in fresh.stats()["by_operation"]  # type: ignore[operator]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("days", [6, 8])
def test_what_box_has_ended_is_removed_by_the_next_run(fresh: Box, copy: Any, days: int) -> None:
    broken(fresh, copy, "source/large", "box:/t/")
    (file,) = kept()
    beside = file.with_name("left by a process that was killed")
    beside.touch()
    for each in (file, beside):
        os.utime(each, times=(time.time() - days * LIFETIME_SECONDS / 7,) * 2)
    copy("source/a", "box:/t/", dry=True)
    assert len(kept()) == 2
    copy("source/a", "box:/t/")
    assert len(kept()) == (2 if days < 7 else 0)
