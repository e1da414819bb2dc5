"""Metadata templates made, reflected and dropped by SQLAlchemy."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from known_rows.metadata import CLASSIFICATIONS
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import CompileError
from sqlalchemy.orm import Session, declarative_base
from sqlalchemy.schema import CreateIndex, CreateTable

from box_dialect.dialect import MultiSelect, Taxonomy
from box_dialect.emulator.metadata.templates import Template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

FIXED = ("item_id", "item_type")
SEEDED = ["properties", "documentReview", CLASSIFICATIONS]
"""The keys of the templates of the default data."""


class Kind(enum.Enum):
    """A kind of deals."""

    BUY = 1
    SELL = 2


def deal(metadata: sa.MetaData, name: str = "enterprise_deal", **options: Any) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        *(sa.Column(column, sa.String, primary_key=True) for column in FIXED),
        sa.Column("amount", sa.Float, comment="Amount: in euros; 100% it's"),
        sa.Column("due", sa.DateTime(timezone=True)),
        sa.Column("status", sa.Enum("open", "it's 100%", "a:b")),
        sa.Column("kind", sa.Enum(Kind), default=Kind.BUY),
        sa.Column("tags", MultiSelect("a", "b's")),
        sa.Column("note", sa.String(20), box_hidden=True),
        **options,
    )


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.Engine]:
    engine = sa.create_engine(fresh.url, connect_args={"AllowDropTemplates": True})
    yield engine
    engine.dispose()


def keys(box: Box) -> list[str]:
    return [template.key for template in box.store.of(Template).values()]


def one(box: Box) -> Template:
    return next(template for template in box.store.of(Template).values() if template.key == "deal")


def test_a_metadata_makes_and_drops_templates(fresh: Box, engine: sa.Engine) -> None:
    metadata = sa.MetaData()
    deal(metadata, comment="A deal", box_hidden=True, box_copy_instance_on_item_copy=True)
    sa.Table("local", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("kind", sa.Enum("x", "y")))
    for _ in range(2):
        metadata.create_all(engine)
    assert keys(fresh) == [*SEEDED, "deal"]
    inspector = sa.inspect(engine)
    assert inspector.has_table("enterprise_deal")
    found = sa.Table("enterprise_deal", sa.MetaData(), autoload_with=engine, box_hidden_columns=True, resolve_fks=False)
    assert found.comment == "A deal"
    assert (found.kwargs["box_hidden"], found.kwargs["box_copy_instance_on_item_copy"]) == (True, True)
    assert found.c.amount.comment == "Amount: in euros; 100% it's"
    assert found.c.status.type.enums == ["open", "it's 100%", "a:b"]
    assert found.c.kind.type.enums == ["BUY", "SELL"]
    assert repr(found.c.tags.type) == "MultiSelect('a', \"b's\")"
    assert [column.name for column in found.columns if column.kwargs.get("box_hidden")] == [
        "as_user",
        "freshness",
        "ancestor_id",
        "instance_id",
        "note",
    ]
    assert isinstance(found.c.amount.type, sa.Float)
    assert isinstance(found.c.due.type, sa.DateTime)
    metadata.drop_all(engine)
    assert keys(fresh) == SEEDED
    assert not sa.inspect(engine).has_table("enterprise_deal")
    assert not sa.inspect(engine).has_table("local")


def test_what_is_reflected_makes_an_equal_template(fresh: Box, engine: sa.Engine) -> None:
    def told() -> tuple[Any, ...]:
        made = one(fresh)
        fields = [
            (each.type, each.key, each.display_name, each.description or "", each.hidden, [o.key for o in each.options])
            for each in made.fields
        ]
        return made.display_name, made.hidden, made.copy_instance_on_item_copy, fields

    deal(sa.MetaData(), comment="A deal", box_hidden=True).create(engine)
    before = told()
    found = sa.Table("enterprise_deal", sa.MetaData(), autoload_with=engine, box_hidden_columns=True)
    alone = sa.Table("enterprise_deal", sa.MetaData(), autoload_with=engine, box_hidden_columns=True, resolve_fks=False)
    for table in (found, alone):
        table.drop(engine)
        table.create(engine)
        assert told() == before


def test_lists_of_options_go_and_come_as_lists(fresh: Box, engine: sa.Engine) -> None:
    table = deal(sa.MetaData())
    table.create(engine)
    made = one(fresh)
    fresh.store.add_instance(next(iter(fresh.store.files.values())), made, {"tags": ["a", "b's"], "kind": "SELL"})
    with engine.begin() as connection:
        assert connection.execute(sa.select(table.c.tags, table.c.kind)).all() == [(["a", "b's"], Kind.SELL)]
        local = sa.Table("kept", sa.MetaData(), sa.Column("tags", MultiSelect("a", "b")))
        local.create(connection)
        connection.execute(local.insert(), [{"tags": ["a"]}, {"tags": None}])
        assert connection.execute(local.select()).all() == [(["a"],), (None,)]
        assert connection.execute(sa.select(sa.func.count()).where(local.c.tags.is_(None))).scalar() == 1


def test_a_class_is_a_template(fresh: Box, engine: sa.Engine) -> None:
    base: Any = declarative_base()

    class Deal(base):  # type: ignore[misc]
        __tablename__ = "enterprise_deal"
        __table_args__ = {"comment": "Deal", "box_copy_instance_on_item_copy": True}  # noqa: RUF012
        item_id = sa.Column(sa.String, primary_key=True)
        item_type = sa.Column(sa.String, primary_key=True, server_default="file")
        amount = sa.Column(sa.Float)
        tags = sa.Column(MultiSelect("a", "b"), comment="Tags")

    base.metadata.create_all(engine)
    made = one(fresh)
    assert (made.display_name, made.copy_instance_on_item_copy, made.fields[1].display_name) == ("Deal", True, "Tags")
    file = next(iter(fresh.store.files.values()))
    fresh.store.add_instance(file, made, {"amount": 5})
    with Session(engine) as session:
        assert session.execute(sa.select(Deal)).scalar_one().item_id == file.id


@pytest.mark.parametrize("paramstyle", ["qmark", "named", "format", "pyformat", "numeric"])
def test_texts_are_written_in_each_paramstyle(fresh: Box, paramstyle: str) -> None:
    if paramstyle == "numeric" and sa.__version__.startswith("1."):
        pytest.skip("SQLAlchemy 1.4 fails on it")
    engine = sa.create_engine(fresh.url, paramstyle=paramstyle)
    deal(sa.MetaData(), comment="100% %s :a ? it's").create(engine)
    made = one(fresh)
    assert made.display_name == "100% %s :a ? it's"
    assert [option.key for option in made.fields[2].options] == ["open", "it's 100%", "a:b"]
    engine.dispose()


def column(*given: Any, **options: Any) -> sa.Table:
    return sa.Table("enterprise_deal", sa.MetaData(), sa.Column("a", *given, **options))


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (column(sa.Integer), "write REAL"),
        (column(sa.Boolean), "write ENUM"),
        (column(sa.JSON), "write MULTISELECT"),
        (column(sa.LargeBinary), "bytes are what a file holds"),
        (column(sa.String, nullable=False), "a field may always be NULL"),
        (column(sa.String, server_default="x"), "no DEFAULT"),
        (column(sa.String, unique=True), "no UNIQUE"),
        (column(sa.String, sa.Computed("b")), "make a view"),
        (
            column(sa.String, primary_key=True),
            "deal.a: a template takes no PRIMARY KEY of fields: the key is item_id",
        ),
        (column(sa.String, sa.CheckConstraint("a > 'b'")), "no CHECK of anything but options"),
        (column(sa.Float, sa.Identity()), "no Identity, since Box counts no field"),
        (column(sa.String, index=True), "no index ix_enterprise_deal_a"),
    ],
)
def test_what_no_template_has_is_refused(fresh: Box, engine: sa.Engine, table: sa.Table, told: str) -> None:
    with pytest.raises((sa.exc.NotSupportedError, CompileError), match=told):
        table.create(engine)
    assert keys(fresh) == SEEDED
    with pytest.raises(CompileError, match="has no index ours"):
        CreateIndex(sa.Index("ours", deal(sa.MetaData()).c.amount)).compile(engine)


def test_other_tables_compile_as_sqlites(fresh: Box, engine: sa.Engine) -> None:
    others: dict[str, Any] = {"schema": "main"}
    for name, options in (("deal", {}), ("enterprise_deal", others), ("enterprise_deal", {"prefixes": ["TEMPORARY"]})):
        table = deal(sa.MetaData(), name, comment="A deal", box_hidden=True, **options)
        text = str(CreateTable(table).compile(engine))
        assert text.startswith("\nCREATE ")
        assert not {"ENUM", "COMMENT", "HIDDEN", "MULTISELECT", "WITH"} & {*text.split()}
        assert "tags JSON" in text
        assert "PRIMARY KEY (item_id, item_type)" in text
        table.create(engine)
        assert keys(fresh) == SEEDED


def test_an_enum_that_checks_its_options(fresh: Box, engine: sa.Engine) -> None:
    column(sa.Enum("x", "y", name="ours", create_constraint=True)).create(engine)
    made = one(fresh)
    assert [option.key for option in made.fields[0].options] == ["x", "y"]


def test_a_taxonomy_is_made_and_reflected(fresh: Box, engine: sa.Engine) -> None:
    taxonomy = fresh.store.add_taxonomy("places", "Continent", "Country")
    node = fresh.store.add_node(taxonomy, "Europe")
    of = f"{taxonomy.namespace}.places"
    kinds = (Taxonomy(of), Taxonomy(of, multiple=True), Taxonomy(of, multiple=True, levels=[2, 1]))
    columns = [sa.Column(f"c{place}", kind) for place, kind in enumerate(kinds)]
    table = sa.Table("enterprise_deal", sa.MetaData(), *columns).to_metadata(sa.MetaData())
    table.create(engine)
    made = one(fresh)
    assert [field.rules for field in made.fields] == [
        {"multiSelect": False},
        {"multiSelect": True},
        {"multiSelect": True, "selectableLevels": [1, 2]},
    ]
    found = sa.inspect(engine).get_columns("enterprise_deal")[3:]
    assert [repr(column["type"]) for column in found] == [*map(repr, kinds)]
    fresh.store.add_instance(next(iter(fresh.store.files.values())), made, {"c1": [node.id]})
    with engine.connect() as connection:
        assert connection.execute(sa.select(table.c.c1)).all() == [([node.id],)]
    assert [repr(kind.copy()) for kind in kinds] == [*map(repr, kinds)]
    assert "c1 JSON" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_other_databases_take_a_list_of_options_as_json() -> None:
    table = sa.Table("enterprise_deal", sa.MetaData(), sa.Column("tags", MultiSelect("a", "b"))).to_metadata(
        sa.MetaData()
    )
    assert repr(table.c.tags.type) == repr(table.c.tags.type.copy()) == "MultiSelect('a', 'b')"
    assert "tags JSON" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_the_statement_that_would_make_each_table_can_be_shown(engine: sa.Engine) -> None:
    metadata = sa.MetaData()
    metadata.reflect(engine)
    shown = {name: str(CreateTable(table).compile(engine)) for name, table in metadata.tables.items()}
    assert "PRIMARY KEY (id)" in shown["enterprise_configurations"]  # which is no template, for all its name
    assert "PRIMARY KEY (item_id, item_type)" in shown["enterprise_documentReview"]
