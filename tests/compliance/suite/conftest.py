"""Run SQLAlchemy's own suite for dialects; see ../run.py."""

import gc

import pytest
from reasons import CLOSED_TESTS
from requirements import undeclared
from sqlalchemy.dialects import registry
from sqlalchemy.testing import provision
from sqlalchemy.testing.plugin import plugin_base

from box_dialect.catalog import TABLES

# Many tests create a table `users`, which the driver refuses: that name is Box's. So Box has no such table here. TABLES
# is a read-only view of a dict; what it refers to is that dict.
gc.get_referents(TABLES)[0].pop("users")

registry.register("box", "suite_dialect", "SuiteDialect")
registry.register("box.suite", "suite_dialect", "SuiteDialect")
registry.register("box.aiosuite", "suite_dialect", "AsyncSuiteDialect")


@provision.temp_table_keyword_args.for_db("box")
def _temp_table_keyword_args(_config, _engine):
    return {"prefixes": ["TEMPORARY"]}


@provision.stop_test_class_outside_fixtures.for_db("box")
def _begin_anew(_config, engine, _class):
    """Leave the next class one connection alone, as for SQLite: temporary tables are those of a connection."""
    engine.dispose()


from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402, F403

_expand = plugin_base.generate_sub_tests


def _with_all_classes(cls, *args):
    """Keep a class whose requirements close it, which the suite leaves out: its tests are skipped, and say why."""
    return list(_expand(cls, *args)) or [cls]


plugin_base.generate_sub_tests = _with_all_classes


def pytest_collection():
    missing = undeclared()
    if missing:
        raise pytest.UsageError(f"reasons.py neither opens nor explains what SQLAlchemy closes: {', '.join(missing)}")


def pytest_runtestloop(session):
    for item in session.items:
        if item.name in CLOSED_TESTS:
            item.add_marker(pytest.mark.skip(CLOSED_TESTS[item.name]))
