"""What all tests share: emulators that stay up for a whole run, and connections to them."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import signal
import socket
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain_http
import pytest
from hypothesis import HealthCheck, settings
from judge import is_exempt, judge
from patience import wait_until_quiet
from random_examples import examples
from services import postgresql, postgresql_database, postgresql_url, redis_server, redis_url
from skips import pytest_runtest_makereport

import box_dialect
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator
    from contextlib import AbstractContextManager

collect_ignore = ["compliance/suite"]  # it runs under SQLAlchemy's own plugin
__all__ = [  # fixtures and a hook for all tests
    "postgresql",
    "postgresql_database",
    "postgresql_url",
    "pytest_runtest_makereport",
    "redis_server",
    "redis_url",
]

SYNTHETIC_FILES = 2_000
TRUSTED = Path(__file__).parent
"""A folder without certificates."""

# Beside what Hypothesis itself chooses, such as examples that are always the same where CI is set.
settings.register_profile(
    "patient", max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")


def pytest_configure() -> None:
    """Let Ctrl-C be one also where the run was started in the background, which lets a process ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Tests call this machine alone, without TLS; to read whom TLS trusts takes longer than the calls of most.
    os.environ.pop("SSL_CERT_FILE", None)
    os.environ["SSL_CERT_DIR"] = str(TRUSTED)
    if (found := judge()) is not None:
        found.stand_before(App)
        found.call_in()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare each garbage collection what is imported and collected here, and each forked child a copy of all that."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Have one worker more than processors with `-n auto`, for tests also wait: for time, processes and servers."""
    return (yield) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let a worker that has done its tests take over those of another; long ones stand side by side, and one had all.

    Where another distribution than xdist's first choice was asked for, it holds.
    """
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


class Box:
    """An emulator in a test's hand: its URL, its state, its counts of calls."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.url: str = emulator.ready["url"]
        self.store = emulator.store
        self._control = emulator.ready["api_base_url"].removesuffix("/2.0") + "/_emulator"

    def connect(self, **properties: object) -> box_dialect.Connection:
        return box_dialect.connect(self.url, **properties)

    def reset(self) -> None:
        """Forget the counts and the faults, once no call can come that belongs to them."""
        wait_until_quiet()
        plain_http.post(f"{self._control}/reset").raise_for_status()

    def stats(self) -> dict[str, object]:
        answer: dict[str, object] = plain_http.get(f"{self._control}/stats").raise_for_status().json()
        return answer

    def expire(self, kind: str) -> None:
        plain_http.post(f"{self._control}/expire", json={"kind": kind}).raise_for_status()

    def faults(self, *faults: dict[str, object]) -> None:
        plain_http.post(f"{self._control}/faults", json=list(faults)).raise_for_status()


@pytest.fixture(scope="session")
def settings_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Paths of folders, one for each test; who writes there makes it, since most tests do not."""
    root = tmp_path_factory.mktemp("settings")
    return (str(root / str(number)) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_settings(settings_folders: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep each test from the settings file and the keyring of the user, and from what other tests set."""
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "")  # which a test may set for its process
    folder = next(settings_folders)
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    monkeypatch.setenv("XDG_STATE_HOME", folder)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def judged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that sent what Box's OpenAPI document does not describe."""
    yield
    fail_for_complaints(request.node.nodeid)


@pytest.fixture(autouse=True, scope="session")
def judged_at_last() -> Iterator[None]:
    """Fail the last test for what was still on its way."""
    yield
    fail_for_complaints("")


def fail_for_complaints(test: str) -> None:
    found = judge()
    complaints = [] if found is None else [each for each in found.take() if not is_exempt(test, each)]
    if complaints:
        pytest.fail("Box's document does not describe what was sent:\n" + "\n".join(complaints), pytrace=False)


@pytest.fixture(scope="session")
def small() -> Iterator[Box]:
    """A small tree with awkward names."""
    with Emulator(Options()) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="session")
def written() -> Iterator[Box]:
    """A small tree into which tests write, each by names of its own."""
    with Emulator(Options()) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="session")
def synthetic() -> Iterator[Box]:
    """A regular tree: 2,000 files in 100 folders. Tests must leave it as it is."""
    with Emulator(Options(synthetic=SYNTHETIC_FILES)) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[[Options], AbstractContextManager[Emulator]]]:
    """What serves an emulator for one test; the next does not wait for its end, which takes long and does nothing.

    Where calls are still served they are cut off, and the end is waited for: what then goes wrong belongs to the test.
    """
    ending: list[Emulator] = []

    @contextmanager
    def serve(options: Options) -> Iterator[Emulator]:
        with ExitStack() as stack:
            emulator = stack.enter_context(Emulator(options))
            yield emulator
            if emulator._server.server_state.tasks:
                emulator._server.config.timeout_graceful_shutdown = 0
            else:
                emulator._server.should_exit = True
                ending[:] = [earlier for earlier in ending if earlier._thread.is_alive()] + [emulator]
                stack.pop_all()

    yield serve
    for emulator in ending:
        emulator.__exit__(None, None, None)


@pytest.fixture
def fresh(serving: Callable[[Options], AbstractContextManager[Emulator]]) -> Iterator[Box]:
    """A small tree that a test may change."""
    with serving(Options()) as emulator:
        yield Box(emulator)


@pytest.fixture
def quiet() -> None:
    """Begin the test once no call of an earlier one can come into its log."""
    wait_until_quiet()


@pytest.fixture
def connection(small: Box) -> Iterator[box_dialect.Connection]:
    with small.connect() as connection:
        yield connection


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that would open a connection to anywhere."""

    def refuse(*_: object) -> None:
        raise AssertionError("a test opened a network connection that is to have none")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture
def run() -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Return a function that awaits a coroutine on a new event loop."""
    return asyncio.run
