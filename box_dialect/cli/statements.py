"""The statements of a script, and their parameters."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import apsw
import click
import msgspec

from box_dialect.dbapi.sqltext.classify import first_word
from box_dialect.dbapi.sqltext.lexer import tokens
from box_dialect.dbapi.sqltext.show import VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


Parameters: TypeAlias = "dict[str, Any] | list[Any]"

_QUERIES: Final = VERBS | {"select", "values", "explain", "with"}
_WRITES: Final = frozenset({"insert", "update", "delete"})


class Statement(NamedTuple):
    """A statement of a script, and the line that it begins at, from 1."""

    text: str
    line: int


def statements(script: str) -> Iterator[Statement]:
    """Yield the statements of a script, which semicolons divide; those of a trigger belong to it."""
    begin: int | None = None
    end, line, counted = 0, 1, 0
    for token in tokens(script):
        end = token.end
        if token.text == ";":
            if begin is not None and is_whole(script[begin:end]):
                yield Statement(script[begin:end], line)
                begin = None
        elif begin is None:
            begin = token.start
            line, counted = line + script.count("\n", counted, begin), begin
    if begin is not None:
        yield Statement(script[begin:end], line)


def is_whole(text: str) -> bool:
    """Tell whether a semicolon ends a text of SQL; what is no text in UTF-8 is refused when it runs."""
    return apsw.complete(text.encode(errors="replace").decode())


def is_query(statement: str) -> bool:
    """Tell by its words whether a statement only reads, so that it is of no use without its rows."""
    word = first_word(statement)
    if word != "with":
        return word in _QUERIES
    words = [token.text.lower() for token in tokens(statement)]
    return _WRITES.isdisjoint(words) and ("replace", "into") not in pairwise(words)


def parameters(pairs: Sequence[tuple[str, str]], given: str | None) -> Parameters:
    """Return the parameters of `--param` and `--params`, the former before the latter; raises UsageError."""
    found = {} if given is None else _read(given)
    if not pairs:
        return found
    if isinstance(found, list):
        raise click.UsageError("--param names a parameter, and --params has an array, whose values have no names.")
    return found | dict(pairs)


def _read(given: str) -> Parameters:
    """Return what a JSON text has, or the file of that name."""
    text = given.strip()
    if not text.startswith(("{", "[")):
        try:
            text = Path(given).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise click.UsageError(
                f"--params: cannot read {given}: {getattr(error, 'strerror', None) or error}."
            ) from None
    try:
        return msgspec.json.decode(text, type=dict[str, Any] | list[Any])
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise click.UsageError(f"--params: it is neither an object nor an array of JSON: {error}.") from None
