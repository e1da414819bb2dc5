"""Migrations as a script, `alembic upgrade head --sql`: each statement on a template with the call of Box's that it is.

Nothing is known of Box there but what the script itself has made before, and what a migration tells of what there is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from box_dialect.alembic.version_table import REVISIONS, new_template, template_key
from box_dialect.api import ApiCall
from box_dialect.catalog.metadata.changes import AlterTemplate, Draft
from box_dialect.catalog.metadata.definition import CreateTemplate, schema_path
from box_dialect.dbapi.sqltext.lexer import read
from box_dialect.dbapi.sqltext.template_ddl import template_ddl
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.catalog.model import JsonObject
    from box_dialect.dbapi.sqltext.template_ddl import TemplateStatement

_MOVES: Final = {
    "insert": (
        "addEnumOption",
        ("data",),
        (
            "INSERT INTO metadata_template_field_options (scope, template_key, field_key, key) "
            "SELECT scope, template_key, {field}, {0} FROM metadata_templates WHERE template_key = {key}"
        ),
    ),
    "update": (
        "editEnumOption",
        ("data", "enumOptionKey"),
        (
            "UPDATE metadata_template_field_options SET key = {0} "
            "WHERE template_key = {key} AND field_key = {field} AND key = {1}"
        ),
    ),
    "delete": (
        "removeEnumOption",
        ("enumOptionKey",),
        "DELETE FROM metadata_template_field_options WHERE template_key = {key} AND field_key = {field} AND key = {0}",
    ),
}
"""How the version table is written, by the verbs of Alembic's statements: Box's operation, where in it the revisions
of the statement go, and the statement for a connection that does not know the version table."""


class Script:
    """A script as it is written: what is known of the templates after each of its statements, by their tables."""

    def __init__(self) -> None:
        self._templates: dict[str, JsonObject] = {}

    def described(self, statement: str, known: Sequence[JsonObject] = ()) -> str:
        """Return a statement, behind a comment with the call that it is where it changes a template.

        `known` are fields that there are before it, where the script has not made the template.
        """
        ddl = template_ddl(statement)
        if ddl is None:
            return statement
        parsed = ddl.parse()
        template = self._templates.get(parsed.table.lower(), {"fields": [*known]} if known else None)
        try:
            call = parsed.call() if isinstance(parsed, CreateTemplate) else parsed.call(template)
        except ProgrammingError as error:
            return f"-- the call depends on the template as it is then: {error}\n{statement}"
        self._note(parsed, template)
        return statement if call is None else _behind(call, statement)

    def _note(self, parsed: TemplateStatement, template: JsonObject | None) -> None:
        """Take note of what the template is after a statement."""
        name = parsed.table.lower()
        if isinstance(parsed, CreateTemplate):
            self._templates[name] = {"fields": [field.json for field in parsed.fields]}
        elif not isinstance(parsed, AlterTemplate):
            self._templates.pop(name, None)
        elif name in self._templates:
            draft = Draft(parsed.table, template)
            for change in parsed.changes:
                [*change.operations(draft)]
            self._templates[name] = {"fields": draft.fields}


def version_template(version_table: str) -> str:
    """Return the statement that makes the template of a version table."""
    made = new_template(version_table)
    fields = (
        f"{field['key']} ENUM({_text(field['options'][0]['key'])}) COMMENT {_text(field['displayName'])} HIDDEN"
        for field in json.loads(made["fields"])
    )
    name = f'"enterprise_{made["template_key"]}"'
    return f"CREATE TABLE {name} ({', '.join(fields)}) COMMENT {_text(made['display_name'])} WITH (hidden = true);"


def version_move(version_table: str, verb: str, statement: str) -> str:
    """Return what writes the version table as a statement of Alembic's does, which names revisions, with its call."""
    key = template_key(version_table)
    operation, places, written = _MOVES[verb]
    revisions = [token.content for token in read(statement) if token.kind == "string"]
    given = dict(zip(places, revisions, strict=True))
    new = {"data": {"key": given.pop("data")}} if "data" in given else {}
    call = ApiCall("PUT", schema_path(key), body=[{"op": operation, "fieldKey": REVISIONS, **given, **new}])
    return _behind(call, written.format(*map(_text, revisions), key=_text(key), field=_text(REVISIONS)) + ";")


def _behind(call: ApiCall, statement: str) -> str:
    body = "" if call.body is None else f"-- {json.dumps(call.body, ensure_ascii=False)}\n"
    return f"-- {call.method} {call.path.text}\n{body}{statement}"


def _text(text: str) -> str:
    return "'{}'".format(text.replace("'", "''"))
