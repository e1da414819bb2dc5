"""What every token cache does, in every place."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import PATIENCE_SECONDS

from token_cache.conftest import PLACES, Worker, opened
from token_cache.worker import KEY

SHARED = [place for place in PLACES if place != "memory"]  # among processes

everywhere = pytest.mark.parametrize("properties", PLACES, indirect=True)
among_processes = pytest.mark.parametrize("properties", SHARED, indirect=True)


@pytest.fixture
def cache(properties):
    return opened(properties)


def add_one(cache):
    with cache.lock(KEY):
        cache.store(KEY, b"%d" % (int(cache.load(KEY) or b"0") + 1))


@pytest.mark.long
@everywhere
def test_there_is_nothing_before_the_first_store(cache):
    assert cache.load(KEY) is None
    cache.delete(KEY)
    with cache.lock(KEY):
        assert cache.load(KEY) is None
    assert cache.load(KEY) is None


@everywhere
@pytest.mark.parametrize("entry", [b"", b"\x00\xff\n'\"", b"BXT1P" + bytes(40), b"x" * 100_000])
def test_what_is_stored_is_what_is_loaded(cache, properties, entry):
    cache.store(KEY, b"older")
    cache.store(KEY, entry)
    assert cache.load(KEY) == entry
    assert opened(properties).load(KEY) == entry


@everywhere
def test_accounts_are_kept_apart(cache):
    for key in ("a", "A", "ä/..\\%", "x" * 200):
        cache.store(key, key.encode())
    cache.delete("a")
    cache.delete("never stored")
    assert [cache.load(key) for key in ("a", "A", "ä/..\\%", "x" * 200)] == [
        None,
        b"A",
        "ä/..\\%".encode(),
        b"x" * 200,
    ]
    cache.store("a", b"again")
    assert cache.load("a") == b"again"


@everywhere
def test_what_is_stored_under_the_lock_is_there_at_once_and_stays(cache, properties):
    with cache.lock(KEY):
        cache.store(KEY, b"stored")
        assert cache.load(KEY) == b"stored"
        assert opened(properties).load(KEY) == b"stored"
    assert cache.load(KEY) == b"stored"


@everywhere
def test_a_failure_under_the_lock_frees_it_and_keeps_what_was_stored(cache):
    def fail():
        with cache.lock(KEY):
            cache.store(KEY, b"stored")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with cache.lock(KEY):
        assert cache.load(KEY) == b"stored"


@everywhere
def test_an_entry_can_be_removed_under_the_lock(cache):
    cache.store(KEY, b"stored")
    with cache.lock(KEY):
        cache.delete(KEY)
    assert cache.load(KEY) is None


@everywhere
def test_the_lock_keeps_others_out_until_the_entry_is_stored(cache, properties):
    order, begun = [], threading.Event()

    def other():
        begun.set()
        with opened(properties).lock(KEY):
            order.append(opened(properties).load(KEY))

    with ThreadPoolExecutor() as threads:
        with cache.lock(KEY):
            waiting = threads.submit(other)
            assert begun.wait(PATIENCE_SECONDS)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
            cache.store(KEY, b"stored")
        waiting.result(PATIENCE_SECONDS)
    assert order == [b"stored"]


@everywhere
def test_others_read_an_entry_while_it_is_held(cache, properties):
    cache.store(KEY, b"stored")
    with ThreadPoolExecutor() as threads, cache.lock(KEY):
        assert threads.submit(lambda: opened(properties).load(KEY)).result(PATIENCE_SECONDS) == b"stored"


@pytest.mark.parametrize("properties", [place for place in PLACES if place != "sqlite"], indirect=True)
def test_one_account_does_not_hold_up_another(cache, properties):
    def refresh(key):
        mine = opened(properties)
        with mine.lock(key):
            mine.store(key, b"stored")

    with ThreadPoolExecutor() as threads, cache.lock(KEY):
        threads.submit(refresh, "another").result(PATIENCE_SECONDS)
        assert cache.load("another") == b"stored"
        cache.store(KEY, b"also stored")
    assert (cache.load("another"), cache.load(KEY)) == (b"stored", b"also stored")


@everywhere
def test_threads_take_turns(properties):
    def add():
        mine = opened(properties)
        for _ in range(5):
            add_one(mine)

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(add) for _ in range(4)]:
            done.result()
    assert opened(properties).load(KEY) == b"20"


@pytest.mark.long
@among_processes
def test_processes_take_turns(properties):
    other, mine = Worker("add", json.dumps(properties), "10"), opened(properties)
    other.wait_until_ready()
    with ThreadPoolExecutor() as threads:
        done = threads.submit(other.result)
        for _ in range(10):
            add_one(mine)
        assert done.result() == ""
    assert opened(properties).load(KEY) == b"20"


@pytest.mark.long
@pytest.mark.parametrize("properties", [place for place in SHARED if place != "redis"], indirect=True)
def test_a_process_that_dies_under_the_lock_does_not_keep_it(properties):
    worker = Worker("hold", json.dumps(properties))
    worker.wait_until_ready()
    worker.process.kill()
    worker.process.communicate()
    with opened(properties).lock(KEY):
        assert opened(properties).load(KEY) is None


@pytest.mark.long
@everywhere
def test_a_passphrase_encrypts_what_is_kept(properties):
    sealed = opened(properties, TokenCacheKey="correct horse")
    sealed.store(KEY, b"kanarienvogel7")
    assert sealed.load(KEY) == b"kanarienvogel7"
    assert opened(properties, TokenCacheKey="correct horse").load(KEY) == b"kanarienvogel7"
    assert b"kanarienvogel7" not in sealed._cache.load(KEY)
