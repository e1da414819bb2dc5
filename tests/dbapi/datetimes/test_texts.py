"""Moments as text: what is read as one, what Box is sent, and what is added to a statement for them."""

from __future__ import annotations

import pytest
from sweep import sweep

from box_dialect.catalog.datetimes import _canonical, canonical, datetime_of, is_canonical
from box_dialect.catalog.filters import bounds
from box_dialect.catalog.model import Op
from box_dialect.dbapi.datetimes.collated import collated
from box_dialect.dbapi.datetimes.comparisons import Columns
from box_dialect.dbapi.sqltext.casts import cast_datetimes
from box_dialect.dbapi.sqltext.column_collations import declared
from box_dialect.dbapi.types import _to_datetime
from box_dialect.engine.sql.linear import _known_set, _set

pytestmark = pytest.mark.usefixtures("no_network")

FIRST, LAST = "2015-04-11T10:00:00+02:00", "9999-12-31 23:59:59.5"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-04-11", "2015-04-11 00:00:00.000000"),
        ("20150411T0830", "2015-04-11 08:30:00.000000"),
        ("2015-W15-6", "2015-04-11 00:00:00.000000"),
        ("2015W156T08", "2015-04-11 08:00:00.000000"),
        ("2015-04-11 08:00:00.5 -05:30", "2015-04-11 13:30:00.500000"),
        ("2015-04-11T08:00:00,1234567890Z", "2015-04-11 08:00:00.123456789"),
        ("2015-04-11T08:00:00+00:53:28", "2015-04-11 07:06:32.000000"),
        ("2015-12-31T24:00:00.000Z", "2016-01-01 00:00:00.000000"),
    ],
)
def test_spellings(text: str, moment: str) -> None:
    assert canonical(text) == moment
    assert not is_canonical(text)
    assert canonical(moment) == moment
    assert str(datetime_of(text)) == moment[:26].removesuffix(".000000")


@sweep(
    "text",
    [
        *("", "now", "2015", "2015-04", "08:00", "2015-13-01", "2015-02-29", "2015-04-11 ", " 2015-04-11", "2457123.5"),
        *("2015-04-11T24:00:01", "2015-04-11T08:60", "2015-04-11T08:00.5", "2015-04-11Z", "٢٠١٥-04-11", "0000-01-01"),
        *("0001-01-01T00:00+01:00", "9999-12-31T24:00", "2015-04-11 08:00:00." + "0" * 64, "2015-04-11\n"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    assert canonical(text) is None
    assert datetime_of(text) is None


def test_box_is_sent_rfc_3339_rounded_outwards() -> None:
    assert bounds([(Op.GE, (FIRST,)), (Op.LE, ("2015-W15-6T09",))]) == ("2015-04-11T08:00:00Z", "2015-04-11T09:00:01Z")
    assert bounds([(Op.EQ, ("20150411",))]) == ("2015-04-11T00:00:00Z", "2015-04-11T00:00:01Z")
    assert bounds([(Op.GT, (LAST,)), (Op.LT, (LAST,))]) == ("9999-12-31T23:59:59Z", "")
    assert bounds([(Op.GT, ("yesterday",)), (Op.LT, (None,)), (Op.EQ, (2015,))]) == ("", "")


@sweep(
    ("statement", "types"),
    [
        (
            "CREATE TABLE t (a TIMESTAMP, b DATE NOT NULL, c TEXT, d, e datetime(6) DEFAULT 'a, b')",
            ("TIMESTAMP", "DATE", "(6)"),
        ),
        ('create temp table if not exists main."t" (a "timestamp with time zone" UNIQUE)', ('zone"',)),
        ("CREATE TABLE t (a TIMESTAMP COLLATE NOCASE, PRIMARY KEY (a), CHECK (a > date('now')))", ()),
        ("CREATE TABLE t (timestamp, date INTEGER, time TIME)", ()),
        ("ALTER TABLE t ADD COLUMN a TIMESTAMP", ("TIMESTAMP",)),
        ("ALTER TABLE t RENAME COLUMN a TO date", ()),
        ("CREATE TABLE t AS SELECT a timestamp FROM u", ()),
        ("CREATE INDEX timestamp ON t (date)", ()),
        ("CREATE VIEW v (a, date) AS SELECT 1, 2", ()),
        ("CREATE TABLE t (a TIMESTAMP", ()),
    ],
)
def test_columns_of_moments_are_declared_so(statement: str, types: tuple[str, ...]) -> None:
    found = declared(statement)
    assert found.replace(" COLLATE MOMENT", "") == statement
    pieces = found.split(" COLLATE MOMENT")[:-1]
    assert all(piece.endswith(kind) for piece, kind in zip(pieces, types, strict=True))


def test_casts_keep_their_names() -> None:
    text, casts = cast_datetimes("SELECT CAST(CAST(a AS DATE) AS TIMESTAMP), cast(b AS INT), 'CAST(c AS DATE)' FROM t")
    assert text == "SELECT date_trunc('microseconds', day_of(a)), cast(b AS INT), 'CAST(c AS DATE)' FROM t"
    assert casts[0].original == "CAST(CAST(a AS DATE) AS TIMESTAMP)"
    assert cast_datetimes("SELECT cast(a AS DATE") == ("SELECT cast(a AS DATE", ())


@sweep(
    ("statement", "parameters", "expected"),
    [
        ("m = '2015-04-11T08:00Z'", (), "m = '2015-04-11T08:00Z'~"),
        ("m = '2015-04-11 08:00:00.000000'", (), "m = '2015-04-11 08:00:00.000000'"),
        (
            "name = '2015-04-11' AND max(m, 1) < ? OR id = ?",
            ("2015-04-11", "2015-04-11"),
            "name = '2015-04-11' AND max(m, 1) < ?~ OR id = ?",
        ),
        ("x IN (?2) AND name IN (?2)", ("", "2015-04-11"), "x~ IN (?2) AND name IN (?2)"),
        ("x = :at AND lower(name) = :at", {"at": "2015-04-11"}, "x = :at~ AND lower(name) = :at"),
        ("m > datetime('now', ?) -- date('x')\n", ("2015-04-11",), "m > datetime('now', ?)~ -- date('x')\n"),
        ("substr(m, 1, 10) = '2015-04-11'", (), "substr(m, 1, 10) = '2015-04-11'"),
        ("tags ->> '2015-04-11' = name", (), "tags ->> '2015-04-11' = name"),
        (
            "x LIKE '2015-04-11' OR x = '2015-04-11' COLLATE NOCASE",
            (),
            "x LIKE '2015-04-11' OR x = '2015-04-11' COLLATE NOCASE",
        ),
        ("m = 1 ORDER BY m, t.m DESC, name", (), "m = 1 ORDER BY m^, t.m^ DESC, name"),
        ("m = 1 ORDER BY m LIMIT 5", (), "m = 1 ORDER BY m LIMIT 5"),
        ("m > '2015-04-11' ORDER BY m DESC", (), "m > '2015-04-11'~ ORDER BY m^ DESC"),
        ("m > ? GROUP BY m UNION SELECT ?", ("", "2015-04-11"), "m > ? GROUP BY m UNION SELECT ?~"),
        ("m > CAST(m AS VARCHAR(9)) OR CAST(m AS INTEGER)", (), "m > CAST(m AS VARCHAR(9))^ OR CAST(m AS INTEGER)"),
    ],
)
def test_collations_of_a_statement_on_box(statement: str, parameters: object, expected: str) -> None:
    columns = Columns(
        frozenset({"m"}), frozenset({"name", "id", "tags"}), frozenset(), frozenset(), are_of_box=True, is_single=True
    )
    found = collated(f"SELECT 1 FROM files WHERE {statement}", parameters, columns)
    shown = found.replace(" COLLATE MOMENT", "~").replace(" COLLATE BINARY", "^")
    assert shown == f"SELECT 1 FROM files WHERE {expected}"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT m FROM t ORDER BY m", "SELECT m FROM t ORDER BY key(m)"),
        ("SELECT m AS x FROM t ORDER BY x DESC", "SELECT m AS x FROM t ORDER BY key(m) DESC"),
        ("SELECT t.m y, b FROM t ORDER BY b, y", "SELECT t.m y, b FROM t ORDER BY b, key(t.m)"),
        ("SELECT b, m FROM t ORDER BY 2, 1", "SELECT b, m FROM t ORDER BY key(m), 1"),
        ("SELECT m, count(*) FROM t GROUP BY 1", "SELECT m, count(*) FROM t GROUP BY key(m)"),
        ("SELECT b AS m, m AS b FROM t ORDER BY m, b", "SELECT b AS m, m AS b FROM t ORDER BY m, key(m)"),
        ("SELECT * FROM t ORDER BY 1, m", "SELECT * FROM t ORDER BY 1, key(m)"),
        ("SELECT b || '', m AS x FROM t GROUP BY x", "SELECT b || '', m AS x FROM t GROUP BY x COLLATE MOMENT"),
    ],
)
def test_local_moments_are_sorted_by_a_key(statement: str, expected: str) -> None:
    names, others = frozenset({"m"}), frozenset({"b"})
    columns = Columns(names, others, frozenset(), frozenset(), are_of_box=False, is_single=True)
    assert collated(statement, (), columns) == expected.replace("key(", "moment_key(")


def test_no_long_value_is_kept() -> None:
    """What strangers compute stays nowhere when its statement has ended."""
    long, blob = "2015-04-11" * 100, b"x" * 1_000
    (of_type,) = (each.cell_contents for each in _to_datetime.__closure__ or ())
    known = [_canonical, _known_set, of_type]
    before = [each.cache_info().currsize for each in known]
    assert canonical(long) is None
    assert len(_set("".join(map(chr, range(2_000))))) == 2_000
    assert (_to_datetime(long), _to_datetime(blob)) == (long, blob)
    assert [each.cache_info().currsize for each in known] == before
