"""The folders of shared memory end with their process, however it ends, and nobody else's are touched."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS

import box_dialect
from box_dialect.engine.local import shared_memory, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

PROCESS = """
import os, sys, time
import box_dialect

def use():
    return box_dialect.connect("box://?OAuthAccessToken=token", LocalDatabase="memory://of-a-test")

def tell():
    print(os.getpid(), flush=True)
    sys.stdin.readline()

{steps}
"""
WAITS = "connection = use(); tell()"
ENDS_AT_ONCE = "connection = use(); tell(); os._exit(0)"
MAKES_A_CHILD = """
connection, parent = use(), os.getpid()
if os.fork() == 0:
    while os.getppid() == parent:
        time.sleep(0.001)
    tell()
os._exit(0)
"""
MAKES_A_CHILD_THAT_USES_IT = "connection = use()\nif os.fork() == 0:\n    use(); {end}\nos.wait(); tell()"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this process and of those that it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def running(steps: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process until it tells that it has come so far, and let it go on at the end."""
    command = [sys.executable, "-c", PROCESS.format(steps=steps)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline(), "the process has ended"
        yield process
        process.communicate("\n", timeout=PATIENCE_SECONDS)


@contextmanager
def used_here() -> Iterator[None]:
    """Use shared memory in this process as if it were its first use."""
    shared_memory._has_cleared = False
    connection = box_dialect.connect("box://?OAuthAccessToken=token", LocalDatabase="memory://of-the-next")
    yield
    connection.close()
    shared_memory.forget("of-the-next")


def made(folder: Path) -> set[str]:
    return {path.name for path in folder.glob(f"{temporary_folder.PREFIX}*")}


@pytest.mark.long
@pytest.mark.parametrize("end", ["kill", "os._exit", "exit"])
def test_what_a_dead_process_has_left_is_removed_by_the_next(folder: Path, end: str) -> None:
    with running(ENDS_AT_ONCE if end == "os._exit" else WAITS) as process:
        left = made(folder)
        assert len(left) == 1
        if end == "kill":
            process.kill()
    assert made(folder) == (set() if end == "exit" else left)
    with used_here():
        assert len(made(folder)) == 1
        assert made(folder).isdisjoint(left)
    assert made(folder) == set()


@pytest.mark.long
def test_that_of_a_living_process_stays(folder: Path) -> None:
    with running(WAITS):
        first = made(folder)
        with used_here():
            assert first < made(folder)
        assert made(folder) == first


@pytest.mark.long
@needs_fork
@pytest.mark.parametrize(("end", "left"), [("sys.exit()", 0), ("os._exit(0)", 1)])
def test_a_child_leaves_its_parents_alone_and_its_own_is_removed(folder: Path, end: str, left: int) -> None:
    with running(MAKES_A_CHILD_THAT_USES_IT.format(end=end)):
        of_both = made(folder)
        assert len(of_both) == 1 + left
        with used_here():
            assert len(made(folder) & of_both) == 1
    assert made(folder) == set()


@pytest.mark.long
@needs_fork
def test_a_child_does_not_keep_that_of_a_dead_parent(folder: Path) -> None:
    with running(MAKES_A_CHILD):
        of_parent = made(folder)
        assert len(of_parent) == 1
        with used_here():
            assert made(folder).isdisjoint(of_parent)


def dead(folder: Path, name: str, mode: int = 0o700) -> Path:
    """Make a folder as a process leaves it that was killed."""
    path = folder / f"{temporary_folder.PREFIX}{name}"
    path.mkdir()
    path.chmod(mode)
    for file in temporary_folder._FILES:
        (path / file).touch()
    return path


def test_only_what_is_ours_is_removed(folder: Path) -> None:
    gone = dead(folder, "dead")
    notes = dead(folder, "with-notes") / "notes.txt"
    notes.touch()
    without_lock = dead(folder, "without-lock") / temporary_folder.DATABASE
    (without_lock.parent / temporary_folder._LOCK).unlink()
    file = folder / f"{temporary_folder.PREFIX}file"
    file.touch()
    dead(folder, "target").rename(folder / "target")
    (folder / f"{temporary_folder.PREFIX}link").symlink_to(folder / "target", target_is_directory=True)
    kept = [notes, without_lock, file, folder / "target" / temporary_folder.DATABASE]
    if os.name == "posix":
        kept.append(dead(folder, "open-to-others", 0o755) / temporary_folder.DATABASE)
    temporary_folder.remove_dead()
    assert not gone.exists()
    assert [path for path in kept if not path.exists()] == []
    assert {path.name for path in notes.parent.iterdir()} == {"notes.txt"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_that_of_another_user_stays(folder: Path) -> None:
    theirs = dead(folder, "theirs")
    os.chown(theirs, 65534, 65534)
    temporary_folder.remove_dead()
    assert (theirs / temporary_folder.DATABASE).exists()


@pytest.mark.parametrize("moment", ["holds the lock", "has removed it"])
def test_who_comes_between_the_making_and_the_lock_gets_nothing_but_an_empty_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    taken: list[Path] = []
    take = temporary_folder._take

    def meddle(lock: int) -> bool | None:
        """Let another process that removes dead folders be faster with the first one."""
        if not taken:
            (path,) = folder.iterdir()
            taken.append(path)
            if moment == "holds the lock":
                return False
            temporary_folder._remove_if_dead(path)
        return take(lock)

    monkeypatch.setattr(temporary_folder, "_take", meddle)
    made_at_last = temporary_folder.TemporaryFolder()
    assert made_at_last.path not in taken
    assert (made_at_last.path / temporary_folder._LOCK).exists()
    made_at_last.remove()
    assert not made_at_last.path.exists()


def test_a_file_system_without_locks_is_no_obstacle(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary_folder, "_take", lambda _: None)
    left = dead(folder, "of-somebody")
    made_now = temporary_folder.TemporaryFolder()
    temporary_folder.remove_dead()
    assert left.exists()
    made_now.remove()
    assert made(folder) == {left.name}


def test_without_a_folder_for_temporary_files_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/missing")
    with pytest.raises(box_dialect.OperationalError, match=r"TMPDIR.*LocalDatabase"):
        box_dialect.connect("box://?OAuthAccessToken=token", LocalDatabase="memory://in-no-folder")
    assert "in-no-folder" not in shared_memory._folders
