"""How long a statement may take, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import gc
import itertools
import threading
import weakref
from typing import TYPE_CHECKING

import pytest
from patience import PATIENCE_SECONDS, wait_until

from box_dialect.engine import Execution
from box_dialect.engine.execution import watchdog
from box_dialect.errors import LimitExceededError, OperationalError
from box_dialect.properties import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("no_network")


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


made: list[Execution] = []


@pytest.fixture(autouse=True)
def paused_at_the_end() -> Iterator[None]:
    yield
    while made:
        made.pop().pause()


def execution_of(clock: Clock, **properties: object) -> Execution:
    made.append(Execution(parse({"OAuthAccessToken": "t", **properties}), clock))
    return made[-1]


async def give(value: int) -> int:
    return value


async def fail() -> None:
    raise TimeoutError("of the call")


def test_the_result_is_returned(clock: Clock) -> None:
    execution = execution_of(clock)
    execution.resume()
    assert execution.run(give, 7) == 7


def test_only_the_time_between_resume_and_pause_counts(clock: Clock) -> None:
    execution = execution_of(clock, Timeout=10)
    for _ in range(3):
        execution.resume()
        clock.now += 3
        assert execution.run(give, 7) == 7
        execution.pause()
        clock.now += 1000
    execution.resume()
    clock.now += 1
    assert execution.must_stop()
    with pytest.raises(LimitExceededError, match="the 10 seconds that Timeout allows it; narrow it, or raise"):
        execution.run(give, 7)
    execution.pause()


def test_no_timeout_is_no_bound(clock: Clock) -> None:
    execution = execution_of(clock)
    execution.resume()
    clock.now += 1e9
    assert not execution.must_stop()
    assert execution.run(give, 7) == 7


def test_a_time_out_of_a_call_is_not_taken_for_that_of_the_statement(clock: Clock) -> None:
    execution = execution_of(clock, Timeout=10)
    execution.resume()
    with pytest.raises(TimeoutError, match="of the call"):
        execution.run(fail)


def test_an_event_loop_that_ends_is_not_taken_for_a_timeout(clock: Clock) -> None:
    async def end() -> None:
        raise asyncio.CancelledError

    execution = execution_of(clock)
    execution.resume()
    with pytest.raises(OperationalError, match="cancelled, since the interpreter ends"):
        execution.run(end)


def test_what_stopped_a_statement_stops_all_that_it_waits_for(clock: Clock) -> None:
    execution = execution_of(clock)
    assert not execution.stop(OperationalError("too early"))
    execution.resume()
    assert execution.stop(OperationalError("the first"))
    assert execution.stop(OperationalError("the second"))
    for _ in range(2):
        with pytest.raises(OperationalError, match="the first"):
            execution.run(give, 7)


def test_a_handler_of_signals_may_stop_it_at_any_moment() -> None:
    stops: list[bool] = []

    def clock() -> float:  # which is asked wherever the thread of the statement may be, as a signal comes
        if len(stops) < 2:
            stops.append(False)
            stops[-1] = execution.stop(OperationalError("by the handler"))
        return 50.0

    execution = Execution(parse({"OAuthAccessToken": "t", "Timeout": 10}), lambda: 50.0)
    execution.resume()
    execution._clock = clock
    thread = threading.Thread(target=execution.pause, daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), "it waits for itself"
    assert stops[-1]
    with pytest.raises(OperationalError, match="by the handler"):
        execution.check()


def test_what_stops_a_statement_stays_while_the_watchdog_looks_at_it() -> None:
    threads: list[threading.Thread] = []
    looks = itertools.count()  # the watchdog's own thread looks too, as often as it has time for

    def clock() -> float:
        if threading.current_thread() in threads:
            return 70.0
        if next(looks) == 1:  # SQLite asks whether to go on just as the watchdog finds that it may
            threads.append(threading.Thread(target=execution.must_stop, daemon=True))
            threads[0].start()
            threads[0].join(0.2)
        return 50.0

    execution = execution_of(Clock(), Timeout=10)
    execution.resume()
    execution._clock = clock
    execution.enforce()
    threads[0].join(PATIENCE_SECONDS)
    with pytest.raises(OperationalError, match="10 seconds"):
        execution.check()


def test_what_ends_the_wait_cancels_what_is_awaited(clock: Clock) -> None:
    execution, cancelled = execution_of(clock, Timeout=1), []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    execution.resume()
    with pytest.raises(OperationalError, match="Timeout"):
        execution.run(wait)
    execution.pause()
    later = execution_of(clock)
    later.resume()
    while not cancelled:
        later.run(give, 7)


def test_calls_are_counted_up_to_the_bound(clock: Clock) -> None:
    count = execution_of(clock, MaxApiCalls=2).count
    count.add()
    count.add()
    for _ in range(2):
        with pytest.raises(LimitExceededError, match="the 2 API calls that MaxApiCalls allows"):
            count.add()
    assert count.calls == 2


def test_a_statement_that_is_dropped_while_it_runs_is_freed_and_watched_no_more() -> None:
    execution = Execution(parse({"OAuthAccessToken": "t"}))
    execution.resume()
    left = weakref.ref(execution)
    del execution

    def is_freed() -> bool:
        gc.collect()
        return left() is None

    wait_until(is_freed)
    wait_until(lambda: not watchdog._watched)


def test_the_thread_that_watches_keeps_no_statement_that_was_paused() -> None:
    execution = Execution(parse({"OAuthAccessToken": "t"}))
    execution.resume()
    is_seen = threading.Event()
    execution.enforce = is_seen.set  # type: ignore[method-assign]
    assert is_seen.wait(PATIENCE_SECONDS)
    execution.pause()
    wait_until(lambda: not watchdog._begun.is_set())
    left = weakref.ref(execution)
    del execution
    gc.collect()
    assert left() is None
