"""The waits of a thread for the event loop: what they give, and what ends them."""

from __future__ import annotations

import _thread
import asyncio
import threading
from concurrent.futures import Future

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import portal, result


def test_an_interrupt_that_wakes_nobody_is_noticed_all_the_same() -> None:
    running, ended = threading.Event(), threading.Event()

    async def run() -> None:
        running.set()
        try:
            await asyncio.sleep(PATIENCE_SECONDS)
        finally:
            ended.set()

    def interrupt() -> None:
        running.wait(PATIENCE_SECONDS)
        _thread.interrupt_main()  # which, unlike a signal, does not end what the thread waits in

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        portal().run(run)
    assert ended.wait(PATIENCE_SECONDS)


def test_a_timeout_of_what_is_awaited_is_no_end_of_the_wait() -> None:
    async def run() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        portal().run(run)


def test_a_wait_has_an_end() -> None:
    with pytest.raises(TimeoutError):
        result(Future(), 0.01)
