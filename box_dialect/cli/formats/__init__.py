"""The formats of a result: one declaration for each. To add one, write it, and name it in `FORMATS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.cli.formats.arrow_files import ARROW, PARQUET
from box_dialect.cli.formats.json_texts import JSON, NDJSON
from box_dialect.cli.formats.lines import CSV, MARKDOWN, TSV
from box_dialect.cli.formats.result_format import Format
from box_dialect.cli.formats.rows import Rows
from box_dialect.cli.formats.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["CSV", "FORMATS", "TABLE", "Format", "Rows", "of_file"]

FORMATS: Final[Mapping[str, Format]] = {
    each.name: each for each in (TABLE, CSV, TSV, JSON, NDJSON, MARKDOWN, PARQUET, ARROW)
}
"""All formats by their names."""


def of_file(path: Path) -> Format | None:
    """Return the format of a file by its extension, None for one that is not known."""
    extension = path.suffix.lower()
    return next((each for each in FORMATS.values() if extension in each.extensions), None)
