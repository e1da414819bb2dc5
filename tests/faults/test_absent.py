"""Only Box's word that an object does not exist is no row; a 404 of anything else is an error."""

import pytest
from sweep import sweep

from box_dialect import DatabaseError, NotSupportedError

FILE, FOLDER = "1200000000001", "160000000001"
ROUTES = {
    "get_files_id": (f"SELECT name FROM files WHERE id = '{FILE}'", "GET /files/{id}"),
    "get_files_id_comments": (f"SELECT id FROM comments WHERE item_id = '{FILE}'", "GET /files/{item_id}/comments"),
    "get_files_id_content": (f"SELECT content FROM files WHERE id = '{FILE}'", "GET /files/{id}/content"),
    "put_folders_id": (f"UPDATE folders SET description = 'x' WHERE id = '{FOLDER}'", "PUT /folders/{id}"),
    "delete_folders_id": (f"DELETE FROM folders WHERE id = '{FOLDER}'", "DELETE /folders/{id}"),
}
STATEMENTS = sweep(("operation", "statement"), [(name, sql) for name, (sql, _) in ROUTES.items()])


def body(code):
    return {"type": "error", "code": code, "message": "Not Found"}


@STATEMENTS
@sweep("code", ["not_found", "trashed", "instance_not_found", "INSTANCE_NOT_FOUND", "not_trashed"])
def test_what_box_does_not_find_is_no_row(box, connection, operation, statement, code):
    box.reset()
    box.fault(operation, status=404, body=body(code))
    if operation == "put_folders_id":
        box.fault("get_folders_id", status=404, body=body(code))  # which is asked whether it is the row that is missing
    cursor = connection.cursor().execute(statement)
    assert (cursor.fetchall(), cursor.rowcount) in (([], -1), ([], 0), ([(None,)], -1))
    assert cursor.api_calls >= 1


@STATEMENTS
@sweep(
    "answer",
    [
        {"status": 404},
        {"status": 404, "body": "<html>Not Found</html>"},
        {"status": 404, "body": {"error": "nope"}},
        {"status": 404, "body": {"error": "not_found"}},
        {"status": 404, "body": {"message": "not_found", "code": None}},
        {"status": 404, "body": body("preview_cannot_be_generated")},
        {"status": 405, "body": body("method_not_allowed")},
        {"status": 410},
    ],
    ids=str,
)
def test_another_answer_is_an_error(box, connection, operation, statement, answer):
    box.reset()
    box.fault(operation, **answer)
    with pytest.raises(DatabaseError, match=f"HTTP {answer['status']}") as caught:
        connection.cursor().execute(statement).fetchall()
    assert caught.value.diag.status == answer["status"]


@STATEMENTS
def test_a_404_that_names_no_object_names_the_route(box, connection, operation, statement):
    box.reset()
    box.fault(operation, status=404, body="<html>Not Found</html>")
    with pytest.raises(
        DatabaseError, match=r"has no such operation, or something else answered; .*APIBaseURL"
    ) as caught:
        connection.cursor().execute(statement).fetchall()
    assert str(caught.value).endswith(ROUTES[operation][1])


@STATEMENTS
def test_an_operation_that_is_not_served_is_told_at_once(box, connection, operation, statement):
    box.reset()
    box.fault(operation, status=501, body=body("not_implemented"))
    with pytest.raises(NotSupportedError, match="does not serve this operation of Box's: ") as caught:
        connection.cursor().execute(statement).fetchall()
    assert str(caught.value).endswith(ROUTES[operation][1])
    assert not caught.value.diag.retryable
    assert box.calls(operation) == 1


def test_what_a_row_lacks_is_missing_by_box_s_word_alone(box, connection):
    """A reply names the comment that it answers, which is asked for to find the file."""
    (reply,) = connection.cursor().execute("SELECT id FROM comments WHERE is_reply_comment LIMIT 1").fetchone()
    statement = f"SELECT item_id FROM comments WHERE id = '{reply}'"
    box.fault("get_comments_id", skip=1, status=404, body=body("not_found"))
    assert connection.cursor().execute(statement).fetchall() == [(None,)]
    box.fault("get_comments_id", skip=1, status=404)
    with pytest.raises(DatabaseError, match="HTTP 404"):
        connection.cursor().execute(statement).fetchall()


def test_no_further_row_is_sent_where_the_operation_is_not_served(box):
    with box.connect(MaxConcurrency=1) as connection:
        box.fault("post_folders", status=501, body=body("not_implemented"), times=100)
        cursor = connection.cursor()
        with pytest.raises(NotSupportedError, match="no further row was sent"):
            cursor.executemany("INSERT INTO folders (name, parent_id) VALUES (?, '0')", [(f"n{n}",) for n in range(20)])
    assert box.calls("post_folders") == 1
