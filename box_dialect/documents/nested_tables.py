"""The tables of a document of nested elements: which there are, and where their columns are in it.

The layout of a table has `rows`, the keys of the elements from the root to those of the rows, and `repeats`, which of
these are arrays; `parent`, how many of the keys lead to the elements that `<parent>_id` counts, or None; `groups`, the
paths below a row whose elements are joined; and `columns`, the source of each column: its kind, its steps below the
row, keys and numbers of elements of arrays, and what the kind needs further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.documents.bounds import COLUMNS, FLATTENED_LEVELS, HIDDEN_COLUMNS, TABLES
from box_dialect.documents.model import ID, ColumnType, DocumentColumn, DocumentTable
from box_dialect.documents.shape import arrays_of, shape_at
from box_dialect.errors import DataError, ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from box_dialect.documents.options import Options
    from box_dialect.documents.paths import LabelledPaths, Path
    from box_dialect.documents.shape import Shape
    from box_dialect.documents.values import TypeDetection

NAMESPACE: Final = "xmlns"
"""What the keys of attributes begin with that declare a namespace."""


class NestedTables:
    """Make tables of what was scanned of a document.

    `nested_type` is the type of columns with text of the format, `name` what a table is called whose rows are at no
    name of the document. Raises ProgrammingError for paths that are not in the document.
    """

    def __init__(
        self, document: Shape, file: str, name: str, options: Options, paths: Sequence[Path], nested_type: ColumnType
    ) -> None:
        self._document = document
        self._file = file
        self._name = name
        self.options = options
        self._paths = paths
        self.nested_type = nested_type

    def tables(self) -> tuple[DocumentTable, ...]:
        """Return the tables of the data model, the outermost first; raises DataError where there are too many."""
        rows = self._rows()
        if self.options.data_model == "Document" and not self._paths:
            return (self._table(rows[0], self._name_of(rows[0]), ()),)
        if len(rows) > TABLES:
            raise DataError(f"{self._file} has more than {TABLES:,} arrays; name those that are wanted by xpath")
        if self.options.data_model == "FlattenedDocuments":
            return (self._flattened(rows),)
        named = rows if self.options.data_model == "Relational" else ()
        names: dict[Shape, str] = {}
        for row in rows:
            names[row] = self._unique(row, names.values())
        parents = {row: next((each for each in row.ancestors() if each in named), None) for row in rows}
        return tuple(
            self._table(row, names[row], named, None if (parent := parents[row]) is None else names[parent])
            for row in rows
        )

    def table_at(self, name: str) -> DocumentTable | None:
        """Return the table that a dotted name means: of a table, and the names of elements in it down to an array.

        Without that of a table it is in the first one that has such elements.
        """
        rows = self._rows()
        for row in rows:
            first = self._name_of(row)
            if name.lower().startswith(f"{first.lower()}.") and (found := self._within(row, name[len(first) + 1 :])):
                return found
        return next(filter(None, (self._within(row, name) for row in rows)), None)

    def _within(self, row: Shape, names: str) -> DocumentTable | None:
        """Return the table of an array in the elements of rows, by the names down to it."""
        rest, shape, found = names.lower(), row, [self._name_of(row)]
        while rest and (child := _child_of(shape, rest)) is not None:
            rest, shape = rest[len(child.name) + 1 :], child
            found.append(child.name)
        return self._table(shape, ".".join(found), ()) if not rest and shape.repeats and shape is not row else None

    def labelled(self, paths: LabelledPaths, labels: dict[str, TypeDetection]) -> DocumentTable:
        """Return the table of `XMLTABLE`, whose columns have the names that its values are labelled by."""
        row, value = self._at(paths.row), self._at(paths.value)
        columns = _Columns(self._file, self.options, self._name_of)
        columns.add(ID, ColumnType.INTEGER, "id", ())
        steps = tuple(each.key for each in value.path()[len(row.path()) :])
        for label, detection in labels.items():
            columns.add_unique((label,), row, self.type_of(detection), "label", steps, paths.attribute, label)
        return self._made(self._name_of(row), row, columns, None, None, ())

    def _rows(self) -> list[Shape]:
        if self._paths:
            return [self._at(path) for path in self._paths]
        return arrays_of(self._document) or list(self._document.children.values())

    def _at(self, path: Path) -> Shape:
        found = shape_at(self._document, path)
        if found is None:
            known = [each for each in (shape_at(self._document, path[:end]) for end in range(len(path))) if each]
            there = sorted(known[-1].children.values(), key=lambda each: each.name)[:10]
            above = "/".join(path[: len(known) - 1])
            raise ProgrammingError(
                f"{self._file} has no elements at /{'/'.join(path)}; at /{above} there are"
                f" {', '.join(printable(each.name) for each in there) or 'none'}"
            )
        return found

    def _flattened(self, rows: list[Shape]) -> DocumentTable:
        outer = next(each for each in rows if not set(each.ancestors()) & set(rows))
        joined = [each for each in rows if outer in each.ancestors()]
        if self._paths and (apart := [each for each in rows if each is not outer and each not in joined]):
            raise ProgrammingError(
                f"FlattenedDocuments joins what is below its outermost path, {outer.name}, and {apart[0].name} is not;"
                " use Relational, or a table for each"
            )
        columns = _Columns(self._file, self.options, self._name_of)
        columns.add(ID, ColumnType.INTEGER, "id", ())
        for row in (outer, *joined):
            self._add_row(columns, outer, row, [outer, *joined])
        steps = [[each.key for each in row.path()[len(outer.path()) :]] for row in joined]
        return self._made(self._name_of(rows[0] if self._paths else outer), outer, columns, None, None, steps)

    def _table(self, row: Shape, name: str, named: Collection[Shape], parent: str | None = None) -> DocumentTable:
        columns = _Columns(self._file, self.options, self._name_of)
        columns.add(ID, ColumnType.INTEGER, "id", ())
        above = next((each for each in row.ancestors() if each in named or each.repeats), None)
        if above is not None:
            columns.add(f"{parent or self._name_of(above)}_id", ColumnType.INTEGER, "parent", ())
        self._add_row(columns, row, row, named)
        return self._made(name, row, columns, parent, above, ())

    def _made(
        self,
        name: str,
        row: Shape,
        columns: _Columns,
        parent: str | None,
        above: Shape | None,
        groups: Sequence[Sequence[str]],
    ) -> DocumentTable:
        layout = {
            "rows": [each.key for each in row.path()],
            "repeats": [each.repeats for each in row.path()],
            "parent": None if above is None else len(above.path()),
            "groups": [list(steps) for steps in groups],
            "columns": columns.sources,
        }
        return DocumentTable(name, tuple(columns.columns), parent, layout)

    def _add_row(self, columns: _Columns, outer: Shape, row: Shape, named: Collection[Shape]) -> None:
        steps = tuple(each.key for each in row.path()[len(outer.path()) :])
        walk = _Walk(columns, row, named, self)
        if row.is_text or not row.children:
            kind, type_ = ("fragment", self.nested_type) if row.is_text else ("value", self.type_of(row.detection))
            if row.is_text or not row.detection.is_empty or not row.is_object:
                columns.add_unique((self._name_of(row),), row, type_, kind, steps)
        walk.add_parts(row, (), steps, 0)
        if self.options.data_model == "Document":
            walk.add_elements()

    def type_of(self, detection: TypeDetection) -> ColumnType:
        """Return the type of a column as the options have it."""
        return detection.type if self.options.type_detection == "RowScan" else ColumnType.TEXT

    def _name_of(self, row: Shape) -> str:
        if row.name == "$" or (self.nested_type is ColumnType.JSON and not self._paths and row is self._rows()[0]):
            return self._name
        return row.name

    def _unique(self, row: Shape, taken: Collection[str]) -> str:
        name, above = self._name_of(row), row.ancestors()
        lowered = {each.lower() for each in taken}
        while name.lower() in lowered:
            shape = next(above, None)
            name = f"{name}_2" if shape is None else f"{self._name_of(shape)}.{name}"
        return name


class _Columns:
    """The columns of a table, as they are added, and their sources."""

    def __init__(self, file: str, options: Options, name_of: Any) -> None:
        self.columns: list[DocumentColumn] = []
        self.sources: list[list[Any]] = []
        self._names: set[str] = set()
        self._file = file
        self._options = options
        self._name_of = name_of

    def add(
        self, name: str, type_: ColumnType, kind: str, steps: tuple[str | int, ...], *more: str, hidden: bool = False
    ) -> None:
        """Add a column; raises DataError where there are too many."""
        if len(self.columns) >= COLUMNS:
            raise DataError(
                f"{self._file} has more than {COLUMNS:,} columns; flatten_objects = false, or a path further in,"
                " makes fewer"
            )
        self._names.add(name.lower())
        self.columns.append(DocumentColumn(name, type_, hidden))
        self.sources.append([kind, list(steps), *more])

    def add_unique(
        self,
        relative: tuple[str, ...],
        row: Shape,
        type_: ColumnType,
        kind: str,
        steps: tuple[str | int, ...],
        *more: str,
        hidden: bool = False,
    ) -> None:
        """Add a column by its names below its row, with those of what the row is in as far as it needs them."""
        above = [self._name_of(each) for each in row.path() if each.name != "$" or each is row]
        least = {"None": 0, "Parent": 1, "Full": len(above)}[self._options.qualify_columns]
        qualified = min(least, len(above))
        name = self._options.separator.join((*above[len(above) - qualified :], *relative))
        while name.lower() in self._names and qualified < len(above):
            qualified += 1
            name = self._options.separator.join((*above[len(above) - qualified :], *relative))
        number, plain = 1, name
        while name.lower() in self._names:
            number += 1
            name = f"{plain}_{number}"
        self.add(name, type_, kind, steps, *more, hidden=hidden)


class _Walk:
    """Add the columns of what is in an element: attributes, values, objects part by part, and arrays as text."""

    def __init__(self, columns: _Columns, row: Shape, named: Collection[Shape], tables: NestedTables) -> None:
        self._columns = columns
        self._row = row
        self._named = named
        self._options = tables.options
        self._type = tables.type_of
        self._nested_type = tables.nested_type
        self._arrays: list[tuple[Shape, tuple[str, ...], tuple[str | int, ...], int]] = []
        self._is_hidden = False

    def add_parts(self, shape: Shape, names: tuple[str, ...], steps: tuple[str | int, ...], level: int) -> None:
        """Add the columns of the parts of an object."""
        elements = {each.name for each in shape.children.values()}
        for key, (name, detection) in shape.attributes.items():
            said = f"@{name}" if name in elements else name
            self._add((*names, said), self._type(detection), "attribute", steps, key)
        for child in shape.children.values():
            inner, at = (*names, child.name), (*steps, child.key)
            if child in self._named:
                continue
            if not child.repeats:
                self._add_element(child, inner, at, level + 1)
            elif self._options.flatten_arrays:
                for index in range(self._options.flatten_arrays):
                    self._add_element(child, (*inner, str(index)), (*at, index), level + 1)
            else:
                self._add(inner, self._nested_type, "fragment", at)
                self._arrays.append((child, inner, at, level + 1))

    def add_elements(self) -> None:
        """Add hidden columns of the elements of the arrays, as many as there is room for."""
        self._is_hidden = True
        while self._arrays and self._has_room():
            shape, names, steps, level = self._arrays.pop(0)
            for index in range(min(shape.most, HIDDEN_COLUMNS)):
                self._add_element(shape, (*names, str(index)), (*steps, index), level)

    def _add_element(self, shape: Shape, names: tuple[str, ...], steps: tuple[str | int, ...], level: int) -> None:
        if shape.is_text or (shape.is_object and (not self._options.flatten_objects or level > FLATTENED_LEVELS)):
            self._add(names, self._nested_type, "fragment", steps)
            return
        if not shape.children and not (shape.attributes and shape.detection.is_empty):
            self._add(names, self._type(shape.detection), "value", steps)
        self.add_parts(shape, names, steps, level)

    def _add(
        self, names: tuple[str, ...], type_: ColumnType, kind: str, steps: tuple[str | int, ...], *more: str
    ) -> None:
        if self._has_room() or not self._is_hidden:
            self._columns.add_unique(names, self._row, type_, kind, steps, *more, hidden=self._is_hidden)

    def _has_room(self) -> bool:
        return len(self._columns.columns) < HIDDEN_COLUMNS


def _child_of(shape: Shape, names: str) -> Shape | None:
    """Return the part of an object by the beginning of dotted names in lower case, the longest that there is."""
    found = [each for each in shape.children.values() if f"{names}.".startswith(f"{each.name.lower()}.")]
    return max(found, key=lambda each: len(each.name), default=None)
