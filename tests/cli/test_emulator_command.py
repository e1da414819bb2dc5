import contextlib
import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import click.testing
import pytest
from sweep import sweep

import box_dialect
from box_dialect.cli.commands import cli
from box_dialect.emulator import FAULT_POINTS, Options

COMMAND = [sys.executable, "-m", "box_dialect.cli", "emulator"]


@contextlib.contextmanager
def running(*arguments):
    """Run the command; yield its process and its first line, which it prints once the emulator listens."""
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, process.stdout.readline().removeprefix("url: ").rstrip()
        finally:
            process.kill()


def scalar(url, statement):
    with contextlib.closing(box_dialect.connect(url)) as connection:
        return connection.cursor().execute(statement).fetchone()[0]


def invoke(*arguments):
    return click.testing.CliRunner().invoke(cli, ["emulator", *arguments], prog_name="box-dialect")


@pytest.fixture
def served(monkeypatch):
    """What would be served, instead of serving it."""
    calls = []
    monkeypatch.setattr("box_dialect.cli.emulator.serve", lambda *arguments: calls.append(arguments[:2]))
    return calls


@pytest.mark.long
@pytest.mark.parametrize("stop", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_it_answers_queries_until_a_signal_ends_it_well(tmp_path, stop):
    ready_file = tmp_path / "ready.json"
    with running("--port", "0", "--ready-file", str(ready_file)) as (process, url):
        ready = json.loads(ready_file.read_text())
        assert url == ready["url"]
        assert process.stdout.readline() == f"api: {ready['api_base_url']}\n"
        assert scalar(url, "SELECT count(*) FROM files WHERE parent_id = '0'") > 0
        process.send_signal(stop)
        _, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["ready.json"]
    assert stat.S_IMODE(ready_file.stat().st_mode) == 0o600


@pytest.mark.long
def test_it_serves_a_directory(tmp_path):
    (tmp_path / "report.txt").write_text("twelve bytes")
    with running("--load", str(tmp_path)) as (_, url):
        assert scalar(url, "SELECT name || size FROM files") == "report.txt12"


def test_all_options_reach_the_emulator(served, tmp_path):
    arguments = ["--latency-ms", "2.5", "--rate-limit", "600/min", "--token-ttl", "9", "--port", "8080"]
    arguments += ["--clock-offset", "-90.5", "--redirect-uri", "https://a.example/", "--redirect-uri", "http://[::1]/b"]
    arguments += ["--index-lag", "600", "--cascade-lag", "60", "--fault", "commit_pending=2", "--fault", "quota_full"]
    result = invoke(
        *arguments, "--host", "localhost", "--load", str(tmp_path), "--exclude", "*.pyc", "--ready-file", "ready.json"
    )
    assert result.exit_code == 0, result.output
    options = Options(
        load=tmp_path, exclude=("*.pyc",), latency_ms=2.5, rate_limit=600, token_ttl=9, port=8080, host="localhost",
        clock_offset=-90.5, index_lag=600, cascade_lag=60, faults=("commit_pending=2", "quota_full"),
        redirect_uris=("https://a.example/", "http://[::1]/b"),
    )  # fmt: skip
    assert served == [(options, Path("ready.json"))]


def test_without_options_it_is_set_up_as_by_default(served):
    assert invoke().exit_code == 0
    assert served == [(Options(), None)]


def test_generated_files_are_an_option(served):
    assert invoke("--synthetic", "45").exit_code == 0
    assert served == [(Options(synthetic=45), None)]


def test_the_shape_of_generated_content_is_an_option(served):
    shape = ("--synthetic-folder-size", "9", "--synthetic-people", "2", "--synthetic-comments", "0")
    assert invoke("--synthetic", "45", *shape).exit_code == 0
    options = Options(synthetic=45, synthetic_folder_size=9, synthetic_people=2, synthetic_comments=0)
    assert served == [(options, None)]


def test_a_rate_limit_may_leave_out_its_unit(served):
    assert invoke("--rate-limit", "30").exit_code == 0
    assert served[0][0].rate_limit == 30


@sweep(
    ("arguments", "complaint"),
    [
        (["--load", ".", "--synthetic", "5"], "--load and --synthetic exclude each other."),
        (["--load", "no-such-directory"], "'no-such-directory' does not exist"),
        (["--synthetic", "-1"], "-1 is not in the range"),
        (["--synthetic-people", "5"], "--synthetic-people needs --synthetic."),
        (["--latency-ms", "-1"], "-1.0 is not in the range"),
        (["--token-ttl", "0"], "0 is not in the range"),
        (["--index-lag", "-1"], "-1.0 is not in the range x>=0"),
        (["--cascade-lag", "-1"], "-1.0 is not in the range x>=0"),
        (["--clock-offset", "soon"], "'soon' is not a valid float"),
        (["--redirect-uri", "http://example.com/"], "is neither an https URL nor an http URL of a loopback address"),
        (["--fault", "nonsense"], "'nonsense' is no fault point; there are upload_breaks,"),
        (["--fault", "part_fails=0"], "part_fails takes a number from 1, not '0'."),
        (["--fault", "quota_full=1"], "quota_full takes no value."),
        (["--port", "65536"], "65536 is not in the range"),
        *(
            ([f"--rate-limit={rate}"], "is not a number of calls a minute")
            for rate in ("0", "-5", "5/s", "5 /min", "\u0665", "")
        ),
        *(
            (["--host", host], "the emulator serves this machine only")
            for host in ("0.0.0.0", "192.0.2.1", "example.com", "::", "")
        ),
    ],
)
def test_a_wrong_option_is_a_usage_error(served, arguments, complaint):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert complaint in result.output
    assert served == []


def failure(*arguments):
    result = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


@pytest.mark.long
def test_a_port_in_use_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert failure("--port", str(port)) == f"Error: cannot serve 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.long
def test_a_ready_file_that_cannot_be_written_is_one_clear_line(tmp_path):
    place = tmp_path / "missing" / "ready.json"
    assert failure("--ready-file", str(place)) == f"Error: cannot write {place}: No such file or directory\n"


def test_the_help_names_every_option():
    text = invoke("--help").output
    names = (
        *("load", "exclude", "synthetic", "synthetic-folder-size", "synthetic-people", "synthetic-comments"),
        *("latency-ms", "rate-limit", "box-rates", "token-ttl", "clock-offset", "index-lag", "cascade-lag"),
        *("redirect-uri", "fault", "port", "host", "ready-file"),
    )
    assert all(f"--{name} " in text for name in names)
    assert all(point in text for point in FAULT_POINTS)
