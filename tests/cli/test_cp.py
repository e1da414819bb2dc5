"""`box-dialect cp`."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from patience import PATIENCE_SECONDS, wait_until

from box_dialect.api import upload
from box_dialect.emulator.resources.upload_sessions import UploadSession

UPLOAD, PART, FOLDER_COPY = "post_files_content", "put_files_upload_sessions_id", "post_folders_id_copy"
DOWNLOAD = "get_files_id_content"
FOR_EVER = 3_600_000
"""Milliseconds for which an answer is held back, which nobody waits for."""

pytestmark = pytest.mark.usefixtures("source")


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A folder with files, an empty folder and a link, in the current folder."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "source"
    (made / "sub" / "empty").mkdir(parents=True)
    (made / "a.txt").write_bytes(b"first")
    (made / "sub" / "b.txt").write_bytes(b"second")
    (made / "link").symlink_to("a.txt")
    return made


@pytest.fixture
def cp(fresh, command):
    """Return a function that copies, and returns the exit code and what was told."""

    def run(*arguments, **settings):
        result = command(fresh.url, "cp", *arguments, **settings)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return run


def operations(box):
    return box.stats()["by_operation"]


def parts(box, name):
    return [each.parts for each in box.store.of(UploadSession).values() if each.name == name]


def size(path):
    return path.stat().st_size


def tree(folder):
    return {
        each.relative_to(folder).as_posix(): each.read_bytes() if each.is_file() else None
        for each in folder.rglob("*")
        if not each.is_symlink()
    }


CONTENT = {"a.txt": b"first", "sub": None, "sub/b.txt": b"second", "sub/empty": None}


def test_a_folder_goes_to_box_and_back(cp, tmp_path):
    code, told = cp("-r", "source", "box:/up/")
    assert code == 0
    assert "left out: source/link: it is a symbolic link" in told
    assert cp("-r", "box:/up/source", "back/")[0] == 0
    assert tree(tmp_path / "back" / "source") == CONTENT


def test_what_is_identical_is_not_copied_again(fresh, cp):
    cp("-r", "source", "box:/up/")
    fresh.reset()
    code, told = cp("-r", "source", "box:/up/")
    assert (code, "2 identical" in told) == (0, True)
    assert {name for name in operations(fresh) if not name.startswith("get_")} <= {"post_oauth2_token"}
    assert fresh.stats()["calls"] == 4  # a listing of each folder, from the root folder on
    cp("-r", "box:/up/source", "back/")
    fresh.reset()
    assert "2 identical" in cp("-r", "box:/up/source", "back/")[1]
    assert not {name for name in operations(fresh) if name.endswith("_content")}


def test_other_content_is_a_conflict_of_that_file(cp, source):
    cp("-r", "source", "box:/up/")
    (source / "a.txt").write_bytes(b"other")
    (source / "c.txt").write_bytes(b"third")
    code, told = cp("-r", "source", "box:/up/")
    assert (code, told.count("failed: ")) == (1, 1)
    assert "failed: source/a.txt -> box:/up/source/a.txt: the target is there already" in told
    assert "1 item copied" in told
    code, told = cp("-r", "--skip", "source", "box:/up/")
    assert (code, "kept: source/a.txt" in told) == (0, True)
    assert cp("box:/up/source/a.txt", "-") == (0, "first")
    assert cp("-r", "--overwrite", "source", "box:/up/")[0] == 0
    assert cp("box:/up/source/a.txt", "-") == (0, "other")


def test_a_local_file_of_other_content_is_kept_unless_told(cp, source):
    cp("source/a.txt", "box:/a.txt")
    (source / "a.txt").write_bytes(b"mine")
    assert cp("box:/a.txt", "source")[0] == 1
    assert (source / "a.txt").read_bytes() == b"mine"
    assert cp("--overwrite", "box:/a.txt", "source")[0] == 0
    assert (source / "a.txt").read_bytes() == b"first"


def test_a_copy_at_box_takes_no_content_through_this_machine(fresh, cp):
    cp("-r", "source", "box:/up/")
    fresh.reset()
    assert cp("-r", "box:/up/source", "box:/twin/")[0] == 0
    made = operations(fresh)
    assert made[FOLDER_COPY] == 1
    assert not {name for name in made if name.endswith("_content")}
    assert "2 identical" in cp("-r", "box:/up/source", "box:/twin/")[1]
    assert cp("box:/twin/source/sub/b.txt", "-") == (0, "second")
    assert cp("box:/up/source/a.txt", "box:/twin/source/sub/c.txt")[0] == 0
    code, told = cp("-r", "--overwrite", "box:/up/source/a.txt", "box:/twin/source/sub/b.txt")
    assert (code, cp("box:/twin/source/sub/b.txt", "-")) == (0, (0, "first")), told


def test_a_folder_is_not_copied_into_itself(cp):
    cp("-r", "source", "box:/up/")
    code, told = cp("-r", "box:/up", "box:/up/source/")
    assert (code, "into itself" in told) == (1, True)


def test_the_content_of_a_folder_is_meant_by_a_dot(cp, tmp_path):
    cp("-r", "source/.", "box:/up/")
    assert cp("-r", "box:/up/.", "back/")[0] == 0
    assert tree(tmp_path / "back") == CONTENT


def test_a_dry_run_changes_nothing(fresh, cp, tmp_path):
    code, told = cp("-r", "--dry-run", "source", "box:/up/")
    assert (code, "would copy source/sub/b.txt -> box:/up/source/sub/b.txt" in told) == (0, True)
    assert "up" not in {each.name for each in fresh.store.root.children.values()}
    cp("-r", "source", "box:/up/")
    assert cp("-r", "--dry-run", "box:/up", "back/")[0] == 0
    assert not (tmp_path / "back").exists()


def test_links_are_followed_where_that_is_asked_for_and_not_in_circles(cp, source):
    (source / "sub" / "circle").symlink_to(source)
    code, told = cp("-r", "--follow", "source", "box:/up/")
    assert (code, "it leads to a folder that it is in" in told) == (0, True)
    assert cp("box:/up/source/link", "-") == (0, "first")
    assert cp("source/link", "box:/link")[0] == 1


@pytest.mark.long
def test_streams_are_copied(fresh, cp):
    command = [sys.executable, "-m", "box_dialect.cli", "cp", "-", "box:/in/x.txt"]
    subprocess.run(command, input=b"piped", env={**os.environ, "BOX_URL": fresh.url}, check=True)
    assert cp("box:/in/x.txt", "-") == (0, "piped")
    code, told = cp("-", "box:/in/")
    assert (code, "needs a name" in told) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["source", "box:/up/"], "-r copies folders"),
        (["-r", "source", "box:/up"], "write box:/up/ to have one made"),
        (["nix", "box:/up/"], "No such file"),
        (["box:/Nix", "."], "is not there"),
        (["source/a.txt", "source/sub/../a.txt", "box:/up/"], "source/a.txt has the same target"),
        (["source/a.txt", "box:/Notes.txt/"], "is no folder"),
    ],
)
def test_what_cannot_be_copied_is_told(cp, arguments, told):
    code, output = cp(*arguments)
    assert (code, told in output) == (1, True), output


@pytest.mark.parametrize(
    "arguments",
    [
        ["a", "b"],
        ["a", "-"],
        ["--dry-run", "box:/a", "-"],
        ["box:/../a", "b"],
        ["box:/a/./b", "b"],
        ["box:/a\\b", "b"],
        ["--skip", "--overwrite", "a", "box:/"],
    ],
)
def test_what_is_written_wrongly_is_a_usage_error(cp, arguments):
    assert cp(*arguments)[0] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the file system refuses such names")
def test_a_name_that_box_refuses_stops_no_other(cp, source):
    (source / "back\\slash").write_bytes(b"")
    (source / os.fsdecode(b"\xff")).write_bytes(b"")
    code, told = cp("-r", "source", "box:/up/")
    assert (code, "2 failed" in told) == (1, True)
    assert cp("box:/up/source/a.txt", "-") == (0, "first")


def test_a_failure_stops_no_other_and_a_second_run_copies_the_rest(fresh, cp):
    fresh.faults({"operation": UPLOAD, "status": 403, "times": 1})
    code, told = cp("-r", "-p", "MaxRetries=0", "source", "box:/up/")
    assert (code, "1 failed" in told) == (1, True)
    fresh.reset()
    code, told = cp("-r", "source", "box:/up/")
    assert (code, operations(fresh)[UPLOAD], "1 identical" in told) == (0, 1, True)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("columns", [80, pytest.param(200, marks=pytest.mark.long)])
def test_a_terminal_shows_how_far_it_is(fresh, columns):
    from .terminals import terminal  # which needs what only systems with such terminals have

    fresh.faults({"operation": UPLOAD, "delay_ms": FOR_EVER, "times": None})
    with terminal("cp", "-r", "source", "box:/up/", columns=columns, BOX_URL=fresh.url) as screen:
        screen.wait_for(lambda text: " of 5, " in text)
        screen.send("\x03")
        assert screen.ended() == 130
        assert "1 left out" in screen.text
        assert " not yet, " in screen.text
        assert "the same command goes on" in screen.text
        assert " of 5, " not in screen.text


def test_a_bound_of_calls_stops_all(cp):
    code, told = cp("-r", "--max-calls", 3, "source", "box:/up/")
    assert (code, "more than the 3 API calls" in told) == (4, True)


def test_a_download_goes_on_from_where_it_broke(fresh, cp, source, tmp_path):
    (source / "big").write_bytes(os.urandom(3 << 20))
    cp("source/big", "box:/big")
    cut = {"operation": "download", "cut_after": 1 << 20, "times": 1}
    fresh.faults(cut, {"operation": "download", "status": 403, "times": None})
    assert cp("-p", "MaxRetries=0", "box:/big", "copy")[0] == 1
    assert not (tmp_path / "copy").exists()
    (part,) = tmp_path.glob("copy.*.part")
    kept = part.read_bytes()
    assert kept
    part.write_bytes(bytes([kept[0] ^ 1]) + kept[1:])  # what is kept is not asked for again, so that its SHA-1 tells
    fresh.reset()
    code, told = cp("box:/big", "copy")
    assert (code, "has not the SHA-1" in told, (tmp_path / "copy").exists()) == (1, True, False)
    assert cp("box:/big", "copy")[0] == 0
    assert (tmp_path / "copy").read_bytes() == (source / "big").read_bytes()


@contextmanager
def started(box, *arguments):
    """Run cp in a process of its own, within a block."""
    command = [sys.executable, "-m", "box_dialect.cli", "cp", *arguments]
    with subprocess.Popen(command, env={**os.environ, "BOX_URL": box.url}, stderr=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_ctrl_c_interrupts_has_no_final_name_and_goes_on(fresh, cp, source, tmp_path):
    cp("source/a.txt", "box:/a.txt")
    fresh.reset()
    fresh.faults({"operation": DOWNLOAD, "delay_ms": FOR_EVER, "times": 1})
    with started(fresh, "box:/a.txt", "copy") as process:
        wait_until(lambda: DOWNLOAD in operations(fresh))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert not (tmp_path / "copy").exists()
    fresh.reset()
    assert cp("box:/a.txt", "copy")[0] == 0
    assert (tmp_path / "copy").read_bytes() == (source / "a.txt").read_bytes()


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_disk_that_takes_no_more(fresh, cp, source, tmp_path):
    """A limit of the size of files stands in for it."""
    whole = (source / "big").write_bytes(bytes(2 << 20))
    cp("-r", "source", "box:/up/")
    limited = ["sh", "-c", 'ulimit -f 1024; exec "$0" -m box_dialect.cli "$@"', sys.executable]
    done = subprocess.run(
        [*limited, "cp", "-r", "box:/up/source", "back/"],
        env={**os.environ, "BOX_URL": fresh.url},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (done.returncode, "failed: box:/up/source/big -> back/source/big: File too large" in done.stderr) == (
        1,
        True,
    )
    assert "5 items copied (11 B), 1 failed" in done.stderr
    assert {name: each for name, each in tree(tmp_path / "back" / "source").items() if "big" not in name} == CONTENT
    assert not (tmp_path / "back" / "source" / "big").exists()
    assert cp("-r", "box:/up/source", "back/")[0] == 0
    assert size(tmp_path / "back" / "source" / "big") == whole


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such shell")
@pytest.mark.long
@pytest.mark.parametrize("stream", ["<&-", "<&- >&-"])
def test_closed_streams_do_no_harm(stream, fresh, cp):
    closed = ["sh", "-c", f'exec "$0" -m box_dialect.cli "$@" {stream}', sys.executable]
    environment = {**os.environ, "BOX_URL": fresh.url}
    for command in (("cp", "source/a.txt", "box:/"), ("cat", "/a.txt"), ("query", "SELECT 1")):
        done = subprocess.run([*closed, *command], env=environment, stderr=subprocess.PIPE, check=True)
        assert b"Error" not in done.stderr
    assert cp("box:/a.txt", "-") == (0, "first")


@pytest.mark.long
def test_what_is_killed_amid_a_download_goes_on(fresh, cp, source, tmp_path):
    whole = os.urandom(3 << 20)
    (source / "big").write_bytes(whole)
    cp("source/big", "box:/big")
    fresh.faults({"operation": "download", "cut_after": 1 << 20})
    fresh.faults({"operation": DOWNLOAD, "skip": 1, "delay_ms": FOR_EVER})
    with started(fresh, "box:/big", "copy") as process:
        wait_until(lambda: operations(fresh).get(DOWNLOAD) == 2 and sum(map(size, tmp_path.glob("copy.*.part"))))
        process.kill()
    (part,) = tmp_path.glob("copy.*.part")
    kept = part.read_bytes()
    assert not (tmp_path / "copy").exists()
    assert whole.startswith(kept)
    fresh.reset()
    fresh.faults({"operation": "download", "cut_after": len(whole) - len(kept)})
    assert cp("box:/big", "copy")[0] == 0
    assert operations(fresh)[DOWNLOAD] == 1  # which broke off once all that was left had come
    assert (tmp_path / "copy").read_bytes() == whole
    assert not part.exists()


@pytest.mark.long
def test_what_is_killed_amid_a_large_upload_goes_on(fresh, cp, source):
    with (source / "large").open("wb") as file:
        file.truncate(upload.MOST_BYTES_AT_ONCE + 1)
    fresh.faults({"operation": PART, "skip": 1, "delay_ms": FOR_EVER, "times": None})
    with started(fresh, "source/large", "box:/large") as process:
        wait_until(lambda: operations(fresh).get(PART) == 3 and [*map(len, parts(fresh, "large"))] == [1])
        process.kill()
    fresh.reset()
    assert cp("source/large", "box:/large")[0] == 0
    assert operations(fresh)[PART] == 2
    (file,) = [each for each in fresh.store.root.children.values() if each.name == "large"]
    assert file.size == upload.MOST_BYTES_AT_ONCE + 1
