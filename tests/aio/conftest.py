from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import registry

if TYPE_CHECKING:
    from conftest import Box

# As the entry points of the distribution do, where the package is imported without being installed.
registry.register("box", "box_dialect.dialect", "BoxDialect")
registry.register("box.aioapsw", "box_dialect.dialect.aio", "AsyncBoxDialect")

DRIVERNAME = "box+aioapsw" if sa.__version__.startswith("1.") else "box"


@pytest.fixture
def url(small: Box) -> str:
    """The URL for create_async_engine() of a small tree that tests leave as it is."""
    return small.url.replace("box:", f"{DRIVERNAME}:", 1)


@pytest.fixture
def changeable(fresh: Box) -> str:
    """The URL for create_async_engine() of a tree of the test's own."""
    return fresh.url.replace("box:", f"{DRIVERNAME}:", 1)
