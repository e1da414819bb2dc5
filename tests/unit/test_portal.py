"""The waits of a thread for the event loop: what they give, and what ends them."""

from __future__ import annotations

import _thread
import asyncio
import subprocess
import sys
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


def test_the_interpreter_ends_in_silence_also_where_the_loop_has_used_threads() -> None:
    program = (
        "import asyncio\n"
        "from box_dialect.api import portal\n"
        "async def look_up(): await asyncio.get_running_loop().getaddrinfo('localhost', 80)\n"
        "portal().run(look_up)\n"
        "portal().spawn(asyncio.sleep, 3600)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
