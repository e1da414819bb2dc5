"""Statements that are stopped: by their bounds, by another thread, by Ctrl-C."""

import signal
import threading

import pytest
from faults.conftest import FILES as FILES_OF_THE_TREE
from patience import wait_until

from box_dialect.engine import Execution
from box_dialect.errors import InterfaceError, LimitExceededError, OperationalError, ProgrammingError

LISTING = "get_folders_id_items"
FILES = "SELECT id FROM files"
INSERT = "INSERT INTO folders (name, parent_id) VALUES (?, '0')"
HELD_MS = 600_000
NUMBERS = "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)"


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    """Return the clock that tells how long statements take: it stands still."""
    clock = Clock()
    monkeypatch.setattr(Execution.__init__, "__defaults__", (clock,))
    return clock


@pytest.fixture
def connection(box):
    return connected(box)


def connected(box, **properties):
    """Return a connection that waits for an answer as long as its statements do."""
    return box.connect(RequestTimeout=300, **properties)


def when(condition, action):
    """Run `action` in a thread once `condition` holds, at the latest when patience ends; return the thread."""

    def run():
        try:
            wait_until(condition)
        finally:
            action()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def press_ctrl_c():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def usable(connection):
    return len(connection.cursor().execute(FILES).fetchall()) == FILES_OF_THE_TREE


def check_no_rows(cursor):
    assert cursor.description is None
    for fetch in (cursor.fetchone, cursor.fetchall):
        with pytest.raises(ProgrammingError, match="no rows to fetch"):
            fetch()


def test_a_read_that_needs_more_calls_than_allowed_is_an_error(box):
    connection = connected(box, MaxApiCalls=5)
    cursor = connection.cursor()
    with pytest.raises(
        OperationalError, match="more than the 5 API calls that MaxApiCalls allows it; narrow it"
    ) as caught:
        cursor.execute(FILES).fetchall()
    assert not caught.value.diag.retryable
    assert cursor.api_calls == 5
    check_no_rows(cursor)
    assert len(cursor.execute("SELECT id FROM files LIMIT 1").fetchall()) == 1
    assert box.calls(LISTING) <= 5 + cursor.api_calls  # the last of the five may be cancelled before it goes


def test_calls_that_are_sent_again_count(box):
    connection = connected(box, MaxApiCalls=2)
    box.fault(LISTING, status=503, times=2)
    with pytest.raises(LimitExceededError, match="MaxApiCalls"):
        connection.cursor().execute(FILES).fetchall()
    assert box.calls(LISTING) == 2


def test_a_read_that_takes_longer_than_allowed_is_an_error(box):
    connection = connected(box, Timeout=1)
    box.fault(LISTING, skip=3, delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    with pytest.raises(LimitExceededError, match="the 1 seconds that Timeout allows it; narrow it"):
        cursor.execute(FILES).fetchall()
    check_no_rows(cursor)
    box.reset()
    assert usable(connected(box))


@pytest.mark.long
@pytest.mark.parametrize(
    "fault",
    [{"status": 503, "headers": {"retry-after": "3600"}}, {"status": 429, "headers": {"retry-after": "3600"}}],
    ids=["retries", "refusals"],
)
def test_the_time_runs_while_waiting_to_send_again(box, fault):
    connection = connected(box, Timeout=1, RetrySeconds=999_999)
    box.fault(LISTING, **fault)
    with pytest.raises(OperationalError, match="Timeout"):
        connection.cursor().execute(FILES).fetchall()
    assert box.calls(LISTING) <= 1


def test_the_time_runs_while_waiting_for_the_rate(box):
    connection = connected(box, Timeout=1, MaxCallsPerMinute=1)
    with pytest.raises(OperationalError, match="Timeout"):
        connection.cursor().execute(FILES).fetchall()
    assert box.calls(LISTING) <= 1


def test_the_time_runs_while_sqlite_computes(box, clock):
    connection = connected(box, Timeout=600)
    cursor = connection.cursor()

    def an_hour_later():
        clock.now += 3600

    connection.sqlite.create_scalar_function("an_hour_later", an_hour_later, 0)
    with pytest.raises(OperationalError, match="Timeout"):
        cursor.execute(
            "WITH later AS MATERIALIZED (SELECT an_hour_later()) "
            f"SELECT count(*) FROM later CROSS JOIN ({NUMBERS} SELECT n FROM r)"
        ).fetchall()
    assert cursor.execute("SELECT 1").fetchall() == [(1,)]


def test_the_time_stands_still_between_fetches(box, clock):
    connection = connected(box, Timeout=600)
    cursor = connection.cursor().execute(FILES)
    cursor.fetchone()
    clock.now += 3600
    assert len(cursor.fetchall()) == FILES_OF_THE_TREE - 1


@pytest.mark.long
@pytest.mark.usefixtures("clock")
def test_a_write_that_takes_too_long_names_what_was_done(box):
    """The clock stands still, so that the time ends in no other moment than one in which rows are waited for."""
    connection = connected(box, Timeout=1, MaxConcurrency=2)
    box.fault("post_folders", skip=3, delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    with pytest.raises(LimitExceededError, match=r"Timeout allows it; .* of \d+ rows were written") as caught:
        cursor.executemany(INSERT, [(f"too slow {n}",) for n in range(50)])
    failures = [str(failure) for _, failure in caught.value.failures]
    assert len(failures) <= 2
    assert all("cancelled on its way, so Box may have carried it out" in failure for failure in failures)
    assert f"; {cursor.rowcount} of " in str(caught.value)
    assert cursor.rowcount <= 3
    box.reset()
    found = connected(box).cursor()
    found.execute("SELECT count(*) FROM folders WHERE parent_id = '0' AND name GLOB 'too slow*'")
    assert cursor.rowcount <= found.fetchone()[0] <= 3


def test_another_thread_interrupts_a_read(box, connection):
    box.fault(LISTING, skip=2, delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    thread = when(lambda: box.calls(LISTING) >= 3, connection.interrupt)
    with pytest.raises(OperationalError, match="the statement was interrupted"):
        cursor.execute(FILES).fetchall()
    thread.join()
    check_no_rows(cursor)
    box.reset()
    assert usable(connection)


def test_another_thread_interrupts_a_write(box, connection):
    box.fault("post_folders", delay_ms=HELD_MS)
    thread = when(lambda: box.calls("post_folders") == 1, connection.interrupt)
    with pytest.raises(OperationalError, match="the statement was interrupted; 0 of 1 rows were written and 1 failed"):
        connection.cursor().execute(INSERT, ("interrupted",))
    thread.join()
    box.reset()
    assert usable(connection)


def test_another_thread_interrupts_what_sqlite_computes(connection):
    begun = threading.Event()
    connection.sqlite.create_scalar_function("begin", lambda: begun.set() or 1, 0)
    thread = when(begun.is_set, connection.interrupt)
    with pytest.raises(OperationalError, match="the statement was interrupted"):
        connection.cursor().execute(
            "WITH begun AS MATERIALIZED (SELECT begin()) "
            f"SELECT count(*) FROM begun CROSS JOIN ({NUMBERS} SELECT n FROM r)"
        ).fetchall()
    thread.join()
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_an_interruption_of_nothing_does_nothing(connection):
    connection.interrupt()
    assert usable(connection)
    cursor = connection.cursor().execute(FILES)
    cursor.fetchone()
    connection.interrupt()
    assert len(cursor.fetchall()) == FILES_OF_THE_TREE - 1
    connection.close()
    with pytest.raises(InterfaceError):
        connection.interrupt()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform sends no signals to threads")
def test_ctrl_c_cancels_a_read(box, connection):
    box.fault(LISTING, skip=2, delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    thread = when(lambda: box.calls(LISTING) >= 3, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        cursor.execute(FILES).fetchall()
    thread.join()
    check_no_rows(cursor)
    box.reset()
    assert usable(connection)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform sends no signals to threads")
def test_ctrl_c_cancels_writes_and_sends_no_more(box):
    connection = connected(box, MaxConcurrency=2)
    box.fault("post_folders", skip=3, delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    thread = when(lambda: box.calls("post_folders") == 5, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        cursor.executemany(INSERT, [(f"pressed {n}",) for n in range(50)])
    thread.join()
    assert (cursor.rowcount, box.calls("post_folders")) == (3, 5)
    box.reset()
    assert usable(connection)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this platform sends no signals to threads")
def test_ctrl_c_while_the_last_rows_are_written_cancels_them_too(box):
    connection = connected(box, MaxConcurrency=1)
    box.fault("post_folders", delay_ms=HELD_MS, times=100)
    cursor = connection.cursor()
    thread = when(lambda: box.calls("post_folders") == 1, press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        cursor.executemany(INSERT, [(f"pressed late {n}",) for n in range(3)])
    thread.join()
    box.settle(connection)
    assert (cursor.rowcount, box.calls("post_folders")) == (0, 1)
    box.reset()
    assert usable(connection)


def test_a_cancelled_call_gives_its_slot_back(box):
    connection = connected(box, MaxConcurrency=2)
    for _ in range(3):
        box.fault(LISTING, delay_ms=HELD_MS, times=100)
        thread = when(lambda: box.calls(LISTING) >= 1, connection.interrupt)
        with pytest.raises(OperationalError, match="interrupted"):
            connection.cursor().execute(FILES).fetchall()
        thread.join()
        box.reset()
    assert usable(connection)
