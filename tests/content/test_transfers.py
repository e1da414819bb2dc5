"""Uploads and downloads without SQL: what they give, resume, verify and refuse."""

from __future__ import annotations

import _thread
import hashlib
import io
import os
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from content_box import FILE_ID, ContentBox
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import box_dialect
from box_dialect import content
from box_dialect.api import locked_file

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box

MIB = 1 << 20


@pytest.fixture
def engine(written: Box) -> Any:
    made = sa.create_engine(written.url)
    yield made
    made.dispose()


def uploaded(connection: Any, body: bytes, name: str) -> content.FileInfo:
    return content.upload(connection, body, parent_id="0", name=name)


def test_what_was_uploaded_is_downloaded(written: Box, tmp_path: Path) -> None:
    body = random.randbytes(300_000)
    with written.connect() as connection:
        made = content.upload(connection, body, path="/transfer.bin", content_modified_at="2020-02-03T04:05:06Z")
        assert (made.name, made.size, made.sha1) == ("transfer.bin", len(body), hashlib.sha1(body).hexdigest())
        assert (made.parent_id, made.etag) == ("0", "0")
        assert made.created_at is not None
        found = content.download(connection, made.id, tmp_path / "a.bin")
        content.download(connection, path="transfer.bin", target=str(tmp_path / "b.bin"))
        with io.BytesIO() as memory:
            content.download(connection, made.id, memory)
            assert memory.getvalue() == body
    assert found == made
    assert [(each.name, each.read_bytes()) for each in sorted(tmp_path.iterdir())] == [("a.bin", body), ("b.bin", body)]


@pytest.mark.parametrize("kind", ["bytes", "path", "file", "stream"])
def test_anything_that_has_bytes_is_uploaded(written: Box, tmp_path: Path, kind: str) -> None:
    body = random.randbytes(10_000)
    (tmp_path / "source").write_bytes(body)
    source: Any = {
        "bytes": body,
        "path": tmp_path / "source",
        "file": io.BytesIO(body),
        "stream": iter([body[:7], body[7:]]),
    }[kind]
    with written.connect() as connection:
        made = content.upload(connection, source, parent_id="0", name=f"from {kind}")
    assert made.sha1 == hashlib.sha1(body).hexdigest()


def test_a_path_that_is_there_gets_a_new_version(written: Box) -> None:
    with written.connect() as connection:
        first = content.upload(connection, b"first", path="/versions.txt")
        second = content.upload(connection, b"second", path="/versions.txt")
        third = content.upload(connection, b"third", file_id=first.id, etag=second.etag)
        assert first.id == second.id == third.id
        assert len({first.version_id, second.version_id, third.version_id}) == 3
        with pytest.raises(box_dialect.OperationalError) as failed:
            content.upload(connection, b"fourth", file_id=first.id, etag=first.etag)
        assert failed.value.diag.status == 412
        read = [io.BytesIO() for _ in range(2)]
        content.download(connection, first.id, read[0], version_id=first.version_id)
        content.download(connection, path="/versions.txt", target=read[1])
    assert [each.getvalue() for each in read] == [b"first", b"third"]


def test_a_name_in_use_is_a_conflict(written: Box) -> None:
    with written.connect() as connection:
        uploaded(connection, b"1", "twice.txt")
        with pytest.raises(box_dialect.IntegrityError):
            uploaded(connection, b"2", "twice.txt")


def test_missing_folders_are_made_where_that_is_asked_for(written: Box) -> None:
    with written.connect() as connection:
        with pytest.raises(box_dialect.IntegrityError, match="CreateFolders"):
            content.upload(connection, b"1", path="/made/deep/file.txt")
        content.upload(connection, b"1", path="/made/deep/file.txt", create_folders=True)
        content.upload(connection, b"2", path="/made/deep/file.txt", create_folders=True)
        with content.open(connection, "/made/deep/file.txt") as file:
            assert file.read() == b"2"
        with pytest.raises(box_dialect.IntegrityError):
            content.upload(connection, b"1", path="/made/deep/file.txt/below", create_folders=True)
        with pytest.raises(box_dialect.OperationalError, match="is no file"):
            content.upload(connection, b"1", path="/made/deep")
    with written.connect(CreateFolders=True) as connection:
        content.upload(connection, b"1", path="made/other/file.txt")


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"path": "/"},
        {"name": "a"},
        {"parent_id": "0"},
        {"path": "/a", "file_id": "1"},
        {"file_id": "1", "name": "a"},
    ],
)
def test_an_upload_says_where_it_goes(written: Box, place: dict[str, str]) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="upload"):
        content.upload(connection, b"", **place)


@pytest.mark.long
def test_a_file_at_box_is_uploaded_with_one_call_at_a_time(written: Box) -> None:
    body = random.randbytes(17 * MIB)  # more than an open file keeps
    with written.connect(MaxConcurrency=1, Timeout=30) as connection:
        made = uploaded(connection, body, "to be copied.bin")
        with content.open(connection, file_id=made.id) as file:
            assert content.upload(connection, file, path="/copied.bin").sha1 == made.sha1


def test_a_progress_that_calls_box_is_told_where_it_would_wait_for_itself(written: Box) -> None:
    def look(_: int, __: int | None) -> None:
        connection.cursor().execute("SELECT id FROM files WHERE id = '1'").fetchall()

    with written.connect(MaxConcurrency=1, RequestTimeout=60) as connection:
        with pytest.raises(box_dialect.ProgrammingError, match="MaxConcurrency"):
            content.upload(connection, b"seen", path="/seen.txt", progress=look)
        look(0, 0)
    with written.connect(MaxConcurrency=2) as connection:
        content.upload(connection, b"seen", path="/seen.txt", progress=look)


def test_an_upload_over_an_etag_makes_no_new_file(written: Box) -> None:
    with written.connect() as connection:
        with pytest.raises(box_dialect.OperationalError, match="etag") as caught:
            content.upload(connection, b"mine", path="/gone meanwhile.txt", etag="3")
        assert caught.value.diag.status == 404
        with pytest.raises(box_dialect.ProgrammingError, match="etag"):
            content.upload(connection, b"mine", parent_id="0", name="gone meanwhile.txt", etag="3")
        made = content.upload(connection, b"mine", path="/gone meanwhile.txt")
        assert content.upload(connection, b"mine", path="/gone meanwhile.txt", etag=made.etag).etag == "1"


@pytest.mark.parametrize("etag", ["\u00fc", "0\r\nX-Own: 1"])
def test_what_no_header_can_have_is_told(written: Box, etag: str) -> None:
    with written.connect() as connection:
        made = uploaded(connection, b"first", f"header {len(etag)}")
        with pytest.raises(box_dialect.DataError, match="If-Match"):
            content.upload(connection, b"second", file_id=made.id, etag=etag)


def test_an_id_that_is_a_number_is_told(written: Box) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.DataError, match="that is a text, not int"):
        content.download(connection, 7, io.BytesIO())  # type: ignore[arg-type]


@pytest.mark.parametrize("named", [{}, {"file_id": "1", "path": "/a"}])
def test_a_download_says_of_what(written: Box, named: dict[str, str]) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="a file is named"):
        content.download(connection, target=io.BytesIO(), **named)


@pytest.mark.parametrize("target", [None, 7, io.StringIO()])
def test_a_download_says_where_to(written: Box, target: Any) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="a download goes to"):
        content.download(connection, "1", target)


def test_a_folder_is_not_replaced(written: Box, tmp_path: Path) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="is no file"):
        content.download(connection, "1", tmp_path)


def test_a_file_that_is_not_there_leaves_nothing(written: Box, tmp_path: Path) -> None:
    with written.connect() as connection:
        for named in ({"file_id": "1"}, {"path": "/no such file"}, {"path": "/Contracts"}, {"path": "/"}):
            with pytest.raises(box_dialect.OperationalError) as failed:
                content.download(connection, target=tmp_path / "target", **named)
            assert failed.value.diag.status == 404
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["driver", "engine", "connection", "session", "scoped"])
def test_all_that_leads_to_a_connection_will_do(written: Box, engine: sa.engine.Engine, kind: str) -> None:
    with written.connect() as driver, engine.connect() as connection, Session(engine) as session:
        scoped = scoped_session(sessionmaker(engine))
        source = {
            "driver": driver,
            "engine": engine,
            "connection": connection,
            "session": session,
            "scoped": scoped,
        }[kind]
        with content.open(source, "/Notes.txt") as file:
            assert file.read()
        scoped.remove()


def test_what_does_not_lead_to_one_is_refused(written: Box) -> None:
    with pytest.raises(TypeError, match="a connection of the driver"):
        content.open(written.url, "/Notes.txt")  # type: ignore[call-overload]
    connection = written.connect()
    connection.close()
    with pytest.raises(box_dialect.InterfaceError):
        content.open(connection, "/Notes.txt")


def test_a_connection_that_only_reads_uploads_nothing(written: Box) -> None:
    with written.connect(Readonly=True) as connection:
        written.reset()
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
            content.upload(connection, b"", path="/nothing.txt")
        with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
            content.open(connection, "/nothing.txt", "wb")
        assert written.stats()["calls"] == 0


def test_a_url_of_a_stranger_uploads_nothing(written: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="restricts URLs"):
        content.upload(connection, b"", path="/nothing.txt")


def test_a_download_goes_on_where_it_ended(tmp_path: Path) -> None:
    box = ContentBox(random.randbytes(3 * MIB), breaks=[MIB, 0, 0])
    target = tmp_path / "data.bin"
    target.write_bytes(b"before")
    with box.connected(MaxRetries=0) as connection:
        with pytest.raises(box_dialect.OperationalError):
            content.download(connection, FILE_ID, target)
        assert target.read_bytes() == b"before"
        part, *others = [each for each in tmp_path.iterdir() if each != target]
        assert (part.read_bytes(), part.suffix, others) == (box.content[:MIB], ".part", [])
        box.breaks.clear()
        told: list[int] = []
        content.download(connection, FILE_ID, target, progress=lambda done, _: told.append(done))
    assert target.read_bytes() == box.content
    assert box.ranges[-1] == (MIB, 3 * MIB)
    assert MIB < told[0] <= told[-1] == 3 * MIB
    assert list(tmp_path.iterdir()) == [target]


def test_a_download_of_another_version_begins_anew(tmp_path: Path) -> None:
    box = ContentBox(random.randbytes(2 * MIB), breaks=[MIB, 0])
    with box.connected(MaxRetries=0) as connection:
        with pytest.raises(box_dialect.OperationalError):
            content.download(connection, FILE_ID, tmp_path / "data.bin")
        box.content, box.version_id = random.randbytes(2 * MIB), "12"
        box.breaks.clear()
        content.download(connection, FILE_ID, tmp_path / "data.bin")
    assert (tmp_path / "data.bin").read_bytes() == box.content


def test_what_has_another_sha1_is_not_taken(tmp_path: Path) -> None:
    box = ContentBox(b"content", sha1="0" * 40)
    target = tmp_path / "data.bin"
    target.write_bytes(b"before")
    with box.connected() as connection:
        for to in (target, io.BytesIO()):
            with pytest.raises(box_dialect.OperationalError, match="SHA-1"):
                content.download(connection, FILE_ID, to)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("data.bin", b"before")]


def test_a_part_that_was_spoiled_is_not_taken(tmp_path: Path) -> None:
    box = ContentBox(random.randbytes(1000))
    with box.connected() as connection:
        part = tmp_path / f"data.bin.{FILE_ID}-{box.version_id}.part"
        part.write_bytes(b"spoiled")
        with pytest.raises(box_dialect.OperationalError, match="SHA-1"):
            content.download(connection, FILE_ID, tmp_path / "data.bin")
        content.download(connection, FILE_ID, tmp_path / "data.bin")
        part.write_bytes(b"x" * 2000)
        content.download(connection, FILE_ID, tmp_path / "data.bin")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [box.content]


def test_a_part_that_leads_elsewhere_is_not_written(tmp_path: Path) -> None:
    box = ContentBox(random.randbytes(1000))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"mine")
    (tmp_path / f"data.bin.{FILE_ID}-{box.version_id}.part").symlink_to(elsewhere)
    with box.connected() as connection, pytest.raises(OSError, match="part"):
        content.download(connection, FILE_ID, tmp_path / "data.bin")
    assert elsewhere.read_bytes() == b"mine"


def test_what_box_tells_of_ids_leads_nowhere_else(tmp_path: Path) -> None:
    box = ContentBox(random.randbytes(1000), version_id="../../x", breaks=[100, 0])
    with box.connected(MaxRetries=0) as connection, pytest.raises(box_dialect.OperationalError):
        content.download(connection, FILE_ID, tmp_path / "data.bin")
    assert [each.name for each in tmp_path.iterdir()] == ["data.bin.1-x.part"]


def test_a_name_may_be_as_long_as_the_system_takes(tmp_path: Path) -> None:
    """Its letters take three bytes each, so that no more than five bytes can be added to the name."""
    target, box = tmp_path / ("\u5408" * 83), ContentBox(b"content")
    with box.connected() as connection:
        content.download(connection, FILE_ID, target)
    assert target.read_bytes() == b"content"


def test_two_downloads_to_one_path_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked_file, "_WAIT_SECONDS", 0.0)
    box = ContentBox(random.randbytes(MIB))
    with box.connected() as connection:

        def download_too(*_: object) -> None:
            with pytest.raises(box_dialect.OperationalError, match="another download"):
                content.download(connection, FILE_ID, tmp_path / "data.bin")

        content.download(connection, FILE_ID, tmp_path / "data.bin", progress=download_too)
    assert (tmp_path / "data.bin").read_bytes() == box.content


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_progress_raises_ends_the_transfer_alone(written: Box, problem: type[BaseException]) -> None:
    def raising(*_: object) -> None:
        raise problem("enough")

    body = random.randbytes(300_000)
    with written.connect() as connection:
        made = uploaded(connection, body, f"progress {problem.__name__}")
        with pytest.raises(problem, match="enough"):
            content.download(connection, made.id, io.BytesIO(), progress=raising)
        with pytest.raises(problem, match="enough"):
            content.upload(connection, body, file_id=made.id, progress=raising)
        with content.open(connection, file_id=made.id) as file:
            assert file.read() == body


def test_what_a_target_raises_is_raised(written: Box) -> None:
    class Full(io.BytesIO):
        def write(self, _: Any, /) -> int:
            raise OSError("full")

    with written.connect() as connection, pytest.raises(OSError, match="full"):
        content.download(connection, path="/Notes.txt", target=Full())


class Stopped(io.RawIOBase):
    """A target that takes nothing until a test lets it."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def write(self, data: Any, /) -> int:
        self.reached.set()
        self.go_on.wait(30)
        return len(data)


def test_an_interrupt_cancels_the_transfer() -> None:
    class Interrupting(Stopped):
        writes = 0

        def write(self, data: Any, /) -> int:
            self.writes += 1
            _thread.interrupt_main()
            return super().write(data)

    target, box = Interrupting(), ContentBox(random.randbytes(20 * MIB))
    with box.connected() as connection:
        with pytest.raises(KeyboardInterrupt):
            content.download(connection, FILE_ID, target)
        target.go_on.set()
        with content.open(connection, file_id=FILE_ID) as file:
            assert file.read(10) == box.content[:10]
    assert target.writes == 1


def test_a_transfer_ends_with_timeout(written: Box) -> None:
    target = Stopped()
    with written.connect(Timeout=1) as connection, pytest.raises(box_dialect.OperationalError, match="Timeout"):
        content.download(connection, path="/Notes.txt", target=target)
    target.go_on.set()


def test_calls_are_bounded_as_those_of_a_statement(written: Box) -> None:
    with written.connect(MaxApiCalls=1) as connection, pytest.raises(box_dialect.OperationalError, match="MaxApiCalls"):
        content.download(connection, path="/Notes.txt", target=io.BytesIO())


def test_a_download_takes_two_calls(written: Box) -> None:
    with written.connect() as connection:
        content.download(connection, path="/Notes.txt", target=io.BytesIO())  # signs in
        written.reset()
        content.download(connection, path="/Notes.txt", target=io.BytesIO())
        assert written.stats()["calls"] == 2


def test_what_is_written_is_uploaded_at_the_end(written: Box) -> None:
    with written.connect() as connection:
        with content.open(connection, "/written.bin", "wb") as file:
            assert file.write(b"one") == 3
            file.write(memoryview(b"two"))
            assert file.info is None
        assert file.info is not None
        assert file.info.size == 6
        with content.open(connection, "/written.bin") as read:
            assert (read.read(), read.name) == (b"onetwo", "written.bin")
        with content.open(connection, mode="wb", file_id=file.info.id) as file:
            file.write(b"x" * 10)
            file.seek(2)
            file.write(b"y")
            assert file.tell() == 3
        with content.open(connection, file_id=file.info.id) as read:
            assert read.read() == b"xxyxxxxxxx"


def write_half(opened: content.WrittenFile) -> None:
    with opened as file:
        file.write(b"half")
        raise ValueError("amid")


def test_what_is_not_written_to_its_end_is_not_uploaded(written: Box) -> None:
    with written.connect() as connection:
        file = content.open(connection, "/half.bin", "wb")
        with pytest.raises(ValueError, match="amid"):
            write_half(file)
        assert file.closed
        dropped = content.open(connection, "/half.bin", "wb")
        dropped.write(b"half")
        with pytest.warns(ResourceWarning, match="was not closed"):
            del dropped
        with pytest.raises(box_dialect.OperationalError, match="is not there"):
            content.open(connection, "/half.bin")
        with pytest.raises(ValueError, match="closed"):
            file.write(b"more")


def test_an_upload_that_fails_may_be_tried_again(written: Box) -> None:
    with written.connect() as connection:
        file = content.open(connection, "/late/file.bin", "wb")
        file.write(b"late")
        with pytest.raises(box_dialect.IntegrityError, match="/late"):
            file.close()
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES ('late', '0')")
        file.close()
        with content.open(connection, "/late/file.bin") as read:
            assert read.read() == b"late"


@pytest.mark.parametrize("mode", ["r", "ab", "w", "r+b"])
def test_other_modes_are_refused(written: Box, mode: str) -> None:
    with written.connect() as connection, pytest.raises(box_dialect.ProgrammingError, match="mode"):
        content.open(connection, "/Notes.txt", mode)  # type: ignore[call-overload]


def test_an_earlier_version_is_opened_and_not_written(written: Box) -> None:
    with written.connect() as connection:
        first = content.upload(connection, b"first", path="/opened.txt")
        content.upload(connection, b"second", path="/opened.txt")
        with content.open(connection, "/opened.txt", version_id=first.version_id) as file:
            assert file.read() == b"first"
        with pytest.raises(box_dialect.ProgrammingError, match="version"):
            content.open(connection, "/opened.txt", "wb", version_id=first.version_id)  # type: ignore[call-overload]


def test_an_open_file_stays_what_it_was(written: Box) -> None:
    with written.connect() as connection:
        content.upload(connection, b"first", path="/steady.txt")
        with content.open(connection, "/steady.txt") as file:
            content.upload(connection, b"other", path="/steady.txt")
            assert file.read() == b"first"


def test_an_answer_that_is_no_file_is_told() -> None:
    box = ContentBox(b"")
    box.entry = lambda: {"type": "file", "id": "1", "name": "x", "size": "many"}  # type: ignore[method-assign]
    with box.connected() as connection, pytest.raises(box_dialect.OperationalError, match="something else than Box"):
        content.open(connection, file_id="1")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_file_belongs_to_the_process_that_opened_it(written: Box) -> None:
    with written.connect() as connection, content.open(connection, "/Notes.txt") as file:
        child = os.fork()
        if not child:
            try:
                file.read()
            except box_dialect.InterfaceError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert file.read()


@pytest.mark.long
def test_a_large_transfer_takes_little_memory(tmp_path: Path) -> None:
    import resource

    def growth() -> float:
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024

    box = ContentBox(random.randbytes(MIB) * 120)
    with box.connected() as connection:
        content.download(connection, FILE_ID, tmp_path / "first.bin")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        content.download(connection, FILE_ID, tmp_path / "second.bin")
        assert growth() < 24
        with content.open(connection, file_id=FILE_ID) as file:
            while file.read(MIB):
                pass
        assert growth() < 60  # what is kept, what is read and what is ahead; the server here has its part, too
    assert (tmp_path / "second.bin").read_bytes() == box.content
