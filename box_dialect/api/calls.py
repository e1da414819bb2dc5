"""A call to Box's API, and the count of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class CallCount:
    """Count the calls that one statement makes; each attempt is a call, sign-in is not."""

    calls: int = 0


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call: `path` begins with a slash and follows the API's base URL; `body` is sent as JSON."""

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.parameters)}" if self.parameters else self.path

    @property
    def operation(self) -> str:
        """Method and path, as errors and logs name the call."""
        return f"{self.method} {self.path}"
