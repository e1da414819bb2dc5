"""Downloads that fail: at Box, at the host that Box redirects to, and on the way."""

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from patience import wait_until

from box_dialect.errors import OperationalError

DOWNLOAD = "get_files_id_content"
ONE = "SELECT content, size FROM files LIMIT 1"


@pytest.fixture
def connection(box):
    return box.connect()


@pytest.fixture
def storage():
    """Another host, which tells what it was asked for."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append((self.path, dict(self.headers)))
            self.send_response({"/hop": 302, "/gone": 404, "/forbidden": 403}.get(self.path, 200))
            self.send_header("Location", "/signed")
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"bytes")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    server.requests = requests
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def one(connection):
    """Return the content of one file, which is right."""
    ((content, size),) = connection.cursor().execute(ONE).fetchall()
    assert len(content) == size > 0
    return content


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "download", "status": 500},
        {"operation": "download", "status": 503, "headers": {"Retry-After": "0"}},
        {"operation": "download", "drop_connection": True},
        {"operation": DOWNLOAD, "status": 502},
        {"operation": DOWNLOAD, "status": 202, "headers": {"Retry-After": "0"}},
        {"operation": DOWNLOAD, "status": 429, "headers": {"Retry-After": "0"}},
        {"operation": DOWNLOAD, "status": 401},
        {"operation": DOWNLOAD, "drop_connection": True},
    ],
)
def test_what_passes_is_tried_again(box, connection, fault):
    box.fault(**fault, times=2 if fault.get("status") != 401 else 1)
    assert one(connection)
    assert box.calls(DOWNLOAD) >= 2


@pytest.mark.parametrize("operation", ["download", DOWNLOAD])
def test_what_does_not_pass_is_raised(box, connection, operation):
    box.fault(operation, status=503, times=100)
    with pytest.raises(OperationalError, match=r"GET /files/\d+/content.*HTTP 503") as raised:
        one(connection)
    assert raised.value.diag.status == 503


def test_a_content_that_is_never_ready_is_told_as_that(box, connection):
    box.fault(DOWNLOAD, status=202, headers={"Retry-After": "0"}, times=100)
    with pytest.raises(OperationalError, match="not ready yet; try again later"):
        one(connection)


def test_a_download_that_box_refuses_is_raised(box, connection):
    box.fault(DOWNLOAD, status=403)
    with pytest.raises(OperationalError, match="HTTP 403"):
        one(connection)


def test_the_other_host_gets_no_token(box, connection, storage, caplog):
    caplog.set_level(logging.DEBUG, logger="box_dialect")
    box.fault(DOWNLOAD, status=302, headers={"Location": f"{storage.url}/signed?secret=s3cr3t"})
    ((content, _),) = connection.cursor().execute(ONE).fetchall()
    assert content == b"bytes"
    ((path, headers),) = storage.requests
    assert path == "/signed?secret=s3cr3t"
    assert not {"authorization", "as-user"} & {name.lower() for name in headers}
    assert "s3cr3t" not in caplog.text


def test_the_other_host_may_redirect_too(box, connection, storage):
    box.fault(DOWNLOAD, status=302, headers={"Location": f"{storage.url}/hop"})
    ((content, _),) = connection.cursor().execute(ONE).fetchall()
    assert content == b"bytes"
    assert [path for path, _ in storage.requests] == ["/hop", "/signed"]


def test_an_address_that_cannot_be_reached_is_not_shown(box, connection):
    box.fault(DOWNLOAD, status=302, headers={"Location": "http://127.0.0.1:9/signed?secret=s3cr3t"}, times=100)
    with pytest.raises(OperationalError, match=r"cannot be got from 127\.0\.0\.1") as raised:
        one(connection)
    assert "s3cr3t" not in str(raised.value)


def test_an_address_is_not_shown_in_the_log_of_the_http_library(box, connection, storage, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpcore", "httpcore2"):
        caplog.set_level(logging.DEBUG, logger=name)
    for location in (f"{storage.url}/signed?a='s3cr3t", f'{storage.url}/signed?a="s3cr3t', f"{storage.url}/s3cr3t"):
        box.fault(DOWNLOAD, status=302, headers={"Location": location})
        assert connection.cursor().execute(ONE).fetchall()
    own = "\n".join(record.getMessage() for record in caplog.records if record.threadName == "box-dialect")
    assert own.count("302") >= 3
    assert "s3cr3t" not in own


@pytest.mark.parametrize("path", ["/gone", "/forbidden"])
def test_only_box_tells_that_there_is_no_file(box, connection, storage, path):
    """Its address may have come to its end, and so Box is asked for another one."""
    box.fault(DOWNLOAD, status=302, headers={"Location": storage.url + path})
    assert one(connection)
    box.fault(DOWNLOAD, status=302, headers={"Location": storage.url + path}, times=100)
    with pytest.raises(OperationalError, match=r"127\.0\.0\.1 answers HTTP 40[34] instead of the content"):
        one(connection)


def test_a_failure_of_the_other_host_closes_no_connection_to_box(box):
    connection = box.connect(MaxRetries=0)
    ((file,),) = connection.cursor().execute("SELECT id FROM files LIMIT 1").fetchall()
    box.settle(connection)
    connections = connection.session.client._connections
    idle = connections.idle
    box.fault(DOWNLOAD, status=302, headers={"Location": "http://127.0.0.1:9/"})
    with pytest.raises(OperationalError):
        connection.cursor().execute("SELECT content FROM files WHERE id = ?", (file,)).fetchall()
    assert connections.idle == idle > 0


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/s3cr3t",
        "file:///etc/passwd",
        "http://[s3cr3t",
        "http://127.0.0.1:99999/s3cr3t",
        "http://127.0.0.1:s3cr3t/",
        "https:///s3cr3t",
    ],
)
def test_an_address_of_another_kind_is_refused(box, connection, location):
    box.fault(DOWNLOAD, status=302, headers={"Location": location})
    with pytest.raises(OperationalError, match="cannot be got by https") as raised:
        one(connection)
    assert "s3cr3t" not in str(raised.value)


def test_redirects_without_end_are_given_up(box, connection):
    box.fault("download", status=302, headers={"Location": "/dl/again"}, times=100)
    with pytest.raises(OperationalError, match="HTTP 302"):
        one(connection)


def test_a_cursor_that_is_closed_cancels_what_is_downloaded_ahead(box, connection):
    box.fault("download", delay_ms=600_000, skip=8, times=100)
    cursor = connection.cursor().execute("SELECT content FROM files")
    cursor.fetchone()
    box.wait_for_calls(DOWNLOAD, 8 + 2)
    cursor.close()
    box.settle(connection)
    wait_until(lambda: not connection.session.client._slots._taken)
