"""The rate limiters, by a clock of the test's own."""

import asyncio
import dataclasses

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api import AS_USER_HEADER, ApiCall, ApiPath
from box_dialect.api.ratelimit import (
    BURST_SECONDS,
    EASING,
    FIRST_PACE_SECONDS,
    MOST_USERS,
    SLOWEST_PACE_SECONDS,
    CallLimits,
    LimitsOfUsers,
    RateLimiter,
)

pytestmark = pytest.mark.usefixtures("no_network")


class Time:
    """A clock that goes on when somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def time():
    return Time()


def elapsed(time, limiter, calls):
    """Return the seconds that it takes to admit so many calls."""
    began = time.now

    async def admit():
        for _ in range(calls):
            await limiter.admit()

    asyncio.run(admit())
    return time.now - began


def limiter_of(time, per_minute, burst=None):
    return RateLimiter(per_minute, burst, time, time.sleep)


def test_calls_go_at_an_even_rate_after_a_burst(time):
    limiter = limiter_of(time, 6000)
    assert elapsed(time, limiter, round(100 * BURST_SECONDS)) == pytest.approx(0)
    assert elapsed(time, limiter, 1) == pytest.approx(0.01)
    assert elapsed(time, limiter, 6000) == pytest.approx(60)


def test_a_pause_saves_up_no_more_than_a_burst(time):
    limiter = limiter_of(time, 60, burst=5)
    assert elapsed(time, limiter, 5) == pytest.approx(0)
    time.now += 2
    assert elapsed(time, limiter, 2) == pytest.approx(0)
    assert elapsed(time, limiter, 1) == pytest.approx(1)
    time.now += 10_000
    assert elapsed(time, limiter, 5) == pytest.approx(0)
    assert elapsed(time, limiter, 1) == pytest.approx(1)


def test_no_minute_has_more_calls_than_the_rate(time):
    limiter = limiter_of(time, 600)
    moments = []

    async def admit():
        for number in range(3000):
            await limiter.admit()
            moments.append(time.now)
            if number % 700 == 0:
                time.now += 7

    asyncio.run(admit())
    most = max(sum(begin <= moment < begin + 60 for moment in moments) for begin in moments[::50])
    assert 590 < most <= 600


def test_who_waits_is_woken_once(time):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    limiter = RateLimiter(60, 1, time, sleep)

    async def admit():
        await asyncio.gather(*[limiter.admit() for _ in range(50)])

    asyncio.run(admit())
    assert waits == pytest.approx([*range(1, 50)])


def test_a_call_that_is_cancelled_leaves_its_turn_to_others(time):
    async def check():
        limiter = RateLimiter(60, 1, time, lambda _: asyncio.Event().wait())
        await limiter.admit()
        waiting = [asyncio.ensure_future(limiter.admit()) for _ in range(30)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        limiter._sleep = time.sleep
        await limiter.admit()

    began = time.now
    asyncio.run(check())
    assert time.now - began == pytest.approx(1)


def test_zero_is_no_limit(time):
    assert elapsed(time, limiter_of(time, 0), 10_000) == 0


def test_one_call_a_minute(time):
    limiter = limiter_of(time, 1)
    assert elapsed(time, limiter, 3) == pytest.approx(120)


@pytest.mark.parametrize("per_minute", [0, 600])
def test_all_calls_are_held_back_for_as_long_as_box_asks(time, per_minute):
    limiter = limiter_of(time, per_minute)
    limiter.refused(7, time.now)
    assert elapsed(time, limiter, 5) == pytest.approx(7 + 4 * max(FIRST_PACE_SECONDS, per_minute and 60 / per_minute))


def test_a_shorter_hold_does_not_cut_a_longer_one(time):
    limiter = limiter_of(time, 0)
    limiter.refused(7, time.now)
    limiter.refused(2, time.now)
    assert elapsed(time, limiter, 1) == pytest.approx(7)


def test_a_hold_of_nothing_holds_nothing(time):
    limiter = limiter_of(time, 0)
    limiter.refused(0, time.now)
    assert elapsed(time, limiter, 1) == 0


def test_a_hold_that_begins_while_a_call_waits_holds_it_too(time):
    waits = []

    async def sleep(seconds):
        if not waits:
            limiter.refused(100, time.now)
        waits.append(seconds)
        await time.sleep(seconds)

    limiter = RateLimiter(1, None, time, sleep)
    assert elapsed(time, limiter, 1) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(100)
    assert waits == pytest.approx([60, 40])


def test_after_a_refusal_calls_go_one_after_another(time):
    limiter = limiter_of(time, 0)
    for _ in range(16):  # all that were in flight are refused, and slow the pace once
        limiter.refused(1, time.now)
    assert elapsed(time, limiter, 11) == pytest.approx(1 + 10 * FIRST_PACE_SECONDS)


def test_each_refusal_after_slowing_doubles_the_pace(time):
    limiter = limiter_of(time, 0)
    for doubled in (1, 2, 4):
        time.now += 1
        limiter.refused(0, time.now)
        elapsed(time, limiter, 1)
        assert elapsed(time, limiter, 3) == pytest.approx(3 * doubled * FIRST_PACE_SECONDS)
    for _ in range(20):
        limiter.refused(0, time.now)
        time.now += 100
    elapsed(time, limiter, 1)
    assert elapsed(time, limiter, 1) == pytest.approx(SLOWEST_PACE_SECONDS)


def test_answers_quicken_the_pace_until_there_is_none(time):
    limiter = limiter_of(time, 0)
    limiter.refused(0, time.now)
    elapsed(time, limiter, 1)
    limiter.passed()
    assert elapsed(time, limiter, 2) == pytest.approx(FIRST_PACE_SECONDS * (1 + EASING))
    for _ in range(200):
        limiter.passed()
    time.now += 1
    assert elapsed(time, limiter, 100) == 0


GENERAL = ApiCall("GET", ApiPath("/folders/0/items"))
SEARCH = ApiCall("GET", ApiPath("/search"), {"query": "budget"})
UPLOADS = [
    ApiCall("POST", ApiPath("/files/content")),
    ApiCall("POST", ApiPath("/files/{id}/content", id="12")),
    ApiCall("POST", ApiPath("/files/upload_sessions")),
    ApiCall("PUT", ApiPath("/files/upload_sessions/{id}", id="F971")),
    ApiCall("POST", ApiPath("/files/upload_sessions/{id}/commit", id="F971")),
]


def intervals(per_minute, call):
    """Return the seconds between two calls that each limiter of a call keeps."""
    limits = CallLimits(per_minute)
    return {limiter._interval for limiter in (limits._own(call), limits._general)}


@pytest.mark.parametrize(
    "call",
    [GENERAL, ApiCall("GET", ApiPath("/files/{id}/content", id="12")), ApiCall("PUT", ApiPath("/files/{id}", id="12"))],
    ids=str,
)
def test_most_calls_have_the_general_rate_only(call):
    assert intervals(1000, call) == {0.06}


@pytest.mark.parametrize("call", UPLOADS, ids=str)
def test_uploads_have_a_rate_of_their_own_besides(call):
    assert intervals(1000, call) == {0.06, 0.25}


def test_searches_have_a_rate_of_their_own_besides():
    assert intervals(1000, SEARCH) == {0.06, 1}


@pytest.mark.parametrize("call", [GENERAL, SEARCH, *UPLOADS], ids=str)
def test_no_limit_opens_every_class(call):
    assert intervals(0, call) == {0}


def test_a_refused_search_slows_searches_only():
    limits = CallLimits(0)
    assert not limits.refused(SEARCH, 0, 1e12)
    assert (limits._own(SEARCH)._pace, limits._general._pace) == (FIRST_PACE_SECONDS, 0)
    limits.passed(SEARCH)
    assert limits._own(SEARCH)._pace < FIRST_PACE_SECONDS
    assert limits.refused(GENERAL, 0, 1e12)
    assert limits._general._pace == FIRST_PACE_SECONDS


def as_user(call, user):
    return dataclasses.replace(call, headers={AS_USER_HEADER: user})


@pytest.mark.parametrize("call", [GENERAL, SEARCH], ids=str)
def test_each_user_has_limits_of_their_own(call, run):
    limits = LimitsOfUsers(1000)

    async def refuse():
        for user in ("1", "2"):
            await limits.admit(as_user(call, user))
        limits.refused(as_user(call, "1"), 3_600, 1e12)
        await limits.admit(as_user(call, "2"))  # which does not wait for an hour
        await limits.admit(call)

    run(asyncio.wait_for(refuse(), PATIENCE_SECONDS))
    assert (limits.seconds(1, "1") > 3_000) == (call is GENERAL)
    assert limits.seconds(1, "2") == limits.seconds(1) == limits.seconds(1, "3") == 0


def test_the_limits_of_the_latest_users_are_kept():
    limits = LimitsOfUsers(1000)
    for user in map(str, range(MOST_USERS)):
        limits.refused(as_user(GENERAL, user), 3_600, 1e12)
    limits.passed(as_user(GENERAL, "0"))
    limits.passed(GENERAL)
    assert [limits.seconds(1, user) > 0 for user in ("0", "1", "2")] == [True, False, True]
