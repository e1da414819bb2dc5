"""Refuse the operations of Box that are not served, so that nobody takes them for ones that Box does not have.

`operations.txt` beside this module has a line for each operation of Box's OpenAPI documents: its method, path and
operationId. Those for signing in are not among them: they have another root.

Source: https://github.com/box/box-openapi
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING, NoReturn

from . import errors
from .routing import API_VERSION, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .routing import Call

_VERSION = re.compile(r"_v(\d+\.\d+)$")


def documented() -> list[tuple[str, str, str]]:
    """Return the method, path and operationId of every operation of Box."""
    table = resources.files("box_dialect.emulator").joinpath("operations.txt").read_text("ascii")
    return [(method, path, name) for method, path, name in map(str.split, table.splitlines())]


def unserved(served: Iterable[Operation]) -> list[Operation]:
    """Return the operations of Box that are not among those that are served, each with a handler that refuses it."""
    known = {(operation.method, operation.path) for operation in served}
    return [_refusing(method, path, name) for method, path, name in documented() if (method, path) not in known]


def _refusing(method: str, path: str, name: str) -> Operation:
    def refuse(_call: Call) -> NoReturn:
        raise errors.not_served(f"{name} ({method} {path})")

    found = _VERSION.search(name)
    return Operation(method=method, path=path, handler=refuse, version=found[1] if found else API_VERSION)
