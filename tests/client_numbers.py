"""Numbers by which servers of tests have a client of the driver each, though one may have the port of an earlier one.

As `RetrySeconds` they make the properties differ, so that no server is taken for another, whose latency, width and
refusals its client knows. What they say is of no account where nothing is sent again.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_NUMBERS: Final[Iterator[int]] = count(1_000)
