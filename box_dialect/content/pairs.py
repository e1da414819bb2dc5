"""What fsspec's `get` and `put` take, as pairs of a source and a target, and what they tell a callback."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Pair = tuple[Any, Any]


class _Gathering:
    """A file system that transfers nothing, and takes note of what it is asked to."""

    def __init__(self, filesystem: Any) -> None:
        self._filesystem = filesystem
        self.pairs: dict[Pair, None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._filesystem, name)

    def get_file(self, source: Any, target: Any, **_: Any) -> None:
        """Take note of a download."""
        self.pairs[source, target] = None

    put_file = get_file


def pairs_of(method: Callable[..., None], filesystem: Any, *args: Any, **options: Any) -> list[Pair]:
    """Return what fsspec's own `get` or `put`, called with these arguments, transfers one after another."""
    gathering = _Gathering(filesystem)
    method(gathering, *args, **options)
    return list(gathering.pairs)


class Told:
    """A callback of fsspec's that is told of several files at once, by one thread at a time."""

    def __init__(self, callback: Any, size: int) -> None:
        self._callback = callback
        self._lock = threading.Lock()
        callback.set_size(size)

    def begun(self, pair: Pair) -> Any:
        """Return the callback of a file."""
        with self._lock:
            return self._callback.branched(*pair)

    def reached(self, branch: Any, done: int, size: int | None) -> None:
        """Tell the callback of a file how far its transfer is."""
        with self._lock:
            branch.set_size(size)
            branch.absolute_update(done)

    def ended(self, branch: Any) -> None:
        """Tell that a file is there."""
        with self._lock:
            branch.close()
            self._callback.relative_update(1)
