"""What an assistant may ask for: the bounds of its answers, and the properties that its statements run with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from box_dialect.properties import merged, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULTS: Final[Mapping[str, Any]] = {"MaxApiCalls": 1_000, "Timeout": 120}
"""What holds where the account says nothing: a minute of calls at Box's rate, and two minutes."""

CLOSED: Final[Mapping[str, Any]] = {"MaxAICalls": 0, "LocalBrowser": False, "LocalFiles": None}
"""What holds whatever the account says: nothing that is charged for, no browser, and no file of this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bound what tools answer, and how many statements run.

    An answer has `rows` rows and `size` bytes at most, a value of a row `value` characters, a piece of a text `piece`
    characters. `statements` run at once, and `waiting` more may wait for one of these to end.
    """

    rows: int = 200
    size: int = 65_536
    value: int = 4_000
    piece: int = 20_000
    statements: int = 4
    waiting: int = 32


def bounded(properties: Mapping[str, Any], *, write: bool = False) -> dict[str, Any]:
    """Return the raw properties that the statements of an assistant run with, for those of an account.

    Without `write` they are read-only. Nobody is at hand for a sign-in in the browser, so that tokens are only kept
    fresh. Raises ProgrammingError for a property that is wrong.
    """
    given = {**DEFAULTS, **merged({}, [*properties.items()]), **CLOSED}
    if not write:
        given["Readonly"] = True
    checked = parse(given)
    if checked.auth_scheme == "OAuth" and checked.initiate_oauth == "GETANDREFRESH":
        given["InitiateOAuth"] = "REFRESH"
    return given
