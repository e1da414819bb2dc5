"""What is told of a statement before it runs: how its tables are read from Box, and what that costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect import Connection
    from box_dialect.cli.render import Screen
    from box_dialect.cli.statements import Parameters

_READS_BOX: Final = re.compile(r"(?:SCAN|SEARCH) (\S+) VIRTUAL TABLE INDEX \d+:(.*)")


def access_paths(details: Iterable[str]) -> list[tuple[str, str]]:
    """Return the tables that are read from Box, each with its access path, by the lines of EXPLAIN QUERY PLAN.

    SQLite's own steps are left out.
    """
    return [(match[1], match[2]) for match in map(_READS_BOX.fullmatch, details) if match]


def explain(connection: Connection, statement: str, parameters: Parameters, screen: Screen) -> None:
    """Show the plan of a statement and its estimate, without running it."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        paths = access_paths(detail for *_, detail in cursor.fetchall())
    if paths:
        screen.plan(paths)
    screen.note(str(connection.estimate(statement, parameters)))
