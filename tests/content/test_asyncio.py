"""The content of files with asyncio."""

from __future__ import annotations

import asyncio
import io
import random
import threading
from typing import TYPE_CHECKING, Any

import pytest
from content_box import FILE_ID, ContentBox
from patience import PATIENCE_SECONDS, wait_until_quiet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import box_dialect
from box_dialect import aio
from box_dialect.content import aio as content

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

MIB = 1 << 20


def test_what_was_uploaded_is_downloaded(written: Box, run: Callable[[Any], Any], tmp_path: Path) -> None:
    body = random.randbytes(3 * MIB)

    async def check() -> None:
        told: list[int] = []
        async with await aio.connect(written.url) as connection:
            made = await content.upload(connection, body, path="/async.bin", progress=lambda done, _: told.append(done))
            found = await content.download(connection, made.id, tmp_path / "async.bin")
            assert found == made
            async with await content.open(connection, "/async.bin") as file:
                assert (file.info, file.size) == (made, len(body))
                assert file.seek(-10, 2) == len(body) - 10
                assert await file.read() == body[-10:]
                assert await file.read(5) == await file.read(None) == b""
                file.seek(0)
                assert b"".join([piece async for piece in file]) == body
            with pytest.raises(ValueError, match="closed"):
                await file.read()
            with pytest.raises(ValueError, match="negative"):
                file.seek(-1)
        assert told[-1] == len(body)

    run(check())
    assert (tmp_path / "async.bin").read_bytes() == body


async def write_half(connection: aio.Connection) -> None:
    async with await content.open(connection, "/half-async.bin", "wb") as half:
        await half.write(b"half")
        raise ValueError("amid")


def test_what_is_written_is_uploaded_at_the_end(written: Box, run: Callable[[Any], Any]) -> None:
    async def check() -> None:
        async with await aio.connect(written.url) as connection:
            async with await content.open(connection, "/written-async.bin", "wb") as file:
                assert await file.write(b"one") == 3
                await file.write(b"two")
            assert file.info is not None
            assert file.info.size == 6
            with pytest.raises(ValueError, match="amid"):
                await write_half(connection)
            dropped = await content.open(connection, "/half-async.bin", "wb")
            with pytest.warns(ResourceWarning, match="was not closed"):
                del dropped
            with pytest.raises(box_dialect.OperationalError, match="is not there"):
                await content.open(connection, "/half-async.bin")
            for mode, version in (("ab", None), ("wb", "1")):
                with pytest.raises(box_dialect.ProgrammingError, match="mode"):
                    await content.open(connection, "/a", mode, version_id=version)  # type: ignore[call-overload]

    run(check())


@pytest.mark.parametrize("kind", ["engine", "connection", "session"])
def test_all_that_leads_to_a_connection_will_do(written: Box, run: Callable[[Any], Any], kind: str) -> None:
    async def check() -> None:
        engine = create_async_engine(written.url.replace("box://", "box+aioapsw://"))
        async with engine.connect() as connection, AsyncSession(engine) as session:
            source: Any = {"engine": engine, "connection": connection, "session": session}[kind]
            memory = io.BytesIO()
            await content.download(source, path="/Notes.txt", target=memory)
            assert memory.getvalue()
        await engine.dispose()

    run(check())


def test_what_does_not_lead_to_one_is_refused(written: Box, run: Callable[[Any], Any]) -> None:
    async def check() -> None:
        with written.connect() as connection, pytest.raises(TypeError, match="for asyncio"):
            await content.open(connection, "/Notes.txt")  # type: ignore[call-overload]
        closed = await aio.connect(written.url)
        await closed.close()
        with pytest.raises(box_dialect.InterfaceError):
            await content.open(closed, "/Notes.txt")

    run(check())


def test_a_connection_that_only_reads_uploads_nothing(written: Box, run: Callable[[Any], Any]) -> None:
    async def check() -> None:
        async with await aio.connect(written.url, Readonly=True) as connection:
            with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
                await content.upload(connection, b"", path="/nothing.txt")
            with pytest.raises(box_dialect.ProgrammingError, match="Readonly"):
                await content.open(connection, "/nothing.txt", "wb")

    run(check())


def test_a_task_that_is_cancelled_cancels_its_transfer(run: Callable[[Any], Any]) -> None:
    box, target = ContentBox(random.randbytes(20 * MIB)), io.BytesIO()
    with box.connected() as connected:

        async def check() -> None:
            async with await aio.connect(**_properties(connected)) as connection:
                reached, go_on, loop = asyncio.Event(), threading.Event(), asyncio.get_running_loop()

                def wait(*_: object) -> None:
                    if not go_on.is_set():
                        loop.call_soon_threadsafe(reached.set)
                    go_on.wait(PATIENCE_SECONDS)

                task = asyncio.ensure_future(content.download(connection, FILE_ID, target, progress=wait))
                await reached.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                go_on.set()
                async with await content.open(connection, file_id=FILE_ID) as file:
                    assert await file.read(10) == box.content[:10]

        run(check())
        wait_until_quiet()
    assert len(target.getvalue()) < len(box.content)


@pytest.mark.parametrize("problem", [ValueError, SystemExit])
def test_what_progress_raises_ends_the_transfer_alone(
    written: Box, run: Callable[[Any], Any], problem: type[BaseException]
) -> None:
    def raising(*_: object) -> None:
        raise problem("enough")

    async def check() -> None:
        async with await aio.connect(written.url) as connection:
            with pytest.raises(problem, match="enough"):
                await content.download(connection, path="/Notes.txt", target=io.BytesIO(), progress=raising)
            memory = io.BytesIO()
            await content.download(connection, path="/Notes.txt", target=memory)
            assert memory.getvalue()

    run(check())


def test_a_transfer_ends_with_timeout(written: Box, run: Callable[[Any], Any]) -> None:
    async def check() -> None:
        go_on = asyncio.Event()
        loop = asyncio.get_running_loop()

        def wait(*_: object) -> None:
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(30)

        async with await aio.connect(written.url, Timeout=1) as connection:
            with pytest.raises(box_dialect.OperationalError, match="Timeout"):
                await content.download(connection, path="/Notes.txt", target=io.BytesIO(), progress=wait)
            go_on.set()

    run(check())


def _properties(connection: box_dialect.Connection) -> dict[str, Any]:
    properties = connection.properties
    return {
        "OAuthAccessToken": properties.access_token,
        "APIBaseURL": properties.api_base_url,
        "RetrySeconds": properties.retry_seconds,
    }
