"""An application of Superset's at an emulated Box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from integrations.superset.viewing import Superset

from box_dialect.emulator.oauth import authority

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box


@pytest.fixture
def restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restrict URLs, as the spec does, and let codes outlive any pause of the machine."""
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    monkeypatch.setattr(authority, "CODE_TTL", 86_400)


@pytest.fixture
def superset_at(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Superset]:
    """Return what makes an application of a version, at a Box."""
    request.getfixturevalue("restricted")
    return lambda box, version="6.1": Superset(box, tmp_path, version)


@pytest.fixture(params=["5.0", "6.1"])
def superset(request: pytest.FixtureRequest, fresh: Box, superset_at: Callable[..., Superset]) -> Superset:
    return superset_at(fresh, request.param)
