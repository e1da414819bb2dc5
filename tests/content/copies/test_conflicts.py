"""What becomes of sources and targets that do not fit: names, kinds, and what is there already."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from box_dialect import DataError, ProgrammingError
from box_dialect.content.copies import Conflict, Outcome
from box_dialect.content.copies.local import local_path

from .conftest import Seen

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

COPIED, IDENTICAL, FAILED, KEPT, LEFT_OUT = (
    Outcome.COPIED,
    Outcome.IDENTICAL,
    Outcome.FAILED,
    Outcome.KEPT,
    Outcome.LEFT_OUT,
)
pytestmark = pytest.mark.usefixtures("source")


class TestToBox:
    def test_two_files_of_one_name(self, copy: Any, at_box: Any) -> None:
        seen = copy("source/a", "source/sub/../a", "box:/t/")
        assert seen.outcomes() == {"source/a": COPIED, "source/sub/../a": FAILED}
        assert seen.why == "source/a has the same target"
        assert at_box() == {"a": b"first"}

    def test_the_same_source_twice_is_one(self, copy: Any) -> None:
        assert [each.outcome for each in copy("source/a", "source/a", "box:/t/").results] == [COPIED]

    @pytest.mark.parametrize("runs", [1, 2])
    def test_folders_of_one_name_become_one(self, copy: Any, at_box: Any, source: Path, runs: int) -> None:
        """Also where it is there already: the same command means the same when it is run again."""
        other = source / "sub" / "source"
        other.mkdir()
        (other / "a").write_bytes(b"another first")
        (other / "c").write_bytes(b"third")
        for _ in range(runs):
            seen = copy("source/sub/source", "source", "box:/t/")
        assert seen.why == "source/sub/source/a has the same target"
        assert at_box()["source/a"] == b"another first"
        assert at_box()["source/c"] == b"third"
        assert at_box()["source/sub/b"] == b"second"

    @pytest.mark.skipif(sys.platform != "linux", reason="the file system has one name for both")
    @pytest.mark.parametrize("runs", [1, 2])
    def test_names_that_differ_in_case_alone(self, copy: Any, at_box: Any, source: Path, runs: int) -> None:
        (source / "SUB").mkdir()
        (source / "SUB" / "only here").write_bytes(b"")
        (source / "A").write_bytes(b"other")
        for _ in range(runs):
            seen = copy("source/.", "box:/t/")
        outcomes = seen.outcomes()
        assert sorted(each for each in outcomes if outcomes[each] is FAILED) == ["source/./a", "source/./sub"]
        assert {each.why for each in seen.results if each.outcome is FAILED} == {
            f"source/./{name} has a target that differs in the case of letters alone" for name in ("A", "SUB")
        }
        assert at_box() == {"A": b"other", "SUB": None, "SUB/only here": b""}

    def test_case_alone_makes_no_other_file_at_box(self, copy: Any, at_box: Any, source: Path) -> None:
        copy("source/a", "box:/t/A")
        assert copy("source/a", "box:/T/").outcomes() == {"source/a": IDENTICAL}
        (source / "a").write_bytes(b"new")
        assert copy("source/a", "box:/t/").outcomes() == {"source/a": FAILED}
        copy("source/a", "box:/t/", conflict=Conflict.OVERWRITE)
        assert at_box() == {"A": b"new"}

    @pytest.mark.parametrize("conflict", Conflict)
    def test_a_file_where_a_folder_is_to_be(self, copy: Any, at_box: Any, fresh: Box, conflict: Conflict) -> None:
        copy("source/a", "box:/t/sub")
        fresh.reset()
        seen = copy("source/.", "box:/t/", conflict=conflict)
        assert seen.outcomes() == {"source/./a": COPIED, "source/./sub": FAILED}
        assert seen.why == "the target is there already, and is no folder"
        assert at_box() == {"a": b"first", "sub": b"first"}
        assert "post_folders" not in fresh.stats()["by_operation"]  # type: ignore[operator]

    def test_a_folder_where_a_file_is_to_be(self, copy: Any) -> None:
        copy("source/sub/.", "box:/t/a/")
        seen = copy("source/.", "box:/t/", conflict=Conflict.OVERWRITE)
        assert seen.why == "the target is there already, and is no file"
        with pytest.raises(ProgrammingError, match="is no folder"):
            copy("source/a", "box:/t/a/b/")

    def test_empty_files_and_folders(self, copy: Any, at_box: Any, source: Path) -> None:
        (source / "nothing").touch()
        copy("source/nothing", "source/sub/empty", "box:/t/")
        assert at_box() == {"nothing": b"", "empty": None}
        assert copy("source/nothing", "source/sub/empty", "box:/t/").outcomes() == {"source/nothing": IDENTICAL}

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user")
    def test_what_may_not_be_read(self, copy: Any, at_box: Any, source: Path) -> None:
        (source / "a").chmod(0)
        (source / "sub").chmod(0)
        try:
            seen = copy("source", "box:/t/")
        finally:
            (source / "sub").chmod(0o700)
        assert {each.source: each.why for each in seen.results if each.outcome is FAILED} == {
            "source/a": "Permission denied",
            "source/sub": "Permission denied",
        }
        assert at_box() == {"source": None, "source/sub": None}

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    def test_what_is_no_file(self, copy: Any, source: Path) -> None:
        os.mkfifo(source / "pipe")
        (source / "nowhere").symlink_to("nix")
        seen = copy("source", "box:/t/", follow=True)
        assert (seen.outcomes()["source/pipe"], seen.why) == (LEFT_OUT, "No such file or directory")

    @pytest.mark.skipif(sys.platform != "linux", reason="the file system refuses such names")
    @pytest.mark.parametrize("name", ["back\\slash", os.fsdecode(b"\xff")])
    def test_names_that_box_has_not(self, copy: Any, source: Path, name: str) -> None:
        (source / name).touch()
        assert copy(f"source/{name}", "source/a", "box:/t/").outcomes() == {
            f"source/{name}": FAILED,
            "source/a": COPIED,
        }
        assert copy("source", "box:/t/").outcomes()[f"source/{name}"] is FAILED
        with pytest.raises(ProgrammingError, match="is no path at Box"):
            copy("source/a", f"box:/t/{name}")

    def test_a_stream_that_is_closed(self, copy: Any) -> None:
        assert copy("-", "box:/t").why == "the standard input is closed"

    @pytest.mark.parametrize("paths", [("", "box:/t/"), ("box:/t", "")])
    def test_an_empty_path(self, copy: Any, paths: tuple[str, str]) -> None:
        """As a variable that is not set makes one: it does not mean the current folder."""
        with pytest.raises(ProgrammingError, match="no path"):
            copy(*paths)

    @pytest.mark.parametrize("size", [5, 1 << 20])
    def test_a_source_that_grows_while_it_is_uploaded(self, copy: Any, at_box: Any, source: Path, size: int) -> None:
        (source / "log").write_bytes(b"x" * size)

        class Growing(Seen):
            def progress(self, copy: Any, _done: int) -> None:
                if copy.source == "source/log":
                    with (source / "log").open("ab") as file:
                        file.write(b"more")

        seen = copy("source/log", "source/a", "box:/t/", seen=Growing())
        assert at_box() == {"a": b"first"} | ({"log": b"x" * size} if size == 5 else {})
        assert seen.outcomes()["source/log"] is (COPIED if size == 5 else FAILED)

    def test_a_source_that_has_other_bytes_by_the_time_it_is_sent(self, copy: Any, at_box: Any, source: Path) -> None:
        (source / "log").write_bytes(b"x" * (1 << 20))

        class Changing(Seen):
            def progress(self, copy: Any, _done: int) -> None:
                if copy.source == "source/log":
                    with (source / "log").open("r+b") as file:
                        file.seek(-1, os.SEEK_END)
                        file.write(b"y")

        seen = copy("source/log", "source/a", "box:/t/", seen=Changing(), properties={"MaxRetries": 0})
        assert at_box() == {"a": b"first"}
        assert "content-md5" in seen.why


class TestFromBox:
    @pytest.fixture(autouse=True)
    def up(self, source: Path, copy: Any) -> None:
        assert source.is_dir()
        copy("source/.", "box:/t/")

    def test_two_files_of_one_name(self, copy: Any, tmp_path: Path) -> None:
        copy("source/sub/b", "box:/t/sub/a")
        seen = copy("box:/t/a", "box:/t/sub/a", "back/")
        assert seen.why == "box:/t/a has the same target"
        assert (tmp_path / "back" / "a").read_bytes() == b"first"

    def test_a_file_where_a_folder_is_to_be(self, copy: Any, tmp_path: Path) -> None:
        (tmp_path / "back").mkdir()
        (tmp_path / "back" / "sub").write_bytes(b"mine")
        seen = copy("box:/t/.", "back", conflict=Conflict.OVERWRITE)
        assert seen.outcomes() == {"box:/t/a": COPIED, "box:/t/sub": FAILED}
        assert seen.why == "the target is there already, and is no folder"
        assert (tmp_path / "back" / "sub").read_bytes() == b"mine"

    def test_a_folder_where_a_file_is_to_be(self, copy: Any, tmp_path: Path) -> None:
        (tmp_path / "back" / "a").mkdir(parents=True)
        assert copy("box:/t/.", "back", conflict=Conflict.OVERWRITE).why == (
            "the target is there already, and is no file"
        )

    def test_empty_files(self, copy: Any, tmp_path: Path, source: Path) -> None:
        (source / "nothing").touch()
        copy("source/nothing", "box:/t/")
        copy("box:/t/nothing", "box:/t/sub/empty", "back/")
        assert sorted(each.name for each in (tmp_path / "back").iterdir()) == ["empty", "nothing"]
        assert (tmp_path / "back" / "nothing").read_bytes() == b""
        assert copy("box:/t/nothing", "back/").outcomes() == {"box:/t/nothing": IDENTICAL}

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems count letters")
    def test_a_name_too_long_for_this_system(self, copy: Any) -> None:
        """Box counts letters, which may have several bytes."""
        long = "\u5408" * 100
        copy("source/a", f"box:/t/{long}")
        for outcome in (COPIED, IDENTICAL):  # a folder that is there refuses the name before the copy
            seen = copy("box:/t/.", "back/")
            assert (seen.why, seen.outcomes()["box:/t/a"]) == ("File name too long", outcome)

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
    @pytest.mark.parametrize("conflict", Conflict)
    def test_a_pipe_where_a_file_is_to_be(self, copy: Any, tmp_path: Path, conflict: Conflict) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert copy("box:/t/a", "pipe", conflict=conflict).why == "the target is there already, and is no file"

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
    @pytest.mark.parametrize("name", ["circle", "circle/b", "source/a/b"])
    def test_a_path_where_nothing_can_be(self, copy: Any, tmp_path: Path, name: str) -> None:
        (tmp_path / "circle").symlink_to("circle")
        with pytest.raises(OSError, match=r"Too many levels|Not a directory"):
            copy("box:/t/a", name)
        assert (tmp_path / "circle").is_symlink()

    @pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
    @pytest.mark.parametrize("mode", [0o600, 0o664])
    def test_the_permissions_of_what_is_replaced_stay(self, copy: Any, tmp_path: Path, mode: int) -> None:
        there = tmp_path / "back" / "a"
        there.parent.mkdir()
        there.touch()
        there.chmod(mode)
        meanwhile = []

        class Looking(Seen):
            def progress(self, _copy: Any, _done: int) -> None:
                meanwhile.extend(each.stat().st_mode & 0o777 for each in there.parent.glob("*.part"))

        copy("box:/t/a", "back/", conflict=Conflict.OVERWRITE, seen=Looking())
        assert (there.read_bytes(), there.stat().st_mode & 0o777, meanwhile) == (b"first", mode, [0o600])

    def test_what_comes_to_the_target_meanwhile_stays(self, copy: Any, tmp_path: Path) -> None:
        """Such as another file of the same run, in a file system that takes two names for one."""
        there = tmp_path / "back" / "a"

        class Meanwhile(Seen):
            def progress(self, _copy: Any, _done: int) -> None:
                there.write_bytes(b"mine")

        seen = copy("box:/t/a", "back/", seen=Meanwhile())
        assert seen.why == "another file has come to the target meanwhile"
        assert {each.name: each.read_bytes() for each in there.parent.iterdir()} == {"a": b"mine"}
        assert copy("box:/t/a", "back/", conflict=Conflict.OVERWRITE, seen=Meanwhile()).outcomes() == {
            "box:/t/a": COPIED
        }
        assert there.read_bytes() == b"first"

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind this user")
    def test_a_folder_that_may_not_be_written(self, copy: Any, tmp_path: Path) -> None:
        (tmp_path / "back").mkdir(0o500)
        assert copy("box:/t/a", "back").why == "Permission denied"


class TestAtBox:
    @pytest.fixture(autouse=True)
    def up(self, source: Path, copy: Any) -> None:
        assert source.is_dir()
        copy("source/.", "box:/t/from/")

    def test_a_file_where_a_folder_is_to_be(self, copy: Any, at_box: Any) -> None:
        copy("source/a", "box:/t/to/sub")
        seen = copy("box:/t/from/.", "box:/t/to/", conflict=Conflict.OVERWRITE)
        assert seen.outcomes() == {"box:/t/from/a": COPIED, "box:/t/from/sub": FAILED}
        assert seen.why == "the target is there already, and is no folder"
        assert at_box()["to/sub"] == b"first"

    def test_a_folder_where_a_file_is_to_be(self, copy: Any) -> None:
        copy("source/sub/.", "box:/t/to/a/")
        assert copy("box:/t/from/.", "box:/t/to/", conflict=Conflict.OVERWRITE).why == (
            "the target is there already, and is no file"
        )

    def test_a_folder_that_is_there_gets_what_it_lacks(self, copy: Any, at_box: Any, fresh: Box) -> None:
        copy("source/a", "box:/t/to/")
        fresh.reset()
        assert copy("box:/t/from/.", "box:/t/to/").outcomes() == {"box:/t/from/a": IDENTICAL, "box:/t/from/sub": COPIED}
        assert fresh.stats()["by_operation"]["post_folders_id_copy"] == 1  # type: ignore[index]
        assert at_box()["to/sub/b"] == b"second"

    def test_content_is_replaced_through_this_machine(self, copy: Any, at_box: Any, source: Path) -> None:
        (source / "a").write_bytes(b"other")
        copy("source/a", "box:/t/to/")
        assert copy("box:/t/from/a", "box:/t/to/").outcomes() == {"box:/t/from/a": FAILED}
        assert copy("box:/t/from/a", "box:/t/to/", conflict=Conflict.SKIP).outcomes() == {"box:/t/from/a": KEPT}
        assert copy("box:/t/from/a", "box:/t/to/", conflict=Conflict.OVERWRITE).outcomes() == {"box:/t/from/a": COPIED}
        assert at_box()["to/a"] == b"first"


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "a\0"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no file of this machine"):
        local_path(str(tmp_path), ("folder", name))


@pytest.mark.parametrize("name", ["a:b", "what?", "NUL", "com1.txt", "dot.", "space ", "tab\t"])
def test_a_name_that_windows_has_not_is_refused_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no file of this machine"):
        local_path(str(tmp_path), ("folder", name), is_windows=True)
    assert local_path(str(tmp_path), ("folder", name), is_windows=False).name
