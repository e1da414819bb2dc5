"""Calls that fail and are sent again, and calls that must not be."""

import itertools

import pytest
from faults.conftest import Box

import box_dialect
from box_dialect.api import ApiCall, ApiPath, CallCount
from box_dialect.emulator import Emulator, Options
from box_dialect.errors import DatabaseError, IntegrityError, OperationalError

ROOT_ITEMS = "SELECT count(*) FROM items WHERE parent_id = '0'"
LISTING = "get_folders_id_items"
NAMES = (f"made by a test of faults {number}" for number in itertools.count(1))


def count(connection):
    return connection.cursor().execute(ROOT_ITEMS).fetchone()[0]


def folders_named(connection, name):
    statement = "SELECT id FROM folders WHERE parent_id = '0' AND name = ?"
    return [identity for (identity,) in connection.cursor().execute(statement, (name,)).fetchall()]


def made(connection):
    """Return the id and the name of a new folder."""
    name = next(NAMES)
    connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES (?, '0')", (name,))
    return folders_named(connection, name)[0], name


@pytest.mark.parametrize("seconds", ["0", "1", "-1", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_rate_limit_is_waited_for_and_counted(box, connection, seconds):
    expected = count(connection)
    box.reset()
    box.fault(LISTING, status=429, headers={"retry-after": seconds}, times=2 if seconds == "0" else 1)
    cursor = connection.cursor().execute(ROOT_ITEMS)
    assert cursor.fetchone()[0] == expected
    assert cursor.api_calls == box.calls(LISTING) == (3 if seconds == "0" else 2)


@pytest.mark.parametrize(
    ("status", "body"),
    [(429, None), (500, None), (502, "<html><h1>Bad gateway</h1></html>"), (503, {"code": "unavailable"}), (504, None)],
)
def test_a_passing_failure_is_not_seen(box, connection, status, body):
    box.fault(LISTING, status=status, body=body, times=2)
    cursor = connection.cursor().execute(ROOT_ITEMS)
    assert cursor.fetchone()[0] >= 10
    assert cursor.api_calls == box.calls(LISTING) == 3


def test_a_rate_limit_without_retry_after_is_retried(box, connection):
    box.fault(LISTING, status=429)
    assert count(connection) >= 10
    assert box.calls(LISTING) == 2


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_lasting_failure_is_an_operational_error_that_says_what_box_said(box, connection, status):
    body = {"code": "unavailable", "message": "Come back later", "request_id": "req7"}
    box.fault(LISTING, status=status, body=body, headers={"retry-after": "0"}, times=3)
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match=f"Come back later.*HTTP {status}.*unavailable.*req7") as caught:
        cursor.execute(ROOT_ITEMS).fetchall()
    diag = caught.value.diag
    assert (diag.status, diag.code, diag.request_id) == (status, "unavailable", "req7")
    assert (diag.operation, diag.retryable) == ("GET /folders/0/items", True)
    assert cursor.api_calls == box.calls(LISTING) == 3
    assert cursor.execute(ROOT_ITEMS).fetchone()[0] >= 10
    assert count(connection) >= 10


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 418])
def test_a_refusal_is_not_sent_again(box, connection, status):
    box.fault("get_users", status=status, body={"code": "refused", "message": "No"}, times=3)
    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="No") as caught:
        cursor.execute("SELECT id FROM users").fetchall()
    assert caught.value.diag.status == status
    assert not caught.value.diag.retryable
    assert box.calls("get_users") == cursor.api_calls == 1


@pytest.mark.parametrize("given", [{"MaxRetries": 0}, {"RetrySeconds": 0}], ids=str)
def test_retries_can_be_turned_off(box, given):
    box.fault(LISTING, status=500, times=1)
    with pytest.raises(OperationalError):
        count(box.connect(**given))
    assert box.calls(LISTING) == 1


def test_a_rate_limit_that_asks_to_wait_too_long_is_an_error_at_once(box):
    connection = box.connect(RetrySeconds=5)
    box.fault(LISTING, status=429, headers={"retry-after": "3600"})
    with pytest.raises(OperationalError) as caught:
        count(connection)
    assert (caught.value.diag.status, caught.value.diag.retryable) == (429, True)
    assert count(connection) >= 10


def test_a_broken_connection_is_retried_on_get(box, connection):
    box.fault(LISTING, drop_connection=True, times=2)
    cursor = connection.cursor().execute(ROOT_ITEMS)
    assert cursor.fetchone()[0] >= 10
    assert cursor.api_calls == box.calls(LISTING) == 3


def test_a_connection_that_stays_broken_is_an_operational_error(box, connection):
    box.fault(LISTING, drop_connection=True, times=3)
    with pytest.raises(OperationalError, match=r"GET /folders/0/items: cannot reach http://127\.0\.0\.1") as caught:
        count(connection)
    assert (caught.value.diag.status, caught.value.diag.retryable) == (None, True)
    assert caught.value.diag.operation == "GET /folders/0/items"
    assert box.calls(LISTING) == 3
    assert count(connection) >= 10


@pytest.mark.parametrize("fault", [{"drop_connection": True}, {"status": 500}, {"status": 503}], ids=str)
def test_an_insert_whose_answer_is_lost_is_not_repeated(box, connection, fault):
    name = next(NAMES)
    count(connection)
    box.fault("post_folders", **fault)
    cursor = connection.cursor()
    with pytest.raises(OperationalError) as caught:
        cursor.execute("INSERT INTO folders (name, parent_id) VALUES (?, '0')", (name,))
    assert caught.value.diag.operation == "POST /folders"
    assert box.calls("post_folders") == cursor.api_calls == 1
    assert folders_named(connection, name) == []


def test_an_insert_that_met_the_rate_limit_is_sent_again(box, connection):
    name = next(NAMES)
    box.fault("post_folders", status=429, headers={"retry-after": "0"}, times=2)
    cursor = connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES (?, '0')", (name,))
    assert cursor.rowcount == 1
    assert box.calls("post_folders") == cursor.api_calls == 3
    assert len(folders_named(connection, name)) == 1


def test_a_conflict_is_not_sent_again(box, connection):
    name = made(connection)[1]
    box.reset()
    with pytest.raises(IntegrityError, match="already exists") as caught:
        connection.cursor().execute("INSERT INTO folders (name, parent_id) VALUES (?, '0')", (name,))
    assert (caught.value.diag.status, caught.value.diag.code) == (409, "item_name_in_use")
    assert caught.value.diag.request_id
    assert box.calls("post_folders") == 1


@pytest.mark.parametrize("fault", [{"drop_connection": True}, {"status": 502}], ids=str)
def test_an_update_whose_answer_is_lost_is_repeated(box, connection, fault):
    identity, _ = made(connection)
    box.fault("put_folders_id", **fault)
    renamed = next(NAMES)
    cursor = connection.cursor().execute("UPDATE folders SET name = ? WHERE id = ?", (renamed, identity))
    assert cursor.rowcount == 1
    assert box.calls("put_folders_id") == 2
    assert folders_named(connection, renamed) == [identity]


@pytest.mark.parametrize("lost", [{"drop_connection": True}, {"status": 502}], ids=str)
def test_a_delete_whose_answer_was_lost_has_deleted(box, connection, lost):
    identity, name = made(connection)
    box.fault("delete_folders_id", **lost)
    box.fault("delete_folders_id", status=404, body={"code": "not_found", "message": "Not Found"})
    cursor = connection.cursor().execute("DELETE FROM folders WHERE id = ?", (identity,))
    assert cursor.rowcount == 1
    assert box.calls("delete_folders_id") == 2
    connection.cursor().execute("DELETE FROM folders WHERE id = ?", (identity,))
    assert folders_named(connection, name) == []


def test_a_404_is_a_success_only_for_a_delete_that_may_have_acted(box, connection):
    send, delete = connection.session.client.send, ApiCall("DELETE", ApiPath("/folders/{id}", id="404"))
    box.fault("delete_folders_id", drop_connection=True)
    assert connection.session.portal.run(send, delete, CallCount()) is None
    for fault in ({"status": 404}, {"status": 429, "headers": {"retry-after": "0"}}):
        box.fault("delete_folders_id", **fault)
        with pytest.raises(OperationalError) as caught:
            connection.session.portal.run(send, delete, CallCount())
        assert caught.value.diag.status == 404


def test_a_scan_that_fails_in_the_middle_stops_and_leaves_the_connection_usable(large):
    connection = large.connect()
    large.fault(LISTING, skip=60, status=400, body={"code": "bad_request", "message": "No"})
    with pytest.raises(DatabaseError, match="No"):
        connection.cursor().execute("SELECT id FROM files").fetchall()
    large.settle(connection)
    made_calls = large.calls(LISTING)
    assert made_calls < 200
    assert count(connection) == 300
    assert large.calls(LISTING) == made_calls + 1
    assert len(connection.cursor().execute("SELECT id FROM files").fetchall()) == 6_000


def test_a_scan_that_fails_cancels_what_is_in_flight(large):
    connection = large.connect()
    large.fault(LISTING, skip=60, delay_ms=600_000)
    large.fault(LISTING, skip=60, status=400, body={"message": "No"})
    with pytest.raises(DatabaseError, match="No"):
        connection.cursor().execute("SELECT id FROM files").fetchall()
    large.settle(connection)
    assert large.emulator._server.config.app.control.in_flight == 1, "nobody waited for the call that is held"
    assert large.calls(LISTING) < 200
    assert count(connection) == 300


@pytest.mark.long
def test_cursors_that_are_closed_early_leave_the_connection_usable(box):
    connection = box.connect(MaxConcurrency=4, MaxRetries=0)
    for _ in range(30):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM files")
            for _ in range(90):
                cursor.fetchone()
    assert len(connection.cursor().execute("SELECT id FROM files").fetchall()) == 200


def test_rows_that_arrived_before_a_failure_can_be_fetched(box, connection):
    box.fault(LISTING, skip=3, status=400, times=1)
    cursor = connection.cursor().execute("SELECT id FROM files")
    assert len({cursor.fetchone() for _ in range(20)}) == 20
    with pytest.raises(DatabaseError):
        cursor.fetchall()


@pytest.mark.long
def test_an_answer_that_does_not_come_in_time_is_an_operational_error(box):
    connection = box.connect(RequestTimeout=1, MaxRetries=1, OAuthAccessToken=box.ready["developer_token"])
    box.fault(LISTING, delay_ms=600_000, times=2)
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match="no answer within RequestTimeout=1 seconds") as caught:
        cursor.execute(ROOT_ITEMS).fetchall()
    assert caught.value.diag.retryable
    assert cursor.api_calls == 2
    box.reset()
    assert count(box.connect()) >= 10


@pytest.mark.long
def test_a_query_of_more_calls_than_the_rate_allows_is_slow_and_not_refused():
    with (
        Emulator(Options(synthetic=2_400, rate_limit=120)) as emulator,
        box_dialect.connect(emulator.ready["url"]) as slow,
    ):
        # On a slow machine the rate alone may refuse no call.
        Box(emulator).fault(LISTING, skip=120, status=429, headers={"retry-after": "0"})
        cursor = slow.cursor().execute("SELECT count(*) FROM files")
        assert cursor.fetchone() == (2_400,)
        assert 122 <= cursor.api_calls < 200


def test_a_post_that_may_have_acted_says_so(box, connection):
    for fault in ({"drop_connection": True}, {"status": 503}):
        box.fault("post_folders", **fault)
        with pytest.raises(OperationalError, match="may have carried it out") as caught:
            made(connection)
        assert not caught.value.diag.retryable
