"""What is given to a secret input is in the result alone: in no log, no exception, no repr."""

from __future__ import annotations

import logging
import re
import traceback
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from procedures.conftest import user_url
from sweep import sweep

import box_dialect
from box_dialect.dbapi.sqltext.secrecy import without_secrets

if TYPE_CHECKING:
    from conftest import Box

SECRET = "hush47-11_code"

STATEMENTS = (
    "SELECT * FROM GetOAuthAccessToken('WEB', '{}')",
    "SELECT GetOAuthAccessToken('WEB', '{}')",
    "SELECT * FROM GetOAuthAccessToken WHERE AuthMode = 'WEB' AND Verifier = '{}'",
    "SELECT * FROM 'GetOAuthAccessToken' WHERE AuthMode = 'WEB' AND Verifier = '{}'",
    "EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{}'",
    "CALL RefreshOAuthAccessToken('{}')",
    "CALL RefreshOAuthAccessToken(OAuthRefreshToken => '{}')",
    # What SQLite, or the reader of EXEC and CALL, refuses.
    "SELECT * FROM GetOAuthAccessToken 'WEB' '{}'",
    "SELECT * FROM GetOAuthAccessToken('WEB', '{}'",
    "SELECT * FROM GetOAuthAccessToken('WEB', '{}",
    'SELECT * FROM GetOAuthAccessToken WHERE Verifier = "{}"',
    "SELECT * FROM GetOAuthAccessToken WHERE Verifier = [{}]",
    "SELECT * FROM GetOAuthAccessToken('WEB', '{}') WHERE nonsense",
    "SELECT * FROM GetOAuthAccessToken('NET', '{}')",
    "SELECT RevokeOAuthAccessToken('{}', '{}')",
    "EXEC GetOAuthAccessToken @AuthMode = '{}'x",
    "EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = '{}",
    "EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = {}",
    "EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifier = \"{}\"",
    "EXEC GetOAuthAccessToken 'WEB' '{}'",
    "CALL RefreshOAuthAccessToken('{}', '{}')",
    "CREATE VIEW v AS SELECT RevokeOAuthAccessToken('{}')",
    # Names that are misspelt: of an input, of a procedure, of what takes no secret at all.
    "EXEC GetOAuthAccessToken @AuthMode = 'WEB', @Verifer = '{}'",
    "EXEC GetOAuthAuthorizationURL @OAuthClientSecrt = '{}'",
    "CALL GetOAuthAuthorizationURL(Stat => '{}')",
    "SELECT * FROM GetOAuthAuthorizationURL WHERE OAuthClientSecrt = '{}'",
    "SELECT * FROM GetOAuthAuthorizationURL WHERE o_auth_client_secret = '{}'",
    "SELECT RevokeOAuthAccesToken('{}')",
    "SELECT RevokeToken('{}')",
    "SELECT Revoke_OAuth_Access_Token('{}')",
    "SELECT * FROM GetOAuthAccesToken WHERE Verifier = '{}'",
    "SELECT * FROM GetOAuthToken('WEB', '{}')",
    "SELECT RefreshOAuthAcessToken('{}",
    'SELECT RefreshOAuthAcessToken, "{}" FROM files',
    "SELECT RevokeOAuthAccesToken('x' '{}'), GetOAuthAuthorizationURL()",
    'SELECT RevokeOAuthAccesToken("{}"), GetOAuthAuthorizationURL()',
    "EXEC RevokeOAuthAccesToken '{}'",
    "EXECUTE Revoke @Token = '{}'",
    "CALL RevokeAccess('{}')",
    # What a secret column is given, its name misspelt, too.
    "UPDATE files SET shared_link_password = '{}', shared_link_access = NULL WHERE id = '1200000000001'",
    "UPDATE files SET shared_link_password = '{}' WHERE nonsense",
    "UPDATE folders SET shared_link_pasword = '{}'",
    # What nobody knows, whatever it was to be: another function, a word that begins no statement.
    "SELECT Revoke('{}')",
    "SELECT Revoke(Token => '{}')",
    "SELECT id, GetOAuth('WEB', \"{}\") FROM files",
    "SELECT * FROM Refresh('{}')",
    "SELECT * FROM main.Refresh('{}')",
    "WITH x(n) AS (SELECT ExchangeCode('{}')) SELECT * FROM x",
    "INSERT INTO folders (name, parent_id) VALUES (Revoke('{}'), '0')",
    "SELEC Revoke('{}')",
    "{call Revoke('{}')}",
    "REVOKE '{}'",
    "SELECT * FROM Revoke WHERE Token = '{}'",
    # Values without quotes.
    "EXEC Revoke {}x",
    "EXEC RevokeOAuthAccessToken {}x",
    "EXEC GetOAuthAuthorizationURL {}x",
    "EXEC RevokeOAuthAccessToken @Token = x{}",
    "CALL RevokeOAuthAccessToken(x{})",
    "EXCE RevokeOAuthAccessToken x{}",
)


SHOWN = (
    "CREATE TABLE own (a VARCHAR(20) DEFAULT ('kept'), \"b\" DECIMAL(10, 2), CHECK (a <> ('')))",
    "CREATE INDEX by_a ON own (a) WHERE a <> 'nothing'",
    "INSERT INTO own (a) VALUES ('put')",
    "INSERT INTO main.own (a) SELECT value FROM json_each('[1]')",
    "WITH RECURSIVE r (n) AS (VALUES (1)), s(m) AS MATERIALIZED (SELECT n FROM r) SELECT count(m), 'seen' FROM s",
    "SELECT a FROM own WHERE (a) IN ('x') AND upper(a) LIKE 'Z' AND datetime(a) > CAST('w' AS TEXT(9))",
    "SELECT sum(x.b) FILTER (WHERE a = 'v') OVER (ORDER BY a) FROM own AS x JOIN own AS y USING (a)",
)


@sweep("statement", STATEMENTS)
def test_no_literal_is_told(user: box_dialect.Connection, caplog: pytest.LogCaptureFixture, statement: str) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    cursor = user.cursor()
    with pytest.raises(box_dialect.Error) as raised:
        cursor.execute(statement.replace("{}", SECRET)).fetchall()
    assert SECRET not in caplog.text + "".join(traceback.format_exception(raised.value)) + repr(cursor)


@pytest.mark.long
@sweep("statement", STATEMENTS)
def test_no_literal_is_told_through_sqlalchemy(fresh: Box, caplog: pytest.LogCaptureFixture, statement: str) -> None:
    caplog.set_level(logging.DEBUG, "box_dialect")
    caplog.clear()
    engine = sa.create_engine(user_url(fresh))
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as raised:
        connection.exec_driver_sql(statement.replace("{}", SECRET)).fetchall()
    engine.dispose()
    assert SECRET not in caplog.text + "".join(traceback.format_exception(raised.value))


def test_no_parameter_is_told_through_sqlalchemy(fresh: Box) -> None:
    engine = sa.create_engine(user_url(fresh))
    with engine.connect() as connection:
        for statement in (
            sa.text("CALL RevokeOAuthAccessToken(:t, 1)"),
            sa.select(sa.func.RefreshOAuthAccessToken(SECRET)),
        ):
            with pytest.raises(sa.exc.DBAPIError) as raised:
                connection.execute(
                    statement, {"t": SECRET} if isinstance(statement, sa.sql.elements.TextClause) else {}
                )
            assert SECRET not in "".join(traceback.format_exception(raised.value))
        with pytest.raises(sa.exc.DBAPIError, match="about files"):
            connection.execute(sa.text("SELECT nonsense FROM files WHERE name = :n"), {"n": "about files"})
    engine.dispose()


def test_the_log_holds_the_statement_without_its_literals(
    fresh: Box, user: box_dialect.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "box_dialect")
    cursor = user.cursor()
    token = fresh.emulator.ready["user_access_token"]
    cursor.execute(f"SELECT Success AS \"done\", 1 FROM RevokeOAuthAccessToken('{token}')").fetchall()
    cursor.execute(f"EXEC RevokeOAuthAccessToken @Token='{token}'").fetchall()
    cursor.callproc("RevokeOAuthAccessToken", {"Token": token})
    cursor.execute("SELECT GetOAuthAuthorizationURL('http://localhost:1')").fetchall()
    cursor.execute("UPDATE files SET shared_link_password = 'Tr0ub4dor' WHERE id = 'none'")
    assert [
        re.sub(": [0-9]+ API.*", "", record.getMessage()) for record in caplog.records if record.levelno == logging.INFO
    ] == [
        "SELECT Success AS ***, *** FROM RevokeOAuthAccessToken(***)",
        "EXEC RevokeOAuthAccessToken @Token=***",
        "CALL RevokeOAuthAccessToken(Token => ?)",
        "SELECT GetOAuthAuthorizationURL('http://localhost:1')",
        "UPDATE files SET shared_link_password = *** WHERE id = ***",
    ]


def test_results_are_whole(fresh: Box, user: box_dialect.Connection) -> None:
    token = fresh.emulator.ready["user_refresh_token"]
    cursor = user.cursor().execute(f"SELECT RefreshOAuthAccessToken('{token}'), '{token}'")
    ((tokens, given),) = cursor.fetchall()
    assert given == token
    assert "***" not in tokens
    assert cursor.description
    assert cursor.description[0][0] == f"RefreshOAuthAccessToken('{token}')"


def test_no_misspelt_statement_is_told_by_the_echo(fresh: Box, caplog: pytest.LogCaptureFixture) -> None:
    engine = sa.create_engine(user_url(fresh), echo=True)
    with engine.connect() as connection:
        for statement in STATEMENTS:
            with pytest.raises(sa.exc.DBAPIError):
                connection.exec_driver_sql(statement.replace("{}", SECRET)).fetchall()
        with pytest.raises(sa.exc.DBAPIError, match="shown"):
            connection.exec_driver_sql("SELECT nonsense, 'shown' FROM files")
        connection.exec_driver_sql("EXEC GetOAuthAuthorizationURL @State = 'a state'")
    with engine.begin() as connection:
        for shown in SHOWN:
            connection.exec_driver_sql(shown)
    engine.dispose()
    assert SECRET not in caplog.text
    assert "'shown' FROM files" in caplog.text
    assert "@State = 'a state'" in caplog.text
    assert [shown for shown in SHOWN if shown not in caplog.text] == []


def test_a_secret_column_that_is_returned_hides_nothing(fresh: Box, caplog: pytest.LogCaptureFixture) -> None:
    engine = sa.create_engine(fresh.url, echo=True)
    insert = "INSERT INTO folders (name, parent_id) VALUES ('shown', '0') RETURNING id, shared_link_password"
    with engine.begin() as connection:
        assert connection.exec_driver_sql(insert).fetchone()[1] is None
        with pytest.raises(sa.exc.DBAPIError, match="VALUES \\('shown'"):
            connection.exec_driver_sql(insert)
    engine.dispose()
    assert insert in caplog.text


def test_no_misspelt_callproc_is_told(user: box_dialect.Connection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name, inputs in (("RevokeOAuthAccesToken", {"Token": SECRET}), ("RevokeOAuthAccessToken", {"Tokem": SECRET})):
        with pytest.raises(box_dialect.ProgrammingError) as raised:
            user.cursor().callproc(name, inputs)
        assert SECRET not in caplog.text + "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("SELECT shared_link_vanity_name, nonsense FROM files WHERE name = 'visible'", True),
        ("SELECT nonsense FROM CancelSignRequest('visible')", True),
        ("SELECT nonsense, shared_item FROM files WHERE name = 'visible'", False),
        ("SELECT nonsense, password FROM files WHERE name = 'visible'", False),
        ("EXEC ShareAnItm '1', @Pasword = 'visible'", False),
    ],
)
def test_what_names_something_of_box_is_not_misspelt(small: Box, statement: str, *, shown: bool) -> None:
    with small.connect() as connection:
        assert ("visible" in (without_secrets(statement, connection.catalog.procedures) or statement)) is shown
