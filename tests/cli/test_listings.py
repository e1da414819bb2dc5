"""`box-dialect ls`, `tree`, `du` and `cat`."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from box_dialect.cli.records import human, shown

SIX_FOLDERS = 7
"""Calls for what is below /Contracts: one that finds it, and one for each folder from the root folder on."""


@pytest.fixture
def run(small, command):
    """Return a function that runs a command on the small tree, which ends well, and returns what it prints."""

    def text(*arguments, **settings):
        result = command(small.url, *arguments, **settings)
        assert result.exit_code == 0, result.output
        return result.stdout

    return text


def calls(box):
    return box.stats()["calls"]


def test_a_folder_is_listed_by_one_call(small, run):
    run("ls")
    small.reset()
    names = run("ls").splitlines()
    assert calls(small) == 1
    assert names[:3] == [" leading space/", ".gitignore", ".hidden/"]
    assert {"Contracts/", "notes", "Box website"} <= set(names)


@pytest.mark.parametrize("path", ["Contracts", "/Contracts", "box:/Contracts", "/Contracts/"])
def test_a_path_is_written_as_people_do(run, path):
    assert run("ls", path) == "2023/\n2024/\nREADME\n"


def test_the_long_form_has_sizes_moments_and_owners(run):
    assert run("ls", "-l", "/Contracts").splitlines() == [
        "34  2015-03-03 08:00  user02@example.com  2023/",
        "28  2015-03-09 08:00  user02@example.com  2024/",
        "20  2015-03-14 08:00  user01@example.com  README",
    ]
    assert run("ls", "-l", "-h", "/Contracts/README") == "20 B  2015-03-14 08:00  user01@example.com  README\n"
    assert " -  2015-04-09 08:00  user03@example.com  Box website\n" in run("ls", "-l")  # a web link has no size


def test_folders_below_are_listed_too(small, run):
    assert "2023/Signed/O'Brien & Söhne.docx\n" in run("ls", "-R", "/Contracts")
    small.reset()
    run("ls", "-R", "/Contracts")
    assert calls(small) == SIX_FOLDERS


def test_names_for_xargs_are_as_they_are(run):
    names = run("ls", "-0").split("\0")
    assert names[0] == " leading space"
    assert names[-1] == ""


def test_programs_get_objects(small, records):
    first, *_ = records(small.url, "ls", "/Contracts")
    assert first == {
        "path": "/Contracts/2023",
        "type": "folder",
        "id": "160000000002",
        "size": 34,
        "modified_at": "2015-03-03T08:00:00+00:00",
        "owner": "user02@example.com",
    }


def test_what_is_not_there_is_told(small, command):
    result = command(small.url, "ls", "/Contracts/Nix")
    message = "Error: /Contracts/Nix is not there, or the signed-in user cannot see it.\n"
    assert (result.exit_code, result.stderr) == (1, message)


@pytest.mark.parametrize("name", ["ls", "tree"])
def test_a_bound_of_calls_shows_what_came_and_has_its_own_code(small, command, name):
    arguments = (name, "-R") if name == "ls" else (name,)
    result = command(small.url, *arguments, "--max-calls", 3)
    assert result.exit_code == 4
    assert "Contracts/" in result.stdout
    assert "more than the 3 API calls" in result.stderr


def test_there_are_no_sums_beyond_a_bound_of_calls(small, command):
    result = command(small.url, "du", "--max-calls", 3)
    assert (result.exit_code, result.stdout) == (4, "")


def test_the_bound_of_the_account_holds_where_no_other_is_given(small, command):
    assert command(small.url, "du", "-p", "MaxApiCalls=3").exit_code == 4
    assert command(small.url, "du", "-p", "MaxApiCalls=3", "--max-calls", "0").exit_code == 0


def test_a_tree_is_drawn(small, run):
    assert run("tree", "/Contracts").splitlines() == [
        "/Contracts",
        "├── 2023/",
        '│   ├── budget 100%.xlsx',
        '│   ├── Draft "final" (2).docx',
        "│   └── Signed/",
        "│       ├── ACME master agreement.pdf",
        "│       └── O'Brien & Söhne.docx",
        "├── 2024/",
        "│   ├── Empty/",
        "│   ├── NDA.pdf",
        "│   ├── under_score.txt",
        "│   └── underXscore.txt",
        "└── README",
        "",
        "4 folders, 8 files",
    ]  # fmt: skip
    small.reset()
    run("tree", "/Contracts")
    assert calls(small) == SIX_FOLDERS


def test_a_depth_spares_the_calls_below_it(small, run):
    small.reset()
    assert run("tree", "-L", "1", "/Contracts").endswith("└── README\n\n2 folders, 1 file\n")
    assert calls(small) == 3


def test_folders_alone(run):
    assert run("tree", "-d", "/Contracts/2023") == "/Contracts/2023\n└── Signed/\n\n1 folder\n"


def test_an_empty_folder_has_nothing(run):
    assert run("tree", "/Empty folder") == "/Empty folder\n\nnothing\n"


def test_folders_have_the_sums_of_all_below_them(small, run):
    assert run("du", "/Contracts").splitlines() == [
        "24\t/Contracts/2023/Signed",
        "34\t/Contracts/2023",
        "0\t/Contracts/2024/Empty",
        "28\t/Contracts/2024",
        "82\t/Contracts",
    ]
    assert run("du", "-h", "-d", "0") == "266 B\t/\n"
    small.reset()
    run("du", "/Contracts")
    assert calls(small) == SIX_FOLDERS


def test_sums_for_programs(small, records):
    assert records(small.url, "du", "/Contracts")[-1] == {"path": "/Contracts", "size": 82, "files": 8}


def test_a_file_has_no_sum(small, command):
    assert command(small.url, "du", "/notes").stderr == "Error: /notes is no folder; ls -l shows its size.\n"


def test_files_are_printed_one_after_another(run):
    assert run("cat", "/notes", "box:/Notes.txt") == "a file without extensiona second version"


def test_the_text_of_a_file_is_printed(run):
    assert run("cat", "--text", "/notes") == "a file without extension"


def test_a_file_without_text_is_told(small, command):
    result = command(small.url, "cat", "--text", "/Photos/empty.bin")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Box has no text of /Photos/empty.bin: ")


def test_a_folder_has_no_content(small, command):
    result = command(small.url, "cat", "/Contracts")
    assert (result.exit_code, result.stderr) == (1, "Error: /Contracts is no file\n")


@pytest.mark.long
def test_a_reader_that_goes_away_ends_it_quietly(small):
    command = [sys.executable, "-m", "box_dialect.cli", "ls", "-R"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "BOX_URL": small.url}
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
@pytest.mark.long
@pytest.mark.parametrize("arguments", [("cat", "/notes"), ("cp", "box:/notes", "-")])
def test_output_that_cannot_be_written_is_told(small, arguments):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "box_dialect.cli", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "BOX_URL": small.url},
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"Error: cannot use standard output: No space left on device\n")


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB")]
)
def test_sizes_are_short(size, text):
    assert human(size) == text


def test_what_steers_a_terminal_is_not_shown():
    assert shown("a\x1b[2Jb\u202ec\nd\udc80") == r"a\x1b[2Jb\u202ec\nd\udc80"


def test_names_reach_the_terminal_without_what_steers_it_and_programs_as_they_are(small, command, records):
    (found,) = [each for each in records(small.url, "ls", "/Quotes") if "hi" in each["path"]]
    assert found["path"] == '/Quotes/say "hi".txt'
    assert json.loads(command(small.url, "ls", "/Quotes", "--json").stdout.splitlines()[0])["type"] == "file"
    assert io.StringIO(command(small.url, "ls", "/Quotes").stdout).readline() == "a,b.csv\n"
