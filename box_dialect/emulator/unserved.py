"""Refuse the operations of Box that are not served, so that nobody takes them for ones that Box does not have.

`operations.txt` beside this package has a line for each operation of Box's OpenAPI documents: its method, path and
operationId. Those for signing in are not among them: they have another root.

Source: https://github.com/box/box-openapi
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, NoReturn

from box_dialect.emulator import errors
from box_dialect.emulator.routing import OPERATIONS, Operation

if TYPE_CHECKING:
    from box_dialect.emulator.routing import Call, Handler


def documented() -> list[tuple[str, str, str]]:
    """Return the method, path and operationId of every operation of Box."""
    table = resources.files("box_dialect.emulator").joinpath("operations.txt").read_text("ascii")
    return [(method, path, name) for method, path, name in map(str.split, table.splitlines())]


def unserved() -> list[Operation]:
    """Return the operations of Box that no module declares, each with a handler that refuses the call."""
    served = {(operation.method, operation.path) for operation in OPERATIONS}
    return [
        Operation(method, path, name, _refusal(f"{name} ({method} {path})"))
        for method, path, name in documented()
        if (method, path) not in served
    ]


def _refusal(title: str) -> Handler:
    def refuse(_call: Call) -> NoReturn:
        raise errors.not_served(title)

    return refuse
