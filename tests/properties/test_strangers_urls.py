"""In a process that takes URLs from strangers, a URL alone leads to nothing on this machine, and nothing is written."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sign_in.acting import authorization_code
from sqlalchemy.ext.asyncio import create_async_engine
from sweep import sweep

import box_dialect
from box_dialect.errors import ProgrammingError
from box_dialect.properties import PROPERTIES, find, parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

RESTRICTS = "[Tt]his process restricts URLs"
CANARY = "kanarienvogel7"
SIGN_IN = {"AuthScheme": "OAuthClient", "OAuthClientId": "id", "OAuthClientSecret": "secret", "SubjectId": "1"}

CLOSED = {
    "MaxStatementMemory": ("0", "513"),
    "MaxTemporaryDisk": ("0", "1025"),
    "MaxLocalDatabase": ("0", "1025"),
    "InitiateOAuth": {"AuthScheme": "OAuth", "InitiateOAuth": "GETANDREFRESH"},
    "OAuthSettingsLocation": ("/srv/settings.txt", "settings.txt", "~/settings.txt", "memory://shared"),
    "TokenCache": ("file", "FILE", "keyring", "memory://shared", "redis://localhost/0", "sqlite:///t.db", "any-other"),
    "OAuthJWTCert": tuple(
        {"OAuthJWTCertType": form, "OAuthJWTCert": "/key"}
        for form in ("PEMKEY_FILE", "pfxfile", "JKSFILE", "BOXJSON", None)
    ),
    "LocalDatabase": ("/srv/app.db", "app.db", "~/app.db", "memory://engine-1", "MEMORY://x", "file::memory:"),
    "MaxConcurrency": ("17", "999999"),
    "LocalBrowser": ("true", "1"),
    "LocalFiles": ("/srv", "~", "."),
    "TrustLocalDatabase": ("true", "1"),
    "AllowDropTemplates": ("true", "1"),
    "MaxAICalls": ("1", "999999"),
    "DocumentCache": ("/srv/documents", "documents", "~/documents"),
    "MaxDocumentCache": ("1025", "999999"),
}  # fmt: skip
"""What a URL may not say: values of the property, or several properties at once."""

OPEN = {
    "MaxStatementMemory": "512", "MaxTemporaryDisk": "1", "MaxLocalDatabase": "1024",
    "AuthScheme": "OAuthJWT", "InitiateOAuth": "GETANDREFRESH", "OAuthClientId": "id", "OAuthClientSecret": "secret",
    "OAuthAccessToken": "token", "OAuthRefreshToken": "token", "OAuthExpiresIn": "60", "OAuthTokenTimestamp": "1",
    "OAuthVerifier": "code", "CallbackURL": "https://app.example/", "TokenCache": "memory", "TokenCacheKey": "key",
    "SubjectType": "user", "SubjectId": "1", "AsUserId": "2", "Scope": "root_readonly",
    "OAuthJWTCertType": "PEMKEY_BLOB", "OAuthJWTCertPassword": "pass", "OAuthJWTCertSubject": "*",
    "OAuthJWTSubjectType": "user", "OAuthJWTSubject": "1", "OAuthJWTPublicKeyId": "k", "OAuthJWTIssuer": "i",
    "OAuthJWTAlgorithm": "RS512", "APIBaseURL": "https://box.example/2.0", "UploadBaseURL": "https://box.example/u",
    "AuthorizeURL": "https://box.example/a", "TokenURL": "https://box.example/t", "RevokeURL": "https://box.example/r",
    "Readonly": "false", "MaxConcurrency": "16", "MaxCallsPerMinute": "5", "MaxRetries": "1", "RetrySeconds": "1",
    "RequestTimeout": "5", "MaxApiCalls": "9", "PreviewCalls": "9", "Timeout": "9", "LocalDatabase": ":memory:",
    "Freshness": "indexed", "LocalBrowser": "false", "TrustLocalDatabase": "false", "IncludeCustomFields": "true",
    "AllowDropTemplates": "false", "MaxAICalls": "0",
    "URI": "/HR/*.xml", "DataModel": "Relational", "XPath": "/a/b", "XMLFormat": "XMLTABLE", "RowScanDepth": "0",
    "TypeDetectionScheme": "None", "FlattenObjects": "false", "FlattenArrays": "2", "QualifyColumns": "Full",
    "SeparatorCharacter": "_", "Charset": "utf-16", "FMT": "TabDelimited", "IncludeColumnHeaders": "false",
    "SkipTop": "1", "MaxDocumentCache": "1024",
    "CreateFolders": "true",
}  # fmt: skip
"""What a URL may say."""

CASES = [
    case if isinstance(case, dict) else {name: case}
    for name, cases in CLOSED.items()
    for case in ((cases,) if isinstance(cases, dict) else cases)
]


@pytest.fixture
def restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    monkeypatch.delenv("BOX_DIALECT_ALLOWED_FOLDERS", raising=False)


def url(scheme: str = "box", **given: Any) -> str:
    pairs = {**SIGN_IN, **given}.items()
    return f"{scheme}://?" + "&".join(
        f"{name}={quote(str(value), safe='')}" for name, value in pairs if value is not None
    )


def by_pandas(text: str) -> object:
    pytest.importorskip("pandas")
    from box_dialect.pandas import read_sql

    return read_sql("SELECT 1", text)


def by_arrow(text: str) -> object:
    pytest.importorskip("pyarrow")
    from box_dialect.arrow import read_table

    return read_table("SELECT 1", text)


def by_aio(text: str) -> object:
    async def opened() -> None:
        await (await box_dialect.aio.connect(text)).close()

    return asyncio.run(opened())


WAYS: dict[str, Callable[[str], Any]] = {
    "connect": box_dialect.connect,
    "aio.connect": by_aio,
    "create_engine": sa.create_engine,
    "engine_from_config": lambda text: sa.engine_from_config({"sqlalchemy.url": text}),
    "URL object": lambda text: sa.create_engine(sa.engine.make_url(text)),
    "tuple in the query": lambda text: sa.create_engine(
        sa.engine.URL.create("box", query={name: (value,) for name, value in sa.engine.make_url(text).query.items()})
    ),
    "create_async_engine": lambda text: create_async_engine(text.replace("box://", "box+aioapsw://")),
    "other driver": lambda text: sa.create_engine(text.replace("box://", "box+apsw://")),
    "case": lambda text: box_dialect.connect(text.replace("LocalDatabase", "LOCALDATABASE")),
    "snake_case": lambda text: box_dialect.connect(text.replace("LocalDatabase", "local_database")),
    "snake_case of an engine": lambda text: sa.create_engine(text.replace("LocalDatabase", "local_database")),
    "pandas": by_pandas,
    "arrow": by_arrow,
    "mapping": lambda text: box_dialect.connect(dict(sa.engine.make_url(text).query)),
}


def test_each_property_is_decided_on() -> None:
    assert [declared.name for declared in PROPERTIES if declared.reach is None] == []
    assert {declared.name for declared in PROPERTIES} == CLOSED.keys() | OPEN.keys()
    assert {p.name for p in PROPERTIES if p.reach not in {"nothing", "sent", "host"}} == CLOSED.keys()


@pytest.mark.usefixtures("restricted")
@sweep("given", CASES)
def test_what_a_url_may_not_say(given: dict[str, Any]) -> None:
    (*_, name) = given
    for way in ("connect", "create_engine"):
        with pytest.raises(ProgrammingError, match=f"property {name} .*{RESTRICTS}.*connect_args"):
            WAYS[way](url(**given))
    try:
        parse({**SIGN_IN, **{n: v for n, v in given.items() if v is not None}})  # as the program's own
    except ProgrammingError as error:
        assert RESTRICTS not in str(error)  # noqa: PT017 - it may be wrong otherwise


@pytest.mark.usefixtures("restricted")
@sweep(("name", "value"), OPEN.items())
def test_what_a_url_may_say(name: str, value: str) -> None:
    sa.create_engine(url(**{name: value})).dispose()


@pytest.mark.usefixtures("restricted")
@sweep("declared", PROPERTIES, ids=lambda p: p.name)
def test_no_property_refers_to_a_variable_or_file(
    declared: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SERVERS_SECRET", CANARY)
    (tmp_path / "secret").write_text(CANARY)
    for reference in ("env:SERVERS_SECRET", "env:NOT_SET", f"file:{tmp_path / 'secret'}", "file:/no/such/file"):
        for way in ("connect", "create_engine"):
            with pytest.raises(ProgrammingError, match=f"property {declared.name} refers to .*{RESTRICTS}") as caught:
                WAYS[way](url(**{declared.name: reference}))
            assert CANARY not in str(caught.value)


@pytest.mark.usefixtures("restricted")
def test_neither_do_the_username_and_the_password() -> None:
    for text in ("box://env%3AHOME:x@/", "box://x:env%3AHOME@/", "box://x:file%3A%2Fetc%2Fhostname@/"):
        for connect in (box_dialect.connect, sa.create_engine):
            with pytest.raises(ProgrammingError, match=RESTRICTS):
                connect(text)


@pytest.mark.usefixtures("restricted")
@sweep("way", WAYS.values(), ids=WAYS)
def test_every_way_to_give_a_url_is_restricted(way: Callable[[str], Any]) -> None:
    with pytest.raises(ProgrammingError, match=f"property LocalDatabase names a file.*{RESTRICTS}.*ALLOWED_FOLDERS"):
        way(url(LocalDatabase="/srv/app.db"))


REFERRING = [
    ("InitiateOAuth", "GETANDREFRESH", {"AuthScheme": "OAuth"}),
    ("OAuthJWTCert", "/key", {"AuthScheme": "OAuthJWT", "OAuthJWTCertType": "PEMKEY_FILE"}),
]


@pytest.mark.usefixtures("restricted")
@pytest.mark.parametrize(("name", "value", "own"), REFERRING)
def test_what_the_program_refers_to_decides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, own: dict[str, str]
) -> None:
    """The names of what it refers to might end as a value that would allow more: `BLOB`."""
    for property_name, said in own.items():
        monkeypatch.setenv(f"{property_name}_BLOB", said)
        (tmp_path / f"{property_name}.blob").write_text(said)
    text = f"box://?{name}={quote(value)}"
    for form in ("env:{}_BLOB", f"file:{tmp_path}/{{}}.blob"):
        referring = {**SIGN_IN, **{property_name: form.format(property_name) for property_name in own}}
        with pytest.raises(ProgrammingError, match=f"property {name} .*{RESTRICTS}"):
            box_dialect.connect(text, **referring)


@pytest.mark.usefixtures("restricted")
def test_a_property_that_nobody_decided_on_is_refused() -> None:
    declared = find("Scope")
    object.__setattr__(declared, "reach", None)
    try:
        with pytest.raises(ProgrammingError, match="property Scope is not decided on"):
            box_dialect.connect(url(Scope="root_readonly"))
    finally:
        object.__setattr__(declared, "reach", "nothing")


@pytest.mark.usefixtures("restricted")
def test_what_the_program_passes_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAMS_SECRET", CANARY)
    own = {"local_database": str(tmp_path / "own.db"), "OAuthClientSecret": "env:PROGRAMS_SECRET", "TokenCache": "file"}
    with box_dialect.connect(url(), **own) as connection:
        assert connection.properties.client_secret == CANARY
        assert connection.properties.token_cache == "file"
        connection.cursor().execute("CREATE TABLE t (a)")
    engine = sa.create_engine(url(), connect_args=own)
    with engine.connect() as connected:
        assert connected.execute(sa.text("SELECT count(*) FROM t")).scalar() == 0
    engine.dispose()


@pytest.mark.usefixtures("restricted")
def test_engines_have_memory_of_their_own_each() -> None:
    engines = [sa.create_engine(url()), sa.create_engine(url(LocalDatabase=":memory:"))]
    for engine in engines:
        with engine.begin() as one:
            one.execute(sa.text("CREATE TABLE t (a)"))
        with engine.connect() as other:
            assert other.execute(sa.text("SELECT count(*) FROM t")).scalar() == 0
        engine.dispose()


@pytest.mark.usefixtures("restricted")
@pytest.mark.parametrize("host", ["box://id:x@stranger.example/", "box://?TokenURL=https%3A%2F%2Fstranger.example%2F"])
@pytest.mark.parametrize("secret", ["OAuthClientSecret", "OAuthAccessToken", "o_auth_refresh_token", "OAuthJWTCert"])
def test_a_secret_of_the_program_is_not_sent_to_a_host_of_the_url(host: str, secret: str) -> None:
    own = {secret: CANARY, "OAuthClientId": "id"}
    with pytest.raises(ProgrammingError, match=f"{find(secret).name} would be sent to.*{RESTRICTS}"):
        box_dialect.connect(host, **own)
    engine = sa.create_engine(host, connect_args=own)
    with pytest.raises(sa.exc.ProgrammingError, match="would be sent to"):
        engine.connect()


@pytest.mark.usefixtures("restricted")
def test_a_host_of_the_program_may_be_sent_all() -> None:
    hosts = {p.name: p.default.replace("box.com", "box.example") for p in PROPERTIES if p.reach == "host" and p.default}
    box_dialect.connect("box://id:x@stranger.example/", **hosts, OAuthAccessToken=CANARY).close()


def test_the_settings_file_of_the_machine_is_not_for_strangers(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = fresh.emulator.ready
    text = fresh.url.partition("?")[0] + "?AuthScheme=OAuth&InitiateOAuth=REFRESH"
    box_dialect.connect(text, OAuthVerifier=authorization_code(ready)).close()
    box_dialect.connect(text).close()  # by the tokens that are kept
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "1")
    with pytest.raises(box_dialect.OperationalError, match="the token cache holds none"):
        box_dialect.connect(text)
    with pytest.raises(ProgrammingError, match=RESTRICTS):
        box_dialect.connect(f"{text}&TokenCache=file")
    box_dialect.connect(text, TokenCache="file").close()


# Allowed folders


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is allowed, beside another one."""
    for name in ("data", "database", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret").write_text(CANARY)
    (tmp_path / "data" / "out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "data" / "out.db").symlink_to(tmp_path / "elsewhere" / "new.db")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    monkeypatch.setenv("BOX_DIALECT_ALLOWED_FOLDERS", f":/no/such/folder:{tmp_path / 'data'}:")
    return tmp_path


@pytest.mark.parametrize("path", ["data/new.db", "data/a/../new.db", "elsewhere/../data/new.db"])
def test_a_file_in_an_allowed_folder_may_be_named(folder: Path, path: str) -> None:
    with box_dialect.connect(url(LocalDatabase=f"{folder}/{path}")) as connection:
        connection.cursor().execute("CREATE TABLE t (a)")
    with closing(sqlite3.connect(folder / "data" / "new.db")) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]
    secret = url(OAuthClientSecret=f"file:{folder}/data/secret")
    assert box_dialect.connect(secret).properties.client_secret == CANARY
    parse({**SIGN_IN, "OAuthSettingsLocation": f"{folder}/data/settings"}, by_url={"OAuthSettingsLocation"})


@pytest.mark.parametrize(
    "path",
    ["database/x", "data/../elsewhere/x", "data/out/x", "data/out.db", "elsewhere/x", "link/../elsewhere/x", "data2"],
)
def test_a_file_elsewhere_may_not_be_named(folder: Path, path: str) -> None:
    for name in ("LocalDatabase", "OAuthSettingsLocation"):
        with pytest.raises(ProgrammingError, match=RESTRICTS):
            box_dialect.connect(url(**{name: f"{folder}/{path}"}))
    with pytest.raises(ProgrammingError, match=RESTRICTS):
        box_dialect.connect(url(OAuthClientSecret=f"file:{folder}/{path}"))
    assert not (folder / "elsewhere" / "new.db").exists()


def test_a_link_to_an_allowed_folder_is_allowed_as_it_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_ALLOWED_FOLDERS", str(folder / "link"))
    for path in (folder / "link" / "a.db", folder / "data" / "b.db"):
        assert box_dialect.connect(url(LocalDatabase=path)).properties.local_database == str(
            folder / "data" / path.name
        )


def test_what_leads_on_is_no_reference_even_in_an_allowed_folder(folder: Path) -> None:
    (folder / "data" / "path").write_text("/etc/passwd")
    with pytest.raises(ProgrammingError, match=RESTRICTS):
        box_dialect.connect(url(LocalDatabase=f"file:{folder}/data/path"))


@pytest.mark.parametrize("named", ["data", "~nobody-of-that-name/data"])
def test_an_allowed_folder_is_no_relative_one(folder: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("BOX_DIALECT_ALLOWED_FOLDERS", named)
    with pytest.raises(ProgrammingError, match=f"BOX_DIALECT_ALLOWED_FOLDERS names '{named}', which is no absolute"):
        box_dialect.connect(url(LocalDatabase=f"{folder}/data/new.db"))


# How a process says so


def test_a_call_restricts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "false")
    box_dialect.connect(url(TokenCache="memory://shared")).close()
    box_dialect.restrict_urls()
    with pytest.raises(ProgrammingError, match=RESTRICTS):
        box_dialect.connect(url(TokenCache="memory://shared"))


def test_a_misspelt_word_does_not_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "ture")
    with pytest.raises(ProgrammingError, match="BOX_DIALECT_RESTRICT_URLS is true or false, not 'ture'"):
        box_dialect.connect(url())


# Writes


WRITES = (
    "INSERT INTO folders (name, parent_id) VALUES ('x', '0')",
    "INSERT INTO folders (name, parent_id) VALUES ('x', '0') RETURNING id",
    "REPLACE INTO Folders (name, parent_id) VALUES ('x', '0')",
    "INSERT INTO temp.folders (name, parent_id) SELECT 'x', '0' FROM own",
    "WITH x AS (SELECT 1) UPDATE folders SET name = 'x'",
    "UPDATE folders SET name = 'x' WHERE id = '1'",
    "DELETE FROM comments WHERE id = '1'",
)


@pytest.mark.parametrize("properties", [{}, {"Readonly": "false"}, {"Readonly": None}], ids=str)
def test_nothing_is_written_to_box(fresh: Box, monkeypatch: pytest.MonkeyPatch, properties: dict[str, Any]) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    said = "".join(f"&{name}={value}" for name, value in properties.items() if value)
    with box_dialect.connect(fresh.url + said, **{n: v for n, v in properties.items() if v is None}) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE own (name TEXT)")
        cursor.execute("INSERT INTO own VALUES ('mine')")
        cursor.execute(
            "CREATE TEMP TRIGGER t AFTER DELETE ON own BEGIN "
            "INSERT INTO folders (name, parent_id) VALUES (old.name, '0'); END"
        )
        for statement in (*WRITES, "DELETE FROM own"):
            for run in (cursor.execute, lambda sql: cursor.executemany(sql, [(), ()])):
                with pytest.raises(
                    ProgrammingError, match=r"a table of Box, .* restricts URLs.*Readonly=False by name"
                ):
                    run(statement)
        assert fresh.stats()["calls"] == 0
        assert cursor.execute("SELECT name FROM own").fetchall() == [("mine",)]
        assert cursor.execute("SELECT id FROM folders WHERE id = '0'").fetchall() == [("0",)]


def test_the_program_may_allow_writing(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    insert = "INSERT INTO folders (name, parent_id) VALUES ('{}', '0')"
    with fresh.connect(readonly=False) as connection:
        connection.cursor().execute(insert.format("by name"))
    engine = sa.create_engine(f"{fresh.url}&Readonly=true", connect_args={"Readonly": "false"})
    with engine.begin() as connected:
        connected.execute(sa.text(insert.format("by an engine")))
    engine.dispose()
    with (
        box_dialect.connect(f"{fresh.url}&Readonly=true") as connection,
        pytest.raises(ProgrammingError, match="=true"),
    ):
        connection.cursor().execute("CREATE TABLE own (a)")
