from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def engine(small: Box) -> Iterator[sa.engine.Engine]:
    engine = sa.create_engine(small.url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["driver", "connection", "engine"])
def source(request: pytest.FixtureRequest, small: Box, engine: sa.engine.Engine) -> Iterator[Any]:
    """Each thing that runs a query."""
    if request.param == "driver":
        with small.connect() as connection:
            yield connection
    elif request.param == "connection":
        with engine.connect() as connection:
            yield connection
    else:
        yield engine
