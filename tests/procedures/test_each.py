"""Each procedure sends what its declaration says, and gives rows of what Box answers."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
from known_calls import CALLS, Called, Something
from sweep import sweep

import box_dialect
from box_dialect.catalog import Type
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.emulator.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

    from box_dialect.catalog.model.procedure import Input

IN_OWN_TESTS = {
    "getoauthauthorizationurl", "getoauthaccesstoken", "refreshoauthaccesstoken", "revokeoauthaccesstoken",
    "uploadfile", "uploadfileversion", "downloadfile", "downloadzip", "getrepresentation",
}  # fmt: skip
"""What `test_oauth.py` and `test_contents.py` have tests of."""

COMPARED_HEADERS = {"box-version", "if-match", "accept-language", "x-rep-hints"}


class Requests:
    """The requests that come to an emulator, as known calls have them."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def hear(self, scope: Any, body: bytes) -> None:
        if scope["path"].startswith("/2.0"):
            query = unquote_plus(scope["query_string"].decode())
            path = scope["raw_path"].decode().removeprefix("/2.0") + (query and f"?{query}")
            sent = (f"{scope['method']} {path}", json.loads(body) if body else None)
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            told = {name: value for name, value in headers.items() if name in COMPARED_HEADERS}
            if (kind := headers.get("content-type", "application/json")) != "application/json":
                told["content-type"] = kind
            self.heard.append((*sent, told) if told else sent)


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    found, answer = Requests(), App.__call__

    async def heard(app: Any, scope: Any, receive: Callable[[], Any], send: Any) -> None:
        body = b""

        async def listen() -> Any:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.request" and not message.get("more_body"):
                found.hear(scope, body)
            return message

        await answer(app, scope, listen, send)

    monkeypatch.setattr(App, "__call__", heard)
    return found


@pytest.mark.parametrize("name", [name for name in PROCEDURES if name not in IN_OWN_TESTS])
def test_every_input_is_given(name: str) -> None:
    procedure = PROCEDURES[name]
    given = {each for called in CALLS.get(procedure.name, ()) for each in called.inputs}
    assert procedure.name in CALLS, "add to tests/known_calls calls of it"
    assert given == {each.name for each in procedure.inputs}


@pytest.mark.parametrize(
    ("name", "called"),
    [pytest.param(name, each, id=f"{name}-{n}") for name in CALLS for n, each in enumerate(CALLS[name])],
)
def test_a_call_sends_and_gives_what_is_known(fresh: Box, requests: Requests, name: str, called: Called) -> None:
    if called.prepare is not None:
        called.prepare(fresh.store)
    with fresh.connect(MaxAICalls=1) as connection, connection.cursor() as cursor:
        for statement in called.before:
            cursor.execute(statement)
        requests.heard.clear()
        refused = pytest.raises(box_dialect.DatabaseError, match=called.fails or None)
        with refused if called.fails else contextlib.nullcontext():
            cursor.callproc(name, called.inputs)
            rows = [tuple(Something() if known is ... else known for known in row) for row in called.rows]
            assert cursor.fetchall() == rows
        assert sorted(requests.heard, key=str) == sorted(called.sent, key=str)
        assert cursor.api_calls == len(called.sent)


@sweep("name", [name for name, procedure in PROCEDURES.items() if procedure.side_effect])
def test_what_has_a_side_effect_is_not_called_where_nothing_may_be_written(readonly: Any, name: str) -> None:
    procedure = PROCEDURES[name]
    writing = {name for name, value in procedure.reads_when if value is None}
    given = {each.name: _fitting(each) for each in procedure.inputs if each.required or each.name in writing}
    with pytest.raises(box_dialect.ProgrammingError, match=f"Readonly=true, so {procedure.name}"):
        readonly.callproc(name, given)
    assert readonly.api_calls == 0


@pytest.fixture
def readonly(small: Box) -> Iterator[box_dialect.Cursor]:
    with small.connect(Readonly=True, LocalBrowser=True) as connection, connection.cursor() as cursor:
        yield cursor


def _fitting(declared: Input) -> str:
    """Return a value that an input takes."""
    if declared.choices:
        return declared.choices[-1]
    return "[{}]" if declared.type is Type.JSON else "1"
