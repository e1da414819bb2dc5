"""The properties of documents as tables, which are called as those of the commercial connectors for XML and CSV.

Source: the options of `box_dialect.documents.options`, whose properties they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from box_dialect.properties.model import declare


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DocumentProperties:
    """What makes documents tables of a connection, and how these are read."""

    uri: str | None = declare(
        "URI",
        reach="nothing",
        compare=False,
        doc="Which documents at Box are tables of the connection: the path of a file, of a folder (`/HR/`), a pattern "
        "(`/Sales/2026-*.csv`), or the id of a file.",
    )
    data_model: str = declare(
        "DataModel",
        "choice",
        reach="nothing",
        compare=False,
        values=("Document", "FlattenedDocuments", "Relational"),
        default="Document",
        doc="One table with nested arrays as text, one table that joins them, or one table for each array.",
    )
    xpath: str | None = declare(
        "XPath",
        reach="nothing",
        compare=False,
        doc="The paths of the rows' elements, with semicolons between them. Default: every array of objects is found.",
    )
    xml_format: str = declare(
        "XMLFormat",
        "choice",
        reach="nothing",
        compare=False,
        values=("XML", "XMLTABLE"),
        default="XML",
        doc="How `XPath` is meant: paths of elements, or `row:`, `column:` and `value:` of a table that names its "
        "columns.",
    )
    row_scan_depth: int = declare(
        "RowScanDepth",
        "integer",
        reach="nothing",
        compare=False,
        default=100,
        doc="How many rows are read to find columns and types; 0 is the whole document.",
    )
    type_detection: str = declare(
        "TypeDetectionScheme",
        "choice",
        reach="nothing",
        compare=False,
        values=("RowScan", "None"),
        default="RowScan",
        doc="Whether types are found in the rows that are scanned, or every column is text.",
    )
    flatten_objects: bool = declare(
        "FlattenObjects",
        "boolean",
        reach="nothing",
        compare=False,
        default=True,
        doc="Whether the parts of an object have columns of their own, instead of one with its text.",
    )
    flatten_arrays: int = declare(
        "FlattenArrays",
        "integer",
        reach="nothing",
        compare=False,
        default=0,
        doc="How many elements of a nested array have columns of their own, such as `grades.0.grade`; 0 is none.",
    )
    qualify_columns: str = declare(
        "QualifyColumns",
        "choice",
        reach="nothing",
        compare=False,
        values=("None", "Parent", "Full"),
        default="None",
        doc="Whether columns are named from their row's element, with its name, or from the root of the document.",
    )
    separator: str = declare(
        "SeparatorCharacter",
        reach="nothing",
        compare=False,
        default=".",
        doc="What stands between the names of nested elements in the name of a column.",
    )
    charset: str | None = declare(
        "Charset", reach="nothing", compare=False, doc="The encoding, where the document does not say it rightly."
    )
    fmt: str = declare(
        "FMT",
        reach="nothing",
        compare=False,
        default="CsvDelimited",
        doc="What stands between the values of CSV: `CsvDelimited` a comma, `TabDelimited` a tab, or the character "
        "itself.",
    )
    include_column_headers: bool = declare(
        "IncludeColumnHeaders",
        "boolean",
        reach="nothing",
        compare=False,
        default=True,
        doc="Whether the first row of CSV or of a sheet has the names of the columns.",
    )
    skip_top: int = declare(
        "SkipTop",
        "integer",
        reach="nothing",
        compare=False,
        default=0,
        doc="How many rows of CSV or of a sheet are skipped at the beginning.",
    )
    document_cache: str | None = declare(
        "DocumentCache",
        "path",
        reach="path",
        compare=False,
        doc="The folder that keeps documents from one statement to the next, by the SHA-1 of their content. Default: "
        "none are kept.",
    )
    max_document_cache: int = declare(
        "MaxDocumentCache",
        "integer",
        reach="bound",
        compare=False,
        default=1024,
        minimum=1,
        doc="Megabytes that the folder of `DocumentCache` may take; what was read least lately makes room.",
    )
