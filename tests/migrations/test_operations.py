"""Operations on templates: each is Box's, several in a batch are one call, and what no template has is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

import box_dialect
from box_dialect.dialect import MultiSelect

pytest.importorskip("alembic")
from alembic.migration import MigrationContext
from alembic.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

UPDATE = "put_metadata_templates_id_id_schema"


@pytest.fixture
def op(fresh: Box) -> Iterator[Operations]:
    """Operations on a template that there is, with a file that has an instance of it."""
    engine = sa.create_engine(fresh.url, connect_args={"AllowDropTemplates": True})
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table(
            "enterprise_contract",
            sa.Column("item_id", sa.String, primary_key=True),
            sa.Column("item_type", sa.String, primary_key=True),
            sa.Column("amount", sa.Float, comment="Amount: in euros"),
            sa.Column("status", sa.Enum("open", "closed")),
            sa.Column("tags", MultiSelect("a", "b")),
            comment="Contract",
        )
        connection.execute(
            sa.text(
                "INSERT INTO metadata_instances (item_id, scope, template_key, field_values) SELECT id, 'enterprise', "
                "'contract', json_object('amount', 5, 'status', 'open', 'tags', json_array('a', 'b')) "
                "FROM files WHERE parent_id = '0' LIMIT 1"
            )
        )
        fresh.reset()
        yield operations
    engine.dispose()


def columns(op: Operations) -> dict[str, Any]:
    inspector = sa.inspect(op.get_bind())
    listed = inspector.get_columns("enterprise_contract")
    return {each["name"]: (repr(each["type"]), each["comment"]) for each in listed[3:]}


def values(op: Operations) -> dict[str, Any]:
    (row,) = op.get_bind().execute(sa.text("SELECT * FROM enterprise_contract")).mappings()
    return {name: value for name, value in row.items() if name not in {"item_id", "item_type", "template_version"}}


def writes(box: Box) -> dict[str, int]:
    calls: Any = box.stats()["by_operation"]
    return {name: count for name, count in calls.items() if name.startswith(("post_metadata_t", "put", "delete"))}


def test_a_table_is_a_template(op: Operations) -> None:
    assert columns(op) == {
        "amount": ("Float()", "Amount: in euros"),
        "status": ("Enum('open', 'closed')", None),
        "tags": ("MultiSelect('a', 'b')", None),
    }
    assert sa.inspect(op.get_bind()).get_table_comment("enterprise_contract") == {"text": "Contract"}
    op.drop_table("enterprise_contract")
    assert not sa.inspect(op.get_bind()).has_table("enterprise_contract")


@pytest.mark.parametrize(
    ("operation", "column", "expected", "value"),
    [
        (
            lambda op: op.add_column("enterprise_contract", sa.Column("note", sa.String(20), comment="Note: 100% 'x'")),
            "note",
            ("String()", "Note: 100% 'x'"),
            None,
        ),
        (
            lambda op: op.alter_column("enterprise_contract", "amount", new_column_name="total"),
            "total",
            ("Float()", "Amount: in euros"),
            5.0,
        ),
        (
            lambda op: op.alter_column("enterprise_contract", "amount", comment="Sum: of :all, {braces}"),
            "amount",
            ("Float()", "Sum: of :all, {braces}"),
            5.0,
        ),
        (lambda op: op.alter_column("enterprise_contract", "amount", comment=None), "amount", ("Float()", None), 5.0),
        (
            lambda op: op.alter_column("enterprise_contract", "status", type_=sa.Enum("draft", "closed", "open")),
            "status",
            ("Enum('draft', 'closed', 'open')", None),
            "open",
        ),
        (
            lambda op: op.alter_column("enterprise_contract", "status", type_=sa.Enum("closed")),
            "status",
            ("Enum('closed')", None),
            None,
        ),
        (
            lambda op: op.alter_column(
                "enterprise_contract",
                "status",
                type_=sa.Enum("new", "won't", "closed"),
                box_rename_options={"open": "new"},
                nullable=True,
            ),
            "status",
            ("Enum('new', \"won't\", 'closed')", None),
            "new",
        ),
        (
            lambda op: op.alter_column("enterprise_contract", "tags", type_=MultiSelect("b", "c")),
            "tags",
            ("MultiSelect('b', 'c')", None),
            '["b"]',
        ),
        (lambda op: op.drop_column("enterprise_contract", "amount"), "amount", None, None),
    ],
    ids=["add", "rename", "comment", "no-comment", "options", "removed", "renamed-options", "multi-select", "drop"],
)
def test_an_operation_is_one_call(
    op: Operations, fresh: Box, operation: Callable[[Operations], None], column: str, expected: Any, value: Any
) -> None:
    operation(op)
    assert writes(fresh) == {UPDATE: 1}
    assert columns(op).get(column) == expected
    assert values(op).get(column) == value


@pytest.mark.long
@pytest.mark.parametrize(
    ("renames", "existing", "wanted", "expected", "value"),
    [
        ({"open": "closed", "closed": "open"}, None, None, "Enum('closed', 'open', 'lost')", "closed"),
        ({"lost": "closed", "open": "lost", "closed": "open"}, None, None, "Enum('lost', 'open', 'closed')", "lost"),
        ({"open": "closed", "closed": "done"}, None, None, "Enum('closed', 'done', 'lost')", "closed"),
        ({"open": "open", "closed": "done"}, None, None, "Enum('open', 'done', 'lost')", "open"),
        (
            {"open": "closed"},
            sa.Enum("open", "closed", "lost"),
            sa.Enum("lost", "closed"),
            "Enum('lost', 'closed')",
            "closed",
        ),
        (
            {"open": "closed", "closed": "open"},
            sa.Enum("open", "closed", "lost"),
            sa.Enum("open", "closed"),
            "Enum('open', 'closed')",
            "closed",
        ),
    ],
    ids=["swap", "cycle", "chain", "same", "removed", "swap-and-type"],
)
def test_options_take_the_keys_of_others(
    op: Operations, fresh: Box, renames: dict[str, str], existing: Any, wanted: Any, expected: str, value: str
) -> None:
    op.alter_column("enterprise_contract", "status", type_=sa.Enum("open", "closed", "lost"))
    fresh.reset()
    options: Any = {"existing_type": existing, "type_": wanted, "box_rename_options": renames}
    op.alter_column("enterprise_contract", "status", **options)
    assert writes(fresh) == {UPDATE: 1}
    assert columns(op)["status"] == (expected, None)
    assert values(op)["status"] == value


def test_an_option_that_stays_keeps_its_key(op: Operations) -> None:
    before = columns(op)
    with pytest.raises(sa.exc.DBAPIError, match="each option is a text of its own"):
        op.alter_column(
            "enterprise_contract",
            "status",
            existing_type=sa.Enum("open", "closed"),
            box_rename_options={"open": "closed"},
        )
    assert columns(op) == before


def test_a_field_is_hidden_and_shown(op: Operations) -> None:
    op.alter_column("enterprise_contract", "amount", box_hidden=True)
    assert "amount" not in columns(op)
    op.alter_column("enterprise_contract", "amount", box_hidden=False)
    assert "amount" in columns(op)


def test_a_template_gets_another_comment(op: Operations) -> None:
    op.create_table_comment("enterprise_contract", "Contracts")
    assert sa.inspect(op.get_bind()).get_table_comment("enterprise_contract") == {"text": "Contracts"}
    op.drop_table_comment("enterprise_contract")
    assert sa.inspect(op.get_bind()).get_table_comment("enterprise_contract") == {"text": None}


@pytest.mark.filterwarnings("ignore::box_dialect.BoxTemplateWarning")
def test_a_batch_is_one_call(op: Operations, fresh: Box) -> None:
    with op.batch_alter_table("enterprise_contract") as batch:
        batch.add_column(sa.Column("note", sa.String))
        batch.alter_column("amount", new_column_name="total", comment="Total")
        batch.alter_column("status", type_=sa.Enum("open", "closed", "lost"), existing_type=sa.Enum("open", "closed"))
        batch.drop_column("tags")
        batch.create_table_comment("Contracts")
    assert writes(fresh) == {UPDATE: 1}
    assert columns(op) == {
        "total": ("Float()", "Total"),
        "status": ("Enum('open', 'closed', 'lost')", None),
        "note": ("String()", None),
    }


def test_a_batch_that_fails_changes_nothing(op: Operations) -> None:
    before = columns(op)
    batch = op.batch_alter_table("enterprise_contract")
    changes = batch.__enter__()
    changes.drop_column("tags")
    changes.add_column(sa.Column("Amount", sa.String))
    with pytest.raises(sa.exc.DBAPIError, match="duplicate column name: Amount"):
        batch.__exit__(None, None, None)
    assert columns(op) == before


def test_a_batch_copies_no_template(op: Operations, fresh: Box) -> None:
    with (
        pytest.raises(
            box_dialect.ProgrammingError, match="enterprise_contract is a metadata template, of which no copy"
        ),
        op.batch_alter_table("enterprise_contract", recreate="always") as batch,
    ):
        batch.drop_column("tags")
    assert writes(fresh) == {}


@pytest.mark.long
@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (lambda op: op.alter_column("enterprise_contract", "amount", nullable=False), "may always be NULL"),
        (lambda op: op.alter_column("enterprise_contract", "amount", server_default="5"), "has no default"),
        (lambda op: op.create_index("ix", "enterprise_contract", ["amount"]), "no index ix, since Box finds items"),
        (lambda op: op.create_unique_constraint("uq", "enterprise_contract", ["amount"]), "no constraint uq"),
        (lambda op: op.create_check_constraint("ck", "enterprise_contract", "amount > 5"), "no constraint ck"),
        (lambda op: op.drop_constraint("uq", "enterprise_contract", "unique"), "no constraint uq"),
        (lambda op: op.add_column("enterprise_contract", sa.Column("n", sa.Integer)), "write REAL"),
        (lambda op: op.drop_column("enterprise_contract", "amount", if_exists=True), "without a condition"),
        (lambda op: op.add_column("enterprise_contract", sa.Column("n", sa.String, unique=True)), "UNIQUE|constraint"),
        (lambda op: op.add_column("enterprise_contract", sa.Column("n", sa.String, nullable=False)), "NOT NULL"),
        (lambda op: op.alter_column("enterprise_contract", "amount", type_=sa.String()), "type"),
        (lambda op: op.create_table("enterprise_x", sa.Column("n", sa.String, index=True)), "index"),
    ],
    ids=range(12),
)
def test_what_no_template_has_is_refused(
    op: Operations, fresh: Box, operation: Callable[[Operations], None], reason: str
) -> None:
    with pytest.raises((box_dialect.Error, sa.exc.DBAPIError, sa.exc.CompileError), match=reason):
        operation(op)
    assert [name for name in writes(fresh) if "templates" in name] == []


def test_the_constraint_of_a_type_stands_in_the_type(op: Operations, fresh: Box) -> None:
    kinds = [sa.Enum(*options, name="states", create_constraint=True) for options in (("open", "closed"), ("open",))]
    op.alter_column("enterprise_contract", "status", existing_type=kinds[0], type_=kinds[1])
    assert writes(fresh) == {UPDATE: 1}
    assert columns(op)["status"] == ("Enum('open')", None)


def test_templates_are_dropped_where_that_is_allowed_only(fresh: Box) -> None:
    fresh.store.add_template("contract", {"type": "string", "key": "title"})
    engine = sa.create_engine(fresh.url)
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="AllowDropTemplates"):
        Operations(MigrationContext.configure(connection)).drop_table("enterprise_contract")
    engine.dispose()
