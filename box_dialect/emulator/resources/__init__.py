"""Serve Box's resources, one module for each: all that an emulator has of a resource is declared there."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from box_dialect.emulator.resource import Resource, features_of
from box_dialect.emulator.routing import Operation

_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
_FOUND = (value for module in _MODULES for value in vars(module).values() if isinstance(value, Resource))

SHIPPED: tuple[Resource[Any], ...] = tuple(dict.fromkeys(_FOUND))
"""The resources that every emulator serves: those of the modules of this package."""


FEATURES = features_of(SHIPPED)
"""What of these an enterprise may lack, by the names of features."""


def operations() -> list[Operation]:
    """Return all operations of these."""
    return [operation for resource in SHIPPED for operation in resource.operations]
