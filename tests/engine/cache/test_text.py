"""The text of files: Box makes it of their contents; it is waited for, downloaded once, and ahead of the rows."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from conftest import Box
from patience import wait_until
from scripted_box import ScriptedBox, run, scripted_box

import box_dialect
from box_dialect.api import ApiPath, representations
from box_dialect.catalog.model import Remote
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.store import Store
from box_dialect.engine.cache import downloads
from box_dialect.engine.cache.scan_cache import ScanCache
from box_dialect.engine.prefetch import dry_run
from box_dialect.engine.prefetch.window import Noted, PrefetchWindow

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 40
MOMENT = 1_600_000_000
HELD_MS = 600_000
SAYS = "get_files_id"
TEXTS: dict[str, str | None] = {f"{number:02}.txt": f"Grüße, budget of Q{number % 4}" for number in range(FILES - 1)}
TEXTS["picture.bin"] = None
WHOLE = "SELECT name, text FROM files WHERE parent_id = '0'"
HERE = "/internal_files/1/versions/2/representations/extracted_text"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no text that is not there yet."""
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 0.0)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Files of text, and one that is none."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    for name, text in TEXTS.items():
        content = MemoryContent(b"\0\1" if text is None else text.encode())
        store.add_comment(store.add_file(name, store.root, content, store.admin, MOMENT), name, store.admin, MOMENT)
    with emulator:
        yield Box(emulator)


@pytest.fixture
def connection(box: Box) -> Iterator[box_dialect.Connection]:
    with box.connect() as connection:
        box.reset()
        yield connection


@pytest.fixture
def scripted() -> Iterator[ScriptedBox]:
    with scripted_box() as server:
        yield server


def calls(box: Box, operation: str = SAYS) -> int:
    by_operation: Any = box.stats()["by_operation"]
    return int(by_operation.get(operation, 0))


def test_each_row_has_the_text_of_its_file_by_two_calls(connection: box_dialect.Connection) -> None:
    cursor = run(connection, WHOLE)
    assert dict(cursor.fetchall()) == TEXTS
    assert cursor.api_calls == 1 + 2 * (FILES - 1) + 1  # nothing is downloaded of the one that has no text


def test_a_statement_that_does_not_name_it_asks_for_none(box: Box, connection: box_dialect.Connection) -> None:
    cursor = run(connection, "SELECT * FROM files WHERE parent_id = '0'")
    assert "text" not in [each[0] for each in cursor.description or ()]
    assert len(cursor.fetchall()) == FILES
    assert calls(box) == 0


def test_its_type_is_text(connection: box_dialect.Connection) -> None:
    cursor = run(connection, f"{WHOLE} LIMIT 1")
    assert cursor.description is not None
    assert cursor.description[1][1] == box_dialect.STRING


def test_it_is_compared_behind_what_box_searches(box: Box, connection: box_dialect.Connection) -> None:
    rows = run(connection, "SELECT name FROM files WHERE files MATCH 'budget' AND text LIKE '%Q3%'").fetchall()
    assert sorted(name for (name,) in rows) == [name for name in TEXTS if name[:2].isdigit() and int(name[:2]) % 4 == 3]
    assert calls(box) == FILES - 1  # Box finds those alone that have the word


def test_it_is_read_once_beside_the_content(box: Box, connection: box_dialect.Connection) -> None:
    rows = run(connection, "SELECT a.text, b.text, b.content FROM files a JOIN files b ON b.id = a.id").fetchall()
    assert {(a, b) for a, b, _ in rows} == {(text, text) for text in TEXTS.values()}
    assert all(text is None or content == text.encode() for text, _, content in rows)
    assert (calls(box), calls(box, "get_files_id_content")) == (FILES, FILES)


@pytest.mark.parametrize(
    ("statement", "answers"),
    [
        (WHOLE, 5),
        # How early the first inner scans of a join are foreseen is not the same each time.
        ("SELECT f.text FROM comments c CROSS JOIN files f ON f.id = c.item_id", 30),
    ],
)
def test_more_and_more_are_downloaded_ahead(
    box: Box, connection: box_dialect.Connection, statement: str, answers: int
) -> None:
    operation = "get_internal_files_id_versions_id_representations_id_content"
    box.faults({"operation": operation, "skip": answers, "times": FILES, "delay_ms": HELD_MS})

    def read() -> None:
        with contextlib.suppress(box_dialect.OperationalError):
            run(connection, statement).fetchall()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        wait_until(lambda: calls(box, operation) >= answers + 8)
    finally:
        connection.interrupt()
        thread.join()


def test_what_is_ahead_is_bounded_in_bytes(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Box does not tell how long a text is, so each is thought to have as many bytes until it is there."""
    monkeypatch.setattr(dry_run, "MOST_BYTES_AHEAD", downloads.BYTES_OF_TEXT - 1)
    box.reset()
    emulator = Emulator(Options())
    emulator.store = box.store
    with emulator, Box(emulator).connect() as connection:
        assert dict(run(connection, WHOLE).fetchall()) == TEXTS
        assert Box(emulator).stats()["max_in_flight"] == 1


def test_each_text_ahead_is_weighed(connection: box_dialect.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[int] = []
    monkeypatch.setattr(PrefetchWindow, "weigh", lambda _, __, size: weighed.append(size))
    assert dict(run(connection, WHOLE).fetchall()) == TEXTS
    assert len(weighed) >= FILES // 2
    assert max(weighed) > len(TEXTS["00.txt"] or "")


def test_a_text_counts_by_its_length_once_it_is_there() -> None:
    remote = Remote(ApiPath("/files/{id}", id="1"), None, hint="[extracted_text]")
    key = ("content", remote.key)

    async def weighed() -> tuple[int, int]:
        async def get(_: Remote) -> str:
            return "x" * downloads.BYTES_OF_TEXT

        reading = downloads.Downloads()
        window = PrefetchWindow(ScanCache(cast("Any", None), cast("Any", None)), 1)
        window.add(Noted(key, "content", remote, is_guess=False, size=downloads.BYTES_OF_TEXT))
        await reading.get_ahead(remote, get)
        window.weigh(key, reading.bytes_ahead(remote))
        left = window.bytes_left
        window.weigh(key, 0)
        window.weigh("another", 1)
        return left, window.bytes_left

    left, all_of_it = asyncio.run(weighed())
    assert left < downloads.MOST_BYTES_AHEAD - downloads.BYTES_OF_TEXT
    assert all_of_it == downloads.MOST_BYTES_AHEAD


def says(state: str, *, url: str | None = None, **status: str) -> dict[str, Any]:
    """Return what Box answers of a text."""
    return {
        "representation": "extracted_text",
        "status": {"state": state, **status},
        "info": {"url": url and f"{url}/2.0{HERE}"},
        "content": {"url_template": url and f"{url}/2.0{HERE}/content/{{+asset_path}}?watermark=7"},
    }


def told(scripted: ScriptedBox, *states: dict[str, Any], content: Any = "a text") -> ScriptedBox:
    """Have a file, whose text Box answers to be in some states, one after another."""
    following = iter(states)
    scripted.answers = {
        "GET /files/1": lambda asked: (
            {"representations": {"entries": [each for each in [next(following, None)] if each]}}
            if asked.parameters["fields"] == "representations"
            else {"type": "file", "id": "1", "item_status": "active"}
        ),
        f"GET {HERE}": lambda _: next(following),
        f"GET {HERE}/content/": content,
    }
    return scripted


def read(scripted: ScriptedBox, **properties: Any) -> Any:
    with scripted.connected(**properties) as connection:
        return run(connection, "SELECT text FROM files WHERE id = '1'").fetchall()[0][0]


@pytest.mark.parametrize(
    ("states", "polls"),
    [(["success"], 0), (["viewable"], 0), (["pending", "pending", "success"], 2), (["none", "pending", "success"], 2)],
)
def test_one_that_box_still_makes_is_waited_for(scripted: ScriptedBox, states: list[str], polls: int) -> None:
    told(scripted, *(says(each, url=scripted.url) for each in states))
    assert read(scripted) == '"a text"'
    assert scripted.operations.count(f"GET {HERE}") == polls
    assert scripted.asked[-1].parameters == {"watermark": "7"}
    asked = next(each for each in scripted.asked if each.parameters.get("fields") == "representations")
    assert asked.headers["x-rep-hints"] == "[extracted_text]"


@pytest.mark.parametrize("states", [[], ["none", "none"]])
def test_a_format_without_text_has_none(scripted: ScriptedBox, states: list[str]) -> None:
    told(scripted, *(says(each, url=scripted.url) for each in states))
    assert read(scripted) is None
    assert f"GET {HERE}/content/" not in scripted.operations


def test_one_that_box_fails_on_is_null_with_a_warning(scripted: ScriptedBox) -> None:
    told(scripted, says("error", url=scripted.url, code="error_password_protected"))
    message = r"text of a file is NULL.*GET /files/1: .*extracted_text.*error_password_protected"
    with pytest.warns(box_dialect.BoxDocumentWarning, match=message):
        assert read(scripted) is None


def test_files_that_box_fails_on_leave_the_rows_of_others(box: Box, connection: box_dialect.Connection) -> None:
    failed = {"representations": {"entries": [says("error")]}}
    box.faults({"operation": SAYS, "status": 200, "body": failed, "skip": 3, "times": 4})
    with pytest.warns(box_dialect.BoxDocumentWarning) as warned:
        rows = dict(run(connection, WHOLE).fetchall())
    lacking = {name for name in TEXTS if rows[name] is None} - {"picture.bin"}
    assert len(lacking) in {3, 4}  # the picture may be among those that Box fails on
    assert rows == {**TEXTS, **dict.fromkeys(lacking)}
    assert len(warned) == 1


def test_a_procedure_tells_that_box_fails(connection: box_dialect.Connection, box: Box) -> None:
    failed = {"representations": {"entries": [says("error", code="error_conversion_failed")]}}
    box.faults({"operation": SAYS, "status": 200, "body": failed})
    with pytest.raises(box_dialect.OperationalError, match="error_conversion_failed"):
        run(connection, "SELECT GetRepresentation(id, 'extracted_text') FROM files WHERE name = '00.txt'").fetchall()


def test_one_that_is_never_ready_is_told_as_that(scripted: ScriptedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 0.5)
    told(scripted, *[says("pending", url=scripted.url)] * 4)
    with pytest.raises(box_dialect.OperationalError, match=r"still at .*Timeout.*RetrySeconds") as raised:
        read(scripted, RetrySeconds=1)
    assert scripted.operations.count(f"GET {HERE}") == 3
    assert raised.value.diag.retryable


def test_timeout_alone_bounds_the_wait_for_one(scripted: ScriptedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 0.01)
    told(scripted, *[says("pending", url=scripted.url)] * 3, says("success", url=scripted.url))
    assert read(scripted, RetrySeconds=0, Timeout=600) == '"a text"'
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 300.0)
    told(scripted, *[says("pending", url=scripted.url)] * 3)
    with pytest.raises(box_dialect.OperationalError, match="Timeout"):
        read(scripted, RetrySeconds=600, Timeout=1)


def test_waiting_for_one_ends_with_the_statement(scripted: ScriptedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 300.0)
    told(scripted, *[says("pending", url=scripted.url)] * 2)
    with scripted.connected(RetrySeconds=600) as connection:

        def interrupt() -> None:
            wait_until(lambda: f"GET {HERE}" in scripted.operations)
            connection.interrupt()

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            run(connection, "SELECT text FROM files WHERE id = '1'").fetchall()
        thread.join()


def test_pauses_grow_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(representations, "FIRST_DELAY_SECONDS", 0.5)
    assert [*representations.pauses(100)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 8.5]
    assert [*representations.pauses(0)] == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://dl.boxcloud.com", "ftp://127.0.0.1", "", None])
@pytest.mark.parametrize("state", ["pending", "success"])
def test_a_token_is_sent_to_no_other_host(scripted: ScriptedBox, state: str, url: str | None) -> None:
    told(scripted, says(state, url=url))
    with pytest.raises(box_dialect.OperationalError, match="something else than Box answered"):
        read(scripted)
    assert len(scripted.asked) <= 2


def test_one_is_no_larger_than_a_value_may_be(scripted: ScriptedBox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_BYTES_OF_VALUE", 1_000)
    told(scripted, says("success", url=scripted.url), content="x" * 998)
    assert len(read(scripted)) == 1_000
    told(scripted, says("success", url=scripted.url), content="x" * 999)
    with pytest.raises(box_dialect.DataError, match="more bytes than a value in SQL may have, 1,000"):
        read(scripted)


def test_what_is_no_utf_8_is_replaced() -> None:
    emulator = Emulator(Options())
    store = emulator.store = Store()
    longer_than_a_look = b"a" * 100_000
    store.add_file("latin.txt", store.root, MemoryContent(longer_than_a_look + b"\xe9"), store.admin, MOMENT)
    with emulator, Box(emulator).connect() as connection:
        ((text,),) = run(connection, "SELECT text FROM files").fetchall()
        assert text == longer_than_a_look.decode() + "\ufffd"


def test_a_file_that_is_gone_since_its_row_was_read_has_none(box: Box, connection: box_dialect.Connection) -> None:
    box.faults({"operation": SAYS, "status": 404, "body": {"code": "not_found"}})
    rows = run(connection, WHOLE).fetchall()
    assert [text for _, text in rows].count(None) == 2


def test_it_is_read_as_another_user(box: Box, connection: box_dialect.Connection) -> None:
    """As whom the row is read, the text is read as well."""
    user = box.store.admin.id
    rows = run(connection, "SELECT name, text FROM files WHERE parent_id = '0' AND as_user = ?", user).fetchall()
    assert dict(rows) == TEXTS


def test_the_calls_are_estimated(connection: box_dialect.Connection) -> None:
    run(connection, "SELECT name FROM files").fetchall()  # by which it is known how many there are
    assert connection.estimate(f"{WHOLE}").most == 1 + 2 * FILES
    assert connection.estimate("SELECT text, content FROM files WHERE parent_id = '0'").most == 1 + 3 * FILES
