"""Failures while many rows are written: each row is written once or told."""

import itertools
import re

import pytest

from box_dialect.errors import DatabaseError, DataError, OperationalError

INSERT = "INSERT INTO folders (name, parent_id) VALUES (?, '0')"
UPDATE = "UPDATE folders SET description = ? WHERE id = ?"
NUMBERS = itertools.count(1)


def sets(number):
    """Return so many sets of parameters, with names that were not there before."""
    return [(f"one of many {next(NUMBERS)}",) for _ in range(number)]


def names(connection):
    rows = connection.cursor().execute("SELECT name FROM folders WHERE parent_id = '0' AND name GLOB 'one of many*'")
    return [name for (name,) in rows.fetchall()]


def made(box, connection, number):
    """Make so many folders and return their ids, the counts of calls forgotten."""
    rows = sets(number)
    connection.cursor().executemany(INSERT, rows)
    found = connection.cursor().execute("SELECT name, id FROM folders WHERE parent_id = '0'").fetchall()
    box.reset()
    return [dict(found)[name] for (name,) in rows]


@pytest.mark.long
@pytest.mark.parametrize("operation", ["post_folders", "put_folders_id"])
def test_a_storm_of_refusals_costs_no_row(box, operation):
    refusals = 4
    connection = box.connect(MaxRetries=refusals)  # one row may get all
    identities = made(box, connection, 30)
    rows = sets(30)
    box.fault(operation, status=429, headers={"retry-after": "0"}, times=refusals)
    cursor = connection.cursor()
    if operation == "post_folders":
        cursor.executemany(INSERT, rows)
        assert {name for (name,) in rows} <= set(names(connection))
    else:
        cursor.executemany(UPDATE, [("new", identity) for identity in identities])
    assert cursor.rowcount == 30
    assert cursor.api_calls == box.calls(operation) == 30 + refusals


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop_connection": True}], ids=str)
def test_an_insert_whose_answer_is_lost_is_told_and_the_others_are_made(box, connection, fault):
    rows = sets(40)
    box.fault("post_folders", skip=17, **fault)
    cursor = connection.cursor()
    with pytest.raises(
        OperationalError, match=r"39 of 40 rows were written and 1 failed: row .*may have carried"
    ) as caught:
        cursor.executemany(INSERT, rows)
    ((row, failure),) = caught.value.failures
    assert not failure.diag.retryable
    assert cursor.rowcount == 39
    assert box.calls("post_folders") == 40
    assert {name for (name,) in rows} - set(names(connection)) == set(rows[row])


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 500}, {"drop_connection": True}], ids=str)
def test_an_update_whose_answer_is_lost_is_sent_again(box, connection, fault):
    identities = made(box, connection, 20)
    box.fault("put_folders_id", skip=7, times=2, **fault)
    cursor = connection.cursor().executemany(UPDATE, [("new", identity) for identity in identities])
    assert cursor.rowcount == 20
    assert box.calls("put_folders_id") == 22


@pytest.mark.parametrize("body", [None, [], 7, {}, {"id": None}, {"id": 7}, {"id": ["1"]}, [{"id": "1"}]], ids=repr)
def test_an_answer_to_an_insert_without_an_id_is_told(box, connection, body):
    answer = {"status": 201, "body": body, "headers": {"content-type": "application/json"}}
    box.fault("post_folders", **answer)
    cursor = connection.cursor()
    with pytest.raises(DataError, match=r"2 of 3 rows were written and 1 failed: row \d: .*no id of what it made"):
        cursor.executemany(INSERT, sets(3))
    assert cursor.rowcount == 2
    box.fault("post_folders", **answer)
    with pytest.raises(DataError, match=r"^POST /folders: Box's answer .*no id of what it made"):
        cursor.execute(INSERT, *sets(1))
    box.fault("post_folders", **answer)
    with pytest.raises(DataError, match=r"^POST /folders: Box's answer .*no id of what it made"):
        cursor.execute(f"{INSERT} RETURNING id", *sets(1))


def test_rows_that_are_refused_do_not_keep_the_others_back(box, connection):
    identities = made(box, connection, 40)
    for status, code in ((400, "refused"), (403, "refused"), (404, "not_found"), (409, "refused")):
        box.fault("delete_folders_id", status=status, body={"code": code, "message": "No"}, times=5)
    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="of 40 rows were written") as caught:
        cursor.executemany("DELETE FROM folders WHERE id = ?", [(identity,) for identity in identities])
    # What is gone is no failure, and a conflict may be one with another row that is gone by now.
    assert {failure.diag.status for _, failure in caught.value.failures} == {400, 403}
    assert (len(caught.value.failures), cursor.rowcount) == (10, 25)


@pytest.mark.parametrize("fault", [{"drop_connection": True}, {"status": 503}, {"status": 502}], ids=str)
def test_nothing_more_is_sent_once_box_is_gone(box, fault):
    connection = box.connect(MaxConcurrency=4)
    rows = sets(200)
    box.fault("post_folders", skip=20, times=1000, **fault)
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match="no further row was sent") as caught:
        cursor.executemany(INSERT, rows)
    assert cursor.rowcount == 20
    assert 3 <= len(caught.value.failures) < 30
    assert box.calls("post_folders") == 20 + len(caught.value.failures)
    assert len({name for (name,) in rows} & set(names(connection))) == 20


def test_nothing_more_is_sent_once_the_sign_in_is_refused(box):
    connection = box.connect(MaxConcurrency=4)
    box.token_of(connection)
    box.fault("post_folders", skip=20, status=401, times=1000)
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match=r"HTTP 401.*no further row was sent") as caught:
        cursor.executemany(INSERT, sets(200))
    assert cursor.rowcount == 20
    assert 1 <= len(caught.value.failures) <= 4


def test_a_token_that_cannot_be_renewed_stops_the_writing(box):
    connection = box.connect(MaxConcurrency=4)
    token = box.token_of(connection)
    made(box, connection, 3)
    box.revoke(token)
    box.fault("post_oauth2_token", status=400, times=1000, body={"error": "invalid_grant", "error_description": "No"})
    cursor = connection.cursor()
    with pytest.raises(OperationalError, match=r"refused the sign-in.*no further row was sent") as caught:
        cursor.executemany(INSERT, sets(200))
    assert (cursor.rowcount, len(caught.value.failures) <= 4) == (0, True)


def test_the_connection_works_on_after_rows_that_failed(box, connection):
    box.fault("post_folders", status=403, body={"message": "No"}, times=3)
    with pytest.raises(OperationalError, match="No"):
        connection.cursor().executemany(INSERT, sets(5))
    cursor = connection.cursor().executemany(INSERT, sets(5))
    assert cursor.rowcount == 5


def test_a_bound_of_calls_names_what_was_written(box):
    connection = box.connect(MaxApiCalls=12, MaxConcurrency=4)
    rows = sets(100)
    cursor = connection.cursor()
    with pytest.raises(OperationalError) as caught:
        cursor.executemany(INSERT, rows)
    assert re.match(
        r"the statement needs more than the 12 API calls that MaxApiCalls allows it; .*; "
        r"12 of \d+ rows were written; no further row was sent$",
        str(caught.value),
    )
    assert (cursor.rowcount, cursor.api_calls, box.calls("post_folders")) == (12, 12, 12)
    assert caught.value.failures == ()
    assert len({name for (name,) in rows} & set(names(connection))) == 12
    assert cursor.executemany(INSERT, sets(12)).rowcount == 12
