"""Harlequin with Box's adapter: its commands, and its application in a terminal of Textual's."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import TOOLS, adapted, blocks
from harlequin import Harlequin
from harlequin.components import ErrorModal
from harlequin.exception import HarlequinConfigError, HarlequinConnectionError, HarlequinQueryError
from harlequin.plugins import load_adapter_plugins
from patience import PATIENCE_SECONDS, wait_until

from box_dialect.catalog import TABLES
from box_dialect.catalog.views import VIEWS
from box_dialect.integrations.harlequin import BoxAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Box

    from box_dialect.integrations.harlequin import BoxConnection

FILES = "SELECT name, size FROM files WHERE parent_id = '0' ORDER BY name"
ROWS = [(".gitignore", 5), ("Notes.txt", 16), ("notes", 24)]


@pytest.fixture
def connection(fresh: Box) -> Iterator[BoxConnection]:
    connection = BoxAdapter([fresh.url]).connect()
    yield connection
    connection.close()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep Harlequin from the caches and the history of the user."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for folder in ("CACHE", "CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(tmp_path))


def test_harlequin_finds_the_adapter() -> None:
    assert load_adapter_plugins()["box"] is BoxAdapter


def test_the_page(small: Box, tmp_path: Path) -> None:
    (commands,) = (block.text for block in blocks(TOOLS, "Harlequin") if block.language == "sh")
    script = adapted(commands, small.emulator.ready).replace("harlequin -a box", "harlequin --version -a box")
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["sh", "-ec", script],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert ran.stdout.splitlines()[-4:] == ["name,size", *(f"{name},{size}" for name, size in ROWS)]


def test_the_application_shows_tables_and_runs_queries(fresh: Box) -> None:
    async def use() -> None:
        app = Harlequin(BoxAdapter([fresh.url]))
        async with app.run_test(size=(120, 40)) as pilot:

            async def wait_for(condition: Callable[[], Any]) -> Any:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while not (found := condition()):
                        await pilot.pause(0.05)
                return found

            await wait_for(lambda: app.connection is not None and app.editor is not None)
            await wait_for(lambda: app.data_catalog.database_tree.root.children)
            (database,) = app.data_catalog.database_tree.root.children
            database.expand()
            await wait_for(lambda: {*TABLES, *VIEWS} <= {node.data.label for node in database.children})
            app.editor.text = FILES
            await pilot.press("ctrl+j")
            table = await wait_for(app.results_viewer.get_visible_table)
            await wait_for(lambda: table.row_count == len(ROWS))
            assert [tuple(table.get_row_at(number)) for number in range(len(ROWS))] == ROWS
            app.editor.text = "SELECT nam FROM files"
            app.editor.focus()
            await pilot.press("ctrl+j")
            shown = await wait_for(lambda: isinstance(app.screen, ErrorModal) and app.screen)
            assert "did you mean name?" in str(shown.error)

    asyncio.run(use())


def test_the_catalog_has_columns_with_their_types_and_asks_for_templates_alone(
    fresh: Box, connection: BoxConnection
) -> None:
    (database,) = connection.get_catalog().items
    relations = {relation.label: relation for relation in database.children}
    assert {*TABLES, *VIEWS} <= {*relations}
    assert (relations["files"].type_label, relations["folder_sizes"].type_label) == ("t", "v")
    labels = {column.label: column.type_label for column in relations["files"].children}
    assert [labels[name] for name in ("name", "size", "modified_at", "is_watermarked", "tags")] == [
        "s",
        "##",
        "ttz",
        "t/f",
        "{}",
    ]
    assert {*fresh.stats()["by_operation"]} == {
        "get_metadata_templates_enterprise",
        "get_metadata_templates_global",
    }


def test_a_table_of_ones_own_is_in_the_catalog(connection: BoxConnection) -> None:
    assert connection.execute('CREATE TABLE "my own" (a INTEGER, b)') is None
    (database,) = connection.get_catalog().items
    (own,) = (relation for relation in database.children if relation.label == "my own")
    assert (own.qualified_identifier, own.query_name) == ('main."my own"', '"my own"')
    assert [(column.label, column.type_label) for column in own.children] == [("a", "##"), ("b", "?")]


def test_a_cursor_knows_its_columns_and_its_limit(connection: BoxConnection) -> None:
    cursor = connection.execute("SELECT name, size, modified_at, 1 AS one FROM files WHERE parent_id = '0'")
    assert len(cursor.set_limit(2).fetchall()) == 2
    assert cursor.columns() == [("name", "s"), ("size", "##"), ("modified_at", "ttz"), ("one", "?")]
    assert connection.execute("SELECT id FROM files WHERE id = '1'").fetchall() is None


def test_functions_and_procedures_are_completed_without_a_call(fresh: Box, connection: BoxConnection) -> None:
    fresh.reset()
    labels = {completion.value: completion.type_label for completion in connection.get_completions()}
    wanted = ("GetOAuthAccessToken", "group_concat", "json_extract", "date_trunc")
    assert [labels[name] for name in wanted] == ["proc", "agg", "fn", "fn"]
    assert "load_extension" not in labels
    assert fresh.stats()["calls"] == 0


def test_what_fails_says_why(fresh: Box, connection: BoxConnection) -> None:
    with pytest.raises(HarlequinQueryError, match=r"did you mean name\?"):
        connection.execute("SELECT nam FROM files")
    read_only = BoxAdapter([fresh.url], read_only=True).connect()
    with pytest.raises(HarlequinQueryError, match="Readonly=true"):
        read_only.execute("DELETE FROM files")
    read_only.close()


def test_a_query_is_cancelled(fresh: Box, connection: BoxConnection) -> None:
    fresh.faults({"operation": "get_folders_id_items", "delay_ms": PATIENCE_SECONDS * 1_000})
    with ThreadPoolExecutor() as pool:
        running = pool.submit(lambda: connection.execute(FILES).fetchall())
        wait_until(lambda: fresh.stats()["calls"])
        connection.cancel()
        with pytest.raises(HarlequinQueryError, match="interrupted"):
            running.result(PATIENCE_SECONDS)


@pytest.mark.parametrize(
    ("urls", "message"),
    [
        ([], "BOX_URL"),
        ([""], "BOX_URL"),
        (["box://", "box://"], "give one URL"),
        (["box://?Secret=hush"], "unknown connection property"),
        (["box.db"], "Could not parse SQLAlchemy URL"),
    ],
)
def test_a_url_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, urls: list[str], message: str) -> None:
    monkeypatch.delenv("BOX_URL", raising=False)
    with pytest.raises(HarlequinConfigError) as failure:
        BoxAdapter(urls)
    assert message in failure.value.msg
    assert "hush" not in failure.value.msg


def test_what_is_missing_to_connect_is_told() -> None:
    with pytest.raises(HarlequinConnectionError, match="AuthScheme=OAuthClient needs"):
        BoxAdapter(["box://?AuthScheme=OAuthClient"]).connect()


def test_harlequin_keeps_no_secret(fresh: Box) -> None:
    kept = BoxAdapter([f"{fresh.url}&OAuthAccessToken=hush"]).connection_id
    assert fresh.emulator.ready["client_id"] in kept
    assert fresh.emulator.ready["client_secret"] not in kept
    assert "hush" not in kept
