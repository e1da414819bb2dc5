"""What the rooms of the engine need of the statement that they work for, without knowing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from box_dialect.api.client import BoxClient
    from box_dialect.properties import Properties

T = TypeVar("T")


class Runtime(Protocol):
    """The client of a statement and the event loop that its calls run on."""

    @property
    def properties(self) -> Properties:
        """The connection's properties."""
        ...

    @property
    def client(self) -> BoxClient:
        """The client of this process for the connection's properties."""
        ...

    @property
    def width(self) -> int:
        """How many calls may be in flight at once."""
        ...

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """Await `function(*args)` on the event loop, as long as the statement may take; raises what stopped it."""
        ...

    def wake(self, function: Callable[[], object]) -> None:
        """Call a function on the event loop, soon."""
        ...

    def check(self) -> None:
        """Raise what stopped the statement, if anything did."""
        ...

    @property
    def has_failed(self) -> bool:
        """Whether the statement has failed where SQLite cannot be told of it."""
        ...
