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
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Superset]:
    """A Superset that is not served yet."""
    superset = Superset(tmp_path_factory.mktemp("superset"))
    yield superset
    superset.close()


@pytest.fixture(scope="session")
def box(installed: Superset) -> Iterator[Box]:
    """What Superset's databases lead to: a small tree with awkward names."""
    with Emulator(Options(redirect_uris=(installed.callback_url,))) as emulator:
        yield Box(emulator)


@pytest.fixture(scope="session")
def superset(installed: Superset, box: Box) -> Superset:
    installed.serve(box.url)
    return installed


@pytest.fixture(scope="session")
def admin(superset: Superset) -> Person:
    return superset.log_in("admin", "admin")


@pytest.fixture(scope="session")
def database(admin: Person, box: Box) -> int:
    """A database that everyone reads as the administrator of Box."""
    return admin.add_database("Box", box.url)
