"""Starting, stopping and describing an emulator."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from patience import PATIENCE_SECONDS, wait_until

from box_dialect.emulator import Emulator, Options

KEYS = {
    "url", "api_base_url", "upload_base_url", "authorize_url", "token_url", "revoke_url", "client_id", "client_secret",
    "enterprise_id", "admin_user_id", "user_id", "user_access_token",
    "user_refresh_token", "developer_token", "jwt_config",
}  # fmt: skip
SCRIPT = """
import sys
from pathlib import Path
from box_dialect.emulator import Options, serve
serve(Options(), Path(sys.argv[1]))
"""


def test_ready_describes_the_emulator():
    with Emulator() as emulator:
        ready = emulator.ready
        url = urlsplit(ready["url"])

        assert ready.keys() == KEYS
        assert (url.scheme, url.username, url.password) == ("box", ready["client_id"], ready["client_secret"])
        assert parse_qs(url.query) == {
            "AuthScheme": ["OAuthClient"], "SubjectType": ["user"], "SubjectId": [ready["admin_user_id"]],
        }  # fmt: skip
        assert ready["api_base_url"] == f"http://127.0.0.1:{url.port}/2.0"
        assert ready["upload_base_url"] == f"http://127.0.0.1:{url.port}/api/2.0"
        settings = ready["jwt_config"]["boxAppSettings"]
        assert settings["clientID"] == ready["client_id"]
        assert settings["appAuth"].keys() == {"publicKeyID", "privateKey", "passphrase"}
        assert "ENCRYPTED" in settings["appAuth"]["privateKey"]


def test_stop_leaves_nothing_behind():
    before = set(threading.enumerate())
    with Emulator() as emulator, httpx.Client(timeout=PATIENCE_SECONDS) as idle:
        idle.get(emulator.ready["api_base_url"] + "/users/me")
        assert emulator._socket.fileno() >= 0
        emulator.__exit__(None, None, None)

        new = {thread.name for thread in set(threading.enumerate()) - before}
        assert not any(name.startswith(("box-emulator", "asyncio_", "Thread-")) for name in new)
        assert emulator._socket.fileno() == -1


def test_several_run_at_once():
    with Emulator() as one, Emulator(Options(synthetic=20)) as other:
        assert one.ready["url"] != other.ready["url"]
        headers = {"authorization": f"Bearer {one.ready['developer_token']}"}
        assert (
            httpx.get(other.ready["api_base_url"] + "/users/me", headers=headers, timeout=PATIENCE_SECONDS).status_code
            == 401
        )


def test_taken_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), Emulator(Options(port=port)):
            pass


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_a_signal(tmp_path, number):
    file = tmp_path / "ready.json"
    command = [sys.executable, "-W", "error", "-c", SCRIPT, str(file)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as process:
        try:
            wait_until(lambda: file.exists() or process.poll() is not None)
            ready = json.loads(file.read_text())
            headers = {"authorization": f"Bearer {ready['developer_token']}"}
            assert (
                httpx.get(ready["api_base_url"] + "/users/me", headers=headers, timeout=PATIENCE_SECONDS).status_code
                == 200
            )
            assert file.stat().st_mode & 0o077 == 0
            process.send_signal(number)
            assert process.wait(PATIENCE_SECONDS) == 0
            assert process.stderr.read() == b""
        finally:
            process.kill()
