"""Parquet, and the file format of Apache Arrow, by the extra `arrow`.

Sources: https://parquet.apache.org/docs/file-format/, https://arrow.apache.org/docs/format/Columnar.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from box_dialect.cli.formats.result_format import Format

if TYPE_CHECKING:
    from box_dialect.cli.formats.rows import Rows


def _write_parquet(rows: Rows, stream: BinaryIO, _header: bool) -> None:
    import pyarrow.parquet

    from box_dialect.arrow import reader

    batches = reader(rows)
    with pyarrow.parquet.ParquetWriter(stream, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_arrow(rows: Rows, stream: BinaryIO, _header: bool) -> None:
    import pyarrow as pa

    from box_dialect.arrow import reader

    batches = reader(rows)
    with pa.ipc.new_file(stream, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


_MODULE: Final = "box_dialect.arrow"
PARQUET: Final = Format("parquet", (".parquet", ".pq"), _write_parquet, needs_names=True, is_text=False, module=_MODULE)
ARROW: Final = Format("arrow", (".arrow", ".feather"), _write_arrow, needs_names=True, is_text=False, module=_MODULE)
