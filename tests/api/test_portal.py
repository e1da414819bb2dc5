"""The waits of a thread for the event loop: what they give, and what ends them."""

from __future__ import annotations

import _thread
import asyncio
import multiprocessing
import subprocess
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import portal, result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_network")


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


KEPT_AT_LAST = """
import atexit, contextlib, threading, time
import anyio.to_thread
from box_dialect.api import portal
from box_dialect.auth.cached import CachedTokens
from box_dialect.auth.entry import Entry
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import OperationalError
from box_dialect.properties import parse

class Cache:
    is_full = True
    def load(self, key): return None
    def lock(self, key): return contextlib.nullcontext()
    def store(self, key, entry):
        if self.is_full: raise OperationalError("no space is left")
        print("stored", key)

class Tokens(CachedTokens):
    def _key(self): return "account"
    async def _fetch(self, entry, seen): return Entry(tokens=TokenSet("access", 9e9, "refresh", 1.0))

class Wrong:
    async def aclose(self): raise LookupError("cannot be closed")

cache = Cache()
tokens = Tokens(parse({"OAuthClientId": "c", "OAuthClientSecret": "s"}), lambda: cache)
portal()._clients.update({1: Wrong(), 2: tokens})
portal().run(tokens.renew, None)
cache.is_full = False

# The only thread is busy, and the interpreter refuses to begin another one at its end, as Python 3.12 does.
busy = threading.Event()
portal().spawn(anyio.to_thread.run_sync, lambda: busy.set() or time.sleep(3600))
busy.wait()
def refuse(_): raise RuntimeError("can't create new thread at interpreter shutdown")
atexit.register(setattr, threading.Thread, "start", refuse)
"""


@pytest.mark.long
def test_tokens_that_could_not_be_stored_are_at_the_end_of_the_interpreter() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KEPT_AT_LAST], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert ended.stdout == "stored account\n"
    assert "cannot be closed" in ended.stderr
    assert "no space is left" in ended.stderr


IN_A_CHILD = """
import multiprocessing, sys
from box_dialect.api import portal

class Client:
    async def aclose(self): print("closed", flush=True)

def work(): portal()._clients[1] = Client()

if __name__ == "__main__":
    child = multiprocessing.get_context(sys.argv[1]).Process(target=work)
    child.start()
    child.join()
"""


@pytest.mark.long
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_child_process_closes_its_clients_too(method: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(IN_A_CHILD)
    ended = subprocess.run(
        [sys.executable, program, method], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
    )
    assert (ended.stdout, ended.stderr) == ("closed\n", "")


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
