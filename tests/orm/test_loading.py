"""What belongs to objects is asked for only where these have some, however it is loaded, as long as that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload, subqueryload

from box_dialect import orm
from box_dialect.emulator.content import PatternContent
from box_dialect.engine.scan.negative_cache import SECONDS_KEPT, NegativeCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

FILES, COMMENTED = 20, 4


@pytest.fixture
def folder(fresh: Box) -> str:
    """A folder of files, of which a few have comments."""
    store = fresh.store
    made = store.add_folder("made", store.root, store.admin)
    for number in range(FILES):
        file = store.add_file(f"{number}", made, PatternContent("x", 1), store.admin)
        for _ in range(2 if number < COMMENTED else 0):
            store.add_comment(file, "comment", store.admin)
    return str(made.id)


@pytest.fixture(params=["AUTOCOMMIT", "SERIALIZABLE"])
def engine(request: pytest.FixtureRequest, fresh: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[sa.engine.Engine]:
    """An engine where no time passes by itself."""
    monkeypatch.setattr("box_dialect.engine.execution.session.NegativeCache", lambda: NegativeCache(lambda: 0.0))
    engine = sa.create_engine(fresh.url, isolation_level=request.param)
    yield engine
    engine.dispose()


def files(session: Session, folder: str, *options: Any) -> list[orm.File]:
    query = sa.select(orm.File).where(orm.File.parent_id == folder).options(*options)
    return [*session.execute(query).unique().scalars()]


@pytest.mark.parametrize(
    ("option", "listings"),
    [
        ((), 1),
        ((selectinload(orm.File.comments),), 1),
        ((joinedload(orm.File.comments),), 1),
        ((subqueryload(orm.File.comments),), 2),  # whose statement lists the files once more
    ],
    ids=["lazy", "selectin", "joined", "subquery"],
)
def test_files_without_comments_are_not_asked_for_them(
    fresh: Box, engine: sa.engine.Engine, folder: str, option: tuple[Any, ...], listings: int
) -> None:
    with Session(engine) as session:
        fresh.reset()
        found = files(session, folder, *option)
        assert sum(len(file.comments) for file in found) == 2 * COMMENTED
    assert fresh.stats()["by_operation"] == {"get_folders_id_items": listings, "get_files_id_comments": COMMENTED}


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_got_by_its_key_tells_too(fresh: Box, engine: sa.engine.Engine) -> None:
    silent = next(file.id for file in fresh.store.items["file"].values() if not file.comments)
    with Session(engine) as session:
        fresh.reset()
        assert session.get(orm.File, silent).comments == []
    assert fresh.stats()["calls"] == 1


def add(session: Session, folder: str) -> None:
    """Write to another table of Box, within the transaction if there is one."""
    session.add(orm.Folder(name="new", parent_id=folder))
    session.flush()


def savepoint(session: Session, _: str) -> None:
    nested = session.begin_nested()
    session.connection()  # before which SQLAlchemy begins no savepoint
    nested.rollback()


def time_passes(session: Session, _: str) -> None:
    session.connection().connection.dbapi_connection.session.negative_cache.clock = lambda: SECONDS_KEPT


@pytest.mark.long
@pytest.mark.parametrize(
    "between",
    [
        lambda session, _: session.commit(),
        lambda session, _: session.rollback(),
        lambda session, _: session.close(),
        savepoint,
        add,
        time_passes,
    ],
    ids=["commit", "rollback", "another checkout", "savepoint", "write", "time"],
)
@pytest.mark.filterwarnings("ignore:.*was written to Box")
def test_they_are_asked_again_once_something_may_have_changed(
    fresh: Box, engine: sa.engine.Engine, folder: str, between: Callable[[Session, str], Any]
) -> None:
    with Session(engine, expire_on_commit=False) as session:
        found = files(session, folder)
        names = [file.id for file in found]
        between(session, folder)
        fresh.reset()
        session.execute(sa.select(orm.Comment).where(orm.Comment.item_id.in_(names))).scalars().all()
        assert fresh.stats()["by_operation"] == {"get_files_id_comments": FILES}
        session.commit()
