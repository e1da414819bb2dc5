"""Long polling: where to ask, and what the answers are."""

import concurrent.futures

import httpx
import plain_http
import pytest
from patience import PATIENCE_SECONDS, wait_until

from box_dialect.emulator import realtime


def server(box):
    answer = box.call("OPTIONS", "/events").json()
    assert (answer["chunk_size"], len(answer["entries"])) == (1, 1)
    return answer["entries"][0]


def poll(box, **query):
    """Ask the server that Box names, with a stream position behind its address as the guide says."""
    url = server(box)["url"] + "".join(f"&{name}={value}" for name, value in query.items())
    return httpx.get(url, timeout=PATIENCE_SECONDS)


def now(box):
    return box.get("/events?stream_position=now")["next_stream_position"]


@pytest.fixture
def polling(box):
    """Return a function that begins to poll in a thread, and returns its future once the request is held."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:

        def begin(client, **query):
            held = len(box.store.listeners)
            future = pool.submit(poll, client, **query)
            wait_until(lambda: len(box.store.listeners) > held or future.done())
            return future

        yield begin


def test_the_server(box):
    found = server(box)

    assert (found["type"], found["ttl"], found["max_retries"], found["retry_timeout"]) == (
        "realtime_server", "10", "10", 610,
    )  # fmt: skip
    assert "?" in found["url"]


def test_what_happened_since_is_told_at_once(box, place):
    position = now(box)
    box.upload("early.txt", b"", place)

    assert poll(box, stream_position=position).json() == {"message": "new_change"}
    assert poll(box, stream_position="0").json() == {"message": "new_change"}


def test_a_change_is_told_when_it_happens(box, place, polling):
    answer = polling(box, stream_position=now(box))
    assert not answer.done()
    box.upload("late.txt", b"", place)

    assert answer.result().json() == {"message": "new_change"}
    assert box.store.listeners == []


def test_it_needs_no_token_but_the_channel(box):
    url = httpx.URL(server(box)["url"])
    assert plain_http.get(str(url.copy_set_param("stream_position", "0"))).status_code == 200

    for channel in ("", "1", "-", box.ready["admin_user_id"], url.params["channel"] + "0"):
        answer = plain_http.get(str(url.copy_set_param("channel", channel)))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert plain_http.get(str(url.copy_set_param("stream_position", "soon"))).status_code == 400


def test_what_does_not_concern_a_user_wakes_nobody(box, place, polling):
    with box.signed_in(box.ready["user_id"]) as user:
        answer = polling(user, stream_position=now(user))
        box.upload("unseen.txt", b"", place)
        assert box.get("/users/me")  # the emulator has looked at it by now
        assert not answer.done()
        user.folder(f"seen beside {place}")

        assert answer.result().json() == {"message": "new_change"}


def test_after_a_while_it_asks_to_connect_anew(box, monkeypatch):
    monkeypatch.setattr(realtime, "HOLD_SECONDS", 0.05)

    assert poll(box, stream_position=now(box)).json() == {"message": "reconnect"}
    assert box.store.listeners == []


def test_who_hangs_up_is_forgotten(box):
    url = server(box)["url"]
    with pytest.raises(httpx.TimeoutException):
        httpx.get(url, timeout=0.3)

    wait_until(lambda: box.store.listeners == [])


@pytest.mark.usefixtures("quiet")
def test_an_emulator_stops_where_requests_are_held(start, caplog):
    with start() as box:
        box.emulator._server.config.timeout_graceful_shutdown = 30  # past which it cancels them, and says so
        url = server(box)["url"]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            held = pool.submit(httpx.get, url, timeout=PATIENCE_SECONDS)
            wait_until(lambda: box.store.listeners)
            box.emulator.__exit__(None, None, None)

            assert isinstance(held.exception(), httpx.TransportError)
    assert box.store.listeners == []
    assert not caplog.records
