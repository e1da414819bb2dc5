"""Read the pages, and run what their blocks show.

A page's blocks run in their order, in one namespace, against one emulator. What changes before they run:

- `box://CLIENT_ID:CLIENT_SECRET@/`, and `box://` with nothing after it but a query, lead to the emulator,
  `ENTERPRISE_ID`, `USER_ID` and `PUBLIC_KEY_ID` are ids there, the user's the administrator's.
- `ACCESS_TOKEN` and `REFRESH_TOKEN` are a user's, and each `AUTHORIZATION_CODE` is a new one, for the callback URL that
  the block names.
- The environment variables and the files that pages name hold the emulator's secrets.
- A sign-in by the browser listens at any port, and somebody grants access.

A `sh` block that runs `box-dialect query`, `shell` or another command that only reads runs as it is, with `BOX_URL` for
the emulator, or with what the page has exported before; the last line that it prints may lack its end. An `ipython`
block is a cell of a notebook, with the variables of the other blocks.

A `text` block right behind a `python`, an `ipython` or a `sh` block is what the block prints, and a cell gives back. In
a `sql` block each statement ends with a semicolon; a comment below one, such as `-- DataError: …`, names the exception
that it raises and how its message begins. At last each engine that the blocks have made connects.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import importlib.util
import io
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlalchemy as sa
from sign_in.acting import ANY_PORT, authorization_code
from sqlalchemy.sql import functions

import box_dialect
import box_dialect.dialect  # whose own functions are there before any page's

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
TOOLS: Final = ROOT / "docs" / "tools.md"
"""The page whose sections are run by the tests of `tests/tools`, each where its tool is installed."""
FOLDERS: Final = (".", ".github", "alembic_examples", "bench", "docs", "examples", "examples/superset")
PAGES: Final = tuple(page for folder in FOLDERS for page in sorted((ROOT / folder).glob("*.md")))

_BLOCK: Final = re.compile(r"^( *)```(\w*)(?: title=\"(.+?)\")?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_RUN: Final = ("cat", "describe", "doctor", "du", "ls", "query", "shell", "tables", "tree", "whoami")
_COMMAND: Final = re.compile(rf"^(?:.*\| )?box-dialect (?:{'|'.join(_RUN)})\b", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export .*\n", re.MULTILINE)
_REFUSAL: Final = re.compile(r"\s*-- (\w+Error|BoxTransactionWarning): (.*)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is to be written to if any (its title), its text, its first line.

    Where the file has an anchor, as in `CHANGELOG.md#Added`, the block is to stand behind the line that has this word.
    `is_output` tells that it shows what the block right before it prints.
    """

    language: str
    file: str | None
    text: str
    line: int
    is_output: bool = False

    @property
    def is_run(self) -> bool:
        """Whether it is run with its page: not what is written to another file than a module of the package."""
        return self.file is None or self.file.startswith("box_dialect/")


def blocks(page: Path, section: str | None = None) -> list[Block]:
    """Return the blocks of a page, or of the section below one of its headings."""
    text = page.read_text(encoding="utf-8")
    start, end = 0, len(text)
    if section is not None:
        found = re.search(rf"^## {re.escape(section)}$.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, f"{page.name} has no section {section}"
        start, end = found.span()
    found_blocks, before = [], start
    for found in _BLOCK.finditer(text, start, end):
        language, content = found[2], re.sub(f"^{found[1]}", "", found[4], flags=re.MULTILINE)
        is_output = language == "text" and bool(found_blocks) and not text[before : found.start()].strip()
        found_blocks.append(Block(language, found[3], content, text.count("\n", 0, found.start(4)) + 1, is_output))
        before = found.end()
    return found_blocks


def without_blocks(page: Path) -> str:
    """Return the text of a page without its fenced blocks."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def adapted(text: str, ready: dict[str, Any]) -> str:
    """Lead the URLs of a page to an emulator."""
    host = ready["api_base_url"].removeprefix("http://").removesuffix("/2.0")
    text = text.replace("://CLIENT_ID:CLIENT_SECRET@/", f"://{ready['client_id']}:{ready['client_secret']}@{host}/")
    text = text.replace("box://?", f"box://{host}/?").replace('"box://"', f'"box://{host}/"')
    for name, value in {
        "=ENTERPRISE_ID": f"={ready['enterprise_id']}",
        "=USER_ID": f"={ready['admin_user_id']}",
        "=PUBLIC_KEY_ID": f"={key_pair(ready)['publicKeyID']}",
        '"ACCESS_TOKEN"': f'"{ready["user_access_token"]}"',
        '"REFRESH_TOKEN"': f'"{ready["user_refresh_token"]}"',
        "?AuthScheme=OAuth&InitiateOAuth=GETANDREFRESH": (
            f"?AuthScheme=OAuth&InitiateOAuth=GETANDREFRESH&CallbackURL={ANY_PORT}"
        ),
    }.items():
        text = text.replace(name, value)
    callback_url = re.search(r"https://[\w.]+/callback", text)
    return re.sub(
        "AUTHORIZATION_CODE", lambda _: authorization_code(ready, *([callback_url[0]] if callback_url else [])), text
    )


def environment(ready: dict[str, Any]) -> dict[str, str]:
    """Return what the environment variables hold that pages name."""
    return {
        "BOX_CLIENT_ID": ready["client_id"],
        "BOX_CLIENT_SECRET": ready["client_secret"],
        "BOX_ENTERPRISE_ID": ready["enterprise_id"],
        "BOX_TOKEN": ready["developer_token"],
        "BOX_URL": ready["url"],
        "BOX_KEY": "a passphrase that only the tests know",
        "BOX_KEY_PASSPHRASE": key_pair(ready)["passphrase"],
    }


def files(ready: dict[str, Any]) -> dict[str, str]:
    """Return the texts of the files that pages name."""
    return {"box_config.json": json.dumps(ready["jwt_config"]), "private_key.pem": key_pair(ready)["privateKey"]}


def script(name: str) -> ModuleType:
    """Return a script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(f"the script {name}", ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def key_pair(ready: dict[str, Any]) -> dict[str, str]:
    pair: dict[str, str] = ready["jwt_config"]["boxAppSettings"]["appAuth"]
    return pair


def statements(block: Block) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Yield each statement of a block with the exception that it raises, a pair of class and beginning of message."""
    collected = ""
    lines = block.text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not collected and (not line.strip() or line.lstrip().startswith("--")):
            continue
        collected += line
        if sqlite3.complete_statement(collected):
            refusal = _REFUSAL.match(lines[number + 1]) if number + 1 < len(lines) else None
            yield collected.strip(), refusal and (refusal[1], refusal[2].removesuffix("…").strip())
            collected = ""
    assert not collected, f"line {block.line}: a statement without a semicolon: {collected}"


def run_sql(block: Block, connection: box_dialect.Connection) -> None:
    for statement, refusal in statements(block):
        with connection.cursor() as cursor:
            if refusal is None:
                cursor.execute(statement).fetchall()
            else:
                with pytest.raises(getattr(box_dialect, refusal[0]), match=re.escape(refusal[1])):
                    cursor.execute(statement).fetchall()


def exports(block: Block) -> str:
    """Return the lines of a block that set variables for those after it."""
    return "".join(_EXPORT.findall(block.text)) if block.language == "sh" else ""


def is_command(block: Block) -> bool:
    """Tell whether a block is run by the shell."""
    return block.language == "sh" and (_COMMAND.search(block.text) is not None or exports(block) == block.text)


def prints(block: Block) -> bool:
    """Tell whether what a block prints is compared with what stands below it."""
    return block.language == "ipython" or (block.language == "python" and block.is_run) or is_command(block)


def run_commands(block: Block, ready: dict[str, Any], exported: str = "") -> str:
    """Run a block by the shell, and return what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder, "box-dialect")
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m box_dialect.cli "$@"\n', encoding="utf-8")
        command.chmod(0o700)
        variables = {**os.environ, "BOX_URL": ready["url"], "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
        variables.pop("COLUMNS", None)  # the output is no terminal
        process = subprocess.run(
            ["sh", "-e", "-c", f"{exported}{block.text}"],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert (process.returncode, process.stderr) == (0, ""), f"line {block.line}: {process.stderr}"
    printed = process.stdout.replace("\r\n", "\n")
    return printed if printed.endswith("\n") or not printed else f"{printed}\n"


def command(page: Path, section: str, ready: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return the command of a section's block, and its environment with what the block exports before."""
    (block,) = (block for block in blocks(page, section) if block.language == "sh")
    *exporting, last = adapted(block.text, ready).splitlines()
    variables = dict(shlex.split(line)[1].split("=", 1) for line in exporting)
    program, *arguments = shlex.split(last)
    return [str(Path(sysconfig.get_path("scripts"), program)), *arguments], {**os.environ, **variables}


def run_in_shell(block: Block, ready: dict[str, Any], folder: Path) -> None:
    """Run a block's programs of this environment in a folder, with `BOX_URL` for the emulator."""
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    variables = {**os.environ, "BOX_URL": ready["url"], "PATH": path}
    done = subprocess.run(
        ["sh", "-ec", block.text], cwd=folder, env=variables, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def notebook(namespace: dict[str, Any]) -> Iterator[Callable[[str], None]]:
    """Give what runs a cell, in a shell that has the variables of a namespace."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    main = sys.modules["__main__"]  # which the shell takes the place of
    shell = InteractiveShell(user_ns=namespace, config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_trap.hook = lambda value: None if value is None else sys.stdout.write(f"{value}\n")
    atexit.unregister(shell.atexit_operations)

    def run_cell(cell: str) -> None:
        found = shell.run_cell(cell, store_history=False)
        found.raise_error()

    with contextlib.redirect_stderr(io.StringIO()):
        yield run_cell
        if "box_dialect" in shell.extension_manager.loaded:
            shell.run_line_magic("unload_ext", "box_dialect")
        shell.atexit_operations()
        sys.modules["__main__"] = main


@contextlib.contextmanager
def own_functions() -> Iterator[None]:
    """Have SQLAlchemy forget at the end which functions were made, so that a page can make them again."""
    registered = functions._registry["_default"]
    before = set(registered)
    try:
        yield
    finally:
        for name in set(registered) - before:
            del registered[name]


@own_functions()
def run(page: Path, ready: dict[str, Any], section: str | None = None) -> None:
    """Run the blocks of a page, or of one section; a failure names the page's own file and line."""
    module = ModuleType(f"the page {page.stem}")
    namespace, sys.modules[module.__name__] = vars(module), module  # where dataclasses look their module up
    connection = box_dialect.connect(ready["url"])
    found = blocks(page, section)
    exported = ""
    has_cells = any(block.language == "ipython" for block in found)
    with notebook(namespace) if has_cells else contextlib.nullcontext(exec) as run_cell:
        for block, after in zip(found, [*found[1:], None], strict=True):
            text = adapted(block.text, ready)
            shown = after.text if prints(block) and after is not None and after.is_output else ""
            with printing(f"{page.name}, line {block.line}", shown):
                if block.language == "sql":
                    run_sql(dataclasses.replace(block, text=text), connection)
                elif block.language == "ipython":
                    run_cell(text)
                elif block.language == "python" and block.is_run:
                    source = "\n" * (block.line - 1) + text
                    exec(compile(source, str(page), "exec", dont_inherit=True), namespace)
                elif is_command(block):
                    command = dataclasses.replace(block, text=text)
                    sys.stdout.write(run_commands(command, ready, exported))
                    exported += exports(command)
    for engine in (value for value in namespace.values() if isinstance(value, sa.engine.Engine)):
        engine.connect().close()
        engine.dispose()
    connection.commit()
    connection.close()


@contextlib.contextmanager
def printing(place: str, shown: str) -> Iterator[None]:
    """Fail where a block prints something else than is shown below it."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        yield
    assert printed.getvalue() == shown, f"{place}, prints:\n{printed.getvalue()}"
