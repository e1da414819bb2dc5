"""Answers that are not as Box's reference says, and hosts that are not Box."""

import socket

import pytest
from sweep import sweep

import box_dialect
from box_dialect.errors import DatabaseError, DataError, OperationalError, ProgrammingError, SignInError

LISTING = "get_folders_id_items"
ITEMS = "SELECT id, name FROM items WHERE parent_id = '0'"
MARKED = {"entries": [{"id": "1", "type": "file", "name": "a"}], "limit": 1, "next_marker": "again"}


@pytest.fixture
def closed_port():
    """Return a port of this machine on which nobody listens; it is held, so that nobody comes to."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("{", {"content-type": "application/json"}),
        ('{"entries": [', {"content-type": "application/json"}),
        ("<html><h1>Sign in to the network</h1></html>", {}),
        ("[" * 100_000, {"content-type": "application/json"}),
        ("not compressed", {"content-encoding": "gzip"}),
        ("\ufeff{}", {}),
    ],
    ids=["broken", "cut off", "HTML", "too deep", "not in its encoding", "byte order mark"],
)
def test_an_answer_that_is_no_json_tells_that_something_else_answered(box, connection, body, headers):
    box.fault(LISTING, status=200, body=body, headers=headers, times=5)
    with pytest.raises(OperationalError, match=r"something else than Box answered.*APIBaseURL") as caught:
        connection.cursor().execute(ITEMS).fetchall()
    assert caught.value.diag.operation == "GET /folders/0/items"
    assert "<html>" not in str(caught.value)
    assert box.calls(LISTING) == 1


@sweep(
    "body",
    [
        None, [], 7, "null", {}, {"entries": None}, {"entries": {}}, {"entries": "text"}, {"entries": ["1", "2"]},
        {"entries": [None]}, {"entries": [{}]}, {"entries": [{"type": "file"}]},
        {"entries": [{"id": None, "type": "file"}]}, {"entries": [{"id": 7, "type": "file"}]},
        {"entries": [{"id": ["1"], "type": "file"}]}, {"entries": [{"id": "1"}]},
        {"entries": [{"id": "1", "type": "unheard-of"}]}, {"entries": [], "next_marker": {"a": 1}},
        {"entries": [], "next_marker": ["a"]},
    ],
    ids=repr,
)  # fmt: skip
def test_json_of_another_form_is_one_clear_database_error(box, connection, body):
    box.reset()
    headers = {"content-type": "application/json"}
    box.fault(LISTING, status=200, body=body, headers=headers, times=5)
    cursor = connection.cursor()
    with pytest.raises(DatabaseError, match="Box") as caught:
        cursor.execute(ITEMS).fetchall()
    assert not isinstance(caught.value, ProgrammingError), "nothing is wrong with the statement"
    box.reset()
    assert len(cursor.execute(ITEMS).fetchall()) >= 10


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM items WHERE parent_id = '0'", "SELECT * FROM folders WHERE id = '0'"]
)
@pytest.mark.parametrize("extra", [{"owned_by": "text"}, {"created_at": "yesterday"}, {"created_at": 7}], ids=repr)
def test_a_value_of_another_form_is_one_clear_database_error(box, connection, statement, extra):
    entry = {"id": "1", "type": "folder", "item_status": "active", **extra}
    box.fault(LISTING, status=200, body={"entries": [entry]}, times=5)
    box.fault("get_folders_id", status=200, body=entry, times=5)
    with pytest.raises(DatabaseError, match="Box") as caught:
        connection.cursor().execute(statement).fetchall()
    assert not isinstance(caught.value, ProgrammingError)


@sweep("number", ["9" * 30, f"-{'9' * 30}", str(2**63), "1e30", '"a"', "[1]"])
@sweep("statement", ["SELECT size FROM files", "SELECT name, size + 1 FROM items", "SELECT * FROM files"])
def test_a_number_that_is_none_is_told_with_its_field(box, connection, statement, number):
    box.reset()
    body = '{"entries": [{"id": "1", "type": "file", "name": "a", "size": 1}, {"id": "2", "type": "file", "size": %s}]}'
    box.fault(LISTING, status=200, body=body % number, headers={"content-type": "application/json"})
    message = r"^Box answered GET /folders/\{parent_id\}/items with an object .* reference says, in size \("
    with pytest.raises(DataError, match=message) as caught:
        connection.cursor().execute(f"{statement} WHERE parent_id = '0'").fetchall()
    assert caught.value.__cause__ is None


def test_the_largest_numbers_are_numbers(box, connection):
    sizes = [-(2**63), 2**63 - 1]
    entries = [{"id": str(number), "type": "file", "size": size} for number, size in enumerate(sizes)]
    box.fault(LISTING, status=200, body={"entries": entries})
    found = connection.cursor().execute("SELECT size FROM files WHERE parent_id = '0' ORDER BY size").fetchall()
    assert found == [(size,) for size in sizes]


@pytest.mark.parametrize(
    ("extra", "column"), [({"created_at": "yesterday"}, "created_at"), ({"owned_by": "text"}, "owned_by_id")], ids=repr
)
def test_a_value_of_another_form_is_told_with_its_column(box, connection, extra, column):
    box.fault(LISTING, status=200, body={"entries": [{"id": "1", "type": "folder", **extra}]})
    with pytest.raises(DataError, match=rf"reference says, in {column} \("):
        connection.cursor().execute(f"SELECT name, {column} FROM folders WHERE parent_id = '0'").fetchall()


@pytest.mark.parametrize("bodies", [[MARKED], [MARKED, {**MARKED, "next_marker": "other"}]], ids=["one", "two in turn"])
def test_a_repeated_marker_is_an_error_and_no_endless_loop(box, connection, bodies):
    for _ in range(10):
        for body in bodies:
            box.fault(LISTING, status=200, body=body)
    with pytest.raises(OperationalError, match="repeated a paging marker"):
        connection.cursor().execute(ITEMS).fetchall()
    assert box.calls(LISTING) == len(bodies) + 1
    box.reset()
    assert len(connection.cursor().execute(ITEMS).fetchall()) >= 10


@pytest.mark.parametrize("total", ["9", [9], {}])
def test_a_total_count_that_is_no_number_is_an_operational_error(box, connection, total):
    box.fault("get_groups", status=200, body={"entries": [], "limit": 1, "offset": 0, "total_count": total}, times=3)
    with pytest.raises(OperationalError, match="total count"):
        connection.cursor().execute("SELECT id FROM groups").fetchall()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("statement", [ITEMS, "INSERT INTO folders (name, parent_id) VALUES ('redirected', '0')"])
def test_a_redirect_is_not_followed_and_told(box, connection, statement, status):
    box.fault(status=status, headers={"location": "https://login.example/"}, times=5)
    with pytest.raises(OperationalError, match=f"HTTP {status}.*something else answered") as caught:
        connection.cursor().execute(statement).fetchall()
    assert caught.value.diag.status == status
    assert box.stats["calls"] == 1


# Hosts


@pytest.mark.parametrize("given", [{"MaxRetries": 0}, {"MaxRetries": 2}, {"RetrySeconds": 0}], ids=str)
def test_an_unreachable_host_is_an_operational_error_that_names_it(box, closed_port, given):
    connection = box.connect(url=f"box://127.0.0.1:{closed_port}/", OAuthAccessToken="token", **given)
    with pytest.raises(
        OperationalError, match=f"cannot reach http://127.0.0.1:{closed_port}/2.0 .*check the network"
    ) as caught:
        connection.cursor().execute(ITEMS).fetchall()
    assert (caught.value.diag.retryable, caught.value.diag.operation) == (True, "GET /folders/0/items")
    assert "APIBaseURL" in str(caught.value)


def test_an_unreachable_token_endpoint_is_an_operational_error_that_names_it(box, closed_port):
    token_url = f"http://127.0.0.1:{closed_port}/oauth2/token"
    connection = box.connect(TokenURL=token_url)
    with pytest.raises(SignInError, match=f"cannot reach Box's token endpoint {token_url} .*TokenURL") as caught:
        connection.cursor().execute(ITEMS).fetchall()
    assert (caught.value.diag.retryable, caught.value.diag.operation) == (True, "POST /oauth2/token")
    assert box.stats["calls"] == 0


@pytest.mark.parametrize("host", ["no such host", "xn--", "a..b", "*", "%zz", "x" * 300])
def test_a_host_that_cannot_be_is_a_database_error_that_names_it(box, host):
    with pytest.raises(DatabaseError, match="2\\.0"):
        box.connect(OAuthAccessToken="token", APIBaseURL=f"https://{host}/2.0", MaxRetries=0).cursor().execute(ITEMS)


def test_connecting_sends_nothing(box, closed_port):
    box_dialect.connect(f"box://127.0.0.1:{closed_port}/", OAuthAccessToken="token").close()
    box.connect().close()
    assert (box.stats["calls"], box.stats["token_calls"]) == (0, 0)


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    ("operation", "statement"),
    [
        ("get_users", "SELECT count(*) FROM users"),
        ("get_groups", "SELECT count(*) FROM memberships"),
        ("get_folders_id_items", "SELECT count(*) FROM files"),
        ("get_folders_id_items", "SELECT count(*) FROM items WHERE parent_id = '0'"),
    ],
)
def test_a_listing_that_must_be_there_is_no_empty_one(box, connection, operation, statement, status):
    box.fault(operation, status=status, body={"code": "not_found", "message": "Not Found"})
    with pytest.raises(DatabaseError, match="Not Found"):
        connection.cursor().execute(statement).fetchall()
    assert connection.cursor().execute(statement).fetchone()[0] > 0


def test_a_wrong_base_url_is_no_empty_box(box):
    base = box.ready["api_base_url"]
    for wrong in (base.removesuffix("/2.0"), f"{base}/2.0"):
        for table in ("files", "users", "comments", "memberships", "events"):
            with pytest.raises(DatabaseError, match="404"):
                box.connect(APIBaseURL=wrong).cursor().execute(f"SELECT * FROM {table}").fetchall()


def test_a_page_that_is_gone_does_not_end_the_listing(box, connection):
    page = {"entries": [{"type": "user", "id": "7"}], "next_marker": "x"}
    box.fault("get_users", status=200, body=page)
    box.fault("get_users", status=404, body={"code": "not_found", "message": "Not Found"})
    with pytest.raises(DatabaseError, match="Not Found"):
        connection.cursor().execute("SELECT id FROM users").fetchall()


def test_a_further_page_that_is_cut_off_tells_that_something_else_answered(box, connection):
    page = {"entries": [{"type": "user", "id": "7"}], "next_marker": "x"}
    box.fault("get_users", status=200, body=page)
    box.fault("get_users", status=200, body='{"entries": [{"type": "us', times=5)
    with pytest.raises(OperationalError, match="something else than Box answered"):
        connection.cursor().execute("SELECT id FROM users").fetchall()


def test_a_missing_row_is_told_by_box_and_by_nobody_else(box, connection):
    box.fault("get_files_id", status=404, body="<html>no such host</html>")
    with pytest.raises(DatabaseError, match="404"):
        connection.cursor().execute("SELECT id FROM files WHERE id = '7'").fetchall()
    assert connection.cursor().execute("SELECT id FROM files WHERE id = '7'").fetchall() == []


@sweep("identity", ["../folders/0", "..", "", "7/../../users/me", "7\x00", 7, None])
@sweep(
    ("kind", "statement"),
    [
        ("file", "SELECT content FROM files WHERE parent_id = '0'"),
        ("folder", "SELECT path FROM files"),
        ("file", "SELECT message FROM comments"),
    ],
)
def test_an_id_of_the_answer_leads_to_no_other_path(box, connection, kind, statement, identity):
    box.reset()
    entry = {"type": kind, "id": identity, "name": "x", "size": 1, "comment_count": 1}
    box.fault("get_folders_id_items", status=200, body={"entries": [entry], "next_marker": None})
    with pytest.raises(DatabaseError):
        connection.cursor().execute(statement).fetchall()
    assert box.stats["calls"] == 1


def test_an_id_of_the_answer_is_quoted(box, connection):
    entry = {"type": "file", "id": "7?fields=id#", "name": "x", "size": 1}
    box.fault("get_folders_id_items", status=200, body={"entries": [entry], "next_marker": None})
    refusal = {"type": "error", "status": 405, "code": "method_not_allowed", "message": "Method Not Allowed"}
    box.fault("get_files_id_content", status=405, body=refusal)  # without it the file is missing, which is no error
    with pytest.raises(DatabaseError, match=r"GET /files/7%3Ffields%3Did%23/content: "):
        connection.cursor().execute("SELECT content FROM files WHERE parent_id = '0'").fetchall()
