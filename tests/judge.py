"""The judge: every request that comes to an emulator is one that Box's OpenAPI document describes.

It stands before each emulator of this process and of the processes that tests start. A request of another method, path,
parameter, header or body than the document has fails the test that sent it. What is exempt is named in `EXEMPT`.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import shutil
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from complaints import Request, complaints
from documented import OPENAPI

if TYPE_CHECKING:
    from collections.abc import Callable


class Exemption(NamedTuple):
    """Complaints that fail no test: `tests` and `complaints` are regular expressions of what they are found in."""

    tests: str
    complaints: str
    reason: str


EXEMPT: Final = (
    Exemption("^tests/emulator/", "", "They also send what Box refuses, and check each request that is right."),
    Exemption("", " x-box-ua$", "Box's own SDK sends it, whose requests are no business of ours."),
    Exemption("", "^(GET|POST) /api/oauth2/authorize: ", "A browser asks for the page and sends its form."),
    Exemption("", "^POST /oauth2/token: the body has no redirect_uri$", "RFC 6749, 4.1.3; Box's guides send it."),
    Exemption("", "^POST /oauth2/token: the body has no code_verifier$", "RFC 7636: a server may not know it."),
    Exemption("", "^POST /oauth2/revoke: the body: 'grant_type' is a req", "The document requires it and has it not."),
    Exemption("", r"^GET /2.0/search: .* size_range.[01]: ''", "Either bound can be omitted, says its description."),
    Exemption("", r"^PUT /2.0/files/\S+: the body.lock: 'type' is a req", "The document requires it and has it not."),
    Exemption(
        "", "^PUT /2.0/files/.*: the body has no content_modified_at$", "Clients that keep files in step set it."
    ),
    Exemption("", "^OPTIONS /2.0/files/[0-9]+/content: it is no op", "The guide to uploads has it, for new versions."),
    Exemption("", "/commit: the body has no attributes$", "The guide to uploads sends them with a commit."),
    Exemption("", "^PUT /2.0/web_links/.*: the body has no collections", "The guide to collections sends it."),
    Exemption("", "^PUT /2.0/(folders|web_links)/.*shared_link: None ", "Its descriptions say that null removes it."),
    Exemption("", "^PUT /2.0/files/.* shared_link.permissions.can_edit$", "The variant that adds a link has it."),
    Exemption("", " scope: 'enterprise_[0-9]+' is not one of", "Its descriptions say that the id can stand there."),
    Exemption(
        "",
        "securityClassification-6VMVochwUWo/schema: .*(: 'removeEnumOption' is not one|: 'data' is a required)",
        "Box takes of this template what it takes of others.",
    ),
    Exemption("::test_events_are_those_of_the_stream$", " stream_type: 'nonsense' ", "The word is the user's."),
    Exemption("::test_any_damaged_statement_", " is (not one of|too long)", "Its values are random; Box refuses some."),
    Exemption("::test_an_odd_value_is_taken_or_one_clear_error", " is too long$", "Its values are odd."),
    Exemption("::test_a_wrong_base_url_is_no_empty_box$", ": it is no operation", "It leads the calls elsewhere."),
    Exemption("::test_no_secret_can_be_seen$", "^POST /2.0: it is no operation", "It leads the sign-in elsewhere."),
)
"""What is exempt."""

_NOT_BOX: Final = (b"/_emulator/", b"/dl/", b"/2.0/internal_files/", b"/api/2.0/internal_files/")
"""What the document does not describe: the emulator's controls, the host that Box redirects downloads to, and where it
says that representations are."""

_DIGITS: Final = re.compile(rb"[0-9]+")
_SHARED: Final = "BOX_DIALECT_TESTS_COMPLAINTS"
_HOOK: Final = Path(__file__).resolve().parent / "judged"
"""What processes that tests start import first."""


class Judge:
    """Hear each request that comes to the emulators of a process, and keep the complaints until they are taken.

    A request that differs from an earlier one in the digits of its path alone has the same complaints.
    """

    def __init__(self) -> None:
        self._found: list[str] = []
        self._known: dict[Any, list[str]] = {}
        self._standing: set[Any] = set()
        self._lock = threading.Lock()

    def stand_before(self, application: Any) -> None:
        """Hear what an emulator's ASGI application is asked, before it answers."""
        if application in self._standing:
            return
        self._standing.add(application)
        answer = application.__call__

        async def judged(app: Any, scope: Any, receive: Callable[[], Any], send: Any) -> None:
            body = b""

            async def heard() -> Any:
                nonlocal body
                message = await receive()
                body += message.get("body", b"")
                if message["type"] == "http.request" and not message.get("more_body"):
                    self._hear(scope, body)
                return message

            await answer(app, scope, heard, send)

        application.__call__ = judged

    def call_in(self) -> None:
        """Take, from now on, the complaints of the processes that this one starts."""
        folder, owner = tempfile.mkdtemp(prefix="box-complaints-"), os.getpid()
        atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder))  # no forked child may do so
        paths = dict.fromkeys([str(_HOOK), *os.environ.get("PYTHONPATH", "").split(os.pathsep)])
        os.environ |= {_SHARED: folder, "PYTHONPATH": os.pathsep.join(filter(None, paths))}

    def take(self) -> list[str]:
        """Return the complaints since they were last taken, with those of the processes that were started."""
        with self._lock:
            found, self._found = self._found, []
        for path in Path(os.environ[_SHARED]).glob("*.txt"):
            found += path.read_text(encoding="utf-8").splitlines()
            path.unlink()
        return list(dict.fromkeys(found))

    def leave(self) -> None:
        """Leave the complaints to the process that started this one."""
        with contextlib.suppress(KeyError, FileNotFoundError):  # it has ended before
            if self._found:
                path = Path(os.environ[_SHARED]) / f"{os.getpid()}-{time.monotonic_ns()}"
                path.write_text("\n".join(self._found), encoding="utf-8")
                path.rename(path.with_suffix(".txt"))

    def _hear(self, scope: Any, body: bytes) -> None:
        path: bytes = scope["raw_path"]
        if path.startswith(_NOT_BOX):
            return
        names = tuple(name for name, value in scope["headers"])
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        key = scope["method"], _DIGITS.sub(b"0", path), scope["query_string"], names, kind, body
        found = self._known.get(key)
        if found is None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            query = scope["query_string"].decode("latin-1")
            request = Request(scope["method"], path.decode("latin-1"), query, headers, body)
            found = self._known[key] = [f"{request.name}: {complaint}" for complaint in complaints(request)]
        if found:
            with self._lock:
                self._found += found


def is_exempt(test: str, complaint: str) -> bool:
    """Tell whether a complaint is exempt in a test, which is named by its path and name."""
    return any(re.search(each.tests, test) and re.search(each.complaints, complaint) for each in EXEMPT)


@cache
def judge() -> Judge | None:
    """Return the judge of this process, None where there is no document."""
    return Judge() if OPENAPI.is_file() else None
