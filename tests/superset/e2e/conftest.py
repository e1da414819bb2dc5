"""A Superset for all tests of this folder, and the emulator that its databases lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import Box
from superset_server import Superset

from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from superset_server import Person


@pytest.fixture(scope="session")
def box() -> Iterator[Box]:
    """What Superset's databases lead to: a small tree with awkward names."""
    with Emulator(Options()) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="session")
def superset(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    with Superset(tmp_path_factory.mktemp("superset"), box.url) as superset:
        yield superset


@pytest.fixture(autouse=True)
def no_faults(superset: Superset, box: Box) -> Iterator[None]:  # noqa: ARG001 - without Superset there is no test
    """Let no test have the failures of another."""
    yield
    box.reset()


@pytest.fixture(scope="session")
def admin(superset: Superset) -> Person:
    return superset.log_in("admin", "admin")


@pytest.fixture(scope="session")
def database(admin: Person, box: Box) -> int:
    """A database that everyone reads as the administrator of Box."""
    return admin.add_database("Box as administrator", box.url, allow_ctas=True, allow_cvas=True)


@pytest.fixture(scope="session")
def amelia(superset: Superset, admin: Person) -> Person:
    """Somebody whom Box knows, as user01."""
    admin.add_person("amelia", "user01@example.com")
    return superset.log_in("amelia", "amelia")


@pytest.fixture(scope="session")
def bjoern(superset: Superset, admin: Person) -> Person:
    """Somebody else, whom Box knows as user02."""
    admin.add_person("bjoern", "user02@example.com")
    return superset.log_in("bjoern", "bjoern")
