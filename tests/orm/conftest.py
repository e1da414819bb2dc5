from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def session(small: Box) -> Iterator[Session]:
    """A session for a small tree that tests leave as it is."""
    engine = sa.create_engine(small.url)
    with Session(engine) as session:
        small.reset()
        yield session
    engine.dispose()


@pytest.fixture
def writing(fresh: Box) -> Iterator[Session]:
    """A session for a tree of the test's own; tests commit, since nothing can be rolled back."""
    engine = sa.create_engine(fresh.url)
    with Session(engine) as session:
        yield session
        session.commit()
    engine.dispose()
