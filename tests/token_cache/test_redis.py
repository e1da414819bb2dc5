"""Redis: a lock that ends by itself, is renewed while it is held, and fences what is stored."""

from __future__ import annotations

import threading
import time

import pytest
from patience import wait_until

from box_dialect.errors import OperationalError
from box_dialect.token_cache.redis import _ACQUIRE, LEASE_SECONDS, RedisCache
from token_cache.conftest import opened
from token_cache.worker import KEY

redis = pytest.importorskip("redis")

ENTRY, LOCK = f"box-dialect:{{{KEY}}}", f"box-dialect:{{{KEY}}}:lock"


@pytest.fixture
def cache(redis_url):
    return RedisCache(redis_url)


@pytest.fixture
def server(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        yield client


def test_the_names_in_redis_begin_with_the_projects(cache, server):
    with cache.lock(KEY):
        cache.store(KEY, b"tokens")
        assert set(server.keys()) == {ENTRY.encode(), LOCK.encode()}
    assert server.keys() == [ENTRY.encode()]


def test_tokens_are_stored_where_no_thread_begins_any_more(cache, server, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with cache.lock(KEY):
        cache.store(KEY, b"tokens")
    assert (cache.load(KEY), server.exists(LOCK)) == (b"tokens", 0)


def test_the_lock_ends_by_itself_where_its_holder_died(cache, server):
    with cache.lock(KEY):
        assert 0 < server.pttl(LOCK) <= LEASE_SECONDS * 1000
    server.set(LOCK, "of a host that died", px=100)
    with cache.lock(KEY):
        assert server.get(LOCK) != b"of a host that died"


def test_the_lock_is_renewed_while_it_is_held(redis_url, server):
    far = 1000 * LEASE_SECONDS * 1000
    with RedisCache(redis_url, renewal_seconds=0.01).lock(KEY):
        server.pexpire(LOCK, int(far))
        wait_until(lambda: server.pttl(LOCK) <= LEASE_SECONDS * 1000)  # which a renewal sets it to


def test_nothing_is_stored_under_a_lock_that_is_lost(cache, server):
    cache.store(KEY, b"older")
    with cache.lock(KEY):
        server.delete(LOCK)
        with pytest.raises(OperationalError, match=r"nothing was stored in Redis at .*the lock was lost") as caught:
            cache.store(KEY, b"newer")
        assert caught.value.diag.retryable
    assert cache.load(KEY) == b"older"


def test_a_lock_that_another_took_over_is_neither_stored_under_nor_renewed_nor_released(redis_url, server):
    cache = RedisCache(redis_url, renewal_seconds=0.01)
    with cache.lock(KEY):
        server.set(LOCK, "another's", px=3_600_000)
        with pytest.raises(OperationalError, match="the lock was lost"):
            cache.store(KEY, b"tokens")
        time.sleep(0.05)  # some renewals
    assert server.get(LOCK) == b"another's"
    assert server.pttl(LOCK) > LEASE_SECONDS * 1000
    assert cache.load(KEY) is None


def test_a_command_that_is_repeated_gets_the_lock_again(cache):
    tries = [cache._run(_ACQUIRE, KEY, token, 3_600_000) for token in ("mine", "mine", "another's", "mine")]
    assert tries == [1, 1, 0, 1]


def test_the_lock_frees_itself_where_redis_is_gone_at_the_end(cache, server):
    with cache.lock(KEY):
        cache.store(KEY, b"tokens")
        server.config_set("requirepass", "changed")
        server.client_kill_filter(_type="normal", skipme=True)
    server.config_set("requirepass", server.connection_pool.connection_kwargs["password"])
    assert cache.load(KEY) == b"tokens"


def test_a_wrong_password_and_a_server_that_is_not_there_are_reported_without_the_password(redis_url):
    host = redis_url.partition("@")[2]
    for location, reason in [
        (f"redis://:kanarienvogel7@{host}", "password"),
        ("redis://:kanarienvogel7@127.0.0.1:1", ""),
    ]:
        with pytest.raises(
            OperationalError, match=f"cannot be used .*{reason}.*check the property TokenCache"
        ) as caught:
            opened({"TokenCache": location}).load(KEY)
        assert "kanarienvogel7" not in str(caught.value)
        assert caught.value.diag.retryable
        with pytest.raises(OperationalError, match="cannot be used"):
            opened({"TokenCache": location}).lock(KEY).__enter__()


def test_options_of_the_url_are_heeded(redis_url):
    cache = opened(
        {"TokenCache": f"{redis_url}?decode_responses=true&socket_timeout=59"}, TokenCacheKey="correct horse"
    )
    with cache.lock(KEY):
        cache.store(KEY, b"tokens")
    assert cache._cache._client.connection_pool.connection_kwargs["socket_timeout"] == 59
