"""Renewals that many want at once, that are cancelled, or whose tokens cannot be stored: no token set is lost."""

import asyncio
import dataclasses
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sign_in.acting import PATIENCE_SECONDS

from box_dialect.auth import authorization_code
from box_dialect.auth.entry import Entry, decoded, encoded
from box_dialect.errors import OperationalError
from box_dialect.properties import token_hosts

HOUR = 3600
WAITERS = 16


async def at_once(ask, count=WAITERS):
    return set(await asyncio.gather(*(ask() for _ in range(count))))


async def holding(cache):
    """Wait until a renewal holds the cache's lock."""
    await asyncio.wait_for(asyncio.to_thread(cache.locked.wait, PATIENCE_SECONDS), PATIENCE_SECONDS)
    cache.locked.clear()


def test_one_renewal_serves_all_who_wait(box, cache, clock, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        first = await at_once(provider.access_token)
        clock.ahead += HOUR
        return first, await at_once(provider.access_token)

    first, second = run(use())
    assert len(first) == len(second) == 1
    assert box.grants == {"refresh_token": 2}


def test_one_renewal_serves_all_whose_token_is_refused(box, cache, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        refused = await provider.access_token()
        return refused, await at_once(lambda: provider.replace(refused))

    refused, replaced = run(use())
    assert len(replaced) == 1
    assert refused not in replaced
    assert box.grants == {"refresh_token": 2}


@pytest.mark.parametrize("scheme", ["OAuth", "OAuthClient", "OAuthJWT"])
def test_one_renewal_serves_all_threads_that_share_a_cache(box, cache, clock, run, scheme):
    given = {
        "OAuth": box.pair(),
        "OAuthClient": {"SubjectId": box.ready["enterprise_id"]},
        "OAuthJWT": {"OAuthJWTCertType": "BOXJSONBLOB", "OAuthJWTCert": json.dumps(box.ready["jwt_config"])},
    }[scheme]
    ready = threading.Barrier(WAITERS)

    def process(_):
        provider = box.provider(cache, AuthScheme=scheme, **given)

        async def use():
            seen = []
            for _ in range(2):
                ready.wait(PATIENCE_SECONDS)
                seen.append(await provider.access_token())
                if ready.wait(PATIENCE_SECONDS) == 0:
                    clock.ahead += HOUR
            await provider.aclose()
            return tuple(seen)

        return run(use())

    with ThreadPoolExecutor(WAITERS) as threads:
        results = set(threads.map(process, range(WAITERS)))
    assert len(results) == 1
    assert sum(box.grants.values()) == 2


@pytest.mark.parametrize("given", ["tokens", "code"])
def test_a_set_is_stored_before_the_lock_is_released(box, cache, run, given):
    run(box.provider(cache, **(box.pair() if given == "tokens" else {"OAuthVerifier": box.code()})).access_token())
    assert cache.events == ["lock", "store", "unlock"]
    cache.events.clear()
    run(box.provider(cache).access_token())
    assert cache.events == ["lock", "unlock"]


def test_nothing_is_lost_when_all_who_wait_are_cancelled(box, cache, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        cache.may_go_on.clear()  # or the renewal may have ended before anybody is cancelled
        waiting = [asyncio.create_task(provider.access_token()) for _ in range(3)]
        await holding(cache)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert all(task.cancelled() for task in waiting)
        cache.may_go_on.set()
        await provider.aclose()

    run(use())
    assert box.grants == {"refresh_token": 1}
    assert box.accepts(cache.entry.tokens.access_token)
    assert run(box.provider(cache).access_token()) == cache.entry.tokens.access_token


def test_one_who_is_cancelled_takes_nothing_from_those_who_wait(box, cache, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        cache.may_go_on.clear()
        first, second = (asyncio.create_task(provider.access_token()) for _ in range(2))
        await holding(cache)
        first.cancel()
        cache.may_go_on.set()
        return await second

    assert box.accepts(run(use()))
    assert box.grants == {"refresh_token": 1}


def test_ahead_of_the_end_one_renews_while_the_others_go_on(box, cache, clock, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        old = await provider.access_token()
        cache.locked.clear()
        clock.ahead += HOUR - 200
        assert await at_once(provider.access_token) == {old}
        await holding(cache)
        await provider.aclose()
        return old, await at_once(provider.access_token)

    old, new = run(use())
    assert old not in new
    assert box.grants == {"refresh_token": 2}


def test_a_renewal_ahead_of_the_end_that_fails_is_not_tried_at_every_call(box, cache, clock, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        old = await provider.access_token()
        clock.ahead += HOUR - 200
        box.fault(status=503, times=100)
        for _ in range(5):
            assert await provider.access_token() == old
            await provider.aclose()
        failed = box.asked - 1
        clock.ahead += 31
        assert await provider.access_token() == old
        await provider.aclose()
        assert box.asked - 1 == failed + 1
        box.control("reset")
        clock.ahead += HOUR
        return failed, await provider.access_token()

    failed, new = run(use())
    assert failed == 1
    assert box.accepts(new)


def test_a_failed_renewal_is_raised_to_all_who_wait_and_tried_anew_by_the_next(box, cache, run):
    provider = box.provider(cache, **box.pair())
    box.fault(status=503)

    async def use():
        failed = await asyncio.gather(*(provider.access_token() for _ in range(5)), return_exceptions=True)
        assert all(isinstance(problem, OperationalError) and problem.diag.retryable for problem in failed)
        return await provider.access_token()

    assert box.accepts(run(use()))
    assert box.asked == 2


# A cache that fails


def test_tokens_that_cannot_be_stored_are_used_and_stored_at_last(box, cache, clock, run, caplog):
    provider = box.provider(cache, **box.pair())

    async def use():
        first = await provider.access_token()
        kept = dict(cache._entries)
        cache.fails = ("store",)
        clock.ahead += HOUR
        second = await provider.access_token()
        clock.ahead += HOUR
        third = await provider.access_token()
        assert len({first, second, third}) == 3
        assert cache._entries == kept
        cache.fails = ()
        await provider.aclose()
        return third

    with caplog.at_level(logging.ERROR, "box_dialect"):
        third = run(use())
    assert "new tokens, which could not be stored: no space left" in caplog.text
    assert cache.entry.tokens.access_token == third
    assert cache.entry.tokens.refresh_token not in caplog.text
    assert box.grants == {"refresh_token": 3}
    clock.ahead += HOUR
    assert box.accepts(run(box.provider(cache).access_token()))


def test_tokens_that_could_not_be_stored_give_way_to_a_later_sign_in(box, cache, clock, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        await provider.access_token()
        cache.fails = ("store",)
        clock.ahead += HOUR
        await provider.access_token()
        cache.fails = ()
        (key,) = cache._entries
        signed_in = await authorization_code.exchange(box.properties(), box.code(), clock=clock)
        cache.store(key, encoded(dataclasses.replace(cache.entry, tokens=signed_in)))
        await provider.aclose()
        assert cache.entry.tokens == signed_in
        clock.ahead += HOUR
        return await provider.access_token()

    assert box.accepts(run(use()))


@pytest.mark.parametrize("what", ["lock", "load"])
def test_a_cache_that_cannot_be_used_costs_no_refresh_token(box, cache, run, what):
    cache.fails, cache.problem = (what,), OperationalError("the disk is gone")
    given = box.pair()
    with pytest.raises(OperationalError, match="the disk is gone"):
        run(box.provider(cache, **given).access_token())
    assert box.asked == 0
    cache.fails = ()
    assert box.accepts(run(box.provider(cache, **given).access_token()))


class Unlocked:
    """A cache whose lock is lost at once: `meanwhile` happens before the second reading."""

    def __init__(self, cache, meanwhile):
        self.cache, self.meanwhile, self.loads = cache, meanwhile, 0

    def load(self, key):
        self.loads += 1
        if self.loads == 2:
            self.meanwhile(key)
        return self.cache.load(key)

    def __getattr__(self, name):
        return getattr(self.cache, name)


def test_a_refresh_token_that_another_was_faster_to_use_gives_way_to_its_result(box, cache, clock, run):
    run(box.provider(cache, **box.pair()).access_token())
    used = cache.entry
    refreshed = run(authorization_code.refresh(box.properties(), used.tokens.refresh_token, clock=clock))
    later = encoded(Entry(tokens=refreshed, lineage=used.lineage, hosts=used.hosts))
    unlocked = Unlocked(cache, lambda key: cache.store(key, later))
    provider = box.provider(unlocked)

    async def use():
        assert await provider.access_token() == used.tokens.access_token
        unlocked.loads = 0
        return await provider.replace(used.tokens.access_token)

    assert run(use()) == refreshed.access_token
    assert unlocked.loads == 2


@pytest.mark.parametrize("difference", [-60, 60], ids=["older", "newer"])
def test_a_newer_set_that_came_in_meanwhile_is_not_replaced_by_an_older_one(box, cache, clock, run, difference):
    subject = {"AuthScheme": "OAuthClient", "SubjectId": box.ready["enterprise_id"]}
    run(box.provider(cache, **subject).access_token())
    (key,) = cache._entries
    cache.delete(key)
    other = run(authorization_code.exchange(box.properties(), box.code(), clock=lambda: clock() + difference))
    stored = encoded(Entry(tokens=other, hosts=token_hosts(box.properties())))
    provider = box.provider(Unlocked(cache, lambda key: cache.store(key, stored)), **subject)
    result = run(provider.access_token())
    assert (result == other.access_token) is (difference > 0)
    assert decoded(cache.load(key)).tokens.access_token == result
