"""With Box's dialect in the process, the others do what they do without it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import functions

from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.dialect import FUNCTIONS

OTHERS = [postgresql.dialect(), sqlite.dialect()]
REGISTERED = """
from sqlalchemy.sql import functions
def registered():
    return {f"{package}.{name}" for package, names in functions._registry.items() for name in names}
before = registered()
import box_dialect.dialect, box_dialect.dialect.aio, box_dialect.orm
print(*sorted(registered() - before), sep=",")
"""


def compiled(expression: Any, dialect: Any) -> tuple[str, Any, Any]:
    statement = sa.select(expression).compile(dialect=dialect)
    return str(statement), statement.params, statement._result_columns[0][3].__class__


@pytest.mark.parametrize("dialect", OTHERS, ids=lambda dialect: dialect.name)
def test_date_trunc_is_theirs(dialect: Any) -> None:
    at, lasted = sa.column("at", sa.DateTime()), sa.column("lasted", sa.Interval())
    for values in (("month", at), ("day", lasted), ("day", at, "Europe/Berlin"), (at,)):
        plain = functions.Function("date_trunc", *values)
        assert compiled(sa.func.date_trunc(*values), dialect) == compiled(plain, dialect)
        assert isinstance(sa.func.date_trunc(*values).type, sa.types.NullType)


@pytest.mark.long
def test_procedures_are_all_that_is_registered() -> None:
    told = subprocess.run([sys.executable, "-c", REGISTERED], capture_output=True, text=True, check=True)
    assert sorted(told.stdout.strip().split(",")) == sorted(
        f"_default.{each.key}" for procedure in PROCEDURES.values() for each in procedure.spellings
    )


@pytest.mark.parametrize("dialect", OTHERS, ids=lambda dialect: dialect.name)
def test_a_function_with_the_name_of_a_procedure_compiles_as_any(dialect: Any) -> None:
    for name, procedure in FUNCTIONS.items():
        values = ["value"] * len(procedure.procedure.inputs)
        text, params, _ = compiled(getattr(sa.func, name)(*values), dialect)
        assert (text, params) == compiled(functions.Function(name, *values), dialect)[:2]


@pytest.mark.parametrize("dialect", OTHERS, ids=lambda dialect: dialect.name)
def test_a_table_of_box_is_made_in_another_database_as_any(engine: sa.engine.Engine, dialect: Any) -> None:
    table = sa.Table("files", sa.MetaData(), autoload_with=engine)
    for column in table.c:
        kind = type(column.type)
        assert kind.__module__ == "sqlalchemy.sql.sqltypes"
        plain = kind(timezone=True) if kind is sa.DateTime else kind()
        assert type(column.type.dialect_impl(dialect)) is type(plain.dialect_impl(dialect))
    assert str(sa.schema.CreateTable(table).compile(dialect=dialect)).count("TIMESTAMP WITH TIME ZONE") == (
        sum(isinstance(column.type, sa.DateTime) for column in table.c) if dialect.name == "postgresql" else 0
    )
