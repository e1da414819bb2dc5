"""What the tests of declarations work against: a Box that answers what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from scripted_box import ScriptedBox, scripted_box

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        yield box
