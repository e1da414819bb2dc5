"""An engine from a URL: properties, secrets, isolation level, pool."""

from __future__ import annotations

import threading
import traceback
import warnings
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from patience import PATIENCE_SECONDS
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool, QueuePool

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

SECRET = "sEcReT-vAlUe-0123456789"
NOWHERE = "APIBaseURL=http://127.0.0.1:9/2.0&TokenURL=http://127.0.0.1:9/oauth2/token&MaxRetries=0"


@pytest.mark.parametrize("driver", ["box", "box+apsw"])
def test_a_url_makes_an_engine(small: Box, driver: str) -> None:
    engine = sa.create_engine(small.url.replace("box:", f"{driver}:", 1))
    assert (engine.dialect.name, engine.dialect.driver) == ("box", "apsw")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


def test_nothing_is_sent_before_the_first_query(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url, pool_pre_ping=True)
    for _ in range(2):
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    assert sa.inspect(engine).get_columns("files")
    stats = fresh.stats()
    assert (stats["calls"], stats["token_calls"]) == (0, 0)
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT id FROM users WHERE id = 'me'")).all()
    stats = fresh.stats()
    assert (stats["calls"], stats["token_calls"]) == (1, 1)
    engine.dispose()


def test_signing_in_at_connect_is_a_property(fresh: Box) -> None:
    engine = sa.create_engine(f"{fresh.url}&InitiateOAuth=GETANDREFRESH")
    assert fresh.stats()["token_calls"] == 0
    with engine.connect():
        stats = fresh.stats()
    assert (stats["calls"], stats["token_calls"]) == (0, 1)
    engine.dispose()


def test_the_calls_of_a_statement_are_counted_by_its_cursor(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection:
        result = connection.execute(sa.text("SELECT name FROM files WHERE parent_id = '0'"))
        cursor = result.cursor
        assert isinstance(cursor, box_dialect.Cursor)
        assert len(result.all()) > 2
        assert cursor.api_calls == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("box://?AuthSchema=OAuth", "unknown connection property 'AuthSchema'; did you mean AuthScheme?"),
        ("box://?AuthScheme=Basic", "property AuthScheme is one of OAuth, OAuthJWT, OAuthClient, not 'Basic'"),
        ("box://?Readonly=perhaps", "property Readonly is true or false, not 'perhaps'"),
        ("box://?MaxConcurrency=0", "property MaxConcurrency is a whole number from 1"),
        ("box://?APIBaseURL=http://example.com/2.0", "property APIBaseURL must be https"),
        ("box://?Readonly=true&read_only=false", "property Readonly is given twice"),
        ("box://host/database", "the connection URL has no database part but main"),
        ("box://?Scope=env:BOX_NO_SUCH_VARIABLE", "environment variable BOX_NO_SUCH_VARIABLE, which is not set"),
    ],
)
def test_a_wrong_property_fails_when_the_engine_is_made(url: str, message: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError) as failure:
        sa.create_engine(url)
    assert message in str(failure.value)


def test_a_url_may_name_the_one_database(small: Box) -> None:
    url = small.url.replace("/?", "/main?")
    assert small.connect().properties == box_dialect.connect(url).properties
    engine = sa.create_engine(url)
    assert engine.url.database in sa.inspect(engine).get_schema_names()
    with pytest.raises(box_dialect.ProgrammingError, match="the connection URL has the form"):
        box_dialect.connect(small.url.replace("/?", "/Main?"))
    engine.dispose()


def test_what_is_missing_to_sign_in_fails_at_connect() -> None:
    with pytest.raises(sa.exc.ProgrammingError) as failure:
        sa.create_engine("box://?AuthScheme=OAuthClient").connect()
    assert "AuthScheme=OAuthClient needs OAuthClientId and OAuthClientSecret and SubjectId" in str(failure.value)
    assert isinstance(failure.value.orig, box_dialect.ProgrammingError)


def test_properties_may_come_as_connect_args(small: Box) -> None:
    engine = sa.create_engine(small.url, connect_args={"Readonly": True, "max_concurrency": 3})
    with engine.connect() as connection:
        properties = connection.connection.properties
        assert (properties.readonly, properties.max_concurrency) == (True, 3)
        with pytest.raises(sa.exc.ProgrammingError, match="Readonly=true"):
            connection.execute(sa.text("DELETE FROM folders WHERE id = '1'"))
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "connect_args"),
    [
        (f"box://client:{SECRET}@/?AuthScheme=OAuthClient&SubjectId=1&{NOWHERE}", {}),
        (f"box://?OAuthAccessToken={SECRET}&{NOWHERE}", {}),
        (f"box://?oauth_access_token={SECRET}&{NOWHERE}", {}),
        (f"box://?AuthScheme=OAuthClient&OAuthClientId=a&OAuthClientSecret={SECRET}&SubjectId=1&{NOWHERE}", {}),
        (f"box://?{NOWHERE}", {"OAuthAccessToken": SECRET}),
        (
            f"box://?{NOWHERE}",
            {"auth_scheme": "OAuthClient", "OAuthClientId": "a", "oauth_client_secret": SECRET, "SubjectId": "1"},
        ),
    ],
)
def test_secrets_are_in_no_text(url: str, connect_args: dict[str, str]) -> None:
    engine = sa.create_engine(url, connect_args=connect_args)
    shown = [f"{engine} {engine!r} {engine.url} {engine.url!r} {engine.url.set(port=1)} {engine.pool!r}"]
    with engine.connect() as connection:
        shown.append(f"{connection} {connection.connection!r} {connection.connection.properties}")
        with pytest.raises(sa.exc.OperationalError) as failure:
            connection.execute(sa.text("SELECT * FROM users")).all()
    shown += [str(failure.value), repr(failure.value), repr(failure.value.orig)]
    shown += traceback.TracebackException.from_exception(failure.value).format()
    assert "cannot reach" in str(failure.value)
    assert not [text for text in shown if SECRET in text]


@pytest.mark.parametrize("property_", ["OAuthAccessToken", "OAuthClientSecret"])
def test_a_wrong_secret_is_not_repeated(property_: str) -> None:
    with pytest.raises(box_dialect.ProgrammingError) as failure:
        sa.create_engine(f"box://?{property_}={SECRET}%0A")
    assert property_ in str(failure.value)
    assert SECRET not in str(failure.value)


def test_the_whole_url_can_be_had_where_it_is_asked_for(small: Box) -> None:
    engine = sa.create_engine(small.url)
    assert make_url(engine.url.render_as_string(hide_password=False)) == make_url(small.url)
    with sa.create_engine(engine.url).connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM users WHERE id = 'me'")).scalar() == 1


@pytest.mark.parametrize(
    ("options", "level"), [({}, "SERIALIZABLE"), ({"isolation_level": "AUTOCOMMIT"}, "AUTOCOMMIT")]
)
def test_the_isolation_level_is_that_of_sqlite(small: Box, options: dict[str, str], level: str) -> None:
    engine = sa.create_engine(small.url, **options)
    for _ in range(2):  # the second time from the pool
        with engine.connect() as connection:
            assert connection.get_isolation_level() == level
            assert connection.connection.autocommit == (level == "AUTOCOMMIT")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            assert connection.get_isolation_level() == "AUTOCOMMIT"
    engine.dispose()


def test_another_isolation_level_is_refused(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection, pytest.raises(sa.exc.ArgumentError):
        connection.execution_options(isolation_level="REPEATABLE READ")


def test_autocommit_writes_without_a_warning(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url, isolation_level="AUTOCOMMIT")
    for name in ("one", "two"):  # the second time from the pool
        with warnings.catch_warnings(), engine.connect() as connection:
            warnings.simplefilter("error")
            connection.execute(sa.text("INSERT INTO folders (name, parent_id) VALUES (:name, '0')"), {"name": name})
    engine.dispose()


@pytest.mark.skipif(sa.__version__ < "2.0.43", reason="SQLAlchemy has the option since 2.0.43")
def test_the_pool_may_leave_rollbacks_out_in_autocommit(small: Box) -> None:
    engine = sa.create_engine(small.url, skip_autocommit_rollback=True)
    for level in ("AUTOCOMMIT", "SERIALIZABLE"):
        with engine.connect().execution_options(isolation_level=level) as connection:
            assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("value", ["2000-01-01' OR '1'='1", "it's"])
def test_a_moment_that_is_text_is_quoted_where_it_is_written_out(engine: sa.engine.Engine, value: str) -> None:
    bound = sa.bindparam("at", value, literal_execute=True, type_=sa.DateTime(timezone=True))
    with engine.connect() as connection:
        assert (
            connection.execute(sa.select(sa.literal(1)).where(sa.literal("x") == sa.cast(bound, sa.String))).all() == []
        )


def test_rolling_back_after_a_write_warns(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    with engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(sa.text("INSERT INTO folders (name, parent_id) VALUES ('stays', '0')"))
        with pytest.warns(box_dialect.BoxTransactionWarning, match="stays there"):
            transaction.rollback()
        query = sa.text("SELECT count(*) FROM folders WHERE parent_id = '0' AND name = 'stays'")
        assert connection.execute(query).scalar() == 1
    engine.dispose()


def test_committing_after_a_write_and_reading_do_not_warn(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO folders (name, parent_id) VALUES ('stays', '0')"))
    with engine.connect() as connection:
        connection.execute(sa.text("SELECT id FROM folders")).all()
    engine.dispose()


def test_threads_share_the_pool(small: Box) -> None:
    engine = sa.create_engine(small.url, pool_size=2, max_overflow=0, pool_timeout=PATIENCE_SECONDS)
    assert isinstance(engine.pool, QueuePool)
    counts: list[int] = []

    def count() -> None:
        for _ in range(3):
            with engine.connect() as connection:
                counts.append(connection.execute(sa.text("SELECT count(*) FROM files")).scalar())

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 18
    assert len(set(counts)) == 1
    engine.dispose()


def test_a_connection_of_its_own_for_each_step_works_too(small: Box) -> None:
    engine = sa.create_engine(small.url, poolclass=NullPool)
    assert "files" in sa.inspect(engine).get_table_names()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM files")).scalar() > 0


def test_a_failed_statement_leaves_the_connection_as_it_is(engine: sa.engine.Engine) -> None:
    with engine.connect() as connection:
        with pytest.raises(sa.exc.ProgrammingError, match="did you mean files"):
            connection.execute(sa.text("SELECT * FROM filez"))
        assert connection.execute(sa.text("SELECT count(*) FROM files")).scalar() > 0
        assert not connection.invalidated


def test_statements_are_cached(engine: sa.engine.Engine, tables: sa.MetaData) -> None:
    files = tables.tables["files"]

    def compiled(parent: str) -> object:
        statement = sa.select(files.c.id).where(files.c.parent_id == parent).limit(1)
        return connection.execute(statement).context.cache_hit.name

    with warnings.catch_warnings(), engine.connect() as connection:
        warnings.simplefilter("error")
        assert [compiled("0"), compiled("1")] == ["CACHE_MISS", "CACHE_HIT"]
