"""The rate limiter, by a clock of the test's own."""

import asyncio

import pytest

from box_dialect.api.ratelimit import RateLimiter


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
    limiter.hold(7)
    assert elapsed(time, limiter, 5) == pytest.approx(7)
    assert elapsed(time, limiter, 5) == 0


def test_a_shorter_hold_does_not_cut_a_longer_one(time):
    limiter = RateLimiter(0, time, time.sleep)
    limiter.hold(7)
    limiter.hold(2)
    assert elapsed(time, limiter, 1) == pytest.approx(7)


def test_a_hold_of_nothing_holds_nothing(time):
    limiter = RateLimiter(0, time, time.sleep)
    limiter.hold(0)
    assert elapsed(time, limiter, 1) == 0


def test_a_hold_that_begins_while_a_call_waits_holds_it_too(time):
    waits = []

    async def sleep(seconds):
        if not waits:
            limiter.hold(100)
        waits.append(seconds)
        await time.sleep(seconds)

    limiter = RateLimiter(1, time, sleep)
    assert elapsed(time, limiter, 1) == 0
    assert elapsed(time, limiter, 1) == pytest.approx(100)
    assert waits == pytest.approx([60, 40])
