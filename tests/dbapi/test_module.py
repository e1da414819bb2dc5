"""What PEP 249 asks of the module: globals, exceptions, type objects and constructors."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
import traceback
import warnings
from typing import TYPE_CHECKING, get_type_hints

import pytest
from sweep import sweep

import box_dialect
from box_dialect import dbapi
from box_dialect.errors import Diagnostics

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import Box

PARENTS = {
    "Warning": Exception,
    "Error": Exception,
    "InterfaceError": dbapi.Error,
    "DatabaseError": dbapi.Error,
    "DataError": dbapi.DatabaseError,
    "OperationalError": dbapi.DatabaseError,
    "IntegrityError": dbapi.DatabaseError,
    "InternalError": dbapi.DatabaseError,
    "ProgrammingError": dbapi.DatabaseError,
    "NotSupportedError": dbapi.DatabaseError,
}
ERRORS = [name for name in PARENTS if name != "Warning"]

MOMENT = 1_230_823_445.5
"""2009-01-01 15:24:05.5, UTC."""


def test_the_globals() -> None:
    assert dbapi.apilevel == "2.0"
    assert dbapi.threadsafety == 1
    assert dbapi.paramstyle == "qmark"
    assert callable(dbapi.connect)


@sweep("name", [name for name in dbapi.__all__ if not name.startswith("sqlite")])
def test_the_public_face_has_every_name(name: str) -> None:
    assert getattr(box_dialect, name) is getattr(dbapi, name)


@pytest.mark.parametrize("face", [box_dialect, box_dialect.aio])
def test_public_classes_are_of_the_module_that_gives_them(face: ModuleType) -> None:
    offered = [getattr(face, name) for name in face.__all__]
    own = [each for each in offered if isinstance(each, type) and each.__module__.startswith("box_dialect")]
    assert len(own) >= 2
    for each in own:
        assert f"{each.__module__}.{each.__qualname__}" == f"{face.__name__}.{each.__name__}"
        assert inspect.getmodule(each) is face
        get_type_hints(each)


def test_a_traceback_names_what_a_program_catches() -> None:
    error = box_dialect.OperationalError("down")
    assert traceback.format_exception_only(error) == ["box_dialect.OperationalError: down\n"]
    assert b"box_dialect.errors" not in pickle.dumps(error)


@sweep(("name", "parent"), PARENTS.items())
def test_the_exceptions_have_pep_249s_parents(name: str, parent: type[Exception]) -> None:
    assert getattr(dbapi, name).__bases__ == (parent,)


@sweep("name", PARENTS)
def test_the_exceptions_are_attributes_of_connections(connection: box_dialect.Connection, name: str) -> None:
    assert getattr(connection, name) is getattr(box_dialect.aio.Connection, name) is getattr(dbapi, name)


def test_the_warning_of_transactions_is_a_warning_of_both_kinds() -> None:
    assert issubclass(dbapi.BoxTransactionWarning, dbapi.Warning)
    assert issubclass(dbapi.BoxTransactionWarning, UserWarning)
    with pytest.warns(dbapi.BoxTransactionWarning):
        warnings.warn("x", dbapi.BoxTransactionWarning, stacklevel=1)


@pytest.mark.parametrize("name", ERRORS)
def test_exceptions_cross_processes_whole(name: str) -> None:
    diag = Diagnostics(409, "item_name_in_use", "abc", "POST /folders", retryable=True)
    error = getattr(dbapi, name)("a café", diag)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert str(twin) == "a café"
        assert twin.args == error.args
        assert twin.diag == diag


def test_an_exception_of_box_crosses_processes_whole(fresh: Box) -> None:
    with fresh.connect() as connection:
        cursor = connection.cursor()
        insert = "INSERT INTO folders (name, parent_id) VALUES ('twice', '0')"
        cursor.execute(insert)
        with pytest.raises(dbapi.IntegrityError) as caught:
            cursor.execute(insert)
    twin = pickle.loads(pickle.dumps(caught.value))
    assert str(twin) == str(caught.value)
    assert twin.diag == caught.value.diag
    assert (twin.diag.status, twin.diag.code) == (409, "item_name_in_use")


@pytest.mark.parametrize(
    ("type_object", "declared"),
    [
        (dbapi.STRING, {"TEXT", "JSON TEXT", "VARCHAR"}),
        (dbapi.BINARY, {"BLOB"}),
        (dbapi.NUMBER, {"INTEGER", "BOOLEAN", "REAL", "NUMERIC"}),
        (dbapi.DATETIME, {"TIMESTAMP WITH TIME ZONE", "DATETIME"}),
        (dbapi.ROWID, {"ROWID"}),
    ],
)
def test_type_objects_equal_their_type_codes_and_no_others(type_object: object, declared: set[str]) -> None:
    texts, numbers = {"TEXT", "JSON TEXT", "VARCHAR"}, {"INTEGER", "BOOLEAN", "REAL", "NUMERIC"}
    every = texts | numbers | {"BLOB", "TIMESTAMP WITH TIME ZONE", "DATETIME", "ROWID"}
    assert {code for code in every if code == type_object} == declared
    assert {code for code in every if type_object == code} == declared
    others = (dbapi.STRING, dbapi.BINARY, dbapi.NUMBER, dbapi.DATETIME, dbapi.ROWID)
    assert [other for other in others if type_object == other] == [type_object]
    assert type_object != None  # noqa: E711 - the comparison is what is tested
    assert hash(type_object) == hash(type_object)


def test_the_constructors() -> None:
    assert dbapi.Date(2009, 1, 1) == dt.date(2009, 1, 1)
    assert dbapi.Time(15, 24, 5) == dt.time(15, 24, 5)
    assert dbapi.Timestamp(2009, 1, 1, 15, 24, 5) == dt.datetime(2009, 1, 1, 15, 24, 5)  # noqa: DTZ001
    assert dbapi.DateFromTicks(MOMENT) == dt.date(2009, 1, 1)
    assert dbapi.TimeFromTicks(MOMENT) == dt.time(15, 24, 5, 500_000)
    assert dbapi.TimestampFromTicks(MOMENT) == dt.datetime(2009, 1, 1, 15, 24, 5, 500_000, dt.UTC)
    assert dbapi.Binary(b"\0\xff") == b"\0\xff"


def test_the_version_of_sqlite_is_told(connection: box_dialect.Connection) -> None:
    assert connection.cursor().execute("SELECT sqlite_version()").fetchall() == [(dbapi.sqlite_version,)]
    assert ".".join(map(str, dbapi.sqlite_version_info)) == dbapi.sqlite_version
