"""What tests with people's tools share: each runs in the tox environment that has its tool, and nowhere else.

`test_NAME.py` is that of `tox -e tools-NAME`. Without tox, where the tool is installed, it is
`TOX_ENV_NAME=tools-NAME pytest tests/tools/test_NAME.py`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box


@pytest.fixture
def engine(fresh: Box) -> Iterator[sa.Engine]:
    """An engine for a small tree that a test may change."""
    engine = sa.create_engine(fresh.url)
    yield engine
    engine.dispose()


class Skipped(pytest.Module):
    """A file of tests that is not even imported."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip("a tool is tested by tox -e tools-NAME, all by tox -m tools", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip the files of this folder, in one line of the summary, outside their tox environments."""
    name = module_path.stem.removeprefix("test_").replace("_", "-")
    is_here = os.environ.get("TOX_ENV_NAME") == f"tools-{name}"
    return None if is_here else Skipped.from_parent(parent, path=module_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tools and what they are made of warn as they do."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore"))
