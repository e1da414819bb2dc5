"""Which row groups of a Parquet document can have rows, by the statistics in its footer."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from box_dialect.documents.arrow_values import Value, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow.parquet as pq

    from box_dialect.documents.model import Comparison

_CAN_HOLD: Final[Mapping[str, Callable[[Any, Any, Any], bool]]] = {
    "=": lambda least, most, value: least <= value <= most,
    "<": lambda least, _most, value: operator.lt(least, value),
    "<=": lambda least, _most, value: operator.le(least, value),
    ">": lambda _least, most, value: operator.gt(most, value),
    ">=": lambda _least, most, value: operator.ge(most, value),
}
"""Whether any value from the least to the most is in a comparison with a value."""

_LARGEST: Final = (1 << 63) - 1


def can_have_rows(group: pq.RowGroupMetaData, paths: Sequence[str], comparisons: Sequence[Comparison]) -> bool:
    """Tell whether comparisons can hold in a row group; `paths` are those of the columns that comparisons count.

    What the statistics do not tell may be: bounds of another kind of value than the one compared, or none.
    """
    chunks: dict[str, list[pq.ColumnChunkMetaData]] = {}
    for each in range(group.num_columns if comparisons else 0):
        chunk = group.column(each)
        chunks.setdefault(chunk.path_in_schema, []).append(chunk)
    for comparison in comparisons:
        found = chunks.get(paths[comparison.column], ())
        if len(found) == 1 and not _can_hold(found[0], comparison):
            return False
    return True


def _can_hold(chunk: pq.ColumnChunkMetaData, comparison: Comparison) -> bool:
    statistics = chunk.statistics
    if statistics is None:
        return True
    if comparison.operator == "IS NULL":
        return not (statistics.has_null_count and statistics.null_count == 0) or _may_be_nan(chunk)
    if statistics.has_null_count and statistics.null_count == chunk.num_values:
        return False
    compares = _CAN_HOLD.get(comparison.operator)
    if compares is None or not statistics.has_min_max or _may_be_cut(statistics):
        return True
    try:
        least, most = stored(statistics.min), stored(statistics.max)
    except (ValueError, OverflowError):  # a text that is none, or a moment beyond Python's
        return True
    return not _are_alike(least, most, comparison.value) or compares(least, most, comparison.value)


def _may_be_nan(chunk: pq.ColumnChunkMetaData) -> bool:
    """Tell whether values may be NULL of which the statistics know nothing: SQLite has no NaN."""
    return chunk.physical_type in {"FLOAT", "DOUBLE"}


def _may_be_cut(statistics: pq.Statistics) -> bool:
    """Tell whether bounds may have fewer bytes than values, which pyarrow does not look at."""
    return bool(statistics.physical_type == "FIXED_LEN_BYTE_ARRAY" and statistics.logical_type.type != "DECIMAL")


def _are_alike(least: Value, most: Value, value: object) -> bool:
    """Tell whether SQLite compares values of these kinds as Python does."""
    if isinstance(value, int | float):
        return all(isinstance(each, int | float) and each <= _LARGEST for each in (least, most))
    return isinstance(value, str | bytes) and type(least) is type(most) is type(value)
