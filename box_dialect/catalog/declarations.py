"""Find what the modules of a package declare, one module for each family."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Declaration(Protocol):
    """What is declared by a name, and stands in a variable."""

    @property
    def name(self) -> str:
        """The name in SQL."""

    @property
    def variable(self) -> str:
        """The name of its variable."""


D = TypeVar("D", bound=Declaration)


def declarations(package: str, path: Iterable[str], kind: type[D], first: Sequence[str] = ()) -> Mapping[str, D]:
    """Return each declaration of a kind by its variable, module by module: those named `first`, the others by name.

    Modules and variables that begin with an underscore are left out. Raises ValueError for a module that declares
    nothing, for a variable that is not called as what stands in it, and for two declarations of one name.
    """
    modules = [module.name for module in iter_modules(path) if not module.name.startswith("_")]
    declared: dict[str, D] = {}
    for name in sorted(modules, key=lambda name: (first.index(name) if name in first else len(first), name)):
        module = import_module(f"{package}.{name}")
        found = {key: each for key, each in vars(module).items() if isinstance(each, kind) and not key.startswith("_")}
        if not found:
            raise ValueError(f"{module.__name__} declares no {kind.__name__}: each stands in a variable of its own")
        for variable, each in found.items():
            if variable != each.variable:
                raise ValueError(f"{module.__name__}.{variable} declares {each.name}: call it {each.variable}")
            if declared.setdefault(variable, each) is not each:
                raise ValueError(f"{module.__name__} declares {each.name}, which another module declares too")
    return declared
