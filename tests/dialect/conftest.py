from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def engine(small: Box) -> Iterator[sa.engine.Engine]:
    """An engine for a small tree that tests leave as it is."""
    engine = sa.create_engine(small.url)
    yield engine
    engine.dispose()


@pytest.fixture
def changeable(fresh: Box) -> Iterator[sa.engine.Engine]:
    """An engine for a tree of the test's own."""
    engine = sa.create_engine(fresh.url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def tables(small: Box) -> sa.MetaData:
    """All tables, as SQLAlchemy reflects them."""
    engine = sa.create_engine(small.url)
    metadata = sa.MetaData()
    metadata.reflect(engine)
    engine.dispose()
    return metadata
