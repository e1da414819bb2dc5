"""When a call is sent again, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweep import sweep

from box_dialect.api import retry
from box_dialect.api.retry import FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS, Failure, RetryPolicy

pytestmark = pytest.mark.usefixtures("no_network")

POLICY = RetryPolicy(max_retries=4, total_seconds=120)
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "POST", "PATCH")
SAFE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")


def delay(failure, method="GET", attempt=0, elapsed=0.0, policy=POLICY):
    return policy.delay(method, failure, attempt, elapsed)


@sweep("method", METHODS)
@sweep(
    ("failure", "methods"),
    [
        (Failure(429), METHODS),
        (Failure(None, sent=False), METHODS),
        (Failure(None), SAFE),
        (Failure(500), SAFE),
        (Failure(502), SAFE),
        (Failure(503), SAFE),
        (Failure(503, retry_after="0"), SAFE),
        (Failure(504), SAFE),
        (Failure(599), SAFE),
        (Failure(302), ()),
        (Failure(400), ()),
        (Failure(401), ()),
        (Failure(403), ()),
        (Failure(404), ()),
        (Failure(409), ()),
        (Failure(412), ()),
        (Failure(499), ()),
        (Failure(404, retry_after="1"), ()),
    ],
    ids=str,
)
def test_a_call_is_sent_again_only_where_it_does_no_more_the_second_time(failure, methods, method):
    assert (delay(failure, method) is not None) == (method in methods)


@sweep(
    ("header", "seconds"),
    [("0", 0), ("1", 1), ("30", 30), (" 7 ", 7), ("-5", 0), ("007", 7)],
)
@sweep("status", [429, 503])
def test_retry_after_in_seconds_is_honoured(status, header, seconds):
    assert delay(Failure(status, retry_after=header)) == seconds


def test_retry_after_as_a_date_is_honoured():
    coming = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < delay(Failure(429, retry_after=format_datetime(coming, usegmt=True))) <= 100


@pytest.mark.parametrize(
    "header", ["Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00", "21 Oct 2015 07:28:00 -0800"]
)
def test_retry_after_of_the_past_is_no_wait(header):
    assert delay(Failure(429, retry_after=header)) == 0


@sweep(
    "header",
    [
        "", "soon", "nan", "inf", "-inf", "1e400", "1_0", "1,5", "0x10", "--1", "²", "\uff11\uff12", "\u0663",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    ],
)  # fmt: skip
def test_retry_after_without_meaning_is_ignored(header):
    assert FIRST_DELAY_SECONDS * 0.5 <= delay(Failure(429, retry_after=header)) <= FIRST_DELAY_SECONDS * 1.5


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ (GMT|[-+]\d+)", fullmatch=True))
def test_any_retry_after_gives_a_wait_or_gives_up(header):
    wait = delay(Failure(429, retry_after=header))
    assert wait is None or 0 <= wait <= POLICY.total_seconds


@pytest.mark.parametrize("attempt", range(4))
def test_the_wait_doubles_and_varies_by_half(attempt):
    waits = [delay(Failure(500), attempt=attempt) for _ in range(200)]
    expected = FIRST_DELAY_SECONDS * 2**attempt
    assert expected * 0.5 <= min(waits) < expected * 0.8
    assert expected * 1.2 < max(waits) <= expected * 1.5


@pytest.mark.parametrize(("factor", "limit"), [(0.5, "lower"), (1.5, "upper")])
def test_the_bounds_of_the_jitter(monkeypatch, factor, limit):
    chosen = []

    def uniform(low, high):
        chosen.append((low, high))
        return low if limit == "lower" else high

    monkeypatch.setattr(retry.random, "uniform", uniform)
    assert delay(Failure(500)) == FIRST_DELAY_SECONDS * factor
    assert chosen == [(0.5, 1.5)]


def test_the_wait_has_an_upper_bound():
    policy = RetryPolicy(max_retries=100, total_seconds=10_000)
    waits = [delay(Failure(500), attempt=attempt, policy=policy) for attempt in range(10, 90)]
    assert max(waits) <= LONGEST_DELAY_SECONDS * 1.5


@pytest.mark.parametrize(("retries", "attempts"), [(0, 0), (1, 1), (4, 4)])
def test_the_number_of_retries_is_bounded(retries, attempts):
    policy = RetryPolicy(retries, 120)
    again = [delay(Failure(503, retry_after="0"), attempt=attempt, policy=policy) for attempt in range(retries + 3)]
    assert again == [0] * attempts + [None] * 3


def test_only_the_time_bounds_calls_that_are_refused_for_the_rate():
    assert delay(Failure(429, retry_after="1"), attempt=1_000, elapsed=118) == 1
    assert delay(Failure(429, retry_after="1"), attempt=0, elapsed=120) is None
    assert delay(Failure(429, retry_after="1"), policy=RetryPolicy(0, 120)) is None


@pytest.mark.parametrize(
    ("header", "elapsed", "expected"),
    [
        ("20", 100, 20), ("21", 100, None), ("120", 0, 120), ("121", 0, None), ("0", 120, 0), ("0", 120.1, None),
        ("9" * 400, 0, None),
    ],
)  # fmt: skip
def test_a_wait_that_would_pass_the_total_bound_is_not_begun(header, elapsed, expected):
    assert delay(Failure(429, retry_after=header), elapsed=elapsed) == expected


def test_no_time_to_retry_means_no_retry():
    assert delay(Failure(500), policy=RetryPolicy(4, 0)) is None
