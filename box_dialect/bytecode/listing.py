"""SQLite's own listing of the program of a statement.

Source: https://www.sqlite.org/lang_explain.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from box_dialect.bytecode.instructions import Step
from box_dialect.errors import NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import apsw

_BLOB: Final = re.compile(
    r"""
    '(?:[^']++|'')*+' | "(?:[^"]++|"")*+" | `(?:[^`]++|``)*+` | \[[^\]]*+\] | --[^\n]*+ | /\*(?:.*?\*/|.*\Z)
  | [xX]'(?P<digits>[0-9A-Fa-f]*+)'
    """,
    re.VERBOSE | re.DOTALL,
)
"""A blob, and what may have something like one in it."""


def explained(connection: apsw.Connection | apsw.Cursor, statement: str, bindings: Any = None) -> Iterator[Step]:
    """Prepare a statement and give its instructions, without running it.

    EXPLAIN shows a blob as a text, which APSW can read only where it is UTF-8: other bytes stand for those of blobs,
    equal ones for equal ones. Raises NotSupportedError for such a blob in a view or a trigger.
    """
    return _steps(connection.execute(f"EXPLAIN {_BLOB.sub(_readable, statement)}", bindings))


def _steps(listing: Iterable[Sequence[Any]]) -> Iterator[Step]:
    try:
        for row in listing:
            yield Step(*row[1:7])
    except UnicodeDecodeError:
        raise NotSupportedError(
            "a view, a trigger or a pattern of the statement has bytes that are not UTF-8; write unhex('ff') for x'ff'"
        ) from None


def _readable(found: re.Match[str]) -> str:
    digits = found["digits"]
    try:
        bytes.fromhex(digits or "").decode()
    except UnicodeDecodeError:
        return f"x'00{digits.lower().encode('ascii').hex()}'"
    except ValueError:  # SQLite tells of an odd number of digits
        pass
    return found[0]
