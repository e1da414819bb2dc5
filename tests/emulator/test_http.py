"""What goes for every call: rates by kind, compression, and how errors are told."""

import gzip
import json

import plain_http
import pytest

from box_dialect.emulator.rates import BOX_RATES, Allowance


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


class User:
    def __init__(self, identity):
        self.id = identity


ONE, OTHER, THIRD = User("1"), User("2"), User("3")


def taken(allowance, user, operation, most=2000):
    """Return how many calls are allowed at once."""
    return next(count for count in range(most) if allowance.wait(user, operation))


@pytest.mark.parametrize(
    ("operation", "calls"),
    [("get_users_me", 1000), ("post_files_content", 240), ("post_files_id_content", 240), ("get_search", 6)],
)
def test_boxs_rates_for_each_kind(operation, calls):
    allowance = Allowance(BOX_RATES, Clock())

    assert taken(allowance, ONE, operation) == calls
    assert taken(allowance, OTHER, operation) == calls


def test_uploads_and_searches_count_as_calls_too():
    allowance = Allowance(BOX_RATES, Clock())
    taken(allowance, ONE, "post_files_content")
    taken(allowance, ONE, "get_search")

    assert taken(allowance, ONE, "get_users_me") == 1000 - 240 - 6


def test_a_refused_call_takes_nothing():
    allowance = Allowance(BOX_RATES, Clock())
    taken(allowance, ONE, "get_search")
    for _ in range(100):
        assert allowance.wait(ONE, "get_search") > 0

    assert taken(allowance, ONE, "get_users_me") == 994


def test_searches_by_second_by_minute_and_of_the_enterprise():
    clock = Clock()
    allowance = Allowance(BOX_RATES, clock)
    assert taken(allowance, ONE, "get_search") == 6
    assert taken(allowance, OTHER, "get_search") == 6
    assert 0 < allowance.wait(THIRD, "get_search") <= 1 / 12 + 0.001  # the enterprise's twelve
    assert 0 < allowance.wait(ONE, "get_search") <= 1 / 6 + 0.001

    count = 6
    for _ in range(30):
        clock.now += 1
        count += taken(allowance, ONE, "get_search")
    assert 60 < count <= 60 + 30
    assert 0 < allowance.wait(ONE, "get_search") <= 1 + 0.001  # the minute's sixty


def test_metadata_queries_count_for_the_enterprise():
    allowance = Allowance(BOX_RATES, Clock())

    assert taken(allowance, ONE, "post_metadata_queries_execute_read") == 10
    assert taken(allowance, OTHER, "post_metadata_queries_execute_read") == 0


def test_sign_requests_and_reminders_count_together():
    allowance = Allowance(BOX_RATES, Clock())

    assert taken(allowance, ONE, "post_sign_requests") == 100
    assert taken(allowance, ONE, "post_sign_requests_id_resend") == 0
    assert taken(allowance, OTHER, "post_sign_requests_id_resend") == 100


def test_boxs_rates_are_off_unless_asked_for(start):
    with start(synthetic=1) as box:
        for _ in range(8):
            box.get("/search?query=x")
    with start(synthetic=1, box_rates=True) as box:
        box.emulator._server.config.app._allowance._clock = Clock()
        for _ in range(6):
            box.get("/search?query=x")
        refused = box.call("GET", "/search?query=x", 429)

        assert refused.headers["retry-after"] == "1"
        body = refused.json()
        assert (body["code"], body["message"], body["status"]) == (
            "rate_limit_exceeded", "Request rate limit exceeded, please try again later", 429,
        )  # fmt: skip
        box.get("/users/me")


def ask(box, encoding, path="/folders/0"):
    """Return the bytes of an answer as they came, and its headers."""
    headers = {"authorization": box.http.headers["authorization"], "accept-encoding": encoding}
    with box.http.stream("GET", box.ready["api_base_url"] + path, headers=headers) as response:
        return b"".join(response.iter_raw()), response.headers


@pytest.mark.parametrize("encoding", ["gzip", "deflate, gzip;q=0.5", "br, GZIP", "gzip, deflate"])
def test_long_answers_are_compressed_on_request(box, encoding):
    plain, headers = ask(box, "identity")
    assert "content-encoding" not in headers
    packed, headers = ask(box, encoding)

    assert (headers["content-encoding"], headers["content-type"]) == ("gzip", "application/json")
    assert int(headers["content-length"]) == len(packed) < len(plain)
    assert json.loads(gzip.decompress(packed)) == json.loads(plain)


@pytest.mark.parametrize("encoding", ["", "identity", "br", "deflate", "gzip;q=0", "gzip; q=0.000", "xgzip"])
def test_no_answer_is_compressed_that_need_not_be(box, encoding):
    body, headers = ask(box, encoding)

    assert "content-encoding" not in headers
    assert json.loads(body)["id"] == "0"


def test_neither_short_answers_nor_downloads_are_compressed(box, place):
    file = box.upload("long.txt", b"x" * 10_000, place)["entries"][0]["id"]
    location = box.call("GET", f"/files/{file}/content", 302).headers["location"]
    answer = plain_http.get(location, headers={"accept-encoding": "gzip"})

    assert answer.content == b"x" * 10_000
    assert "content-encoding" not in answer.headers
    assert "content-encoding" not in ask(box, "gzip", "/users/me?fields=id")[1]


ERRORS = [
    ("GET", "/folders/999", None, 404, "not_found"),
    ("GET", "/folders/abc", None, 405, "method_not_allowed"),
    ("POST", "/folders", {}, 400, "bad_request"),
    ("GET", "/users?offset=10001", None, 400, "bad_request"),
    ("GET", "/users?limit=x", None, 400, "invalid_limit"),
    ("GET", "/users?offset=-1", None, 400, "invalid_offset"),
    ("PUT", "/folders/0", {"name": "x"}, 403, "access_denied_insufficient_permissions"),
    ("POST", "/groups", {"name": "Sales"}, 409, "invalid_parameter"),
    ("POST", "/users", {"name": "x", "login": "admin@example.com"}, 409, "user_login_already_used"),
    ("GET", "/collaborations?status=accepted", None, 400, "invalid_status"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), ERRORS)
def test_how_errors_are_told(box, method, path, body, status, code):
    answers = [box.call(method, path, status, json=body, check_request=False) for _ in range(2)]
    bodies = [answer.json() for answer in answers]

    assert bodies[0].keys() - {"context_info"} == {"type", "status", "code", "message", "help_url", "request_id"}
    assert (bodies[0]["type"], bodies[0]["status"], bodies[0]["code"]) == ("error", status, code)
    assert bodies[0]["help_url"].startswith("https://developer.box.com/")
    ids = {told["request_id"] for told in bodies} | {answer.headers["box-request-id"] for answer in answers}
    assert len(ids) == 4


def test_what_is_missing_in_a_body_is_named(box):
    told = box.call("POST", "/folders", 400, json={}, check_request=False).json()["context_info"]["errors"]
    below = box.call("POST", "/folders", 400, json={"name": "n", "parent": {"id": None}}, check_request=False).json()

    assert {(entry["reason"], entry["name"], entry["message"]) for entry in told} == {
        ("missing_parameter", "parent", "'parent' is required"),
        ("missing_parameter", "name", "'name' is required"),
    }
    assert below["context_info"]["errors"][0]["name"] == "parent.id"


@pytest.mark.parametrize(
    ("method", "path", "body", "name", "value"),
    [
        ("GET", "/folders/17", None, "folder", "d_17"),
        ("POST", "/folders", {"name": "n", "parent": {"id": "17"}}, "parent", "d_17"),
        ("GET", "/files/17", None, "item", "f_17"),
        ("GET", "/collaborations/17", None, "collaboration", "17"),
    ],
)
def test_what_is_not_found_is_named(box, method, path, body, name, value):
    told = box.call(method, path, 404, json=body).json()["context_info"]["errors"]

    assert told == [
        {
            "reason": "invalid_parameter",
            "name": name,
            "message": f"Invalid value '{value}'. '{name}' with value '{value}' not found",
        }
    ]


def test_dates_are_in_every_answer(box):
    for path in ("/users/me", "/folders/999", "/nonsense"):
        answer = box.http.get(box.ready["api_base_url"] + path)
        assert answer.headers["date"].endswith("GMT")
        assert answer.headers["box-request-id"]


@pytest.mark.parametrize("version", ["2023.0", "nonsense"])
def test_an_unknown_version_of_the_api_is_refused(box, version):
    answer = box.call("GET", "/users/me", 400, headers={"box-version": version})

    assert answer.json()["code"] == "invalid_api_version"
    box.get("/users/me", headers={"box-version": "2024.0"})


def test_of_a_repeated_parameter_one_counts(box):
    told = box.get("/users/me?fields=login&fields=phone", check_request=False)

    assert told.keys() in ({"type", "id", "login"}, {"type", "id", "phone"})


@pytest.mark.parametrize("headers", [{"box-notifications": "off"}, {"Accept": "application/json"}])
def test_headers_that_change_nothing(box, headers):
    box.get("/users/me", headers=headers)
