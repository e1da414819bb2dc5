"""Counts, scripted failures, the rate limit, latency and concurrency."""

import concurrent.futures
import socket
import time
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
from patience import PATIENCE_SECONDS, wait_until


@pytest.fixture
def own(box):
    box.control("POST", "/reset")
    yield box
    box.control("POST", "/reset")


def fail(box, **fault):
    response = box.control("POST", "/faults", json=[fault])
    assert (response.status_code, response.content) == (204, b"")


def stats(box):
    return box.control("GET", "/stats").json()


def raw(box, path="/users/me"):
    return box.http.get(box.ready["api_base_url"] + path)


def test_stats_count_by_operation(own):
    own.get("/users/me")
    own.get("/folders/0/items")
    own.get("/folders/0/items")
    own.get("/folders/999", 404)
    raw(own, "/nonsense")
    own.token(grant_type="client_credentials", box_subject_type="user", box_subject_id=own.ready["user_id"])

    assert stats(own) == {
        "calls": 5,
        "by_operation": {
            "GET /2.0/nonsense": 1,
            "get_folders_id": 1,
            "get_folders_id_items": 2,
            "get_users_me": 1,
        },
        "max_in_flight": 1,
        "token_calls": 1,
        "grants": {"client_credentials": 1},
    }
    own.control("POST", "/reset")
    assert stats(own) == {"calls": 0, "by_operation": {}, "max_in_flight": 0, "token_calls": 0, "grants": {}}


def test_fault_skips_then_fails_some_times(own):
    body = {"code": "unavailable"}
    fail(own, operation="get_users_me", skip=1, times=2, status=503, headers={"Retry-After": "7"}, body=body)
    answers = [raw(own) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert (answers[1].json(), answers[1].headers["retry-after"]) == (body, "7")
    assert stats(own)["calls"] == 4


def test_fault_for_one_operation_leaves_others(own):
    fail(own, operation="get_folders_id_items", status=500)

    assert [raw(own).status_code, raw(own, "/folders/0/items").status_code] == [200, 500]


def test_fault_for_any_operation_leaves_the_sign_in(own):
    fail(own, operation="*", times=2)
    own.token(grant_type="client_credentials", box_subject_type="user", box_subject_id=own.ready["user_id"])

    assert [raw(own).status_code, raw(own, "/folders/0").status_code, raw(own).status_code] == [500, 500, 200]


def test_fault_at_the_sign_in(own):
    fail(own, operation="post_oauth2_token", status=502)

    assert httpx.post(own.ready["token_url"], timeout=PATIENCE_SECONDS).status_code == 502
    assert httpx.post(own.ready["token_url"], timeout=PATIENCE_SECONDS).status_code == 400


def test_fault_at_the_sign_in_with_any_answer(own):
    body = {"error": "unauthorized_client", "error_description": "This app is not authorized by the enterprise admin."}
    fail(own, operation="post_oauth2_token", status=400, body=body)
    fail(own, operation="post_oauth2_token", status=429, headers={"Retry-After": "3"})
    fail(own, operation="post_oauth2_revoke", status=503)
    fail(own, operation="get_authorize", status=502)
    answers = [httpx.post(own.ready["token_url"], timeout=PATIENCE_SECONDS) for _ in range(2)]

    assert (answers[0].status_code, answers[0].json()) == (400, body)
    assert (answers[1].status_code, answers[1].headers["retry-after"]) == (429, "3")
    assert httpx.post(own.ready["revoke_url"], timeout=PATIENCE_SECONDS).status_code == 503
    assert own.authorize().status_code == 502
    assert own.authorize().status_code == 200


def test_grants_are_counted_by_type(own):
    tokens = own.token(grant_type="authorization_code", code=own.consent()["code"])
    for status in (200, 400):
        own.token(status, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    own.token(400, grant_type="client_credentials", box_subject_type="user", box_subject_id="1")

    assert stats(own)["grants"] == {"authorization_code": 1, "refresh_token": 1}
    assert stats(own)["token_calls"] == 4


def test_lost_answer_to_a_refresh(own):
    token = own.token(grant_type="authorization_code", code=own.consent()["code"])["refresh_token"]
    fail(own, operation="post_oauth2_token", drop_connection=True, carried_out=True)
    with pytest.raises(httpx.RemoteProtocolError):
        own.token(grant_type="refresh_token", refresh_token=token)

    assert stats(own)["grants"] == {"authorization_code": 1, "refresh_token": 1}
    assert (
        own.token(400, grant_type="refresh_token", refresh_token=token)["error_description"] == "Invalid refresh token"
    )


def test_lost_answer_to_a_call(own, place):
    fail(own, operation="post_folders", status=504, carried_out=True)
    body = {"name": "once", "parent": {"id": place}}

    assert own.http.post(own.ready["api_base_url"] + "/folders", json=body).status_code == 504
    assert [entry["name"] for entry in own.get(f"/folders/{place}/items")["entries"]] == ["once"]


@pytest.mark.parametrize("offset", [0, 5_000_000, -5_000_000])
def test_the_clock_can_be_off(own, place, offset):
    with own.clock(offset):
        response = own.call("POST", "/folders", 201, json={"name": f"at {offset}", "parent": {"id": place}})
    told = parsedate_to_datetime(response.headers["date"])

    assert abs(told.timestamp() - time.time() - offset) < 600
    assert datetime.fromisoformat(response.json()["created_at"]) <= told


def test_the_clock_can_be_off_from_the_start(start):
    with start(clock_offset=5_000_000) as box:
        told = parsedate_to_datetime(raw(box).headers["date"])

    assert abs(told.timestamp() - time.time() - 5_000_000) < 600


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "access_token", "token": "unknown"}, 404),
        ({"kind": "session"}, 400),
        ({"token": "x"}, 400),
        ({"kind": "code", "tokne": "x"}, 400),
    ],
)
def test_expire_refuses_nonsense(own, body, status):
    assert own.control("POST", "/expire", json=body).status_code == status


@pytest.mark.parametrize(
    ("body", "content", "kind"),
    [
        (None, b"", None),
        ("<html>Bad Gateway</html>", b"<html>Bad Gateway</html>", "text/html"),
        ('{"broken":', b'{"broken":', "text/html"),
        ([1], b"[1]", "application/json"),
    ],
)
def test_fault_bodies(own, body, content, kind):
    fail(own, status=502, body=body)
    answer = raw(own)

    assert (answer.status_code, answer.content, answer.headers.get("content-type")) == (502, content, kind)


def test_fault_with_another_content_type(own):
    fail(own, status=200, body='{"entries": [', headers={"Content-Type": "application/json"})
    answer = raw(own)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


def test_dropped_connection(own):
    fail(own, drop_connection=True)
    with pytest.raises(httpx.RemoteProtocolError):
        raw(own)

    assert raw(own).status_code == 200


def test_delayed_answer(own):
    fail(own, delay_ms=60, status=200, body={})
    began = time.monotonic()
    raw(own)

    assert time.monotonic() - began >= 0.06


def test_reset_forgets_faults(own):
    fail(own, times=100)
    own.control("POST", "/reset")

    assert raw(own).status_code == 200


def test_control_refuses_nonsense(own):
    assert own.control("POST", "/faults", json=[{"operatoin": "*"}]).status_code == 400
    assert own.control("POST", "/faults", content=b"{").status_code == 400
    assert own.control("POST", "/clock", json={"offset": "late"}).status_code == 400
    for path, odd in (
        ("/clock", '{"offset": 1e308}'),
        ("/clock", '{"offset": 1e400}'),
        ("/faults", '[{"status": 99999}]'),
        ("/faults", '[{"status": -1}]'),
        ("/faults", '[{"delay_ms": 1e308}]'),
        ("/faults", "[" * 100_000),
    ):
        assert own.control("POST", path, content=odd).status_code == 400
    assert raw(own).status_code == 200
    assert own.control("GET", "/nonsense").status_code == 404


class Clock:
    now = 50.0

    def __call__(self):
        return self.now


def clock_of_the_rate(box):
    """Return a clock that stands still, by which the emulator measures the rate of calls from now on."""
    clock = box.emulator._server.config.app._allowance._clock = Clock()
    return clock


def test_rate_limit(start):
    with start(rate_limit=5) as box:
        clock_of_the_rate(box)
        for _ in range(5):
            box.get("/users/me")
        response = box.call("GET", "/users/me", 429)

        assert response.json()["code"] == "rate_limit_exceeded"
        assert response.headers["retry-after"] == "13"
        with box.signed_in(box.ready["user_id"]) as other:
            other.get("/users/me")


def test_allowance_comes_back(start):
    with start(rate_limit=3) as box:
        clock = clock_of_the_rate(box)
        assert [raw(box).status_code for _ in range(4)] == [200, 200, 200, 429]
        clock.now += 20

        assert [raw(box).status_code for _ in range(2)] == [200, 429]
        clock.now += 1_000

        assert [raw(box).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_small_answers_are_sent_at_once(own):
    raw(own)
    sockets = [kept.transport.get_extra_info("socket") for kept in own.emulator._server.server_state.connections]

    # Each would take 40 ms if it waited for an acknowledgement.
    assert sockets
    assert all(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for sock in sockets)


def test_latency_is_waited_in_parallel(start):
    with concurrent.futures.ThreadPoolExecutor(8) as pool, start(latency_ms=3_600_000) as box:
        calls = [pool.submit(raw, box) for _ in range(8)]
        wait_until(lambda: stats(box)["max_in_flight"] == 8)
        assert not any(call.done() for call in calls)


def test_latency(start):
    with start(latency_ms=60) as box:
        began = time.monotonic()
        raw(box)

        assert time.monotonic() - began >= 0.06
