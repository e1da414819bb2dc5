"""Paths to the rows of a document, as `xpath` says them."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from box_dialect.documents.bounds import NESTING
from box_dialect.errors import ProgrammingError, printable

Path: TypeAlias = tuple[str, ...]
"""The names of elements from the root, which is the first in XML; in JSON the root has none."""


class LabelledPaths(NamedTuple):
    """Where a table of `XMLTABLE` has its rows, the elements with their values, and the attribute that names these."""

    row: Path
    value: Path
    attribute: str


def read_paths(text: str) -> tuple[Path, ...]:
    """Return the paths of a text, `/root/people;/root/people/vehicles`, or `$.people` for JSON; each of them once.

    A step is the name of an element, with its prefix where it has one. Raises ProgrammingError for all else of XPath.
    """
    paths = tuple(dict.fromkeys(_path(part) for part in text.split(";") if part.strip()))
    if not paths:
        raise ProgrammingError("xpath has no path; an example is /root/people;/root/people/vehicles")
    return paths


def read_labelled_paths(text: str | None) -> LabelledPaths:
    """Return the paths of `row:/R/Row;column:/R/Row/Value@label;value:/R/Row/Value`; `name:` is `column:`.

    Raises ProgrammingError for what has no such form.
    """
    said: dict[str, str] = {}
    for part in (text or "").split(";"):
        word, _, path = part.strip().partition(":")
        said["column" if word.lower() == "name" else word.lower()] = path
    column, _, attribute = said.get("column", "").partition("@")
    if said.keys() - {""} != {"row", "column", "value"} or not attribute:
        raise ProgrammingError(
            "xpath of XMLTABLE has the form row:/R/Row;column:/R/Row/Value@label;value:/R/Row/Value,"
            f" not {printable(text or '')!r}"
        )
    row, value = _path(said["row"]), _path(said["value"])
    if _path(column.rstrip("/")) != value or value[: len(row)] != row or value == row:
        raise ProgrammingError(
            "XMLTABLE has the names of columns in an attribute of the elements with their values, which are in the row:"
            f" not {printable(text or '')!r}"
        )
    return LabelledPaths(row, value, attribute.strip())


def is_below(path: Path, above: Path) -> bool:
    """Tell whether a path leads to elements within those of another one."""
    return len(path) > len(above) and path[: len(above)] == above


def _path(text: str) -> Path:
    said = text.strip()
    if said.startswith("$"):
        steps = said[1:].replace("[*]", "").strip(".").split(".")
    elif said.startswith("/") and not said.startswith("//"):
        steps = said[1:].rstrip("/").split("/")
    else:
        raise _refusal(text)
    if steps == [""]:
        return ()
    if len(steps) > NESTING or not all(step and not set(step) & set("@[]()*|'\"") for step in steps):
        raise _refusal(text)
    return tuple(steps)


def _refusal(text: str) -> ProgrammingError:
    return ProgrammingError(
        f"the path {printable(text)!r} is none from the root by names of elements, such as /root/people/vehicles"
    )
