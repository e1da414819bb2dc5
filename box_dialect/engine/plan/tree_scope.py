"""Tree scope: the branches of the folder tree that can have rows, by the comparisons of paths and depths."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from box_dialect.catalog.model import EXACT, RANGE, Location, Op

_WILDCARD: Final[Mapping[Op, re.Pattern[str]]] = {Op.LIKE: re.compile("[%_]"), Op.GLOB: re.compile(r"[*?\[]")}
PATTERNS: Final = _WILDCARD.keys()
"""The comparisons with a pattern."""

_BRANCHES: Final = {Op.EQ: 0.003, Op.IN: 0.03} | dict.fromkeys(PATTERNS, 0.011) | dict.fromkeys(RANGE, 0.11)

SCOPE_COLUMNS: Final[Mapping[str, Mapping[Op, float]]] = {
    "path": _BRANCHES,
    "parent_path": _BRANCHES,
    "depth": dict.fromkeys((*EXACT, Op.LT, Op.LE), 0.3),
}
"""The columns that narrow a walk, the comparisons that do, and the part of the folders that is thought to be left.

A statement lists no folder twice, so that many branches with OR are to be thought cheaper than the whole tree.
"""

Scope: TypeAlias = Callable[[Location], bool]
"""Tell whether a folder, or a folder below it, can hold a row."""


def scope(bound: list[tuple[str, Op, tuple[Any, ...]]]) -> Scope:
    """Return the scope of comparisons that all have to hold; each is a column, an operator and its values."""
    conditions = [_CONDITIONS[column](op, values) for column, op, values in bound]
    return lambda folder: all(condition(folder) for condition in conditions)


def is_open(op: Op, pattern: Any) -> bool:
    """Tell whether a comparison leaves no folder out, since its pattern begins with a wildcard."""
    return isinstance(pattern, str) and _beginning(op, pattern) in {"", "/"}


def excludes_root(bound: list[tuple[str, Op, tuple[Any, ...]]]) -> bool:
    """Tell whether the root folder, whose path is `/` and whose parent path is NULL, is surely no row."""
    return any(
        column == "parent_path"
        or (column == "path" and _excludes_root_path(op, values))
        or (column == "depth" and op in EXACT and all(isinstance(v, int | float) and v != 0 for v in _numbers(values)))
        for column, op, values in bound
    )


def named_folders(bound: list[tuple[str, Op, tuple[Any, ...]]]) -> int:
    """Return how many folders below the root comparisons of paths name: those on the way, each with its values."""
    return max((_named(column, op, values) for column, op, values in bound if column != "depth"), default=0)


def _named(column: str, op: Op, values: tuple[Any, ...]) -> int:
    texts = [_beginning(op, value) if op in PATTERNS else str(value) for value in values]
    return sum(max(0, text.count("/") - (column == "path")) for text in texts)


def _excludes_root_path(op: Op, values: tuple[Any, ...]) -> bool:
    """Tell whether a comparison surely fails for the path of the root folder."""
    if op in PATTERNS:
        return _beginning(op, values[0]) not in {"", "/"}
    if op in RANGE:
        return isinstance(values[0], str) and not _COMPARE[op]("/", values[0])
    return "/" not in values


def _path(op: Op, values: tuple[Any, ...]) -> Scope:
    if op in RANGE:
        return _range(op, values[0], lambda folder: folder.prefix)
    if op in EXACT:
        paths = [value for value in values if isinstance(value, str)]
        return lambda folder: any(path != folder.prefix and path.startswith(folder.prefix) for path in paths)
    return _pattern(op, values, "")


def _parent_path(op: Op, values: tuple[Any, ...]) -> Scope:
    if op in RANGE:
        return _range(op, values[0], lambda folder: folder.prefix[:-1] or "/")
    if op in EXACT:
        prefixes = [_as_prefix(value) for value in values if isinstance(value, str)]
        return lambda folder: any(prefix.startswith(folder.prefix) for prefix in prefixes)
    # Patterns see the path without the slash at its end, the root's excepted.
    return _pattern(op, values, "/")


def _as_prefix(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"


def _range(op: Op, value: Any, least: Callable[[Location], str]) -> Scope:
    """Compare a bound with the paths in a folder, which lie side by side from the `least` one on."""
    if not isinstance(value, str):
        return lambda _: value is not None  # a number and a blob are compared in SQLite's own way
    if op in {Op.GT, Op.GE}:
        return lambda folder: value[: len(folder.prefix)] <= folder.prefix
    compare = _COMPARE[op]
    return lambda folder: compare(least(folder), value)


_COMPARE: Final[Mapping[Op, Callable[[str, str], bool]]] = {
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
}
"""The comparisons of texts, which Python compares as SQLite does in UTF-8."""


def _pattern(op: Op, values: tuple[Any, ...], ending: str) -> Scope:
    """Compare the beginning of a pattern, up to its first wildcard, as far as both reach."""
    if values[0] is None:
        return lambda _: False
    if isinstance(values[0], bytes):
        return lambda _: True  # a blob is compared in SQLite's own way
    text, beginning, fold = str(values[0]), _beginning(op, values[0]), op is Op.LIKE
    if beginning == text and ending:
        beginning = _as_prefix(beginning)
    literal = _folded(beginning) if fold else beginning

    def reaches(folder: Location) -> bool:
        prefix = _folded(folder.prefix) if fold else folder.prefix
        return prefix.startswith(literal) or literal.startswith(prefix)

    return reaches


def _beginning(op: Op, pattern: Any) -> str:
    """Return a pattern up to its first wildcard; an empty text for what is no text."""
    return _WILDCARD[op].split(str(pattern), maxsplit=1)[0] if isinstance(pattern, str | int | float) else ""


def _folded(text: str) -> str:
    """Fold the case of ASCII letters only, as SQLite's LIKE does."""
    return text.translate(_LOWER)


_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


_NUMBER: Final = re.compile(r"[ \t-\r]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?[ \t-\r]*", re.ASCII | re.IGNORECASE)
"""The texts that SQLite takes for numbers. Source: https://www.sqlite.org/datatype3.html#type_affinity"""


def _numbers(values: tuple[Any, ...]) -> list[Any]:
    """Return values as SQLite compares them with a column of numbers."""
    return [float(v) if isinstance(v, str) and _NUMBER.fullmatch(v) else v for v in values]


def _depth(op: Op, values: tuple[Any, ...]) -> Scope:
    compared = _numbers(values)
    numbers = [value for value in compared if isinstance(value, int | float)]
    if any(isinstance(value, str | bytes) for value in compared):
        return lambda _: True  # they come after all numbers
    deepest = max(numbers, default=None)
    if deepest is None:
        return lambda _: False
    # The rows of a folder lie one deeper than the folder.
    return (lambda folder: folder.depth + 1 < deepest) if op is Op.LT else (lambda folder: folder.depth + 1 <= deepest)


_CONDITIONS: Final[Mapping[str, Callable[[Op, tuple[Any, ...]], Scope]]] = {
    "path": _path,
    "parent_path": _parent_path,
    "depth": _depth,
}
