"""Box's failures as PEP 249 exceptions."""

import copy
import json
import pickle
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_examples import examples
from sweep import sweep

from box_dialect import errors
from box_dialect.api.error_responses import from_response
from box_dialect.errors import (
    DatabaseError,
    DataError,
    Diagnostics,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

pytestmark = pytest.mark.usefixtures("no_network")

CHALLENGE = 'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."'


def failure(status, body=b"", headers=None, operation="GET /files/1"):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return from_response(operation, status, headers or {}, content)


@sweep(
    ("status", "code", "kind"),
    [
        (400, "bad_request", ProgrammingError),
        (400, "item_name_invalid", DataError),
        (400, "item_name_too_long", DataError),
        (400, "folder_not_empty", IntegrityError),
        (400, "cyclical_folder_structure", IntegrityError),
        (400, "user_already_collaborator", IntegrityError),
        (401, "unauthorized", OperationalError),
        (403, "access_denied_insufficient_permissions", OperationalError),
        (403, "access_denied_item_locked", OperationalError),
        (403, "insufficient_scope", OperationalError),
        (404, "not_found", OperationalError),
        (405, "method_not_allowed", ProgrammingError),
        (409, "item_name_in_use", IntegrityError),
        (409, "name_temporarily_reserved", IntegrityError),
        (409, "user_login_already_used", IntegrityError),
        (409, "recent_similar_comment", IntegrityError),
        (409, "conflict", IntegrityError),
        (410, "trashed", OperationalError),
        (412, "precondition_failed", OperationalError),
        (413, "file_size_limit_exceeded", DataError),
        (414, "uri_too_long", DataError),
        (415, "unsupported_media_type", NotSupportedError),
        (418, "teapot", OperationalError),
        (429, "rate_limit_exceeded", OperationalError),
        (500, "internal_server_error", OperationalError),
        (502, "bad_gateway", OperationalError),
        (503, "unavailable", OperationalError),
        (507, "insufficient_storage", OperationalError),
    ],
)
def test_code_and_status_choose_the_class(status, code, kind):
    error = failure(status, {"code": code, "message": "Something failed", "request_id": "abc"})
    assert type(error) is kind
    assert error.diag == Diagnostics(
        status=status,
        code=code,
        request_id="abc",
        operation="GET /files/1",
        retryable=status == 429 or status >= 500,
    )
    for part in ("GET /files/1", "Something failed", f"HTTP {status}", code, "request abc", "; "):
        assert part in str(error)


@sweep("status", [400, 401, 403, 404, 405, 409, 410, 412, 413, 414, 415, 418, 429, 500, 502, 503, 504])
@sweep(
    "body",
    [b"", b"{", b"null", b"[]", b'"text"', b"7", b"<html><h1>502 Bad Gateway</h1></html>", b"\xff\xfe", b"[" * 100_000],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_object_leaves_the_status_to_speak(status, body):
    error = failure(status, body)
    assert error.diag == Diagnostics(status=status, operation="GET /files/1", retryable=status == 429 or status >= 500)
    assert str(error).startswith(f"GET /files/1: HTTP {status} (HTTP {status}); ")
    assert "<html>" not in str(error)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_boxs(status):
    error = failure(status, b"<html>", {"location": "https://login.example/"})
    assert type(error) is OperationalError
    assert (error.diag.status, error.diag.retryable) == (status, False)
    assert "APIBaseURL" in str(error)


@pytest.mark.parametrize(
    ("header", "code", "said"),
    [
        (CHALLENGE, "invalid_token", "The access token provided is invalid"),
        ('Bearer error="insufficient_scope", error_description="needs more"', "insufficient_scope", "needs more"),
        ('Bearer error="invalid_token", error_description="expired, or a=b"', "invalid_token", "expired, or a=b"),
        ("bearer error=invalid_token", "invalid_token", "HTTP 401"),
        ('Bearer realm="Service"', None, "HTTP 401"),
        ("Bearer", None, "HTTP 401"),
        ("", None, "HTTP 401"),
        ("===, ,=,", None, "HTTP 401"),
    ],
)
def test_an_empty_body_leaves_the_challenge_to_speak(header, code, said):
    error = failure(401, b"", {"www-authenticate": header})
    assert error.diag.code == code
    assert f"GET /files/1: {said} (" in str(error)


def test_the_body_speaks_before_the_challenge():
    error = failure(401, {"code": "unauthorized", "message": "Sign in"}, {"www-authenticate": CHALLENGE})
    assert error.diag.code == "unauthorized"
    assert "Sign in" in str(error)


def test_an_oauth_body_is_read():
    error = failure(400, {"error": "invalid_grant", "error_description": "Grant credentials are invalid"})
    assert error.diag.code == "invalid_grant"
    assert "Grant credentials are invalid" in str(error)


@pytest.mark.parametrize(
    ("context", "detail"),
    [
        ({"errors": [{"message": "'name' is required"}]}, "['name' is required]"),
        ({"errors": [{"message": "one."}, {"message": "two"}, {"reason": "three"}]}, "[one; two]"),
        ({"errors": [{"message": None}, {"message": ""}, {"message": "two"}]}, "[two]"),
        ([{"message": "in a list"}], "[in a list]"),
        ("plain text", "[plain text]"),
    ],
)
def test_context_info_is_told(context, detail):
    error = failure(400, {"code": "bad_request", "message": "Bad Request", "context_info": context})
    assert f"Bad Request {detail} (" in str(error)


@sweep(
    "context",
    [
        None, 7, True, [], {}, "", {"errors": None}, {"errors": {}}, {"errors": "x"}, {"errors": [None, 1, "x", []]},
        [1, "x"], {"conflicts": [{"id": "1"}]}, {"errors": []},
    ],
    ids=repr,
)  # fmt: skip
def test_context_info_of_any_other_form_is_left_out(context):
    error = failure(409, {"code": "item_name_in_use", "message": "In use", "context_info": context})
    assert str(error).startswith("GET /files/1: In use (")


def test_only_so_much_of_what_box_says_is_told():
    many = [{"message": f"error {number}"} for number in range(50)]
    error = failure(400, {"message": "x" * 10_000, "context_info": {"errors": many}})
    assert len(str(error)) < 1000
    assert "error 4" in str(error)
    assert "error 5" not in str(error)


@pytest.mark.parametrize(
    ("body", "headers", "request_id"),
    [
        ({"request_id": "body"}, {"box-request-id": "header"}, "body"),
        ({}, {"box-request-id": "header"}, "header"),
        ({"request_id": 7}, {}, "7"),
        ({}, {}, None),
    ],
)
def test_the_request_id_is_the_bodys_or_the_headers(body, headers, request_id):
    error = failure(500, body, headers)
    assert error.diag.request_id == request_id
    assert ("request " in str(error)) == (request_id is not None)


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda part: st.lists(part) | st.dictionaries(st.text(), part))
KEYS = st.sampled_from(["code", "message", "error", "error_description", "context_info", "request_id", "errors"])


@settings(max_examples=examples(10))
@given(st.integers(300, 599), JSON | st.dictionaries(KEYS, JSON), st.text())
def test_any_answer_gives_one_error(status, body, challenge):
    error = failure(status, body, {"www-authenticate": challenge})
    assert isinstance(error, DatabaseError)
    assert error.diag.status == status


@given(st.binary())
def test_any_bytes_give_one_error(content):
    assert isinstance(failure(500, content), OperationalError)


# The exceptions themselves

NAMED = [getattr(errors, name) for name in errors.__all__]
CLASSES = [kind for kind in NAMED if issubclass(kind, errors.Error)]
STANDARD = {kind for kind in CLASSES if kind.__name__ in dir(sqlite3)}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_errors_keep_their_diagnostics_when_they_are_pickled_or_copied(kind):
    diag = Diagnostics(404, "not_found", "abc", "GET /files/1", retryable=True)
    for copied in (pickle.loads(pickle.dumps(kind("a message", diag))), copy.copy(kind("a message", diag))):
        assert (type(copied), str(copied), copied.diag) == (kind, "a message", diag)


def test_errors_without_diagnostics_have_empty_ones():
    assert errors.Error("a message").diag == Diagnostics(None, None, None, None, retryable=False)
    assert str(errors.Error()) == ""


def test_the_tree_is_that_of_pep_249():
    assert issubclass(InterfaceError, errors.Error)
    assert not issubclass(InterfaceError, DatabaseError)
    for kind in STANDARD - {errors.Error, DatabaseError, InterfaceError}:
        assert kind.__bases__ == (DatabaseError,)
    assert len(STANDARD) == 9
    for kind in set(CLASSES) - STANDARD:
        assert kind.__base__ in STANDARD
    assert not issubclass(errors.Warning, errors.Error)
    assert issubclass(errors.BoxTransactionWarning, (errors.Warning, UserWarning))


HOSTILE = "\x1b[31mred\x00\u202egnihton\u2028line\r\nSecond: line" + "x" * 100_000


@sweep(
    "place",
    ["code", "error", "message", "error_description", "request_id", "context_info", "detail", "header", "challenge"],
)
@sweep("value", [HOSTILE, [HOSTILE], {"a": HOSTILE}], ids=["text", "list", "object"])
def test_a_message_has_printable_characters_on_one_line_and_not_many(place, value):
    body = {"detail": {"context_info": {"errors": [{"message": value}] * 9}}}.get(place, {place: value})
    headers = {"header": {"box-request-id": HOSTILE}, "challenge": {"www-authenticate": f'Bearer error="{HOSTILE}"'}}
    error = failure(400, body, headers.get(place))
    assert str(error).isprintable()
    assert len(str(error)) < 4_000
    for part in (error.diag.code, error.diag.request_id):
        assert part is None or (part.isprintable() and len(part) <= 100)


def test_what_people_write_stays_as_it_is():
    said = "Ein Ordner \u201eFotos\u201c \u2013 \u540d\u524d \U0001f600"
    error = failure(409, {"code": "item_name_in_use", "message": said, "request_id": "abc-123"})
    assert str(error).startswith(f"GET /files/1: {said} (HTTP 409, item_name_in_use, request abc-123)")
