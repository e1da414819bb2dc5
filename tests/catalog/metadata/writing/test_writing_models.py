"""Instances are written by the ORM, by pandas, and many at once."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from catalog.metadata.conftest import FIELDS
from rounds import Rounds
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

import box_dialect
from box_dialect import orm
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App
from box_dialect.emulator.metadata.instances import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

WIDTH = 16
FILES = 112


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.engine.Engine]:
    fresh.store.add_template("contract", *FIELDS)
    engine = sa.create_engine(fresh.url)
    yield engine
    engine.dispose()


@pytest.fixture
def contract(engine: sa.engine.Engine) -> Any:
    return orm.templates(engine)["EnterpriseContract"]


@pytest.fixture
def files(fresh: Box) -> list[str]:
    """The ids of files that have no metadata."""
    return [file.id for file in fresh.store.files.values() if not file.is_trashed and not file.of(Instance)]


def values(fresh: Box, identity: str) -> dict[str, Any]:
    found: Instance
    (found,) = fresh.store.files[identity].of(Instance).values()
    return dict(found.values)


@pytest.mark.long
def test_an_object_is_added_changed_and_deleted(
    fresh: Box, engine: sa.engine.Engine, contract: Any, files: list[str]
) -> None:
    with Session(engine) as session:
        made = contract(item_id=files[0], amount=5.5, due=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), tags=["a"])
        session.add(made)
        session.commit()
        assert (made.item_type, made.template_version, made.tags) == ("file", 0, ["a"])
        assert made.file.contract is made
        made.status, made.tags = "open", ["a", "b"]
        session.commit()
        assert made.template_version == 1
        assert values(fresh, files[0]) == {
            "amount": 5.5,
            "due": "2026-01-02T00:00:00+00:00",
            "tags": ["a", "b"],
            "status": "open",
        }
        made.tags = made.due = None
        session.commit()
        assert values(fresh, files[0]) == {"amount": 5.5, "status": "open"}
        session.delete(made)
        session.commit()
    assert not fresh.store.files[files[0]].of(Instance)


@pytest.mark.long
@pytest.mark.parametrize("verb", ["update", "delete"])
@pytest.mark.filterwarnings("ignore::box_dialect.BoxTransactionWarning")
def test_what_another_has_changed_is_stale(
    fresh: Box, engine: sa.engine.Engine, contract: Any, files: list[str], verb: str
) -> None:
    with Session(engine) as session:
        made = contract(item_id=files[0], amount=1)
        session.add(made)
        session.commit()
        assert made.amount == 1
        with fresh.connect() as another:
            another.cursor().execute("UPDATE enterprise_contract SET amount = 2")
        if verb == "update":
            made.amount = 3
        else:
            session.delete(made)
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()
    assert values(fresh, files[0]) == {"amount": 2}


def test_pandas_appends_instances(fresh: Box, engine: sa.engine.Engine, files: list[str]) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(
        {
            "item_id": files[:3],
            "amount": [1.5, None, 3],
            "due": pandas.to_datetime(["2026-01-02", None, "2026-03-04"], utc=True),
            "status": ["open", "closed", None],
        }
    )
    assert frame.to_sql("enterprise_contract", engine, if_exists="append", index=False) in {None, 3}
    assert [values(fresh, file) for file in files[:3]] == [
        {"amount": 1.5, "due": "2026-01-02T00:00:00+00:00", "status": "open"},
        {"status": "closed"},
        {"amount": 3, "due": "2026-03-04T00:00:00+00:00"},
    ]


UPSERT = (
    "INSERT INTO enterprise_contract (item_id, amount) SELECT id, size FROM files WHERE true "
    "ON CONFLICT DO UPDATE SET amount = -excluded.amount"
)


@pytest.mark.long
def test_many_rows_are_written_at_once() -> None:
    with Emulator(Options(synthetic=FILES, synthetic_folder_size=FILES)) as emulator:
        emulator.store.add_template("contract", {"type": "float", "key": "amount"})
        with box_dialect.connect(emulator.ready["url"], max_concurrency=WIDTH) as connection:
            connection.find_tables()
            for statement, reading, writing in (
                ("INSERT INTO enterprise_contract (item_id, amount) SELECT id, size FROM files", 2, FILES),
                ("UPDATE enterprise_contract SET amount = amount + 1", 2, FILES),
                (UPSERT, 2, 2 * FILES),
                ("DELETE FROM enterprise_contract", 2, FILES),
            ):
                cursor, rounds = connection.cursor(), Rounds()
                with rounds.holding(App):
                    rounds.run(cursor, partial(cursor.execute, statement))
                assert (cursor.rowcount, cursor.api_calls) == (FILES, reading + writing), statement
                assert rounds.count <= 1.3 * (reading + writing / WIDTH) + 1, statement
