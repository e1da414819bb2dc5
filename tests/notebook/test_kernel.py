"""The magics in a kernel of Jupyter, as a notebook runs them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from docs.pages import ROOT
from patience import PATIENCE_SECONDS

pytest.importorskip("pandas")
pytest.importorskip("ipykernel")
manager = pytest.importorskip("jupyter_client.manager")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),  # of its sockets
]


class Kernel:
    """A kernel that runs cells, and the messages of the last one."""

    def __init__(self, managed: Any, client: Any) -> None:
        self.interrupt = managed.interrupt_kernel
        self._client = client

    def begin(self, cell: str) -> None:
        self._asked = self._client.execute(cell)

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield what comes out of the cell, to its end."""
        while True:
            message = self._client.get_iopub_msg(timeout=PATIENCE_SECONDS)
            if message["parent_header"].get("msg_id") != self._asked:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return
            yield message

    def run(self, cell: str) -> dict[str, dict[str, Any]]:
        """Run a cell, and return the last message of each type."""
        self.begin(cell)
        return {message["msg_type"]: message["content"] for message in self.messages()}


@contextmanager
def kernel(url: str, folder: Path) -> Iterator[Kernel]:
    environment = {**os.environ, "BOX_URL": url, "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder)}
    managed, client = manager.start_new_kernel(env=environment, cwd=str(folder), startup_timeout=PATIENCE_SECONDS)
    try:
        started = Kernel(managed, client)
        assert "error" not in started.run("%load_ext box_dialect")
        yield started
    finally:
        client.stop_channels()
        managed.shutdown_kernel(now=True)


def test_a_notebook_shows_frames_errors_and_how_far_a_statement_is(fresh: Box, tmp_path: Path) -> None:
    with kernel(fresh.url, tmp_path) as started:
        shown = started.run("%%box\nSELECT name, size FROM files WHERE parent_id = '0' ORDER BY name")
        told = shown.get("update_display_data", shown["display_data"])
        assert told["data"]["text/plain"].startswith("3 rows, 1 API call, ")
        assert "<table" in shown["execute_result"]["data"]["text/html"]
        assert started.run("%box SELECT * FROM fils")["error"]["traceback"] == [
            "ProgrammingError: no such table: fils; did you mean files?"
        ]

        fresh.faults({"operation": "get_folders_id_items", "times": 1, "delay_ms": 3_600_000})
        started.begin("%box found << SELECT count(*) AS n FROM files")
        messages = started.messages()
        texts = (message["content"].get("data", {}).get("text/plain", "") for message in messages)
        assert next(text for text in texts if text.startswith("0 rows, 1 API call, "))  # and the call still waits
        started.interrupt()
        last = {message["msg_type"]: message["content"] for message in messages}
        assert last["error"]["traceback"][0].startswith("KeyboardInterrupt: the statement was stopped")
        assert last["update_display_data"]["data"]["text/plain"] == ""

        started.run("%box found << SELECT count(*) AS n FROM files")
        assert started.run("int(found['n'][0])")["execute_result"]["data"]["text/plain"] == "27"
