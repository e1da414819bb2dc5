"""Objects say which they are, in logs, templates and debuggers, and ask Box nothing for it."""

from __future__ import annotations

import asyncio
import pickle
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows import KEYS
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session, declarative_base, load_only

from box_dialect import orm

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Box

README = "/Contracts/README"


@pytest.fixture
def file(session: Session) -> Any:
    return session.execute(sa.select(orm.File).where(orm.File.path == README)).scalar_one()


def test_a_file_reads_as_its_name(file: Any) -> None:
    assert str(file) == f"{file}" == "README"
    assert repr(file) == f"File(id='{file.id}', name='README')"
    assert repr([file]) == f"[File(id='{file.id}', name='README')]"


@pytest.mark.parametrize("leave", [Session.expire_all, Session.expunge_all, Session.close, Session.rollback])
def test_reading_asks_box_nothing(session: Session, small: Box, file: Any, leave: Callable[[Session], None]) -> None:
    identity = file.id
    leave(session)
    small.reset()
    assert repr(file).startswith(f"File(id='{identity}'")
    assert str(file) in {"README", repr(file)}
    assert small.stats()["calls"] == 0


def test_an_expired_object_that_nothing_holds_still_says_its_key(session: Session, file: Any) -> None:
    identity = file.id
    session.expire(file)
    session.expunge(file)
    assert repr(file) == str(file) == f"File(id='{identity}')"
    assert repr(pickle.loads(pickle.dumps(file))) == repr(file)


def test_what_was_not_loaded_is_left_out(session: Session) -> None:
    query = sa.select(orm.File).where(orm.File.path == README).options(load_only(orm.File.size))
    file = session.execute(query).scalar_one()
    assert repr(file) == str(file) == f"File(id='{file.id}')"


def test_new_objects_have_no_key_yet() -> None:
    assert repr(orm.Folder()) == "Folder()"
    assert repr(orm.Folder(name="plans", parent_id="0")) == "Folder(name='plans')"
    assert str(orm.Folder(name="plans")) == "plans"
    assert repr(orm.Folder(name=sa.func.upper("plans"))) == "Folder()"


@pytest.mark.long
@pytest.mark.parametrize("model", orm.MODELS.values())
def test_every_model_says_more_than_its_key(session: Session, model: Any) -> None:
    known = KEYS.get(model.__table__.name, {})
    found = session.execute(sa.select(model).filter_by(**known).limit(1)).scalar_one()
    (key, *_), first = sa.inspect(found).identity, sa.inspect(model).primary_key[0].name
    only_key = f"{model.__name__}({first}={key!r}"
    assert repr(found).startswith(only_key if first == "name" else f"{only_key}, ")
    assert str(found)
    assert str(found) != repr(found)


def test_what_has_no_name_of_its_own_reads_as_whom_and_what_it_joins() -> None:
    membership = orm.Membership(id="7", user_name="Amelia Andersen", group_name="Legal", role="member")
    assert str(membership) == "Amelia Andersen, Legal, member"
    assert repr(membership) == "Membership(id='7', user_name='Amelia Andersen', group_name='Legal', role='member')"
    assert str(orm.Comment(id="1", message="Well said.", item_id="2")) == "Well said."


def test_long_values_are_cut_and_what_is_no_label_is_not_shown() -> None:
    comment = orm.Comment(id="1", message="word " * 10_000)
    assert len(repr(comment)) < 200
    assert len(str(comment)) <= 255
    assert str(orm.File(id="1", name="n" * 255)) == "n" * 255
    link = orm.File(id="1", name="plan", shared_link_url="https://app.box.com/s/secret", description="secret")
    assert "secret" not in repr(link) + str(link)


def test_a_base_of_ones_own_is_readable_too_and_its_own_words_hold(session: Session) -> None:
    plain = declarative_base()

    class Spoken:
        def __repr__(self) -> str:
            return "mine"

    spoken = declarative_base(cls=Spoken)
    document = type("Document", (orm.FileColumns, plain), {})
    other = type("Other", (orm.FileColumns, spoken), {})
    special = type("Special", (document,), {"__str__": lambda _: "special"})
    found = session.execute(sa.select(document).where(document.path == README)).scalar_one()
    assert (str(found), repr(found)) == ("README", f"Document(id='{found.id}', name='README')")
    assert (str(other(id="1")), repr(other(id="1"))) == ("mine", "mine")
    assert (str(special(id="1")), repr(special(id="1"))) == ("special", "Special(id='1')")


@pytest.mark.long
def test_automaps_classes_are_readable_with_the_base_for_it(session: Session) -> None:
    base = automap_base(cls=orm.BoxObject)
    with session.get_bind().begin() as connection:
        connection.execute(sa.text("CREATE TABLE marks (shelf TEXT, number INTEGER, PRIMARY KEY (shelf, number))"))
        base.prepare(autoload_with=connection, **orm.AUTOMAP)
        connection.execute(sa.text("DROP TABLE marks"))
    found = session.execute(sa.select(base.classes.File).where(base.classes.File.path == README)).scalar_one()
    assert (str(found), repr(found)) == ("README", f"File(id='{found.id}', name='README')")
    assert repr(base.classes.marks(shelf="A", number=3)) == "marks(shelf='A', number=3)"


def test_an_expired_object_reads_outside_of_the_greenlet(small: Box) -> None:
    async def read() -> tuple[str, str]:
        engine = create_async_engine(small.url.replace("box://", "box+aioapsw://"))
        async with AsyncSession(engine) as session:
            file = (await session.execute(sa.select(orm.File).where(orm.File.path == README))).scalar_one()
            identity = file.id
            await session.commit()
            shown = repr(file)
        await engine.dispose()
        return identity, shown

    identity, shown = asyncio.run(read())
    assert shown == f"File(id='{identity}')"
