"""Comparisons of a column."""

from __future__ import annotations

import enum
from typing import Final


class Op(enum.Enum):
    """The comparisons that SQLite tells of, and those that stand in conditions alone: from `IS` on."""

    EQ = "="
    IN = "IN"
    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    LIKE = "LIKE"
    GLOB = "GLOB"
    MATCH = "MATCH"
    NE = "!="
    IS_NULL = "IS NULL"
    NOT_NULL = "IS NOT NULL"
    HAS_ANY = "has_any"
    IS = "IS"
    IS_NOT = "IS NOT"
    NOT_IN = "NOT IN"
    NOT_LIKE = "NOT LIKE"
    HAS_NONE = "NOT has_any"


TOLD: Final = frozenset([*Op][: [*Op].index(Op.IS)])
"""Those that SQLite tells of."""

RANGE: Final = frozenset({Op.GT, Op.GE, Op.LT, Op.LE})

EXACT: Final = frozenset({Op.EQ, Op.IN})
"""The comparisons with values that a row has as they are."""
