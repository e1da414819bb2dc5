"""Lazy frames: the same rows as a whole frame has, for the calls that the SQL makes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_examples import examples

import box_dialect

pytest.importorskip("pyarrow", exc_type=ImportError)
pl = pytest.importorskip("polars", "1.36.1")
from box_dialect.columnar import Kind  # noqa: E402
from box_dialect.polars import TYPES, scan  # noqa: E402
from box_dialect.polars.predicates import condition  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

col = pl.col
MOMENT = dt.datetime(2024, 1, 31, 12, tzinfo=dt.UTC)
TEXTS = (
    None,
    "",
    "a",
    "A",
    "ab",
    "Ab",
    "a*",
    "a?b",
    "[a]",
    "ä",
    "Ä",
    "x\N{GRINNING FACE}",
    "it's",
    'a "b"',
    "\ufb01",
    "10",
)
NUMBERS = (None, 0, -1, 1, 2, 10, 2**53 + 1, -(2**63), 2**63 - 1)
FLOATS = (None, 0.0, -0.5, 1.0, 2.0, 0.1, 1e300, 9007199254740992.0)
MOMENTS = (None, MOMENT, MOMENT + dt.timedelta(microseconds=1), dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
VALUES = {"s": TEXTS, "i": NUMBERS, "f": FLOATS, "b": (None, True, False), "t": MOMENTS}
ROWS = [tuple(values[number % len(values)] for values in VALUES.values()) for number in range(150)]
COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "eq_missing", "ne_missing")
KINDS = {"s": Kind.STRING, "i": Kind.INTEGER, "f": Kind.FLOAT, "b": Kind.BOOLEAN, "t": Kind.TIMESTAMP}


@pytest.fixture(scope="module")
def own(small: Box) -> Iterator[box_dialect.Connection]:
    """A connection with a table of its own, whose texts compare otherwise than polars does."""
    with small.connect() as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE own (s TEXT COLLATE NOCASE, i INTEGER, f REAL, b BOOLEAN, t TIMESTAMP)")
        cursor.executemany("INSERT INTO own VALUES (?, ?, ?, ?, ?)", ROWS)
        yield connection


@pytest.fixture(scope="module")
def whole() -> Any:
    return pl.DataFrame(ROWS, schema={name: TYPES[kind] for name, kind in KINDS.items()}, orient="row")


def atoms() -> st.SearchStrategy[Any]:
    """Predicates of one column; some are no matter of SQL."""
    given_values = {
        name: st.sampled_from([each for each in values if each is not None]) for name, values in VALUES.items()
    }
    column = st.sampled_from([*VALUES])
    compared = column.flatmap(
        lambda name: st.builds(
            lambda op, value: getattr(col(name), op)(value), st.sampled_from(COMPARISONS), given_values[name]
        )
    )
    listed = column.flatmap(
        lambda name: st.lists(given_values[name] | st.none(), max_size=4).map(
            lambda values: col(name).is_in(pl.lit(pl.Series(values, dtype=TYPES[KINDS[name]])).implode())
        )
    )
    between = column.flatmap(
        lambda name: st.builds(
            lambda low, high, closed: col(name).is_between(pl.lit(low), pl.lit(high), closed=closed),
            given_values[name],
            given_values[name],
            st.sampled_from(["both", "left", "right", "none"]),
        )
    )
    return st.one_of(
        compared,
        listed,
        between,
        column.map(lambda name: col(name).is_null()),
        column.map(lambda name: col(name).is_not_null()),
        st.just(col("b")),
        given_values["s"].map(lambda value: col("s").str.starts_with(pl.lit(value))),
        given_values["s"].map(lambda value: col("s").str.ends_with(pl.lit(value))),
        st.just(col("s").str.to_lowercase() == "a"),
        st.just(col("i") > col("f")),
        st.just(col("t").dt.year() == 2024),
        st.sampled_from([0.5, 1.0, 9007199254740992.0]).map(lambda value: col("i") <= value),
        st.sampled_from([1, 2**53 + 1]).map(lambda value: col("f") < value),
        st.just(pl.lit(True)),
    )


def predicates() -> st.SearchStrategy[Any]:
    return st.recursive(
        atoms(),
        lambda inner: (
            st.builds(lambda a, b: a & b, inner, inner)
            | st.builds(lambda a, b: a | b, inner, inner)
            | st.builds(lambda a, b: a ^ b, inner, inner)
            | inner.map(lambda a: ~a)
        ),
        max_leaves=6,
    )


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    predicate=predicates(), columns=st.lists(st.sampled_from([*VALUES]), min_size=1, unique=True), head=st.booleans()
)
@pytest.mark.filterwarnings("ignore:.*is_in:DeprecationWarning")
def test_any_predicate_leaves_the_rows_that_polars_leaves(
    own: box_dialect.Connection, whole: Any, predicate: Any, columns: list[str], head: bool
) -> None:
    lazy, eager = scan("own", own), whole
    if head:
        lazy, eager = lazy.head(40), eager.head(40)
    assert lazy.filter(predicate).select(columns).collect().equals(eager.filter(predicate).select(columns))


@pytest.mark.parametrize("name", [*VALUES])
@pytest.mark.parametrize("op", COMPARISONS)
def test_any_comparison_leaves_the_rows_that_polars_leaves(
    own: box_dialect.Connection, whole: Any, name: str, op: str
) -> None:
    lazy = scan("own", own)
    for value in VALUES[name]:
        if value is not None:
            predicate = getattr(col(name), op)(value)
            assert lazy.filter(predicate).collect().equals(whole.filter(predicate)), value
            assert lazy.filter(~predicate).collect().equals(whole.filter(~predicate)), value


@pytest.mark.parametrize(
    ("predicate", "sql"),
    [
        (col("s") == "a", '"s" COLLATE BINARY = ?'),
        (pl.lit(1) < col("i"), '"i" > ?'),
        (col("f") <= 1.5, '"f" <= ?'),
        (col("t") > MOMENT, '"t" > ?'),
        (col("b"), '"b"'),
        (~col("b"), 'NOT ("b")'),
        (col("i").is_null() | col("s").is_not_null(), '("i" IS NULL) OR ("s" IS NOT NULL)'),
        (col("i").is_in([1, 2]), '"i" IN (?, ?)'),
        (col("t").is_in([MOMENT]), '"t" IN (?)'),
        (col("s").str.starts_with("a*"), '"s" GLOB ?'),
        ((col("i") == 1) & (col("s").str.ends_with("a")), '"i" = ?'),
        ((col("i") == 1) | (col("s").str.ends_with("a")), None),
        (~((col("i") == 1) & (col("s").str.ends_with("a"))), None),
        (col("s").str.len_chars() == 1, None),
        (col("i") == 1.5, None),
        (col("nobody") == 1, None),
        (col("i").is_in([*range(2_000)]), None),
    ],
)
def test_what_is_told_in_sql(predicate: Any, sql: str | None) -> None:
    lazy = pl.LazyFrame(schema={name: TYPES[kind] for name, kind in KINDS.items()})
    found: list[Any] = []

    def seen(_columns: Any, resolved: Any, _limit: Any, _size: Any) -> Iterator[Any]:
        found.append(resolved)
        yield lazy.collect()

    if "nobody" not in str(predicate):
        pl.io.plugins.register_io_source(seen, schema=lazy.collect_schema()).filter(predicate).collect()
    told = condition(found[0] if found else predicate, KINDS)
    assert (told and told.text(lambda _: "?")) == sql


def test_a_lazy_frame_costs_what_the_sql_does(fresh: Box) -> None:
    engine = sa.create_engine(fresh.url)
    lazy = scan("files", engine)
    assert fresh.stats()["calls"] == 0
    frame = lazy.filter(col("parent_id") == "0").select("id", "name").head(10).collect()
    assert (frame.columns, frame.height, fresh.stats()["calls"]) == (["id", "name"], 3, 1)
    fresh.reset()
    assert lazy.filter(col("id").is_in(frame["id"].to_list())).select("name").collect().height == 3
    assert fresh.stats()["calls"] == 3
    fresh.reset()
    assert lazy.head(2).select("id").collect().height == 2
    assert fresh.stats()["calls"] == 1
    engine.dispose()


@pytest.mark.skipif(pl.__version__.startswith("1."), reason="polars 1 takes all rows of what it filters")
def test_no_more_is_read_than_polars_takes(synthetic: Box) -> None:
    # With one call at a time none goes ahead of polars, which takes some batches before it has enough.
    engine = sa.create_engine(synthetic.url, connect_args={"MaxConcurrency": 1})
    synthetic.reset()
    scan("files", engine).filter(col("size") >= 0).select("id").head(3).collect()
    assert 0 < int(str(synthetic.stats()["calls"])) < 60  # of 101
    engine.dispose()


@pytest.mark.parametrize("params", [None, ("0",), {"parent": "0"}])
def test_a_statement_keeps_its_parameters(small: Box, connection: box_dialect.Connection, params: Any) -> None:
    parent = "'0'" if params is None else ":parent" if isinstance(params, dict) else "?"
    statement = f"SELECT name, size FROM files WHERE parent_id = {parent}; -- of a folder;"
    for source in (connection, small.url):
        frame = scan(statement, source, params).filter(col("name").is_in(["notes", "x"]) & (col("size") > 1)).collect()
        assert frame.rows() == [("notes", 24)]


def test_a_query_of_sqlalchemy_is_scanned(small: Box) -> None:
    engine = sa.create_engine(small.url)
    files = sa.Table("files", sa.MetaData(), autoload_with=engine)
    query = sa.select(files.c.name, files.c.modified_at, (files.c.size * 2).label("twice :a")).where(
        files.c.parent_id == sa.bindparam("parent")
    )
    lazy = scan(query, engine, {"parent": "0"}).filter((col("twice :a") == 48) & (col("modified_at") < MOMENT))
    assert lazy.collect()["name"].to_list() == ["notes"]
    engine.dispose()


def test_a_scan_is_joined_with_another_of_the_same_engine(small: Box) -> None:
    engine = sa.create_engine(small.url)
    files, folders = scan("files", engine), scan("folders", engine).select(col("id").alias("parent_id"), "path")
    joined = files.join(folders, on="parent_id").select(pl.len(), col("size").sum()).collect()
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*), sum(size) FROM files WHERE parent_id IS NOT NULL").one()
    assert joined.row(0) == tuple(found)
    engine.dispose()


def test_columns_without_a_type_are_given_one(connection: box_dialect.Connection) -> None:
    statement = "SELECT name, length(name) AS n, 1 AS one FROM files WHERE parent_id = '0'"
    with pytest.raises(box_dialect.ProgrammingError, match=r"the type of n and one is not known .* schema=\{'n': "):
        scan(statement, connection)
    lazy = scan(statement, connection, schema={"n": pl.Int64, "one": pl.Float64()})
    assert lazy.collect_schema()["one"] == pl.Float64
    assert lazy.filter(col("n") > 5).select("n", "one").collect().rows() == [(10, 1.0), (9, 1.0)]
    with pytest.raises(ValueError, match="may have one of the types"):
        scan(statement, connection, schema={"n": pl.Int8, "one": pl.Int64})
    with pytest.raises(box_dialect.ProgrammingError, match="the schema has a column m"):
        scan(statement, connection, schema={"m": pl.Int64})


def test_what_is_wrong_is_raised(connection: box_dialect.Connection, small: Box) -> None:
    with pytest.raises(box_dialect.ProgrammingError, match="did you mean files"):
        scan("fils", connection)
    with pytest.raises(TypeError, match="a query takes a connection"):
        scan("files", object())  # type: ignore[arg-type]
    connection.cursor().execute("CREATE TABLE odd (i INTEGER)").execute("INSERT INTO odd VALUES ('text')")
    with pytest.raises(Exception, match="has values that are not of its type, INTEGER"):
        scan("odd", connection).collect()
    with small.connect(MaxApiCalls=2) as bounded, pytest.raises(Exception, match="MaxApiCalls"):
        scan("files", bounded).select("id").collect()
