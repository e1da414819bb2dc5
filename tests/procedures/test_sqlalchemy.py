"""Procedures through SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from procedures.conftest import CALLBACK_URL, authorization_code, user_url

from box_dialect.catalog import TABLES
from box_dialect.catalog.procedures import PROCEDURES
from box_dialect.catalog.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

TOKENS = ("OAuthAccessToken", "OAuthRefreshToken", "ExpiresIn")


@pytest.fixture
def user_engine(fresh: Box) -> Iterator[sa.engine.Engine]:
    engine = sa.create_engine(user_url(fresh))
    yield engine
    engine.dispose()


def test_a_scalar_function(user_engine: sa.engine.Engine) -> None:
    with user_engine.connect() as connection:
        url = connection.execute(sa.select(sa.func.GetOAuthAuthorizationURL(CALLBACK_URL))).scalar()
        assert url is not None
        assert "response_type=code" in url


def test_a_table_valued_function(fresh: Box, user_engine: sa.engine.Engine) -> None:
    with user_engine.connect() as connection:
        code = authorization_code(str(connection.execute(sa.text("SELECT GetOAuthAuthorizationURL()")).scalar()))
        called = sa.func.GetOAuthAccessToken("WEB", code).table_valued(*TOKENS)
        row = connection.execute(sa.select(called)).one()
        assert row._fields == TOKENS
        assert (bool(row.OAuthAccessToken), row.ExpiresIn) == (True, 3600)
        refreshed = sa.func.RefreshOAuthAccessToken(row.OAuthRefreshToken).table_valued(*TOKENS).alias("r")
        assert connection.execute(sa.select(refreshed.c.OAuthRefreshToken)).scalar() != row.OAuthRefreshToken
        assert fresh.stats()["token_calls"] == 2


@pytest.mark.parametrize(
    "sql",
    ["EXEC RefreshOAuthAccessToken @OAuthRefreshToken = :token", "CALL RefreshOAuthAccessToken(:token)"],
)
def test_exec_and_call(fresh: Box, user_engine: sa.engine.Engine, sql: str) -> None:
    with user_engine.begin() as connection:
        token = fresh.emulator.ready["user_refresh_token"]
        result = connection.execute(sa.text(sql), {"token": token})
        assert tuple(result.keys()) == TOKENS
        assert result.one().ExpiresIn == 3600


def test_callproc_of_the_raw_connection(fresh: Box, user_engine: sa.engine.Engine) -> None:
    raw = user_engine.raw_connection()
    cursor = raw.cursor()
    cursor.callproc("RevokeOAuthAccessToken", [fresh.emulator.ready["user_access_token"]])
    assert cursor.fetchall() == [(True,)]
    raw.close()


def test_reflection_does_not_see_procedures(user_engine: sa.engine.Engine) -> None:
    inspector = sa.inspect(user_engine)
    assert inspector.get_table_names() == list(TABLES)
    assert inspector.get_view_names() == list(VIEWS)
    assert not any(inspector.has_table(procedure.name) for procedure in PROCEDURES.values())
    metadata = sa.MetaData()
    metadata.reflect(user_engine)
    assert set(metadata.tables) == set(TABLES)
