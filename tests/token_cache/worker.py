"""What the processes of these tests do: `worker.py COUNT TASK PROPERTIES ARGUMENTS…`, the properties as JSON.

`NUMBER` in an argument stands for the number of the process among so many.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import box_dialect
from box_dialect.properties import check_values
from box_dialect.token_cache import TokenCache, open_cache

KEY = "account"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_for_the_others() -> None:
    say("ready")
    os.read(0, 1)


def add(cache: TokenCache, count: str) -> None:
    """Add one to the number that the entry is, as often as told."""
    wait_for_the_others()
    for _ in range(int(count)):
        with cache.lock(KEY):
            number = int(cache.load(KEY) or b"0")
            cache.store(KEY, b"%d" % (number + 1))


def refresh(cache: TokenCache, server: str) -> None:
    """Refresh the token that all saw, as a provider does: lock, read again, compare, refresh, store."""
    seen = cache.load(KEY)
    assert seen is not None
    wait_for_the_others()
    with cache.lock(KEY):
        current = cache.load(KEY)
        if current == seen:
            current = answer(Path(server), seen)
            cache.store(KEY, current)
    assert current is not None
    say(current.decode())


def answer(server: Path, token: bytes) -> bytes:
    """Give the next token for one that was not used yet; a file tells that it was."""
    (server / token.decode()).touch(exist_ok=False)
    return b"token %d" % (int(token.split()[1]) + 1)


def store(cache: TokenCache, key: str, entry: str) -> None:
    wait_for_the_others()
    cache.store(key, entry.encode())


def query(properties: dict[str, str], url: str) -> None:
    """Connect, and ask Box who signed in."""
    with box_dialect.connect(url, **properties) as connection:
        wait_for_the_others()
        say(connection.cursor().execute("SELECT login FROM users WHERE id = 'me'").fetchone()[0])


def hold(cache: TokenCache) -> None:
    with cache.lock(KEY):
        wait_for_the_others()


def kill(cache: TokenCache, rounds: str) -> None:
    """Kill processes while they store entries without end, and see after each that an entry is whole."""
    number = 0
    cache.store(KEY, numbered(number))
    for _ in range(int(rounds)):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            store_without_end(cache, number, writer)
        os.close(writer)
        acknowledged = number + random.randint(1, 20)
        for _ in range(acknowledged - number):
            assert os.read(reader, 1)
        time.sleep(random.random() / 200)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while chunk := os.read(reader, 1000):
            acknowledged += len(chunk)
        os.close(reader)
        found = cache.load(KEY)
        assert found is not None
        number = int(found[:10])
        assert found == numbered(number)
        assert number in {acknowledged, acknowledged + 1}


def store_without_end(cache: TokenCache, number: int, writer: int) -> None:
    while True:
        number += 1
        cache.store(KEY, numbered(number))
        os.write(writer, b".")


def numbered(number: int) -> bytes:
    return b"%010d" % number + bytes([number % 256]) * 20_000


TASKS = {"add": add, "hold": hold, "refresh": refresh, "store": store, "kill": kill}

PRELOADED = (
    "anyio._backends._asyncio",
    "anyio._core._sockets",
    "box_dialect.api.client",
    "box_dialect.token_cache.database",
    "box_dialect.token_cache.file",
    "box_dialect.token_cache.keyring",
    "box_dialect.token_cache.machine_key",
    "cryptography.hazmat.primitives.ciphers.aead",
    "filelock",
    "httpcore",
    "keyring",
    "psycopg",
    "psycopg2",
    "redis",
    "trio",  # which httpcore looks for
)
"""What takes a process long to import, and many processes on one machine far longer."""


def crowd(count: int) -> int | None:
    """Become so many processes, before any has a thread, and return their numbers.

    Return None in the first one, once all others have ended well.
    """
    for module in filter(importlib.util.find_spec, PRELOADED):
        importlib.import_module(module)
    gc.freeze()  # or each child copies all that is imported to look through it, last as it ends
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            return number
        children.append(child)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        sys.exit("a process failed")
    return None


def run(task: str, given: str, *arguments: str) -> None:
    if task == "query":
        query(json.loads(given), *arguments)
    else:
        TASKS[task](open_cache(check_values(json.loads(given))), *arguments)


if __name__ == "__main__":
    count = int(sys.argv[1])
    number = 0 if count == 1 else crowd(count)
    if number is not None:
        run(*(argument.replace("NUMBER", str(number)) for argument in sys.argv[2:]))
