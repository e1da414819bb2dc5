"""What stands behind `%box` and `%%box`: options, where the frame goes, the connection, and the statement.

%box [options] [name <<] statement
%%box [options] [connection] [name <<]
statement
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from IPython.core.error import UsageError
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Final[Mapping[tuple[str, ...], Mapping[str, Any]]] = {
    ("-c", "--connection"): {
        "metavar": "CONNECTION",
        "help": "a variable that holds an engine or a connection, or a URL; without a statement, for all that follow",
    },
    ("-o", "--output"): {"metavar": "NAME", "help": "the variable that gets the frame, instead of showing it"},
    ("--explain",): {"action": "store_true", "help": "tell the plan and what it costs, and run nothing"},
    ("--max-calls",): {"type": int, "metavar": "N", "default": 0, "help": "API calls that it may make"},
    ("--quiet",): {"action": "store_true", "help": "tell neither progress nor what it took"},
}
"""The options, as `argparse` has them."""

_WORD: Final = re.compile(r"\s*(\S+)")
_TARGET: Final = re.compile(r"\s*(\S+)\s*<<(?:\s+|$)")


class Arguments(Struct, frozen=True):
    """What a cell asks for."""

    statement: str
    connection: str | None
    output: str | None
    explain: bool
    max_calls: int
    quiet: bool


class _Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, since a notebook has no exit status."""

    def __init__(self) -> None:
        super().__init__("%%box", add_help=False, allow_abbrev=False)
        for names, option in OPTIONS.items():
            self.add_argument(*names, **option)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(f"{message}; {' '.join(self.format_usage().split())}")


def arguments(line: str, cell: str | None) -> Arguments:
    """Read what stands behind the magic, and the cell below it, if there is one; raises UsageError."""
    words, rest = _options(line)
    given = _Parser().parse_args(words)
    connection, output = given.connection, given.output
    if (target := _TARGET.match(rest)) is None and cell is not None and (first := _WORD.match(rest)) is not None:
        connection, rest = _once(connection, first[1], "connection"), rest[first.end() :]
        target = _TARGET.match(rest)
    if target is not None:
        output, rest = _once(output, target[1], "variable for the frame"), rest[target.end() :]
    if output is not None and not output.isidentifier():
        raise UsageError(f"{output!r} can be no name of a variable")
    if cell is not None and rest.strip():
        raise UsageError("the statement begins in the line below %%box")
    if given.max_calls < 0:
        raise UsageError("--max-calls is a number of calls")
    statement = rest if cell is None else cell
    return Arguments(statement.strip(), connection, output, given.explain, given.max_calls, given.quiet)


def _options(line: str) -> tuple[list[str], str]:
    """Divide a line into its options, with their values, and the rest, in which quotes are those of SQL."""
    words: list[str] = []
    place = 0
    while (found := _WORD.match(line, place)) is not None and found[1].startswith("-"):
        words.append(found[1])
        place = found.end()
        takes_value = any(found[1] in names and "action" not in option for names, option in OPTIONS.items())
        if takes_value and (value := _WORD.match(line, place)) is not None:
            words.append(value[1])
            place = value.end()
    return words, line[place:]


def _once(given: str | None, value: str, what: str) -> str:
    if given is not None:
        raise UsageError(f"the {what} is given twice: {given!r} and {value!r}")
    return value
