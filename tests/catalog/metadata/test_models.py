"""Classes of the ORM for metadata templates."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SAWarning
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.ext.automap import automap_base
from sqlalchemy.orm import Session, configure_mappers, declarative_base, joinedload, selectinload

from box_dialect import orm

if TYPE_CHECKING:
    from conftest import Box


@pytest.mark.long
def test_a_template_is_a_class_with_relationships(tagged: Box) -> None:
    engine = sa.create_engine(tagged.url)
    mapped = orm.templates(engine)
    contract_class, file_class = mapped["EnterpriseContract"], mapped["File"]
    file = next(each for each in tagged.store.files.values() if not each.is_trashed)
    with Session(engine) as session:
        contract = session.get(contract_class, (file.id, "file"))
        assert contract.file.name == file.name
        assert contract.folder is None
        assert contract.file.contract is contract
        folder = session.execute(sa.select(mapped["Folder"]).where(mapped["Folder"].id == "0")).scalar_one()
        assert folder.contract is None
        assert folder.properties is None
        joined = sa.select(file_class.name).join(file_class.contract).where(contract_class.status == "open")
        assert session.execute(joined).all()
    engine.dispose()


@pytest.mark.long
def test_classes_are_of_a_base_of_their_own_or_of_one_that_is_given(tagged: Box) -> None:
    engine, base = sa.create_engine(tagged.url), declarative_base()
    assert orm.templates(engine)["File"] is not orm.templates(engine)["File"]
    with engine.connect() as connection:
        assert issubclass(orm.templates(connection, base)["EnterpriseContract"], base)
    engine.dispose()


@pytest.mark.long
def test_names_of_keys_are_names_of_classes(fresh: Box) -> None:
    for key in ("contractTerms", "contractTerm", "my-key", "hubs"):
        fresh.store.add_template(key, {"type": "string", "key": "file"}, {"type": "float", "key": "Amount"})
    engine = sa.create_engine(fresh.url)
    mapped = orm.templates(engine)
    assert {"EnterpriseContractTerm", "EnterpriseContractTerm2", "EnterpriseMyKey", "GlobalProperty"} <= mapped.keys()
    assert mapped["EnterpriseHub"].__table__.name == "enterprise_hubs"  # a table of Box's
    assert isinstance(mapped["EnterpriseHub2"].file.property, sa.orm.ColumnProperty)
    assert mapped["EnterpriseHub2"].item_file.property.mapper.class_ is mapped["File"]
    engine.dispose()


@pytest.mark.long
def test_automap_relates_it_by_its_type(tagged: Box) -> None:
    engine, base = sa.create_engine(tagged.url), automap_base(cls=orm.BoxObject)
    base.prepare(autoload_with=engine, **orm.AUTOMAP)
    configure_mappers()
    with Session(engine) as session:
        contract: Any = session.execute(sa.select(base.classes.EnterpriseContract).limit(1)).scalars().one()
        assert contract.file.id == contract.item_id
        assert contract in contract.file.contract
    engine.dispose()


@pytest.mark.long
def test_asyncio_has_them_too(tagged: Box) -> None:
    async def run() -> set[str]:
        engine = create_async_engine(tagged.url.replace("box://", "box+aioapsw://"))
        async with engine.connect() as connection:
            mapped = await connection.run_sync(orm.templates)
            await connection.execute(sa.select(mapped["EnterpriseContract"].amount).limit(1))
        await engine.dispose()
        return {*mapped}

    assert "EnterpriseContract" in asyncio.run(run())


@pytest.mark.long
def test_a_template_on_folders_is_related_to_them(tagged: Box) -> None:
    engine = sa.create_engine(tagged.url)
    mapped = orm.templates(engine)
    contract_class, folder_class, file_class = mapped["EnterpriseContract"], mapped["Folder"], mapped["File"]
    with Session(engine) as session:
        on_folders = sa.select(contract_class).where(contract_class.item_type == "folder")
        contracts = session.execute(on_folders).scalars().all()
        ids = {each.id for each in tagged.store.folders.values() if not each.is_trashed and each.id != "0"}
        assert {each.item_id for each in contracts} == ids
        for contract in contracts[:3]:
            assert contract.file is None
            assert contract.folder.id == contract.item_id
            assert contract.folder.contract is contract
        loaded = sa.select(folder_class).where(folder_class.id != "0").options(selectinload(folder_class.contract))
        titles = {folder.id: folder.contract.title for folder in session.execute(loaded).scalars()}
        assert titles == {each.item_id: each.title for each in contracts}
        tagged_folders = sa.select(folder_class.id).join(folder_class.contract).where(contract_class.status == "open")
        found = sa.select(file_class.id).where(file_class.parent_id.in_(tagged_folders))
        assert session.execute(found).all()
    engine.dispose()


@pytest.mark.long
def test_automap_relates_folders_too(tagged: Box) -> None:
    engine, base = sa.create_engine(tagged.url), automap_base(cls=orm.BoxObject)
    base.prepare(autoload_with=engine, **orm.AUTOMAP)
    mapped: Any = base.classes.EnterpriseContract
    with Session(engine) as session:
        contract = session.execute(sa.select(mapped).where(mapped.item_type == "folder").limit(1)).scalars().one()
        assert contract.folder.id == contract.item_id
        assert contract.file is None
        assert contract in contract.folder.contract
    engine.dispose()


@pytest.mark.long
def test_automap_by_itself_maps_templates_with_a_warning(tagged: Box) -> None:
    engine, base = sa.create_engine(tagged.url), automap_base()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        base.prepare(autoload_with=engine)
        configure_mappers()
    assert {each.category for each in told} == {SAWarning}
    mapped: Any = base.classes.enterprise_contract
    with Session(engine) as session:
        contract = session.execute(sa.select(mapped).where(mapped.item_type == "file").limit(1)).scalars().one()
        assert contract.files.id == contract.item_id
    engine.dispose()


def test_asyncio_loads_what_is_related(tagged: Box) -> None:
    async def run() -> list[tuple[str, str]]:
        engine = create_async_engine(tagged.url.replace("box://", "box+aioapsw://"))
        async with engine.connect() as connection:
            mapped = await connection.run_sync(orm.templates)
        contract_class, folder_class = mapped["EnterpriseContract"], mapped["Folder"]
        async with AsyncSession(engine) as session:
            on_files = sa.select(contract_class).where(contract_class.item_type == "file").limit(3)
            contracts = await session.execute(on_files.options(joinedload(contract_class.file)))
            pairs = [(each.item_id, each.file.id) for each in contracts.scalars()]
            folder = sa.select(folder_class).where(folder_class.id != "0").limit(1)
            (found,) = await session.scalars(folder.options(selectinload(folder_class.contract)))
            pairs.append((found.id, found.contract.item_id))
        await engine.dispose()
        return pairs

    pairs = asyncio.run(run())
    assert len(pairs) == 4
    assert all(one == other for one, other in pairs)
