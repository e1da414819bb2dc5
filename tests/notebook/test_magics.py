"""The magics in a shell of IPython: what they run, give back, show and refuse."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from patience import wait_until

import box_dialect

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pytest.importorskip("IPython")

if TYPE_CHECKING:
    from conftest import Box
    from IPython.core.interactiveshell import InteractiveShell

NAMES = "SELECT name FROM files WHERE parent_id = '0' ORDER BY name"
FOUND = [".gitignore", "Notes.txt", "notes"]


def run(shell: InteractiveShell, cell: str) -> Any:
    """Run a cell, and return what it gives back; raise what it raises."""
    found = shell.run_cell(cell)
    found.raise_error()
    return found.result


def shown(shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str) -> str:
    """Run a cell that fails, and return what is shown of that."""
    capsys.readouterr()
    found = shell.run_cell(cell)
    assert found.error_in_exec is not None
    captured = capsys.readouterr()
    return f"{captured.out}{captured.err}"


def test_a_cell_gives_a_frame_with_types(shell: InteractiveShell) -> None:
    frame = run(
        shell, "%%box\nSELECT name, size, modified_at, is_watermarked\nFROM files WHERE parent_id = '0' ORDER BY name"
    )
    assert [str(each) for each in frame.dtypes] == ["string", "Int64", "datetime64[us, UTC]", "boolean"]
    assert [*frame["name"]] == FOUND
    empty = run(shell, "%box SELECT size FROM files WHERE parent_id = 'none'")
    assert (len(empty), str(empty["size"].dtype)) == (0, "Int64")


def test_a_line_gives_a_frame_too(shell: InteractiveShell) -> None:
    run(shell, f"frame = %box {NAMES}")
    assert [*shell.user_ns["frame"]["name"]] == FOUND


@pytest.mark.parametrize(
    "cell",
    [
        f"%%box found <<\n{NAMES}",
        f"%%box -o found\n{NAMES}",
        f"%box found << {NAMES}",
        f"%box --output found {NAMES}",
        f"%%box --quiet ENGINE found <<\n{NAMES}",
        f"%box -c ENGINE found << {NAMES}",
    ],
)
def test_a_variable_gets_the_frame(shell: InteractiveShell, small: Box, cell: str) -> None:
    shell.user_ns["ENGINE"] = engine = sa.create_engine(small.url)
    assert run(shell, cell) is None
    assert [*shell.user_ns["found"]["name"]] == FOUND
    engine.dispose()


def test_parameters_are_variables(shell: InteractiveShell) -> None:
    run(shell, "parent = '0'")
    shell.user_ns.update(most=np.int64(2), missing=pd.NA, moment=pd.Timestamp("2015-01-01", tz="UTC"))
    frame = run(shell, "%%box\nSELECT name, :missing AS missing FROM files WHERE parent_id = :parent LIMIT :most")
    assert len(frame) == 2
    assert frame["missing"].isna().all()
    counted = run(shell, "%box SELECT count(*) AS n FROM files WHERE parent_id = :parent AND modified_at > :moment")
    assert counted["n"][0] >= 1
    assert [*run(shell, "%box SELECT ':parent' AS text")["text"]] == [":parent"]


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_moments_of_numpy_are_moments_whatever_their_unit(unit: str, shell: InteractiveShell) -> None:
    shell.user_ns["moment"] = np.datetime64("2015-01-01T12:30:00", unit)
    assert [*run(shell, "%box SELECT :moment AS moment")["moment"]] == ["2015-01-01 12:30:00.000000"]
    shell.user_ns["moment"] = np.datetime64("NaT", unit)
    assert [*run(shell, "%box SELECT :moment IS NULL AS missing")["missing"]] == [1]


def test_parameters_are_variables_of_the_function_that_asks(shell: InteractiveShell) -> None:
    frame = run(shell, "def named(name):\n    found = %box SELECT :name AS name\n    return found\n\nnamed('a')")
    assert [*frame["name"]] == ["a"]


def test_nothing_of_the_statement_is_expanded(shell: InteractiveShell) -> None:
    shell.user_ns["a"] = "expanded"
    frame = run(shell, """%box SELECT json_extract('{"a": 1}', '$.a') AS one, '{a} $a' AS text""")
    assert frame.to_dict("list") == {"one": [1], "text": ["{a} $a"]}


def test_a_statement_without_rows_gives_nothing(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shell, "%box CREATE TABLE own (a INTEGER)") is None
    assert run(shell, "%box INSERT INTO own VALUES (1), (2)") is None
    assert "2 rows changed, 0 API calls" in capsys.readouterr().err
    assert [*run(shell, "%box SELECT a FROM own")["a"]] == [1, 2]


def test_connections_are_urls_engines_and_connections(shell: InteractiveShell, small: Box) -> None:
    engine = sa.create_engine(small.url)
    with small.connect() as connection, engine.connect() as of_engine:
        connection.cursor().execute("CREATE TABLE own AS SELECT 'driver' AS source")
        with of_engine.begin():
            of_engine.exec_driver_sql("CREATE TEMP TABLE own AS SELECT 'connection' AS source")
        shell.user_ns.update(driver=connection, connection=of_engine, engine=engine, url=small.url)
        assert run(shell, "%box -c driver SELECT source FROM own")["source"][0] == "driver"
        assert run(shell, "%%box connection\nSELECT source FROM own")["source"][0] == "connection"
        for name in ("engine", "url", small.url):
            assert [*run(shell, f"%%box {name}\n{NAMES}")["name"]] == FOUND
        assert run(shell, "%box --connection driver") is None
        assert run(shell, "%box SELECT source FROM own")["source"][0] == "driver"
    engine.dispose()


def test_what_an_engine_writes_to_local_tables_is_kept(shell: InteractiveShell, small: Box, tmp_path: Any) -> None:
    shell.user_ns["engine"] = engine = sa.create_engine(
        sa.engine.make_url(small.url).update_query_dict({"LocalDatabase": str(tmp_path / "own.sqlite")})
    )
    for statement in ("CREATE TABLE own (a)", "INSERT INTO own VALUES (1)"):
        run(shell, f"%box -c engine {statement}")
    engine.dispose()
    assert [*run(shell, "%box -c engine SELECT a FROM own")["a"]] == [1]
    engine.dispose()


def test_the_calls_of_a_statement_are_bounded(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(shell, capsys, "%box --max-calls 2 SELECT count(*) FROM files")
    assert re.match(r"(OperationalError|LimitExceededError): the statement needs more than the 2 API calls", text)
    assert run(shell, "%box SELECT count(*) AS n FROM files")["n"][0] > 20


def test_a_plan_is_told_and_nothing_run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], small: Box
) -> None:
    small.reset()
    shell.user_ns["parent"] = "0"
    run(shell, "%box --explain SELECT name FROM files WHERE parent_id = :parent")
    told = capsys.readouterr().out
    assert told.startswith("API calls: 1 at least, ")
    assert "  SCAN files by parent: GET /folders/{parent_id}/items" in told
    assert not small.stats()["calls"]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%box SELECT nobody FROM files", "ProgrammingError: no such column: nobody"),
        ("%box SELECT * FROM fils", "ProgrammingError: no such table: fils; did you mean files?"),
        ("%box SELECT :nobody", "UsageError: there is no variable nobody"),
        ("%%box nowhere\nSELECT 1", "UsageError: 'nowhere' is no variable of the notebook, no profile"),
        ("%box -c nowhere", "UsageError: 'nowhere' is no variable of the notebook, no profile"),
        ("%box -c FOUND SELECT 1", "UsageError: a connection is an engine or a connection of SQLAlchemy's"),
        ("%box", "UsageError: a statement is to stand here; -c, --connection"),
        ("%box --nothing SELECT 1", "UsageError: unrecognized arguments: --nothing"),
        ("%box --max-calls x SELECT 1", "UsageError: argument --max-calls: invalid int value"),
        ("%box --max-calls -1 SELECT 1", "UsageError: --max-calls is a number of calls"),
        ("%box -o 1a SELECT 1", "UsageError: '1a' can be no name of a variable"),
        ("%box -o a b << SELECT 1", "UsageError: the variable for the frame is given twice"),
        ("%%box -c a b\nSELECT 1", "UsageError: the connection is given twice"),
        ("%%box a << SELECT 1\nSELECT 1", "UsageError: the statement begins in the line below %%box"),
        ("%box -o", "UsageError: argument -o/--output: expected one argument"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, told: str
) -> None:
    shell.user_ns["FOUND"] = FOUND
    text = shown(shell, capsys, cell)
    assert text.startswith(told)
    assert text.count("\n") == 1
    assert "Traceback" not in text


def test_without_a_connection_what_to_do_is_told(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOX_URL")
    assert "set the environment's BOX_URL to a URL" in shown(shell, capsys, "%box SELECT 1")


def test_a_program_catches_the_error_itself(shell: InteractiveShell) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="no such table"):
        shell.run_line_magic("box", "SELECT * FROM fils")


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform sends no signals to threads")
def test_ctrl_c_stops_the_statement_and_leaves_the_shell_as_it_was(
    shell: InteractiveShell, fresh: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["held"] = fresh.url
    fresh.faults({"operation": "get_folders_id_items", "times": 1, "delay_ms": 3_600_000})

    def interrupt() -> None:
        wait_until(lambda: fresh.stats()["calls"])
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    text = shown(shell, capsys, "%box -c held SELECT count(*) FROM files")
    thread.join()
    assert text == "KeyboardInterrupt: the statement was stopped, and what was in flight for it is cancelled\n"
    assert run(shell, "%box -c held SELECT count(*) AS n FROM files")["n"][0] == 27


def test_the_package_itself_imports_nothing_of_ipython() -> None:
    program = "import sys, box_dialect; sys.exit(any(each in sys.modules for each in ('IPython', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_shell_forgets_them(shell: InteractiveShell) -> None:
    run(shell, "%box SELECT 1")
    (connection,) = shell.magics_manager.registry["BoxMagics"].connections._made.values()
    shell.run_line_magic("reload_ext", "box_dialect")
    assert connection.is_closed
    run(shell, "%box SELECT 1")
    shell.run_line_magic("unload_ext", "box_dialect")
    assert shell.find_magic("box") is None
    shell.run_line_magic("load_ext", "box_dialect")
