"""Documents in memory, and their tables with all rows, for tests of readers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from box_dialect.documents.formats import format_of
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.documents.model import DocumentTable


@dataclass(frozen=True)
class HeldDocument:
    """A document whose content is in memory."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)


def held(name: str, content: str | bytes) -> HeldDocument:
    return HeldDocument(name, content.encode() if isinstance(content, str) else content)


def tables_of(document: HeldDocument, **said: object) -> tuple[DocumentTable, ...]:
    form, options = _read_by(document, said)
    return form.tables(document, options)


def table_at(document: HeldDocument, name: str, **said: object) -> DocumentTable | None:
    form, options = _read_by(document, said)
    return form.table_at(document, options, name)


def rows_of(
    document: HeldDocument,
    table: DocumentTable | None = None,
    names: Sequence[str] | None = None,
    skipped: Any = None,
    **said: object,
) -> list[tuple[object, ...]]:
    """Return the rows of a table, the first one as a rule, with the columns that have names, or all that are shown."""
    form, options = _read_by(document, said)
    table = form.tables(document, options)[0] if table is None else table
    table = type(table).from_json(table.to_json())
    columns = [each.name for each in table.columns]
    wanted = shown(table) if names is None else names
    messages: list[str] = [] if skipped is None else skipped
    places = [columns.index(name) for name in wanted]
    return [row for batch in form.rows(document, options, table, places, (), messages.append) for row in batch]


def shown(table: DocumentTable) -> list[str]:
    return [each.name for each in table.columns if not each.hidden]


def _read_by(document: HeldDocument, said: dict[str, object]) -> tuple[Any, Options]:
    form = format_of(document.name)
    assert form is not None
    return form, Options.from_arguments(form.name, {name: str(value) for name, value in said.items()})
