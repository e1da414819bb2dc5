"""What tests with Superset share: an application of it in this process, with a metadata database of its own."""

from __future__ import annotations

import itertools
import json
import os
import warnings
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from conftest import Box

CONFIGURATION = """
SECRET_KEY = "only for tests, which keep nothing that is worth a better one"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/metadata.db"
DATA_DIR = "{folder}"
DB_POLL_INTERVAL_SECONDS = {{"box": 0.05}}
FEATURE_FLAGS = {{"ESTIMATE_QUERY_COST": True}}
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
"""


def is_superset_installed() -> bool:
    """Tell so by what is installed, for this folder can be imported by that name."""
    try:
        return bool(version("apache-superset"))
    except PackageNotFoundError:
        return False


class Skipped(pytest.Module):
    """A file of tests that is not even imported."""

    def collect(self) -> Iterator[pytest.Item]:
        pytest.skip("Superset is not installed; tox -e superset installs it", allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Skip the files of this folder, in one line of the summary, where Superset is not installed."""
    return None if is_superset_installed() else Skipped.from_parent(parent, path=module_path)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Superset and what it is made of warn as they do."""
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):  # noqa: PTH120 - a text will do
            item.add_marker(pytest.mark.filterwarnings("ignore"))


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Superset's application, its tables made; nobody is logged in."""
    folder: Path = tmp_path_factory.mktemp("superset")
    (folder / "superset_config.py").write_text(CONFIGURATION.format(folder=folder))
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setenv("SUPERSET_CONFIG_PATH", str(folder / "superset_config.py"))
        from superset.app import create_app

        made = create_app()
        with made.app_context():
            from flask_appbuilder import Model
            from superset.extensions import db

            import box_dialect.integrations.superset as integration

            assert integration.BoxEngineSpec.engine == "box"
            Model.metadata.create_all(db.engine)
        yield made


@pytest.fixture
def session(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The session with the metadata database in a request to no path of note; URLs are restricted, as by the spec."""
    from superset.extensions import db

    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")  # what all tests share lifts that
    with app.test_request_context("/"):
        yield db.session


_numbers = itertools.count(1)


@pytest.fixture
def add_database(session: Any) -> Callable[..., Any]:
    """Return a function that adds a database for an emulator to Superset, with these `connect_args`."""

    def add(box: Box, *, url: str | None = None, connect_args: dict[str, Any] | None = None, **values: Any) -> Any:
        from superset.models.core import Database

        extra = {"engine_params": {"connect_args": {"MaxApiCalls": 10_000, "Timeout": 300, **(connect_args or {})}}}
        database = Database(database_name=f"Box {next(_numbers)}", extra=json.dumps(extra), **values)
        database.set_sqlalchemy_uri(url or box.url)
        session.add(database)
        session.commit()
        return database

    return add
