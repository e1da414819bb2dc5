"""Line 12: what sixty further tables cost a process that imports, connects and plans, before any call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import box_dialect
from bench.outcome import Bound, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.contest import Settings

RUNS: Final = 15
FAMILIES: Final = 10
TABLES_OF_FAMILY: Final = 6
COLUMNS: Final = 25
WIDE: Final = {3: 90, 40: 90}
"""Tables with another number of columns."""
MILLISECONDS_OF_PLAN: Final = 2.0

_PROGRAM: Final = """
import json, time
moments = [time.process_time()]
import box_dialect
moments.append(time.process_time())
connection = box_dialect.connect("box://id:secret@127.0.0.1:9/?AuthScheme=OAuthClient&SubjectId=1")
moments.append(time.process_time())
plans, cursor = [], connection.cursor()
for number in range(15):
    began = time.process_time()
    cursor.execute(
        "EXPLAIN QUERY PLAN SELECT f.name, c.message, u.name, g.name "
        "FROM folders f JOIN comments c ON c.item_id = f.id JOIN users u ON u.id = c.created_by_id "
        "JOIN groups g ON g.name = u.name WHERE f.parent_id = ?",
        [str(number)],
    )
    cursor.fetchone()
    plans.append(time.process_time() - began)
connection.close()
print(json.dumps([moments[1] - moments[0], moments[2] - moments[1], sorted(plans)[len(plans) // 2]]))
"""

_FAMILY: Final = """
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import user
from box_dialect.catalog.filters import equals
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type, Write

_USERS: Final = Endpoint(path="/users", paging=Paging.MARKER, parameters={"usemarker": "true"})
"""

_TABLE: Final = """
_OF_USER_{n}: Final = Endpoint(
    path="/users/{{created_by_id}}/invented_{n}", paging=Paging.ALL, takes_fields=False,
    known=frozenset({{"created_by_id"}}),
)

invented_{n}: Final = Table(
    name="invented_{n}",
    doc="Things of kind {n}. Without a key, those of all managed users.",
    reference="https://developer.box.com/reference/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `invented`."),
        *user("created_by", "the user who made it"),
        Column("folder_id", source="folder.id", references="folders.id", insert="folder.id", doc="Id of its folder."),
{columns}
    ),
    paths=(
        AccessPath(name="by id", endpoints=(Endpoint(path="/invented_{n}/{{id}}"),), keys=("id",), unique=True),
        AccessPath(
            name="all",
            endpoints=(Endpoint(path="/invented_{n}", paging=Paging.MARKER),),
            filters=(equals("column_1"), equals("column_2")),
            calls=10,
            rows=10_000,
        ),
        AccessPath(name="by user", endpoints=(_OF_USER_{n},), keys=("created_by_id",), rows=20),
        AccessPath(
            name="of every user",
            endpoints=(_OF_USER_{n},),
            fan_out=FanOut(key="created_by_id", parents=_USERS),
            calls=1_005,
            rows=20_000,
        ),
    ),
    insert=Write(method="POST", path="/invented_{n}", required=("column_1",)),
    update=Write(method="PUT", path="/invented_{n}/{{id}}"),
    delete=Write(method="DELETE", path="/invented_{n}/{{id}}"),
)
"""

_KINDS: Final = ("TEXT", "INTEGER", "BOOLEAN", "TIMESTAMP")
_OTHERS: Final = 6
"""Columns that each table has beside the numbered ones."""


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the package as it is, and with the tables, by turns, each time in a process of its own."""
    package = Path(box_dialect.__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        roots = [Path(folder) / "as_it_is", Path(folder) / "with_more"]
        for root in roots:
            shutil.copytree(package, root / package.name, ignore=shutil.ignore_patterns("__pycache__"))
        invent(roots[1] / package.name / "catalog" / "tables")
        for root in roots:  # which compiles it
            _measured(root)
        runs = [[_measured(root) for root in roots] for _ in range(max(1, round(RUNS * min(settings.scale, 1))))]
    few, many = ([*zip(*of_root, strict=True)] for of_root in zip(*runs, strict=True))
    for part, work in enumerate(("import", "the first connection")):
        yield Outcome(
            line=f"12{'ab'[part]}",
            work=f"{work} with {FAMILIES * TABLES_OF_FAMILY} further tables, against without",
            unit="ms",
            measured=median(many[part]) * 1000,
            limit=median(few[part]) * 1000,
            bound=Bound("<=", 1.2),
            runs=many[part],
        )
    yield Outcome(
        line="12c",
        work="plan of a join of four tables, with them",
        unit="ms",
        measured=median(many[2]) * 1000,
        limit=MILLISECONDS_OF_PLAN,
        bound=Bound("<=", 1.0),
        runs=many[2],
    )


def invent(folder: Path) -> None:
    """Write the further tables into the package of tables at a folder."""
    for family in range(FAMILIES):
        numbers = range(family * TABLES_OF_FAMILY, (family + 1) * TABLES_OF_FAMILY)
        tables = [_TABLE.format(n=n, columns=_columns(WIDE.get(n, COLUMNS))) for n in numbers]
        (folder / f"invented_{family}.py").write_text("".join([_FAMILY, *tables]), encoding="utf-8")


def _columns(count: int) -> str:
    kinds = ((n, f"Type.{_KINDS[n % len(_KINDS)]}") for n in range(1, count - _OTHERS + 1))
    return "\n".join(
        f'        Column("column_{n}", {kind}, insert="of.column_{n}", doc="Number {n} of them."),' for n, kind in kinds
    )


def _measured(root: Path) -> tuple[float, ...]:
    """Return the seconds of processor time of each part, in a process that imports the package from a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    found = subprocess.run(  # noqa: S603 - a program of this module
        [sys.executable, "-c", _PROGRAM],
        env={**environment, "PYTHONPATH": str(root)},
        cwd=root,
        check=True,
        capture_output=True,
    )
    return tuple(json.loads(found.stdout))
