"""How a document is to be read: each option is one declaration, for `USING xml(…)` and for connection properties.

The names of the properties are those of the commercial connectors for XML, JSON and CSV.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from box_dialect.errors import ProgrammingError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TREES: Final = ("xml", "json")
_TEXTS: Final = ("xml", "json", "csv")
_ALL: Final = ("xml", "json", "csv", "parquet", "excel")
_GRIDS: Final = ("csv", "excel")
_TRUTH: Final = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@dataclass(frozen=True, slots=True)
class Option:
    """Declare an option: the connection property of the same meaning, the formats that know it, its allowed values.

    Without `values` it takes what the type of its default is: text, a number that is not negative, or true and false.
    """

    name: str
    property: str | None
    formats: tuple[str, ...]
    default: str | int | bool | None
    values: tuple[str, ...]
    most: int
    doc: str

    def read(self, text: str) -> str | int | bool:
        """Return the value that a text says; raises ProgrammingError for one that is not allowed."""
        said = text.strip()
        if self.values:
            for value in self.values:
                if value.lower() == said.lower():
                    return value
            raise self._refusal(text, f"is one of {', '.join(self.values)}")
        if isinstance(self.default, bool):
            if said.lower() not in _TRUTH:
                raise self._refusal(text, "is true or false")
            return _TRUTH[said.lower()]
        if isinstance(self.default, int):
            if not (said.isascii() and said.isdigit() and len(said) < 12 and int(said) <= self.most):
                raise self._refusal(text, f"is a number from 0 to {self.most:,}")
            return int(said)
        return text

    def _refusal(self, text: str, rule: str) -> ProgrammingError:
        return ProgrammingError(f"the option {self.name} {rule}, not {printable(text)!r}")


def _option(
    default: Any,
    doc: str,
    *,
    formats: tuple[str, ...] = _ALL,
    called: str | None = None,
    values: tuple[str, ...] = (),
    most: int = 999_999_999,
) -> Any:
    declared = {"property": called, "formats": formats, "values": values, "most": most, "doc": doc}
    return field(default=default, metadata=declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a document is read. `OPTIONS` has the declaration of each."""

    data_model: str = _option(
        "Document",
        "One table with nested arrays as text, one table that joins them, or one table for each array.",
        formats=_TREES,
        called="DataModel",
        values=("Document", "FlattenedDocuments", "Relational"),
    )
    xpath: str | None = _option(
        None,
        "The paths of the rows' elements, with semicolons between them; without, every array of objects is found.",
        formats=_TREES,
        called="XPath",
    )
    xml_format: str = _option(
        "XML",
        "How `xpath` is meant: paths of elements, or `row:`, `column:` and `value:` of a table that names its columns.",
        formats=("xml",),
        called="XMLFormat",
        values=("XML", "XMLTABLE"),
    )
    row_scan_depth: int = _option(
        100, "How many rows are read to find columns and types; 0 is the whole document.", called="RowScanDepth"
    )
    type_detection: str = _option(
        "RowScan",
        "Whether types are found in the rows that are scanned, or every column is text.",
        called="TypeDetectionScheme",
        values=("RowScan", "None"),
    )
    flatten_objects: bool = _option(
        True,
        "Whether the parts of an object have columns of their own, instead of one with its text.",
        formats=("xml", "json", "parquet"),
        called="FlattenObjects",
    )
    flatten_arrays: int = _option(
        0,
        "How many elements of a nested array have columns of their own, such as `grades.0.grade`; 0 is none.",
        formats=("xml", "json", "parquet"),
        called="FlattenArrays",
        most=1_000,
    )
    qualify_columns: str = _option(
        "None",
        "Whether columns are named from their row's element, with its name, or from the root of the document.",
        formats=_TREES,
        called="QualifyColumns",
        values=("None", "Parent", "Full"),
    )
    separator: str = _option(
        ".",
        "What stands between the names of nested elements in the name of a column.",
        formats=("xml", "json", "parquet"),
        called="SeparatorCharacter",
    )
    charset: str | None = _option(
        None, "The encoding, where the document does not say it rightly.", formats=_TEXTS, called="Charset"
    )
    fmt: str = _option(
        "CsvDelimited",
        "What stands between values: `CsvDelimited` a comma, `TabDelimited` a tab, or the character itself.",
        formats=("csv",),
        called="FMT",
    )
    include_column_headers: bool = _option(
        True, "Whether the first row has the names of the columns.", formats=_GRIDS, called="IncludeColumnHeaders"
    )
    skip_top: int = _option(0, "How many rows are skipped at the beginning.", formats=_GRIDS, called="SkipTop")
    sheet: str | None = _option(None, "The name of a sheet, or its number from 0.", formats=("excel",))
    range: str | None = _option(None, "The cells of a sheet, such as `A1:D20`.", formats=("excel",))
    on_error: str = _option(
        "fail",
        "What cannot be read fails the statement, or is skipped with a warning.",
        values=("fail", "skip"),
    )

    @classmethod
    def from_arguments(cls, format_name: str, arguments: Mapping[str, str]) -> Options:
        """Return the options that are said by names and texts, in any case, also by the names of the properties.

        Raises ProgrammingError for a name that the format does not know, or that is said twice, and for a bad value.
        """
        known = {each.name: each for each in OPTIONS if format_name in each.formats}
        by_spelling = {
            _folded(spelling): each for each in known.values() for spelling in (each.name, each.property) if spelling
        }
        said: dict[str, Any] = {}
        for name, text in arguments.items():
            option = by_spelling.get(_folded(name))
            if option is None:
                raise ProgrammingError(
                    f"{format_name} has no option {printable(name)!r}; it has {', '.join(sorted(known))}"
                )
            if option.name in said:
                raise ProgrammingError(f"the option {option.name} is said twice")
            said[option.name] = option.read(text)
        return cls(**said)

    def to_arguments(self) -> dict[str, str]:
        """Return what differs from the defaults as names and texts for `from_arguments()`."""
        values = {each.name: getattr(self, each.name) for each in OPTIONS}
        return {each.name: str(values[each.name]) for each in OPTIONS if values[each.name] != each.default}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _declared() -> Iterable[Option]:
    plain = Options()
    for each in fields(Options):
        yield Option(name=each.name, default=getattr(plain, each.name), **each.metadata)


OPTIONS: Final = tuple(_declared())
"""The declaration of every option."""
