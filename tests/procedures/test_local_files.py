"""Files of this machine are read and written below one folder, by no path that leads elsewhere."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

import pytest
from descriptors import held_below, needs_descriptors

from box_dialect import local_files as module
from box_dialect.errors import DataError, NotSupportedError, OperationalError
from box_dialect.local_files import LocalFiles

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file, and another one within it; beside it lies what nobody may reach."""
    folder = tmp_path / "files"
    (folder / "2026").mkdir(parents=True)
    (folder / "here.txt").write_bytes(b"here")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(b"secret")
    return folder


@pytest.fixture
def files(folder: Path) -> LocalFiles:
    return LocalFiles(str(folder))


def read(files: LocalFiles, path: str) -> bytes:
    with files.reading(path) as file:
        return file.read()


def write(files: LocalFiles, path: str, content: bytes = b"new", *, replaces: bool = False) -> None:
    with files.writing(path, replaces=replaces) as file:
        file.write(content)


def everything(folder: Path) -> dict[str, bytes]:
    """Return what all files hold, by their paths."""
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


def test_a_path_within_the_folder_and_one_that_begins_with_it(files: LocalFiles, folder: Path) -> None:
    write(files, "2026/report.pdf", b"a report")
    assert read(files, "2026/report.pdf") == read(files, str(folder / "2026" / "report.pdf")) == b"a report"
    assert everything(folder) == {"here.txt": b"here", "2026/report.pdf": b"a report"}


def test_what_is_written_is_for_its_owner_alone(files: LocalFiles, folder: Path) -> None:
    write(files, "new.txt")
    assert stat.S_IMODE((folder / "new.txt").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "/", "../outside/secret.txt", "2026/../../outside/secret.txt", "2026/..", "/etc/passwd", "a\0b",
     "2026/", "./..", "{folder}", "{folder}/../outside/secret.txt", "{folder}x/a"],
)  # fmt: skip
def test_a_path_that_leads_elsewhere_is_refused(files: LocalFiles, folder: Path, path: str) -> None:
    path = path.format(folder=folder)
    with pytest.raises(DataError, match="leads to no file below"):
        read(files, path)
    with pytest.raises(DataError, match="leads to no file below"):
        write(files, path, replaces=True)


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("link_is_folder", [False, True])
def test_no_symbolic_link_is_followed(files: LocalFiles, folder: Path, link_is_folder: bool, inside: bool) -> None:
    target = folder / "2026" if inside else folder.parent / "outside"
    (target / "there.txt").write_bytes(b"there")
    before = everything(folder.parent)
    (folder / "link").symlink_to(target if link_is_folder else target / "there.txt")
    path = "link/there.txt" if link_is_folder else "link"
    with pytest.raises(OperationalError, match="symbolic link"):
        read(files, path)
    if link_is_folder:
        with pytest.raises(OperationalError, match="symbolic link"):
            write(files, path, replaces=True)
        assert everything(folder.parent) | before == everything(folder.parent)
        assert (target / "there.txt").read_bytes() == b"there"
    else:
        with pytest.raises(OperationalError, match="there already"):
            write(files, path)
        write(files, path, replaces=True)  # which takes the place of the link
        assert (target / "there.txt").read_bytes() == b"there"
        assert not (folder / "link").is_symlink()


def test_a_link_that_leads_nowhere_is_not_written_through(files: LocalFiles, folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "outside" / "made.txt")
    with pytest.raises(OperationalError, match="there already"):
        write(files, "link")
    assert not (folder.parent / "outside" / "made.txt").exists()


def test_a_folder_that_becomes_a_link_meanwhile_leads_nowhere(files: LocalFiles, folder: Path) -> None:
    with files.writing("2026/report.pdf", replaces=True) as file:
        (folder / "2026").rename(folder / "moved")
        (folder / "2026").symlink_to(folder.parent / "outside")
        file.write(b"a report")
    assert (folder / "moved" / "report.pdf").read_bytes() == b"a report"
    assert everything(folder.parent / "outside") == {"secret.txt": b"secret"}


def test_the_folder_itself_may_be_a_link(folder: Path) -> None:
    """The program names it, and no stranger."""
    (folder.parent / "way").symlink_to(folder)
    assert read(LocalFiles(str(folder.parent / "way")), "here.txt") == b"here"


def test_what_fails_leaves_nothing(files: LocalFiles, folder: Path) -> None:
    def fail(path: str) -> None:
        with files.writing(path, replaces=True) as file:
            file.write(b"a half")
            raise LookupError

    before = everything(folder)
    for path in ("new.txt", "here.txt"):
        with pytest.raises(LookupError):
            fail(path)
    assert everything(folder) == before


def test_a_file_is_there_once_it_is_whole(files: LocalFiles, folder: Path) -> None:
    with files.writing("here.txt", replaces=True) as file:
        file.write(b"another")
        file.flush()
        assert (folder / "here.txt").read_bytes() == b"here"
    assert everything(folder) == {"here.txt": b"another"}


def test_one_that_is_there_is_replaced_where_that_is_said_alone(files: LocalFiles, folder: Path) -> None:
    with pytest.raises(OperationalError, match=r"there already.*Replace"):
        write(files, "here.txt")

    def come_second() -> None:
        with files.writing("new.txt", replaces=False) as file:
            (folder / "new.txt").write_bytes(b"somebody else's")
            file.write(b"mine")

    with pytest.raises(OperationalError, match="there already"):
        come_second()
    assert everything(folder) == {"here.txt": b"here", "new.txt": b"somebody else's"}


@pytest.mark.parametrize("path", ["none.txt", "none/none.txt", "here.txt/a"])
def test_what_is_not_there(files: LocalFiles, path: str) -> None:
    with pytest.raises(OperationalError, match="cannot be read"):
        read(files, path)
    if path != "none.txt":
        with pytest.raises(OperationalError, match="cannot be written"):
            write(files, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_file_is_not_waited_for(files: LocalFiles, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for path in ("pipe", "2026"):
        with pytest.raises(DataError, match="is no file"):
            read(files, path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OperationalError, match="cannot be read"):
        read(LocalFiles(str(tmp_path / "none")), "a")


def test_a_system_without_openat_is_told(files: LocalFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CAN_OPEN_WITHIN", False)
    with pytest.raises(NotSupportedError, match="Linux and macOS"):
        read(files, "here.txt")


@needs_descriptors
def test_no_descriptor_is_left_open(files: LocalFiles, folder: Path) -> None:
    with files.reading("here.txt"):
        assert held_below(folder) == [folder / "here.txt"]
    for path in ("2026/none.txt", "here.txt", "none/none", "2026", "2026/.."):
        with contextlib.suppress(OperationalError, DataError):
            read(files, path)
    write(files, "2026/new.txt")
    assert held_below(folder) == []
