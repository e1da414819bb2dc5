"""Procedures are typed functions of SQLAlchemy."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from procedures.conftest import CALLBACK_URL, authorization_code, user_url

import box_dialect
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.dialect import FUNCTIONS, BoxDialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def connection(fresh: Box) -> Iterator[sa.engine.Connection]:
    engine = sa.create_engine(user_url(fresh))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def compiled(statement: Any) -> Any:
    return statement.compile(dialect=BoxDialect())


def test_every_procedure_has_a_function() -> None:
    spellings = [each.name for procedure in PROCEDURES.values() for each in procedure.spellings]
    assert list(FUNCTIONS) == spellings
    for procedure in PROCEDURES.values():
        for name in (procedure.name, procedure.key):
            call = getattr(sa.func, name)()
            assert isinstance(call, FUNCTIONS[procedure.name])
            assert str(compiled(sa.select(call.table_valued()))).endswith(f"FROM {procedure.name}() AS anon_1")
            rows = call.table_valued()
            assert [column.name for column in rows.c] == [output.name for output in procedure.outputs]
            assert not [column for column in rows.c if isinstance(column.type, sa.types.NullType)]


@pytest.mark.long
@pytest.mark.parametrize(
    "imported", ["import box_dialect.dialect", "from sqlalchemy import create_engine; create_engine('box://')"]
)
def test_they_are_there_once_the_dialect_is(imported: str) -> None:
    shown = "print(type(sqlalchemy.func.GetOAuthAuthorizationURL()).__name__)"
    script = f"import sqlalchemy; {shown}; {imported}; {shown}"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["Function", "GetOAuthAuthorizationURL"]


def test_a_procedure_with_one_output_is_a_typed_expression() -> None:
    assert isinstance(sa.func.GetOAuthAuthorizationURL().type, sa.String)
    assert isinstance(sa.func.RevokeOAuthAccessToken("token").type, sa.Boolean)
    assert isinstance(sa.func.GetOAuthAccessToken().type, sa.types.NullType)


def test_inputs_are_given_by_name() -> None:
    call = sa.func.GetOAuthAccessToken("WEB", callback_url="https://a.example/", Verifier="code")
    statement = compiled(sa.select(call.table_valued("ExpiresIn")))
    assert "GetOAuthAccessToken(?, ?, ?)" in str(statement)
    assert [statement.params[name] for name in statement.positiontup] == ["WEB", "code", "https://a.example/"]
    assert "GetOAuthAuthorizationURL(NULL, ?)" in str(compiled(sa.select(sa.func.GetOAuthAuthorizationURL(State="s"))))


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ((), {"AuthMod": "WEB"}, "GetOAuthAccessToken has no input 'AuthMod'"),
        (("WEB",), {"auth_mode": "APP"}, "input AuthMode of GetOAuthAccessToken is given twice"),
        (("WEB", "a", "b", "c", "d"), {}, "GetOAuthAccessToken takes at most 4 inputs, not 5"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(values: Any, named: Any, message: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match=message):
        sa.func.GetOAuthAccessToken(*values, **named)


def test_a_call_is_cached_by_its_procedure_and_not_by_its_values() -> None:
    def key(call: Any) -> Any:
        return sa.select(call)._generate_cache_key()

    assert key(sa.func.RevokeOAuthAccessToken("a")) == key(sa.func.RevokeOAuthAccessToken("b"))
    assert key(sa.func.RevokeOAuthAccessToken("a")) != key(sa.func.RefreshOAuthAccessToken("a"))


def test_procedures_run(connection: sa.engine.Connection) -> None:
    url = connection.execute(sa.select(sa.func.GetOAuthAuthorizationURL(CALLBACK_URL, state="mine"))).scalar()
    assert url is not None
    assert "state=mine" in url
    code = authorization_code(str(connection.execute(sa.select(sa.func.GetOAuthAuthorizationURL())).scalar()))
    tokens = sa.func.GetOAuthAccessToken(AuthMode="WEB", Verifier=code).table_valued(name="tokens")
    row = connection.execute(sa.select(tokens)).one()
    assert row._fields == ("OAuthAccessToken", "OAuthRefreshToken", "ExpiresIn")
    assert row.ExpiresIn == 3600
    assert connection.execute(sa.select(sa.func.RevokeOAuthAccessToken(row.OAuthAccessToken))).scalar() is True
