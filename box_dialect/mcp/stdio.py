"""Serve over standard input and output, for a client that starts the server."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import anyio

from box_dialect.mcp.signals import interrupted_by_signals

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


def serve_stdio(server: MCPServer[Any]) -> None:
    """Serve until standard input ends, or SIGINT or SIGTERM comes.

    What reads standard input cannot be woken, so that it is left to a daemon thread, which does not keep the process.
    """
    ended: Future[None] = Future()

    def serve() -> None:
        try:
            anyio.run(server.run_stdio_async)
        except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
            ended.set_exception(error)
        else:
            ended.set_result(None)

    with contextlib.suppress(KeyboardInterrupt), interrupted_by_signals():
        threading.Thread(target=serve, name="box-dialect-mcp", daemon=True).start()
        ended.result()
