"""What commands show of awkward names: in terminals, narrow and wide, without colours, and plain, and in pipes."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from rich.cells import cell_len

from box_dialect.emulator import Emulator, Options

if sys.platform == "win32":
    pytest.skip("there are no such terminals", allow_module_level=True)

from conftest import Box

from .terminals import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import click.testing

NAMES: Final = (
    "A name that is very long, " * 8,
    "漢字的文件夹名称" * 8,
    "e\u0301" * 90,
    "Zwei ❤\ufe0f",
    "turn\u202egpj",
)
FIELD: Final = f"a_field_with_a_long_name_{'x' * 60}"
TABLES: Final = {
    "query": ("query", "SELECT id, name, description, created_at FROM folders WHERE parent_path = '/Look'"),
    "many columns": ("query", "SELECT * FROM folders WHERE parent_path = '/Look'"),
    "no rows": ("query", "SELECT id, name FROM folders WHERE parent_path = '/Look' AND name = 'none'"),
    "a huge cell": ("query", "SELECT 1 AS n, printf('%.*c', 200000, 'x') AS huge, '漢\ng' AS lines"),
    "no such width": ("query", f"SELECT 1 AS {'n' * 300}, 2 AS b"),
    "show": ("query", "SHOW TABLES"),
    "explain": ("query", "--explain", "SELECT f.name, c.message FROM files f JOIN comments c ON c.item_id = f.id"),
    "whoami": ("whoami",),
    "tables": ("tables", "f*"),
    "describe": ("describe", "comments"),
    "describe a template": ("describe", "enterprise_looked"),
    "doctor": ("doctor",),
}
LISTINGS: Final = {
    "ls": ("ls", "Look"),
    "ls -l": ("ls", "-l", "-h", "Look"),
    "tree": ("tree", "Look"),
    "du": ("du", "Look"),
    "cat": ("cat", "Look/漢字.txt"),
    "profile add": ("profile", "add", "work", "box://abc@/?AuthScheme=OAuth"),
    "profile list": ("profile", "list"),
}
"""What shows names as they are, however long."""

COMMANDS: Final = TABLES | LISTINGS
MODES: Final[dict[str, dict[str, str]]] = {
    "as it is": {},
    "NO_COLOR": {"NO_COLOR": "1"},
    "BOX_PROGRESS=plain": {"BOX_PROGRESS": "plain"},
    "TERM=dumb": {"TERM": "dumb"},
}
DRAWN: Final = re.compile(r"[\u2500-\u259f\u2800-\u28ff]|^-|--", re.MULTILINE)
"""Characters of lines, of blocks and of spinners, and rows of dashes."""


@pytest.fixture(scope="module")
def look(serving: Callable[[Options], AbstractContextManager[Emulator]]) -> Iterator[str]:
    """The URL of a Box whose folder `/Look` has items with awkward names."""
    with serving(Options()) as emulator:
        box = Box(emulator)
        with box.connect(Readonly=False) as connection:
            cursor = connection.cursor()
            cursor.execute("INSERT INTO folders (name, parent_id) VALUES ('Look', '0') RETURNING id")
            ((parent,),) = cursor.fetchall()
            cursor.executemany(
                "INSERT INTO folders (name, parent_id, description) VALUES (?, ?, ?)",
                [(name.strip(), parent, "words of a description " * 10) for name in NAMES],
            )
            content = "日本語\n".encode()
            cursor.execute("INSERT INTO files (name, parent_id, content) VALUES ('漢字.txt', ?, ?)", (parent, content))
            cursor.execute(f'CREATE TABLE enterprise_looked ({FIELD} TEXT, "漢字" TEXT)')
            connection.commit()
        yield box.url


def check(command: str, columns: int, mode: str, url: str, folder: Path) -> None:
    """Run a command in a terminal, and look at what is there."""
    environment = {"BOX_URL": url, "XDG_CONFIG_HOME": str(folder), "NO_COLOR": ""} | MODES[mode]
    with terminal(*COMMANDS[command], columns=columns, **environment) as found:
        assert found.ended() == 0, found.text
        written = found.written.decode()
    is_plain = mode not in {"as it is", "NO_COLOR"}
    for line in (re.sub(r".*\x1b\[K", "", line) for line in written.splitlines()):  # where progress was shown
        shown = re.sub(r"\x1b\[\d*m", "", line)
        assert command in LISTINGS or cell_len(shown) <= columns, line
        assert shown.replace("\t", "").isprintable(), line
        assert line == shown or mode == "as it is", line
    assert "\x1b" not in written or not is_plain
    assert not DRAWN.search(written) or not is_plain
    assert "\u202e" not in written


@pytest.mark.parametrize(
    ("command", "mode"),
    [
        ("query", "as it is"),
        pytest.param("describe a template", "NO_COLOR", marks=pytest.mark.long),
        pytest.param("explain", "NO_COLOR", marks=pytest.mark.long),
        pytest.param("tree", "TERM=dumb", marks=pytest.mark.long),
        pytest.param("many columns", "BOX_PROGRESS=plain", marks=pytest.mark.long),
    ],
)
def test_a_narrow_terminal(command: str, mode: str, look: str, tmp_path: Path) -> None:
    check(command, 80, mode, look, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_fits_every_terminal(command: str, columns: int, mode: str, look: str, tmp_path: Path) -> None:
    check(command, columns, mode, look, tmp_path)


@pytest.mark.parametrize(
    "command",
    [("ls", "-R"), pytest.param(("tree",), marks=pytest.mark.long), pytest.param(("du",), marks=pytest.mark.long)],
)
def test_a_listing_shows_how_far_it_is_and_ctrl_c_what_has_come(command: tuple[str, ...], fresh: Box) -> None:
    fresh.faults({"operation": "get_folders_id_items", "skip": 1, "delay_ms": 3_600_000, "times": None})
    with terminal(*command, BOX_URL=fresh.url) as found:
        # Before its first call it still imports, where Ctrl-C may come amid what ignores it.
        found.wait_for(lambda shown: re.search(r"^\d+ items?, [1-9]\d* API calls?, \d", shown))
        found.send("\x03")
        assert found.ended() == 130
        assert " API call" not in found.text


@pytest.mark.parametrize("name", [name for name in COMMANDS if not name.startswith(("profile", "doctor", "show"))])
def test_a_pipe_gets_all_and_no_colours(
    name: str, look: str, command: Callable[..., click.testing.Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    arguments: tuple[Any, ...] = COMMANDS[name]
    result = command(look, *arguments, TERM="xterm")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.stdout
    assert "…" not in result.stdout
    if name in {"query", "ls", "ls -l", "tree", "du"}:
        assert all(each.strip() in result.stdout for each in NAMES[:-1])
    if name == "describe a template":
        assert FIELD in result.stdout


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
def test_the_shell_shows_what_a_query_shows(mode: str, look: str, tmp_path: Path) -> None:
    environment = {"BOX_URL": look, "XDG_STATE_HOME": str(tmp_path), "NO_COLOR": ""} | MODES[mode]
    with terminal("shell", columns=80, lines=40, **environment) as found:
        found.wait_for(lambda shown: "box>" in shown)
        found.send(f"{TABLES['query'][1]};\r")
        shown = found.wait_for(lambda shown: "5 rows, " in shown and shown.rstrip().endswith("box>"))
        assert re.search(r"^1\d+  A name that .*…", shown, re.MULTILINE)
        assert ("----" in shown) is (mode in {"as it is", "NO_COLOR"})
        found.send(".quit\r")
        assert found.ended() == 0
        assert not re.search(rb"\x1b\[[\d;]*[34]\d[\d;]*m", found.written) or mode == "as it is"
        assert b"\x1b" not in found.written or mode != "TERM=dumb"
