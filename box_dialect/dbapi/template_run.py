"""The run of DDL on a metadata template: Box's call in the place of SQLite's statement.

1. parse    the statement is read whole, and what no template can have is refused
2. find     the template is found, which CREATE TABLE must not and the others must; one that changes is read anew
3. send     one call of Box's carries it out, all or nothing; Box takes nothing back
4. note     all connections of the process with equal properties know the template as it is then
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from box_dialect.api import ApiCall, ApiPath, says_absent
from box_dialect.catalog.metadata.changes import AlterTemplate
from box_dialect.catalog.metadata.definition import MOST_TEMPLATES, CreateTemplate, schema_path, template_key
from box_dialect.catalog.metadata.template import template_table
from box_dialect.dbapi.sqltext.template_ddl import TemplateDdl, template_ddl
from box_dialect.dbapi.statement_run import bound_parameters
from box_dialect.engine import check_box_writable, temporary_names, warn
from box_dialect.errors import (
    BoxTemplateWarning,
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.catalog.metadata.definition import DropTemplate
    from box_dialect.catalog.model import JsonObject
    from box_dialect.dbapi.backend import Backend
    from box_dialect.dbapi.result import Result
    from box_dialect.dbapi.statement_run import Parameters
    from box_dialect.engine import Execution

_LOCAL: Final = "SELECT 'main' FROM main.sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = ?"
"""Tells whether the local database has a table or view of a name in lower case."""

_OPERATIONS: Final = {
    "create": "POST /metadata_templates/schema",
    **dict.fromkeys(("alter", "comment"), "PUT /metadata_templates/enterprise/{template_key}/schema"),
    "drop": "DELETE /metadata_templates/enterprise/{template_key}/schema",
}
"""What a statement calls for at Box, by its first word."""

CALLS_OF_DDL: Final = 4
"""Calls that a statement makes at most: two list the templates, one reads what another changes."""


class TemplateRun:
    """One `execute()` of DDL on a metadata template, which fills a result that has no rows."""

    def __init__(
        self, backend: Backend, execution: Execution, result: Result, operation: str, ddl: TemplateDdl
    ) -> None:
        self._backend, self._execution, self._result = backend, execution, result
        self._session, self._templates = backend.session, backend.templates
        self._operation, self._ddl, self._table = operation, ddl, ddl.table

    @classmethod
    def of(cls, backend: Backend, execution: Execution, result: Result, operation: str) -> Self | None:
        """Return the run of a statement, None for one of SQLite's: any other one, also that on another table.

        Raises ProgrammingError for CREATE TABLE of what a temporary table or view would hide.
        """
        ddl = template_ddl(operation)
        if ddl is not None:
            with backend.translated():
                backend.templates.follow()
        if ddl is None:
            return None
        local = _schemas_with(backend, ddl.table)
        if local == {"temp"} and ddl.verb == "create":
            raise ProgrammingError(
                f"{ddl.table} already exists as a temporary table or view, which would hide a template of that name: "
                f"drop it first; CREATE TABLE main.{ddl.table} makes a local table"
            )
        if local or backend.templates.has_other(ddl.table):
            return None
        return cls(backend, execution, result, operation, ddl)

    def run(self, parameter_sets: Iterable[Parameters], *, many: bool) -> None:
        """Run the statement; where it fails there is no result."""
        result, execution = self._result, self._execution
        self._session.execution = execution
        result.begin(self._operation)
        execution.resume()
        try:
            with self._backend.translated():
                self._check(parameter_sets, many=many)
                self._carry_out()
        except BaseException:
            result.forget()
            result.end(has_failed=True)
            raise
        finally:
            result.pause()
        result.has_run = True
        result.end()

    def _check(self, parameter_sets: Iterable[Parameters], *, many: bool) -> None:
        """Raise what keeps the statement from being run at all."""
        properties, verb = self._backend.properties, self._ddl.verb.upper()
        if many:
            raise ProgrammingError(f"executemany() is for rows; run {verb} by execute()")
        if any(map(bound_parameters, parameter_sets)):
            raise ProgrammingError(f"{verb} takes no parameters; write its texts in single quotes")
        if self._ddl.is_explained:
            raise NotSupportedError(
                f"EXPLAIN tells how SQLite runs a statement, and {verb} of the template {self._table} is one call of "
                f"Box's: {_OPERATIONS[self._ddl.verb]}; run it without EXPLAIN, and let connection.estimate() tell "
                "before that how many calls it takes"
            )
        named = f"{self._table}, a metadata template,"
        check_box_writable(named, readonly=properties.readonly, box_readonly=properties.is_box_readonly)
        if properties.preview_calls:
            raise ProgrammingError(
                f"the connection has PreviewCalls={properties.preview_calls}, so that nothing is written to Box; take "
                "a connection without it"
            )

    def _carry_out(self) -> None:
        statement = self._ddl.parse()
        template_key(self._table)  # raises for one that is none of the enterprise
        if isinstance(statement, CreateTemplate):
            self._create(statement)
        elif (template := self._templates.found(self._table)) is None:
            self._miss(is_allowed=statement.if_exists)
        elif isinstance(statement, AlterTemplate):
            self._alter(statement, template)
        else:
            self._drop(statement, template)

    def _create(self, statement: CreateTemplate) -> None:
        if not self._templates.is_new(self._table):
            if not statement.if_not_exists:
                raise ProgrammingError(f"table {self._table} already exists")
            return
        call = statement.call()
        listed = self._session.client.templates.listed
        if sum(each["scope"] != "global" for each in listed) >= MOST_TEMPLATES:
            raise ProgrammingError(f"an enterprise has {MOST_TEMPLATES} templates at most, and yours has them")
        try:
            self._note(self._sent(call))
        except IntegrityError as error:
            raise ProgrammingError(
                f"{error}; Box has a template of this key that the signed-in user does not see, or has deleted it a "
                "moment ago; choose another name",
                error.diag,
            ) from None

    def _alter(self, statement: AlterTemplate, known: JsonObject) -> None:
        self._check_not_in_use()
        try:
            template = self._altered(statement, schema_path(known["templateKey"]))
        except OperationalError as error:
            if not says_absent(error):
                raise
            self._forget(known)
            self._miss(is_allowed=statement.if_exists)
            return
        self._note(template)
        if statement.renamed is not None:
            warn(
                f"the display name of {self._table} is {statement.renamed!r} now; its key stays, as Box changes none, "
                "and so the name of the table does",
                BoxTemplateWarning,
            )

    def _altered(self, statement: AlterTemplate, path: ApiPath) -> Any:
        """Change the template that stands at a path, as it is by now, and return it."""
        before = self._sent(ApiCall("GET", path))
        call = statement.call({"fields": [], **self._checked(before)})
        try:
            return before if call is None else self._sent(call)
        except DatabaseError as error:
            if says_absent(error):
                raise
            # Box may have carried out an attempt whose answer was lost, so that it refused the next one.
            after = None
            with suppress(DatabaseError):
                after = self._sent(ApiCall("GET", path))
            told = f"nothing of {self._table} was changed"
            if after != before:
                told = f"{self._table} may have been changed all the same, so look at it before you try again"
            raise type(error)(f"{error}; {told}", error.diag) from None

    def _drop(self, statement: DropTemplate, template: JsonObject) -> None:
        if not self._backend.properties.allow_drop_templates:
            raise ProgrammingError(
                f"DROP TABLE {self._table} would delete the template with all that files and folders have of it, and "
                "nobody can take that back: it runs only in a connection with AllowDropTemplates=true"
            )
        self._check_not_in_use()
        try:
            self._sent(statement.call(template))
        except OperationalError as error:
            if not says_absent(error):
                raise
            self._forget(template)
            self._miss(is_allowed=statement.if_exists)
        else:
            self._forget(template)

    def _check_not_in_use(self) -> None:
        """Raise OperationalError, as SQLite does of its tables, where a cursor has rows of this one left."""
        if self._templates.is_in_use(self._table):
            raise OperationalError(
                f"{self._table} cannot be changed while a cursor of the connection has rows of it left: fetch them, or "
                "close it"
            )

    def _miss(self, *, is_allowed: bool) -> None:
        if not is_allowed:
            raise ProgrammingError(f"no such table: {self._table}")

    def _sent(self, call: ApiCall) -> Any:
        """Send a call and return the answer; where it fails, what is known of templates is not relied on any more."""
        session, client = self._session, self._session.client
        try:
            answer = session.run(partial(client.send, count=self._execution.count), call)
        except BaseException:
            client.templates.expire()
            raise
        session.has_written |= not call.is_safe
        return answer

    def _checked(self, answer: Any) -> JsonObject:
        """Return a template that Box answers; raises DataError for what is none."""
        try:
            template_table(answer, self._table, lambda _: False)
            _ = answer["id"]
        except (AttributeError, KeyError, TypeError, ValueError):
            raise DataError(
                f"{self._table}: Box's answer is not as its reference says: no template, so look before you try again"
            ) from None
        checked: JsonObject = answer
        return checked

    def _note(self, answer: Any) -> None:
        """Have all connections know a template that is new, or was changed."""
        self._session.run(self._session.client.templates.replace, self._checked(answer))
        self._templates.follow()

    def _forget(self, template: JsonObject) -> None:
        """Have all connections know that a template is gone."""
        self._session.run(self._session.client.templates.remove, template)
        self._templates.follow()


def is_local(backend: Backend, name: str) -> bool:
    """Tell whether a name is that of a local table or view, or of a temporary one."""
    return bool(_schemas_with(backend, name))


def _schemas_with(backend: Backend, name: str) -> set[str]:
    """Return the schemas in which a name is that of a local table or view.

    Among the virtual ones that are temporary, a rollback may have brought back that of a template which is gone.
    """
    if name.lower() in backend.names:
        return set()
    with backend.translated():
        found = {schema for (schema,) in backend.sqlite.execute(_LOCAL, (name.lower(),))}
        return found | ({"temp"} if name.lower() in temporary_names(backend.sqlite) else set())
