"""Autogenerate finds how templates differ from those that the metadata names, and its migrations run up and down."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic_project import Project
from sqlalchemy.orm import declarative_base

from box_dialect import orm
from box_dialect.dialect import MultiSelect, Taxonomy
from box_dialect.emulator.metadata.templates import Field, Template

pytest.importorskip("alembic")
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.util import CommandError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Box


def contract(*columns: Any, name: str = "enterprise_contract", **options: Any) -> sa.MetaData:
    metadata = sa.MetaData()
    keys = [sa.Column(key, sa.String, primary_key=True) for key in ("item_id", "item_type")]
    sa.Table(name, metadata, *keys, *columns, **options)
    return metadata


def before() -> tuple[Any, ...]:
    return (
        sa.Column("amount", sa.Float, comment="Amount: in euros"),
        sa.Column("status", sa.Enum("open", "closed")),
        sa.Column("tags", MultiSelect("a", "b")),
        sa.Column("secret", sa.String, box_hidden=True),
    )


def after() -> tuple[Any, ...]:
    return (
        sa.Column("note", sa.String(20), box_hidden=True, comment="Note"),
        sa.Column("tags", MultiSelect("b", "a", "c")),
        sa.Column("status", sa.Enum("closed", "draft"), comment="State: of it"),
        sa.Column("secret", sa.String),
        sa.Column("due", sa.DateTime(timezone=True)),
    )


def described(box: Box, key: str = "contract") -> Any:
    """Return what Box has of a template, without its ids."""
    with box.connect() as connection:
        found = connection.cursor().execute(
            "SELECT display_name, hidden, copy_instance_on_item_copy FROM metadata_templates WHERE template_key = ?",
            [key],
        )
        fields = connection.cursor().execute(
            "SELECT key, type, display_name, coalesce(description, ''), hidden, enum_option_keys, "
            "multi_select_option_keys FROM metadata_template_fields WHERE template_key = ? ORDER BY key",
            [key],
        )
        return [*found], [*fields]


@pytest.fixture
def project(fresh: Box, tmp_path: Path) -> Project:
    """A project whose migrations have made a template, beside others that its metadata does not name."""
    fresh.store.add_template("another", {"type": "string", "key": "title"})
    project = Project(tmp_path / "project", fresh.url, contract(*before(), comment="Contract"))
    project.run("revision", autogenerate=True, rev_id="a1")
    project.run("upgrade", "head")
    return project


def test_nothing_is_left_after_an_upgrade(project: Project, fresh: Box) -> None:
    assert project.run("check") == "No new upgrade operations detected.\n"
    assert described(fresh)[1] == [
        ("amount", "float", "Amount", "in euros", False, None, None),
        ("secret", "string", "secret", "", True, None, None),
        ("status", "enum", "status", "", False, '["open","closed"]', None),
        ("tags", "multiSelect", "tags", "", False, None, '["a","b"]'),
    ]
    assert "box_dialect.dialect.MultiSelect('a', 'b')" in project.text("a1")
    assert "import box_dialect.dialect\n" in project.text("a1")


def test_it_is_found_whatever_the_order_and_the_fixed_columns(project: Project) -> None:
    metadata = sa.MetaData()
    sa.Table("enterprise_contract", metadata, *reversed(before()), comment="Contract")
    project.given["metadata"] = metadata
    assert project.run("check") == "No new upgrade operations detected.\n"


def test_a_migration_runs_up_and_down_and_up(project: Project, fresh: Box) -> None:
    old = described(fresh)
    options = {"box_hidden": True, "box_copy_instance_on_item_copy": True}
    project.given["metadata"] = contract(*after(), comment="Contracts", **options)
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        project.run("check")
    project.run("revision", autogenerate=True, rev_id="b2")
    fresh.reset()
    project.run("upgrade", "head")
    calls: Any = fresh.stats()["by_operation"]
    assert calls["put_metadata_templates_id_id_schema"] == 3 + 1 + 3  # lock and revision; the batch; three flags
    assert project.run("check") == "No new upgrade operations detected.\n"
    new = described(fresh)
    assert new != old
    project.run("downgrade", "a1")
    assert described(fresh) == old
    project.run("upgrade", "head")
    assert described(fresh) == new
    project.run("downgrade", "base")
    assert described(fresh) == ([], [])
    assert described(fresh, "another")[0] == [("another", False, False)]


@pytest.mark.long
def test_nothing_is_found_for_what_was_found_in_box(project: Project, fresh: Box) -> None:
    fresh.store.add_template(
        "third",
        {"type": "string", "key": "secret", "hidden": True},
        {"type": "multiSelect", "key": "tags", "options": [{"key": "a"}]},
        copy_instance_on_item_copy=True,
        hidden=True,
    )
    engine = sa.create_engine(fresh.url)
    base: Any = declarative_base()
    orm.templates(engine, base)
    project.given["metadata"] = base.metadata
    assert project.run("check") == "No new upgrade operations detected.\n"
    engine.dispose()


@pytest.mark.long
def test_other_spellings_of_types_are_no_difference(project: Project) -> None:
    states = enum.Enum("states", ["open", "closed"])
    project.given["metadata"] = metadata = sa.MetaData()
    sa.Table(
        "enterprise.contract",
        metadata,
        sa.Column("item_id", sa.String, primary_key=True),
        sa.Column("item_type", sa.String, primary_key=True),
        sa.Column("amount", sa.Numeric(10, 2), comment="Amount: in euros"),
        sa.Column("status", sa.Enum(states)),
        sa.Column("tags", sa.JSON),
        sa.Column("secret", sa.Text, box_hidden=True),
        sa.ForeignKeyConstraint(["item_id", "item_type"], ["files.id", "files.type"]),
        comment="Contract",
    )
    sa.Table("files", metadata, sa.Column("id", sa.String), sa.Column("type", sa.String))
    assert project.run("check") == "No new upgrade operations detected.\n"


def test_templates_without_a_table_in_the_metadata_are_left_alone(project: Project) -> None:
    project.given["metadata"] = contract(sa.Column("title", sa.String), name="enterprise_another")
    assert project.run("check") == "No new upgrade operations detected.\n"


@pytest.mark.long
def test_a_comment_is_taken_back(project: Project, fresh: Box) -> None:
    project.given["metadata"] = contract(*before())
    project.given["metadata"].tables["enterprise_contract"].c.amount.comment = None
    project.run("revision", autogenerate=True, rev_id="b2")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
    project.run("downgrade", "a1")
    assert described(fresh)[0] == [("Contract", False, False)]


@pytest.mark.long
@pytest.mark.parametrize("name", ["enterprise_Plain", "enterprise.plain", "enterprise_plain"])
def test_a_comment_that_is_the_key_is_none(project: Project, fresh: Box, name: str) -> None:
    fresh.store.add_template("Plain", {"type": "float", "key": "s"}, {"type": "string", "key": "field_item_id"})
    project.given["metadata"] = contract(
        sa.Column("s", sa.Float, comment="s"),
        sa.Column("field_item_id", sa.String, comment="item_id: of it"),
        name=name,
        comment="Plain",
    )
    project.run("revision", autogenerate=True, rev_id="b2")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
    assert described(fresh, "Plain")[1][1][2:4] == ("s", "")


@pytest.mark.long
def test_what_another_program_has_just_made_is_there(project: Project, fresh: Box) -> None:
    assert project.run("check") == "No new upgrade operations detected.\n"
    fresh.store.add_template("late", {"type": "float", "key": "total"})
    template = next(each for each in fresh.store.of(Template).values() if each.key == "contract")
    template.fields.append(Field(id="9", type="string", key="note", display_name="note"))
    metadata = contract(*before(), sa.Column("note", sa.String), comment="Contract")
    project.given["metadata"] = [metadata, contract(sa.Column("total", sa.Float), name="enterprise_late")]
    assert project.run("check") == "No new upgrade operations detected.\n"


def test_another_type_of_a_field_is_told(project: Project) -> None:
    project.given["metadata"] = contract(sa.Column("amount", sa.String), comment="Contract")
    with pytest.raises(CommandError, match="amount is a field of the type float in Box, which keeps it"):
        project.run("check")


def places(fresh: Box, *columns: Any) -> sa.MetaData:
    """Return a metadata with a template; there is a taxonomy for a field of it."""
    fresh.store.add_taxonomy("places", "Continent", "Country")
    return contract(*columns, name="enterprise_trip")


@pytest.mark.long
def test_a_taxonomy_goes_and_comes(project: Project, fresh: Box) -> None:
    of = f"enterprise_{fresh.store.enterprise['id']}.places"
    several = sa.Column("several", Taxonomy(of, multiple=True, levels=(2, 1)))
    project.given["metadata"] = places(fresh, sa.Column("one", Taxonomy(of)), several)
    project.run("revision", autogenerate=True, rev_id="b2")
    assert f"box_dialect.dialect.Taxonomy('{of}', multiple=True, levels=(1, 2))" in project.text("b2")
    assert "import box_dialect.dialect\n" in project.text("b2")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
    project.given["metadata"] = contract(sa.Column("one", sa.JSON), name="enterprise_trip")
    project.run("revision", autogenerate=True, rev_id="c3")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
    project.run("downgrade", "b2")
    (made,) = (each for each in fresh.store.of(Template).values() if each.key == "trip")
    assert [(each.key, each.rules) for each in made.fields] == [
        ("one", {"multiSelect": False}),
        ("several", {"multiSelect": True, "selectableLevels": [1, 2]}),
    ]


@pytest.mark.long
def test_another_taxonomy_of_a_field_is_told(project: Project, fresh: Box) -> None:
    of = f"enterprise_{fresh.store.enterprise['id']}.places"
    project.given["metadata"] = places(fresh, sa.Column("one", Taxonomy(of)))
    project.run("revision", autogenerate=True, rev_id="b2")
    project.run("upgrade", "head")
    for kind in (Taxonomy(of, levels=[1]), Taxonomy(of, multiple=True), Taxonomy(f"{of}2")):
        project.given["metadata"] = contract(sa.Column("one", kind), name="enterprise_trip")
        with pytest.raises(CommandError, match=rf"one is a field of the type Taxonomy\('{of}'\) in Box"):
            project.run("check")


@pytest.mark.long
def test_a_name_in_another_case_keeps_its_values(project: Project, fresh: Box) -> None:
    old = described(fresh)
    columns = {
        "AMOUNT": sa.Float,
        "Status": sa.Enum("open", "lost"),
        "tags": MultiSelect("a", "b"),
        "secret": sa.String,
    }
    changed = contract(*(sa.Column(*each) for each in columns.items()), comment="Contract")
    changed.tables["enterprise_contract"].c.AMOUNT.comment = "Amount: in euros"
    project.given["metadata"] = changed
    with pytest.raises(CommandError, match=r"'modify_name', .*'amount', 'AMOUNT'"):
        project.run("check")
    project.run("revision", autogenerate=True, rev_id="b2")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
    assert [row[:4] for row in described(fresh)[1]] == [
        ("AMOUNT", "float", "Amount", "in euros"),
        ("Status", "enum", "Status", ""),
        ("secret", "string", "secret", ""),
        ("tags", "multiSelect", "tags", ""),
    ]
    assert "drop_column" not in project.text("b2")
    project.run("downgrade", "a1")
    assert described(fresh) == old


@pytest.mark.long
@pytest.mark.parametrize(
    ("added", "told"),
    [
        (lambda: [sa.Column("a", sa.Float, index=True)], "it has no index .*; write the metadata without it"),
        (lambda: [sa.Column("a", sa.Float, unique=True)], "it has no constraint .*; write the metadata without it"),
        (lambda: [sa.Column("a", sa.Float), sa.UniqueConstraint("a", name="uq")], "it has no constraint uq"),
        (
            lambda: [sa.Column("a", sa.Float, sa.ForeignKey("t.id"))],
            "no constraint .* a field refers to nothing",
        ),
        (lambda: [sa.Column("a", sa.Float, nullable=False)], "no NOT NULL: .*; in the metadata a field"),
        (lambda: [sa.Column("a", sa.Float, server_default="5")], "no DEFAULT: .*no server_default"),
        (lambda: [sa.Column("a", sa.Float, sa.Computed("1"))], "no computed column"),
        (lambda: [sa.Column("a", sa.Float, sa.Identity())], "no Identity"),
        (lambda: [sa.Column("a", sa.Float, primary_key=True)], "no PRIMARY KEY of fields"),
        (lambda: [sa.Column("b", sa.Integer)], "b cannot be INTEGER: Box keeps numbers as float: write REAL$"),
        (lambda: [sa.Column("a", sa.Float), sa.Column("A", sa.Float)], "two columns of the name A"),
    ],
    ids=range(11),
)
def test_what_no_template_has_is_told(fresh: Box, added: Any, told: str) -> None:
    fresh.store.add_template("contract", {"type": "float", "key": "a"})
    engine = sa.create_engine(fresh.url)
    with engine.connect() as connection:
        for name in ("enterprise_contract", "enterprise_new"):
            metadata = contract(*added(), name=name)
            sa.Table("t", metadata, sa.Column("id", sa.Float))
            with pytest.raises(CommandError, match=told):
                produce_migrations(MigrationContext.configure(connection), metadata)
    engine.dispose()


@pytest.mark.long
def test_an_index_that_the_program_leaves_out_is_not_told(project: Project) -> None:
    columns = before()
    columns[0].index = columns[0].unique = True
    project.given["metadata"] = contract(*columns, comment="Contract")
    project.given["options"] = {"include_object": lambda _item, _name, kind, *_: kind in {"table", "column"}}
    assert project.run("check") == "No new upgrade operations detected.\n"


@pytest.mark.long
def test_what_the_program_leaves_out_is_not_compared(project: Project) -> None:
    project.given["metadata"] = contract(*after(), comment="Contract")
    asked = []

    def include_object(_item: Any, name: Any, kind: str, reflected: bool, compared: Any) -> bool:
        asked.append((name, kind, reflected, compared is not None))
        return kind == "table"

    project.given["options"] = {"include_object": include_object}
    assert project.run("check") == "No new upgrade operations detected.\n"
    assert ("enterprise_contract", "table", False, True) in asked
    assert ("note", "column", False, False) in asked
    assert ("amount", "column", True, False) in asked
    project.given["options"] = {
        "include_name": lambda name, kind, _: not (kind == "table" and name == "enterprise_contract")
    }
    assert project.run("check") == "No new upgrade operations detected.\n"


@pytest.mark.long
def test_comments_of_local_tables_are_none(project: Project) -> None:
    project.given["metadata"] = metadata = contract(*before(), comment="Contract")
    sa.Table("notes", metadata, sa.Column("id", sa.Integer, primary_key=True, comment="Key"), comment="Notes")
    project.run("revision", autogenerate=True, rev_id="b2")
    project.run("upgrade", "head")
    assert project.run("check") == "No new upgrade operations detected.\n"
