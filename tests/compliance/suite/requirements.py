"""The requirements of `sqlite://` and of `box://`, by the tables of reasons.py."""

import inspect

import sqlalchemy
from reasons import (
    CLOSED,
    CLOSED_IN_MEMORY,
    CLOSED_IN_MEMORY_OF_1_4,
    ONE_ENGINE,
    OPEN,
    OPEN_FOR_BOX,
    OPEN_SINCE_2_0,
)
from sqlalchemy.testing import exclusions
from sqlalchemy.testing.requirements import SuiteRequirements

_IS_1_4 = sqlalchemy.__version__ < "2"


def _is_box(config):
    return config.db.name == "box"


def _is_in_memory(config):
    url = config.db.url
    return "LocalDatabase" not in url.query if _is_box(config) else not url.database


def _has_one_engine(config):
    return not (_IS_1_4 and _is_box(config)) or _is_in_memory(config)


class Requirements(SuiteRequirements):
    """The properties are set below."""

    def get_order_by_collation(self, config):  # noqa: ARG002 - SQLAlchemy's signature
        return "NOCASE"


if _IS_1_4:

    def _isolation_levels(_, config):  # noqa: ARG001 - SQLAlchemy's signature
        return {"default": "SERIALIZABLE", "supported": ["SERIALIZABLE", "READ UNCOMMITTED", "AUTOCOMMIT"]}

    Requirements.get_isolation_levels = _isolation_levels


def _returns(config):
    """Tell whether RETURNING is to be tested; SQLAlchemy 1.4 does so with a second engine, whose memory is another."""
    return config.db.dialect.implicit_returning and not _is_in_memory(config)


def _declare(name, rule, *arguments):
    """Have each use of a requirement make its rule anew: a test that asks for two adds the second to the first."""
    setattr(Requirements, name, property(lambda self: rule(*arguments)))  # noqa: ARG005 - the suite asks an instance


def _closed(reason):
    return exclusions.skip_if(exclusions.BooleanPredicate(True, reason))


for _name in OPEN:
    _declare(_name, exclusions.open)
for _name, _reason in CLOSED.items():
    _declare(_name, _closed, _reason)
for _name, _reason in OPEN_SINCE_2_0.items():
    _declare(_name, *((_closed, _reason) if _IS_1_4 else (exclusions.open,)))
for _name, _reason in OPEN_FOR_BOX.items():
    _declare(_name, exclusions.only_if, _is_box, _reason)
for _name, _reason in (CLOSED_IN_MEMORY | (CLOSED_IN_MEMORY_OF_1_4 if _IS_1_4 else {})).items():
    _declare(_name, exclusions.skip_if, _is_in_memory, _reason)
_declare("independent_connections", exclusions.skip_if, _has_one_engine, ONE_ENGINE)
_declare("async_dialect", exclusions.only_if, lambda config: config.db.dialect.is_async, "the dialect is not async")
if _IS_1_4:
    _declare("returning", exclusions.only_if, _returns, "no RETURNING, or each engine has its own memory")


def undeclared():
    """Return what the installed SQLAlchemy closes by default and reasons.py does not name."""
    names = [name for name, value in inspect.getmembers(SuiteRequirements) if isinstance(value, property)]
    rules = {name: getattr(Requirements(), name) for name in names}
    default = next(iter(exclusions.closed().skips)).description
    return [
        name
        for name, rule in rules.items()
        if any(getattr(skip, "description", None) == default for skip in getattr(rule, "skips", ()))
    ]
