"""Lines 13 and 14: many small files and one large one, uploaded by the driver, by hand, and by the SDK's loop."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import box_dialect
from bench import bare_uploads
from bench.contest import DisagreementError
from bench.outcome import Bound, Outcome
from bench.servers import emulator
from box_dialect.api import CallCount, portal
from box_dialect.api.source import Source
from box_dialect.api.upload import upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.contest import Settings
    from bench.servers import Server

FILES: Final = 1_000
BYTES_OF_FILE: Final = 100_000
BYTES_OF_LARGE_FILE: Final = 200 << 20

_INSERT: Final = "INSERT INTO files (name, parent_id, content) VALUES (?, ?, ?)"


class _Contest:
    """An emulator, and a connection to it that has signed in; each upload goes into a folder of its own."""

    def __init__(self, server: Server, settings: Settings) -> None:
        self.server, self.settings = server, settings
        self.connection = box_dialect.connect(server.url, MaxConcurrency=settings.concurrency, MaxCallsPerMinute=0)
        self.cursor = self.connection.cursor()
        self._folders = 0

    def folder(self) -> str:
        self._folders += 1
        self.cursor.execute("INSERT INTO folders (name, parent_id) VALUES (?, '0') RETURNING id", (f"{self._folders}",))
        ((identity,),) = self.cursor.fetchall()
        return str(identity)

    def seconds(self, way: Callable[[str], object]) -> float:
        """Return how long a way takes, to a new folder."""
        folder = self.folder()
        began = time.perf_counter()
        way(folder)
        return time.perf_counter() - began

    def measured(self, *ways: Callable[[str], object]) -> list[tuple[float, ...]]:
        """Return the seconds of each way, which are run in turn so often as the settings say."""
        for way in ways:  # so that connections are open, and Box's latency is known
            self.seconds(way)
        return list(zip(*[[self.seconds(way) for way in ways] for _ in range(self.settings.runs)], strict=True))

    def listed(self) -> set[tuple[str, str]]:
        """Return the names and the digests of what was uploaded last."""
        query = "SELECT f.name, f.sha1 FROM files f JOIN folders d ON d.id = f.parent_id WHERE d.name = ?"
        return {*self.cursor.execute(query, (f"{self._folders}",)).fetchall()}


def small_files(settings: Settings) -> Iterator[Outcome]:
    """Run line 13; raises DisagreementError."""
    number = max(settings.concurrency, round(FILES * settings.scale))
    contents = [(f"{each}.bin", each.to_bytes(4) * (BYTES_OF_FILE // 4)) for each in range(number)]
    expected = {(name, hashlib.sha1(content, usedforsecurity=False).hexdigest()) for name, content in contents}
    with emulator({"latency_ms": settings.latency_ms}) as server:
        contest = _Contest(server, settings)

        def by_driver(folder: str) -> None:
            contest.cursor.executemany(_INSERT, [(name, folder, content) for name, content in contents])

        def by_hand(folder: str) -> None:
            asyncio.run(bare_uploads.files(server, folder, contents, settings.concurrency))

        hand, driver = contest.measured(by_hand, by_driver)
        calls = contest.cursor.api_calls
        if contest.listed() != expected:
            raise DisagreementError("line 13: the driver did not upload what it was given")
        sdk = contest.seconds(_sdk_loop(server, contents)) if settings.sdk else None
    outcome = Outcome(
        line="13",
        work="upload of small files against a bare loop",
        unit="s",
        measured=median(driver),
        limit=median(hand),
        bound=Bound("<=", 1.2),
        calls=calls,
        least=number,
        sdk=sdk,
        runs=driver,
    )
    yield outcome
    if sdk is not None:
        yield Outcome(
            line="13",
            work="the SDK's loop over the driver",
            unit="s",
            measured=sdk,
            limit=outcome.measured,
            bound=Bound(">=", 8),
            runs=(sdk,),
        )


def _sdk_loop(server: Server, contents: list[tuple[str, bytes]]) -> Callable[[str], None]:
    from box_sdk_gen import UploadFileAttributes, UploadFileAttributesParentField

    client = server.sdk()
    client.users.get_user_me()

    def loop(folder: str) -> None:
        for name, content in contents:
            attributes = UploadFileAttributes(name=name, parent=UploadFileAttributesParentField(id=folder))
            client.uploads.upload_file(attributes, io.BytesIO(content))

    return loop


def large_file(settings: Settings) -> Iterator[Outcome]:
    """Run line 14; raises DisagreementError."""
    size = max(25, round((BYTES_OF_LARGE_FILE >> 20) * settings.scale)) << 20
    with tempfile.TemporaryDirectory() as place, emulator({"latency_ms": settings.latency_ms}) as server:
        path = Path(place) / "large.bin"
        path.write_bytes(os.urandom(1 << 20) * (size >> 20))
        digest = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
        contest = _Contest(server, settings)
        counts: list[CallCount] = []

        def by_driver(folder: str) -> None:
            counts.append(CallCount())

            async def uploaded() -> Any:
                client = contest.connection.session.client
                return await upload(client, counts[-1], Source.of(path), name=path.name, parent_id=folder)

            portal().run(uploaded)

        def by_hand(folder: str) -> None:
            asyncio.run(bare_uploads.large_file(server, folder, path, size, settings.concurrency))

        hand, driver = contest.measured(by_hand, by_driver)
        if contest.listed() != {(path.name, digest)}:
            raise DisagreementError("line 14: the driver did not upload what it was given")
    yield Outcome(
        line="14",
        work="upload of a large file in parts against a bare loop",
        unit="s",
        measured=median(driver),
        limit=median(hand),
        bound=Bound("<=", 1.2),
        calls=counts[-1].calls,
        least=counts[-1].calls,
        runs=driver,
    )
