"""What a caller gave, in worker threads: what they open is closed, even if nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading

import pytest
from patience import PATIENCE_SECONDS

from box_dialect.api.caller import opened

pytestmark = pytest.mark.usefixtures("no_network")


class File:
    """A file that takes long to open."""

    def __init__(self) -> None:
        self.is_begun, self.may_go_on, self.is_closed = threading.Event(), threading.Event(), threading.Event()

    def open(self) -> File:
        self.is_begun.set()
        assert self.may_go_on.wait(PATIENCE_SECONDS)
        return self

    def close(self) -> None:
        self.is_closed.set()


def test_what_is_opened_is_open() -> None:
    file = File()
    file.may_go_on.set()
    assert asyncio.run(opened(file.open)) is file
    assert not file.is_closed.is_set()


@pytest.mark.parametrize("is_late", [True, False])
def test_what_is_opened_beside_a_cancellation_is_closed(is_late: bool) -> None:
    file = File()

    async def check() -> None:
        opening = asyncio.ensure_future(opened(file.open))
        await asyncio.to_thread(file.is_begun.wait, PATIENCE_SECONDS)
        if not is_late:
            file.may_go_on.set()
            threading.Event().wait(0.05)  # the thread ends, while the loop cannot take note of it
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        file.may_go_on.set()
        assert await asyncio.to_thread(file.is_closed.wait, PATIENCE_SECONDS)

    asyncio.run(check())
