"""The version table in Box: a hidden template whose options are the applied revisions, which a team shares.

The template has two fields. The options of `revisions` are the applied revisions, beside `base`, which is always there;
the one option of `lock` is who migrates, or `free`. Each statement on one of the tables is one operation on the
template, which Box carries out as a whole and refuses where the option is not there: so a lock is taken by one alone.

Source: https://developer.box.com/guides/metadata/templates/update
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from box_dialect.catalog import AccessPath, Column, Table
from box_dialect.catalog.model import TEXT, Endpoint, Nested, Write
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Mapping

REVISIONS: Final = "revisions"
LOCK: Final = "lock"

BASE: Final = "base"
"""The option of `revisions` that is no revision: Alembic has that word for none, and no field is without an option."""

FREE: Final = "free"
"""The option of `lock` while nobody migrates."""

_APPLIED: Final = re.compile(f"(?!{BASE}$).*", re.DOTALL)
_KEY: Final = re.compile("[a-zA-Z_][-a-zA-Z0-9_]{0,63}")


def template_key(version_table: str) -> str:
    """Return the key of the template for a version table: `alembicVersion` for `alembic_version`.

    Raises ProgrammingError for a name of which no key can be made.
    """
    first, *others = filter(None, version_table.split("_"))
    key = first + "".join(word[0].upper() + word[1:] for word in others)
    if not _KEY.fullmatch(key):
        raise ProgrammingError(
            f"Box has no template of the key {key[:80]!r}: the name of a version table has letters and digits of "
            "ASCII, - and _, begins with a letter, and has 64 characters at most"
        )
    return key


def versions_of(version_table: str) -> Table:
    """Return the version table; raises ProgrammingError for a name of which no key can be made."""
    column = Column("version_num", nullable=False, source="key", insert="data.key", update="data.key", doc="Revision.")
    options = _Options(template_key(version_table), REVISIONS, column)
    return Table(
        name=version_table,
        doc="Revisions that Alembic has applied.",
        columns=(column,),
        key="version_num",
        fields=(),
        paths=options.paths(_APPLIED),
        insert=options.write("addEnumOption"),
        update=options.write("editEnumOption", "{version_num}"),
        delete=options.write("removeEnumOption", "{version_num}"),
    )


def lock_of(version_table: str) -> Table:
    """Return the table of the lock of a version table, which has one row."""
    column = Column("holder", nullable=False, source="key", update="data.key", doc="Who migrates, or `free`.")
    options = _Options(template_key(version_table), LOCK, column)
    return Table(
        name=f"{version_table}_lock",
        doc="Who migrates by Alembic.",
        columns=(column,),
        key="holder",
        fields=(),
        paths=options.paths(TEXT),
        update=options.write("editEnumOption", "{holder}"),
    )


def new_template(version_table: str) -> Mapping[str, Any]:
    """Return the columns of `metadata_templates` for the template of a version table without revisions."""
    fields = [(REVISIONS, "Applied revisions", BASE), (LOCK, "Who migrates", FREE)]
    return {
        "template_key": template_key(version_table),
        "display_name": f"Alembic: {version_table}",
        "hidden": True,
        "fields": json.dumps(
            [
                {"type": "enum", "key": key, "displayName": shown, "hidden": True, "options": [{"key": option}]}
                for key, shown, option in fields
            ]
        ),
    }


class _Options(NamedTuple):
    """The options of a field of the template of a key, each a row of one column."""

    template: str
    field: str
    column: Column

    @property
    def _schema(self) -> Endpoint:
        return Endpoint(
            path="/metadata_templates/enterprise/{template_key}/schema",
            constants={"template_key": self.template},
            takes_fields=False,
            absent=frozenset({404}),  # before the template is made
            rows=(Nested("fields", "template"), Nested("options", "field")),
        )

    def paths(self, taken: re.Pattern[str]) -> tuple[AccessPath, AccessPath]:
        """Return the paths to one row and to all of them; `taken` are the options that are rows."""
        name = self.column.name
        one, every = (
            replace(self._schema, keep={"field.key": self.field, "key": key}) for key in (f"{{{name}}}", taken)
        )
        return (
            AccessPath(name="by key", endpoints=(one,), keys=(name,), accepts=taken, unique=True),
            AccessPath(name="all", endpoints=(every,), rows=1),
        )

    def write(self, operation: str, option: str | None = None) -> Write:
        """Return the call that carries out an operation on the field, and on one of its options."""
        return Write(
            method="PUT",
            path=self._schema.path,
            constants=self._schema.constants,
            body={"op": operation, "fieldKey": self.field} | ({} if option is None else {"enumOptionKey": option}),
            listed=True,
            ordered=True,
            takes_fields=False,
            rows=self._schema.rows,
        )
