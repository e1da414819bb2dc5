"""Strangers: what is linked into a served folder, and what other sites and machines send to the controls."""

import os

import httpx
import plain_http
import pytest
from descriptors import held_below, needs_descriptors

from box_dialect.emulator import server

SECRET = b"not for the emulator"


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_bytes(SECRET)
    (tmp_path / "outside" / "file.txt").write_bytes(SECRET)
    return tmp_path / "outside"


@pytest.fixture
def served(tmp_path):
    (tmp_path / "served" / "below" / "deep").mkdir(parents=True)
    for folder in ("", "below", "below/deep"):
        (tmp_path / "served" / folder / "file.txt").write_bytes(b"plain")
    return tmp_path / "served"


def contents(box):
    """Return what is given of each file: its bytes, or the code of the refusal."""
    found = set()
    for file in box.store.items["file"].values():
        file.content.__dict__.pop("sha1", None)  # the digest of what was read before
        answer = plain_http.get(f"{box.ready['api_base_url']}/files/{file.id}/content", headers=box.http.headers)
        if answer.status_code == 302:
            answer = plain_http.get(answer.headers["location"])
        found.add(answer.content if answer.status_code == 200 else answer.json()["code"])
    return found


def replace(path, make):
    """Put something else in the place of a file or folder."""
    path.rename(path.with_name(f"{path.name} before"))
    make(path)


def test_what_is_served_is_read(start, served):
    with start(load=served) as box:
        assert contents(box) == {b"plain"}


@pytest.mark.parametrize("name", ["file.txt", "below/file.txt", "below", "below/deep"])
def test_a_link_made_later_leads_nowhere(start, served, outside, name):
    with start(load=served) as box:
        target = outside if (served / name).is_dir() else outside / "secret.txt"
        replace(served / name, lambda path: path.symlink_to(target))

        assert SECRET not in contents(box)
        assert "unavailable" in contents(box)


def test_links_from_before_are_not_listed(start, served, outside):
    (served / "link.txt").symlink_to(outside / "secret.txt")
    (served / "link").symlink_to(outside)
    os.mkfifo(served / "pipe")
    with start(load=served) as box:
        assert [entry["name"] for entry in box.get("/folders/0/items")["entries"]] == ["below", "file.txt"]


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), os.mkfifo])
def test_what_is_no_longer_a_file_is_not_read(start, served, make):
    with start(load=served) as box:
        replace(served / "file.txt", make)

        assert contents(box) == {b"plain", "unavailable"}


def test_another_folder_at_its_path_is_not_served(start, served, outside):
    with start(load=served) as box:
        replace(served, lambda path: path.symlink_to(outside))
        assert contents(box) == {b"plain"}
        served.unlink()
        outside.rename(served)

        assert contents(box) == {b"plain"}


def test_the_folder_itself_may_be_named_by_a_link(start, served, tmp_path):
    (tmp_path / "named").symlink_to(served)
    with start(load=tmp_path / "named") as box:
        assert contents(box) == {b"plain"}


@needs_descriptors
def test_no_descriptor_stays_open(start, served):
    with start(load=served) as box:
        contents(box)
        assert held_below(served) == [served]


def test_the_ready_file_is_written_through_no_link(tmp_path):
    victim, place = tmp_path / "victim", tmp_path / "ready.json"
    victim.write_bytes(SECRET)
    (tmp_path / f"ready.json.{os.getpid()}.part").symlink_to(victim)
    place.symlink_to(victim)
    server._write_atomically(place, b"{}")

    assert (victim.read_bytes(), place.read_bytes(), place.is_symlink()) == (SECRET, b"{}", False)
    assert place.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(("method", "path"), [("GET", "/stats"), ("POST", "/reset"), ("POST", "/expire")])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example"},
        {"host": "rebound.example:{port}"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1.rebound.example:{port}"},
        {"host": ""},
        {"origin": "https://elsewhere.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-forwarded-for": "192.0.2.1"},
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=192.0.2.1;host=127.0.0.1:{port}"},
        {"x-real-ip": "192.0.2.1"},
        {"via": "1.1 proxy.example"},
    ],
)
def test_the_controls_take_requests_from_their_own_host_only(box, method, path, headers):
    port = httpx.URL(box.ready["api_base_url"]).port
    box.get("/users/me")
    sent = {name: value.format(port=port) for name, value in headers.items()}
    answer = box.control(method, path, headers=sent, json={"kind": "access_token"})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert box.control("GET", "/stats").json()["calls"] > 0
    box.get("/users/me")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "localhost:{port}"},
        {"host": "LocalHost:{port}"},
        {"origin": "http://127.0.0.1:{port}"},
        {"host": "localhost:{port}", "origin": "http://localhost:{port}"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
    ],
)
def test_the_controls_answer_who_is_on_their_host(box, headers):
    port = httpx.URL(box.ready["api_base_url"]).port
    sent = {name: value.format(port=port) for name, value in headers.items()}

    assert box.control("GET", "/stats", headers=sent).status_code == 200


def test_the_controls_are_for_this_machine_only(box):
    application = box.emulator._server.config.app
    host = httpx.URL(box.ready["api_base_url"]).netloc

    assert application.origin.is_own(("127.0.0.1", 5), {b"host": host})
    assert not application.origin.is_own(("192.0.2.1", 5), {b"host": host})
    assert not application.origin.is_own(None, {b"host": host})
