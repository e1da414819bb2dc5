"""A Box that answers when a test lets it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS
from scripted_box import ScriptedBox, scripted_box

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gate:
    """An answer that is held: `arrived` says that somebody waits for it, `open` lets it go."""

    def __init__(self) -> None:
        self.arrived, self.open = threading.Event(), threading.Event()

    def __call__(self, _: Any) -> Any:
        self.arrived.set()
        self.open.wait(PATIENCE_SECONDS)
        return {"entries": [], "total_count": 0}


@pytest.fixture
def scripted() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        yield box


@pytest.fixture
def gate(scripted: ScriptedBox) -> Iterator[Gate]:
    """The held answer to who asks for the groups; the user with the id 1 is told at once."""
    held = Gate()
    scripted.answers = {"GET /groups": held, "GET /users/1": {"type": "user", "id": "1", "name": "Ada"}}
    yield held
    held.open.set()
