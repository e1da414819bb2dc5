"""A token cache that nobody asked for: used while it works, done without where it does not."""

import logging
from contextlib import contextmanager

import pytest

from box_dialect.auth.optional_cache import OptionalCache
from box_dialect.errors import OperationalError
from box_dialect.token_cache.memory import MemoryCache

pytestmark = pytest.mark.usefixtures("no_network")


class Failing(MemoryCache):
    """A cache of which one method fails."""

    def __init__(self, fails):
        super().__init__("failing")
        self.fails = fails

    def _check(self, name):
        if self.fails == name:
            raise OperationalError(f"no {name}")

    def load(self, key):
        self._check("load")
        return super().load(key)

    def store(self, key, entry):
        self._check("store")
        super().store(key, entry)

    @contextmanager
    def lock(self, key):
        self._check("lock")
        with super().lock(key):
            yield


def test_a_cache_that_works_is_used():
    inner = MemoryCache("works")
    cache = OptionalCache(lambda: inner)
    with cache.lock("key"):
        assert cache.load("key") is None
        cache.store("key", b"entry")
        assert cache.load("key") == inner.load("key") == b"entry"
        cache.delete("key")
    assert inner.load("key") is None


@pytest.mark.parametrize("fails", ["open", "lock", "load", "store"])
def test_a_cache_that_fails_is_done_without_and_tried_again_at_the_next_lock(caplog, fails):
    inner = Failing(fails)

    def opened():
        inner._check("open")
        return inner

    cache = OptionalCache(opened)
    with caplog.at_level(logging.WARNING, "box_dialect"), cache.lock("key"):
        assert cache.load("key") is None
        cache.store("key", b"entry")
    assert [record.getMessage() for record in caplog.records] == [
        f"tokens are not kept between runs: no {fails}. TokenCache=memory asks for that"
    ]
    inner.fails = None
    with cache.lock("key"):
        cache.store("key", b"later")
        assert cache.load("key") == b"later"


def test_what_fails_inside_the_lock_is_raised():
    with pytest.raises(OperationalError, match="Box"), OptionalCache(lambda: MemoryCache("raises")).lock("key"):
        raise OperationalError("Box")
