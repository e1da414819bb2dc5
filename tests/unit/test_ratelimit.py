"""The rate limiter, by a clock of the test's own."""

import asyncio

import pytest

from box_dialect.api.ratelimit import EASING, FIRST_PACE_SECONDS, SLOWEST_PACE_SECONDS, RateLimiter


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


def test_a_full_bucket_is_let_through_at_once_and_the_rest_at_the_rate(time):
    limiter = RateLimiter(60, time, time.sleep)
    assert elapsed(time, limiter, 60) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(1)
    assert elapsed(time, limiter, 30) == pytest.approx(30)


def test_the_bucket_refills_evenly_and_never_beyond_its_size(time):
    limiter = RateLimiter(60, time, time.sleep)
    assert elapsed(time, limiter, 60) == 0
    time.now += 10
    assert elapsed(time, limiter, 10) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(1)
    time.now += 10_000
    assert elapsed(time, limiter, 60) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(1)


def test_zero_is_no_limit(time):
    assert elapsed(time, RateLimiter(0, time, time.sleep), 10_000) == 0


def test_one_call_a_minute(time):
    limiter = RateLimiter(1, time, time.sleep)
    assert elapsed(time, limiter, 3) == pytest.approx(120)


@pytest.mark.parametrize("per_minute", [0, 600])
def test_all_calls_are_held_back_for_as_long_as_box_asks(time, per_minute):
    limiter = RateLimiter(per_minute, time, time.sleep)
    limiter.refused(7, time.now)
    assert elapsed(time, limiter, 5) == pytest.approx(7 + 4 * FIRST_PACE_SECONDS)


def test_a_shorter_hold_does_not_cut_a_longer_one(time):
    limiter = RateLimiter(0, time, time.sleep)
    limiter.refused(7, time.now)
    limiter.refused(2, time.now)
    assert elapsed(time, limiter, 1) == pytest.approx(7)


def test_a_hold_of_nothing_holds_nothing(time):
    limiter = RateLimiter(0, time, time.sleep)
    limiter.refused(0, time.now)
    assert elapsed(time, limiter, 1) == 0


def test_a_hold_that_begins_while_a_call_waits_holds_it_too(time):
    waits = []

    async def sleep(seconds):
        if not waits:
            limiter.refused(100, time.now)
        waits.append(seconds)
        await time.sleep(seconds)

    limiter = RateLimiter(1, time, sleep)
    assert elapsed(time, limiter, 1) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(100)
    assert waits == pytest.approx([60, 40])


def test_after_a_refusal_calls_go_one_after_another(time):
    limiter = RateLimiter(0, time, time.sleep)
    for _ in range(16):  # all that were in flight are refused, and slow the pace once
        limiter.refused(1, time.now)
    assert elapsed(time, limiter, 11) == pytest.approx(1 + 10 * FIRST_PACE_SECONDS)


def test_each_refusal_after_slowing_doubles_the_pace(time):
    limiter = RateLimiter(0, time, time.sleep)
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
    limiter = RateLimiter(0, time, time.sleep)
    limiter.refused(0, time.now)
    elapsed(time, limiter, 1)
    limiter.passed()
    assert elapsed(time, limiter, 2) == pytest.approx(FIRST_PACE_SECONDS * (1 + EASING))
    for _ in range(200):
        limiter.passed()
    time.now += 1
    assert elapsed(time, limiter, 100) == 0
