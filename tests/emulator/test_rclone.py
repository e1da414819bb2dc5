"""rclone at work with the emulator, which it takes for Box.

rclone knows no other address than Box's own. So it is given a proxy that answers in their names, with certificates of
an authority that rclone is told to trust, and leads all to the emulator.
"""

import contextlib
import json
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from patience import PATIENCE_SECONDS
from services import missing

RCLONE = shutil.which("rclone")
HOSTS = ("api.box.com", "upload.box.com")

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def installed():
    if RCLONE is None:
        missing("rclone is not installed")


def certificate(path):
    """Write a certificate of Box's hosts, which vouches for itself, with its key; return the file of both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOSTS[0])])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    unencrypted = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Proxy(socketserver.ThreadingTCPServer):
    """A proxy that ends the encryption of each connection and passes on what it carries to the emulator."""

    daemon_threads = True

    def __init__(self, pem, port):
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem)
        self.emulator = ("127.0.0.1", port)


class Tunnel(socketserver.StreamRequestHandler):
    """One connection through the proxy."""

    rbufsize = 0

    def handle(self):
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with (
            contextlib.suppress(OSError),
            self.server.tls.wrap_socket(self.request, server_side=True) as client,
            socket.create_connection(self.server.emulator) as emulator,
        ):
            answers = threading.Thread(target=pump, args=(emulator, client), daemon=True)
            answers.start()
            pump(client, emulator)
            answers.join()


@pytest.fixture(scope="module")
def rclone(box, tmp_path_factory):
    """Return a function that runs rclone on the remote "box:" and returns what it prints."""
    pem = certificate(tmp_path_factory.mktemp("authority") / "box.pem")
    token = {"access_token": box.ready["developer_token"], "token_type": "bearer", "expiry": "2099-01-01T00:00:00Z"}
    with Proxy(pem, int(box.ready["api_base_url"].split(":")[2].removesuffix("/2.0"))) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        surroundings = {
            **{name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_address[1]}",
            "TZ": "UTC",
            "RCLONE_CONFIG": "",
            "RCLONE_CONFIG_BOX_TYPE": "box",
            "RCLONE_CONFIG_BOX_TOKEN": json.dumps(token),
        }

        def run(*arguments):
            command = [RCLONE, *arguments, "--ca-cert", str(pem), "--low-level-retries", "1", "--retries", "1"]
            done = subprocess.run(
                command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        yield run
        proxy.shutdown()


@pytest.fixture
def remote(box, place):
    return f"box:{box.get(f'/folders/{place}')['name']}"


def test_lists_end(rclone, box):
    names = {entry["name"] for entry in box.get("/folders/0/items?limit=1000")["entries"] if entry["type"] == "folder"}

    assert {line.rstrip("/") for line in rclone("lsf", "box:", "--dirs-only").splitlines()} == names


def test_files_come_and_go(rclone, remote, tmp_path):
    source, back = tmp_path / "source", tmp_path / "back"
    (source / "sub").mkdir(parents=True)
    (source / "one.txt").write_text("one")
    (source / "sub" / "two ü.txt").write_text("two")
    rclone("sync", str(source), remote)
    assert sorted(rclone("lsf", "-R", remote).splitlines()) == ["one.txt", "sub/", "sub/two ü.txt"]
    (source / "one.txt").write_text("another one")
    rclone("sync", str(source), remote)
    rclone("moveto", f"{remote}/one.txt", f"{remote}/sub/moved.txt")
    rclone("move", f"{remote}/sub", f"{remote}/renamed")
    rclone("copy", remote, str(back))

    assert (back / "renamed" / "moved.txt").read_text() == "another one"
    assert (back / "renamed" / "two ü.txt").read_text() == "two"
    rclone("copyto", f"{remote}/renamed/moved.txt", f"{remote}/twin.txt")
    rclone("purge", f"{remote}/renamed")
    assert rclone("cat", f"{remote}/twin.txt") == "another one"
    rclone("deletefile", f"{remote}/twin.txt")
    assert rclone("lsf", remote) == ""


def test_times_links_and_space(rclone, remote, tmp_path):
    (tmp_path / "timed.txt").write_text("timed")
    rclone("copy", str(tmp_path), remote)
    rclone("touch", "--no-create", "--timestamp", "2020-01-02T03:04:05", f"{remote}/timed.txt")
    (listed,) = json.loads(rclone("lsjson", f"{remote}/timed.txt"))

    assert datetime.fromisoformat(listed["ModTime"]) == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert rclone("link", f"{remote}/timed.txt").startswith("https://app.box.com/s/")
    assert json.loads(rclone("about", "box:", "--json"))["total"] > 0


def test_the_trash_is_emptied(rclone, box, place, remote):
    box.delete(f"/folders/{box.folder('bound for the trash', place)}")
    rclone("cleanup", remote)

    assert box.get("/folders/trash/items")["total_count"] == 0
