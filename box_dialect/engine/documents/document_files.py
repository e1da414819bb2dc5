"""The files that are meant by a path, a pattern or an id, as the table `files` has them.

What a statement compares with `file_id`, `file_path` and `file_modified_at` leaves files out before any is downloaded.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import apsw
import msgspec
from msgspec import Struct, structs

from box_dialect.catalog.datetimes import datetime_of
from box_dialect.catalog.model import EXACT, Op, Table
from box_dialect.catalog.values import comparable
from box_dialect.documents.formats import format_of
from box_dialect.engine.plan.plan import Constraint, Request
from box_dialect.engine.plan.planner import choose
from box_dialect.engine.plan.tree_scope import PATTERNS
from box_dialect.engine.scan.scan import Scan
from box_dialect.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.api.client import BoxClient
    from box_dialect.engine.documents.path_pattern import PathPattern
    from box_dialect.engine.plan.plan import Plan
    from box_dialect.engine.scan.context import ScanContext
    from box_dialect.engine.scan.row_maker import Row

Compared: TypeAlias = "tuple[str, Op, Any]"
"""A column of `files`, an operator and the value, or values, that it is compared with."""

FILE_COLUMNS: Final[Mapping[str, str]] = {"file_id": "id", "file_path": "path", "file_modified_at": "modified_at"}
"""The hidden columns of each table of documents, with the columns of `files` that they are."""

_READ: Final = ("id", "name", "path", "size", "sha1", "modified_at", "file_version_id", "permissions")


class DocumentFile(Struct, frozen=True):
    """A file at Box with a document in it: what identifies it, and the version of its content.

    `permissions` is what the signed-in user may do, as JSON; None where nobody asked.
    """

    id: str
    name: str
    path: str | None
    size: int | None
    sha1: str | None
    modified_at: str | None
    version_id: str | None = None
    permissions: str | None = None

    @property
    def may_be_kept(self) -> bool:
        """Whether the signed-in user may download it, so that what was kept of it may be read."""
        return self.permissions is not None and bool(msgspec.json.decode(self.permissions).get("can_download"))

    @property
    def shown_as(self) -> str:
        """The file as errors name it."""
        return self.path or self.name

    @property
    def hidden(self) -> tuple[Any, ...]:
        """The values of the hidden columns, in their order."""
        return self.id, self.path, self.modified_at


class FileTable(Struct, frozen=True):
    """The table `files`, and whether its permissions are read."""

    table: Table
    reads_permissions: bool

    def lookup(self, compared: Sequence[Compared]) -> tuple[Plan, tuple[Any, ...]]:
        """Return the plan that reads files which fulfil comparisons, with its arguments."""
        constraints = tuple(
            Constraint(number, column, op, pattern=value if op in PATTERNS else None)
            for number, (column, op, value) in enumerate(compared)
        )
        columns = frozenset(self.table.numbers[name] for name in self._read)
        choice = choose(self.table, Request(constraints, columns=columns))
        if choice is None:
            raise InternalError("no access path gives the files of a path; please report it")
        return choice.plan, tuple(compared[number][2] for number in choice.arguments)

    def lookup_by_id(self) -> Plan:
        """Return the plan that reads one file by its id, which is its only argument."""
        return self.lookup([("id", Op.EQ, "")])[0]

    def file(self, plan: Plan, row: Row) -> DocumentFile:
        """Return the file that a row is of a plan of `lookup`."""
        values: list[Any] = [row[plan.places[self.table.numbers[name]]] for name in self._read]
        return DocumentFile(*values)

    @property
    def _read(self) -> Sequence[str]:
        """The columns that are read, in the order of what a file has."""
        return _READ if self.reads_permissions else _READ[:-1]


class FileSource(Struct, frozen=True):
    """Where documents are: at a path, which may be a pattern, or in the file of an id.

    Of a folder the files are meant that have an extension of the `format`, of any format where it is None; of a pattern
    those that have none of another format.
    """

    path: PathPattern | None = None
    file_id: str | None = None
    format: str | None = None

    @property
    def comparisons(self) -> tuple[Compared, ...]:
        """What holds for all the files."""
        return (("id", Op.EQ, self.file_id),) if self.path is None else self.path.comparisons

    @property
    def is_one_file(self) -> bool:
        """Whether it names one file, which has to be there."""
        return self.path is None or not (self.path.has_wildcards or self.is_folder)

    @property
    def is_folder(self) -> bool:
        """Whether it names a folder."""
        return self.path is not None and self.path.is_folder

    @property
    def as_folder(self) -> FileSource | None:
        """The source where its path is meant as that of a folder; None where it cannot be."""
        folder = None if self.path is None else self.path.as_folder
        return None if folder is None else structs.replace(self, path=folder)

    @property
    def hint(self) -> str:
        """What may be meant instead, where there is no such file."""
        return "" if self.path is None else self.path.hint

    @property
    def words(self) -> str:
        """The source as errors name it."""
        return f"file_id {self.file_id}" if self.path is None else self.path.text

    def means(self, file: DocumentFile) -> bool:
        """Tell whether a file is one of them."""
        if self.path is None:
            return file.id == self.file_id
        found = None if self.is_one_file else format_of(file.name)
        if (found is None and self.is_folder) or (found is not None and self.format not in {None, found.name}):
            return False
        return file.path is not None and self.path.matches(file.path)


async def found_files(
    source: FileSource, also: Sequence[Compared], files: FileTable, client: BoxClient, context: ScanContext
) -> list[DocumentFile]:
    """Return the files of a source in the order of their paths; `also` is what else has to hold, if not exactly.

    Raises what the calls for that raise.
    """
    plan, arguments = files.lookup([*source.comparisons, *also])
    scan = Scan(plan, arguments, client, context, all_wanted=True)
    found: list[DocumentFile] = []
    try:
        while (rows := await scan.next_page()) is not None:
            found += [file for file in (files.file(plan, row) for row in rows) if source.means(file)]
    finally:
        await scan.aclose()
    return sorted(found, key=lambda file: (file.path or "", file.id))


def may_compare(column: str, op: Op) -> bool:
    """Tell whether a comparison of a column of `files` may leave files out."""
    return op in (_OF_MOMENTS if column == "modified_at" else _OF_TEXTS)


def fits(file: DocumentFile, compared: Compared) -> bool:
    """Tell whether a comparison of a column of `files` may hold for a file, as SQLite compares."""
    column, op, value = compared
    own = getattr(file, column)
    if own is None or value is None:
        return False
    if column == "modified_at":
        moment, bound = datetime_of(own), datetime_of(value)
        return moment is None or bound is None or _COMPARE[op](moment, bound)
    if op in PATTERNS:
        return not isinstance(value, str) or bool(_MATCH[op](value, own))
    return own in {comparable(each) for each in (value if isinstance(value, set | frozenset) else (value,))}


_COMPARE: Final[Mapping[Op, Callable[[Any, Any], bool]]] = {
    Op.EQ: operator.eq,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
_OF_MOMENTS: Final = _COMPARE.keys()
_OF_TEXTS: Final = EXACT | PATTERNS
_MATCH: Final = {
    Op.LIKE: lambda pattern, text: apsw.strlike(pattern, text) == 0,
    Op.GLOB: lambda pattern, text: apsw.strglob(pattern, text) == 0,
}
