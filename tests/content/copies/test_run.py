"""The run of copies: how many go at once, what stops it, and what is verified."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS

from box_dialect import LimitExceededError, ProgrammingError
from box_dialect.content.copies import Conflict, Outcome
from box_dialect.content.copies.box_copies import MOST_THROUGH_HERE

from .conftest import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

NAMES = "abcd"


class Meeting(Seen):
    """Files each of which goes on only once all others are on their way."""

    def __init__(self) -> None:
        super().__init__()
        self._barrier = threading.Barrier(len(NAMES), timeout=PATIENCE_SECONDS)

    def progress(self, _copy: Any, _done: int) -> None:
        self._barrier.wait()


@pytest.fixture
def four(source: Path) -> Path:
    folder = source / "four"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(name)
    return folder


@pytest.mark.usefixtures("four")
def test_files_go_at_once_both_ways(copy: Any, tmp_path: Path) -> None:
    assert {*copy("source/four/.", "box:/t/", seen=Meeting()).outcomes().values()} == {Outcome.COPIED}
    copy("box:/t/.", "back/", seen=Meeting())
    assert sorted(each.read_text() for each in (tmp_path / "back").iterdir()) == [*NAMES]


@pytest.mark.usefixtures("four")
def test_no_more_go_at_once_than_calls_may_be_in_flight(copy: Any, fresh: Box) -> None:
    copy("source", "box:/t/", properties={"MaxConcurrency": 1})
    assert fresh.stats()["max_in_flight"] == 1


@pytest.mark.usefixtures("source")
def test_a_bound_of_calls_ends_the_run(copy: Any) -> None:
    with pytest.raises(LimitExceededError, match="MaxApiCalls"):
        copy("source", "box:/t/", properties={"MaxApiCalls": 3})


@pytest.mark.usefixtures("source")
def test_a_connection_that_only_reads_uploads_nothing(copy: Any) -> None:
    with pytest.raises(ProgrammingError, match="Readonly"):
        copy("source", "box:/t/", properties={"Readonly": True})
    copy("source", "box:/t/")
    assert copy("box:/t/source/a", "back/", properties={"Readonly": True}).outcomes()


@pytest.mark.usefixtures("four")
def test_folders_at_box_are_listed_once_each(copy: Any, fresh: Box) -> None:
    copy("source", "box:/t/from/")
    copy("source", "box:/t/to/")
    fresh.reset()
    seen = copy("box:/t/from/source", "box:/t/to/")
    assert {*seen.outcomes().values()} == {Outcome.IDENTICAL}
    # The root, /t, and in each of the two: the folder, source, four, sub and sub/empty.
    assert fresh.stats()["by_operation"]["get_folders_id_items"] == 2 + 2 * 5  # type: ignore[index]


class TestThroughThisMachine:
    """A copy over a file at Box, which is downloaded and uploaded."""

    @pytest.fixture(autouse=True)
    def at_both(self, copy: Any, four: Path) -> None:
        copy("source/four/.", "box:/t/from/")
        for name in NAMES:
            (four / name).write_text(f"old {name}")
        copy("source/four/.", "box:/t/to/")

    def test_what_arrives_with_another_sha1_makes_no_version(self, copy: Any, fresh: Box, at_box: Any) -> None:
        answer = {"status": 200, "body": "?", "headers": {"content-type": "application/octet-stream"}}
        fresh.faults({"operation": "download", **answer})
        seen = copy("box:/t/from/a", "box:/t/to/", conflict=Conflict.OVERWRITE)
        assert "has not the SHA-1" in seen.why
        assert at_box()["to/a"] == b"old a"
        assert copy("box:/t/from/a", "box:/t/to/", conflict=Conflict.OVERWRITE).outcomes() == {
            "box:/t/from/a": Outcome.COPIED
        }
        assert at_box()["to/a"] == b"a"

    def test_few_are_in_memory_at_once(self, copy: Any, four: Path, at_box: Any) -> None:
        """Each of those is in memory up to its end, whatever MaxConcurrency is."""
        names = [f"{number}" for number in range(3 * MOST_THROUGH_HERE)]
        for folder, content in (("from", "new"), ("to", "old")):
            for name in names:
                (four / name).write_text(content)
            copy("source/four/.", f"box:/t/{folder}/", conflict=Conflict.OVERWRITE)
        at_once: set[str] = set()
        most = 0

        class Counting(Seen):
            def progress(self, copy: Any, _done: int) -> None:
                nonlocal most
                at_once.add(copy.source)
                most = max(most, len(at_once))

            def ended(self, result: Any, copy: Any) -> None:
                super().ended(result, copy)
                at_once.discard(result.source)

        copy("box:/t/from/.", "box:/t/to/", conflict=Conflict.OVERWRITE, seen=Counting())
        assert {at_box()[f"to/{name}"] for name in names} == {b"new"}
        assert 0 < most <= MOST_THROUGH_HERE

    @pytest.mark.long
    def test_a_large_one_goes_in_parts(self, copy: Any, four: Path, at_box: Any, fresh: Box) -> None:
        large = os.urandom(1 << 10) * (20 << 10)
        (four / "a").write_bytes(large)
        copy("source/four/a", "box:/t/from/", conflict=Conflict.OVERWRITE)
        fresh.reset()
        copy("box:/t/from/a", "box:/t/to/", conflict=Conflict.OVERWRITE)
        assert fresh.stats()["by_operation"]["put_files_upload_sessions_id"] == 3  # type: ignore[index]
        assert at_box()["to/a"] == large
