"""A process forks while another of its threads is at work: the child waits for nothing that is that thread's."""

from __future__ import annotations

import atexit
import os
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from forks import by_fork, in_child
from patience import PATIENCE_SECONDS, wait_until

import box_dialect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

pytestmark = by_fork
COUNT = "SELECT count(*) FROM files WHERE parent_id = '0'"
CACHE = "memory://shared-by-parent-and-child"
portal_module = import_module("box_dialect.api.portal")


def count(box: Box) -> Any:
    engine = sa.create_engine(box.url, connect_args={"TokenCache": CACHE})
    with engine.connect() as connection:
        found = connection.execute(sa.text(COUNT)).scalar()
    engine.dispose(close=False)
    with engine.connect() as connection:
        return connection.execute(sa.text(COUNT)).scalar() == found > 0


@contextmanager
def interrupted(connection: box_dialect.Connection, condition: Callable[[], object]) -> Iterator[None]:
    """Run a query in another thread until the condition holds, and interrupt it at the end of the block."""

    def run() -> None:
        with pytest.raises(box_dialect.OperationalError, match="interrupted"):
            connection.cursor().execute(COUNT)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(condition)
        yield
    finally:
        connection.interrupt()
        thread.join()


@pytest.mark.long
@pytest.mark.parametrize("operation", ["post_oauth2_token", "get_folders_id_items"])
def test_a_child_does_not_wait_for_a_call_of_its_parents(fresh: Box, operation: str) -> None:
    fresh.faults({"operation": operation, "delay_ms": 600_000, "times": 1})
    kind = "token_calls" if operation == "post_oauth2_token" else "calls"
    connection = fresh.connect(TokenCache=CACHE)
    with interrupted(connection, lambda: fresh.stats()[kind]):
        assert in_child(lambda: count(fresh)) == "True"
    connection.close()


def test_a_child_starts_a_loop_of_its_own_while_its_parent_starts_one(
    small: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, parent = threading.Event(), threading.Event(), os.getpid()

    class Slow(portal_module.Portal):
        def __init__(self) -> None:
            if os.getpid() == parent:
                begun.set()
                may_end.wait(PATIENCE_SECONDS)
            super().__init__()

    monkeypatch.setattr(portal_module, "Portal", Slow)
    monkeypatch.setattr(portal_module, "_portal", None)
    thread = threading.Thread(target=portal_module.portal)
    thread.start()
    assert begun.wait(PATIENCE_SECONDS)
    try:
        assert in_child(lambda: count(small)) == "True"
    finally:
        may_end.set()
        thread.join()
        portal_module._portal.close()
        atexit.unregister(portal_module._portal.close)
