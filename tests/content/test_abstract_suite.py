"""The file system by fsspec's own suite for implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

abstract = pytest.importorskip("fsspec.tests.abstract", reason="fsspec is missing")

from box_dialect.content.filesystem import BoxFileSystem  # noqa: E402

if TYPE_CHECKING:
    from conftest import Box

# Which pytest says of the fixtures that fsspec's earlier releases bring.
pytestmark = pytest.mark.filterwarnings("ignore:Class-scoped fixtures defined as instance methods")


class OfBox(abstract.AbstractFixtures):
    @pytest.fixture
    def fs(self, written: Box) -> BoxFileSystem:
        return BoxFileSystem(box_url=written.url, skip_instance_cache=True)

    @pytest.fixture
    def fs_path(self, fs: BoxFileSystem) -> Any:
        fs.mkdir("/suite")
        yield "/suite"
        fs.rm("/suite", recursive=True)

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return True


class TestCopy(abstract.AbstractCopyTests, OfBox):
    test_copy_glob_edge_cases = pytest.mark.long(abstract.AbstractCopyTests.test_copy_glob_edge_cases)


class TestGet(abstract.AbstractGetTests, OfBox):
    test_get_glob_edge_cases = pytest.mark.long(abstract.AbstractGetTests.test_get_glob_edge_cases)


class TestPut(abstract.AbstractPutTests, OfBox):
    test_put_glob_edge_cases = pytest.mark.long(abstract.AbstractPutTests.test_put_glob_edge_cases)


class TestOpen(abstract.AbstractOpenTests, OfBox):
    pass


class TestPipe(abstract.AbstractPipeTests, OfBox):
    pass
