"""The instructions of SQLite's bytecode, as EXPLAIN lists them: what they write, and what they compare by.

Source: https://www.sqlite.org/opcode.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

EQUAL: Final = frozenset({"Eq", "Ne"})
ORDERED: Final = frozenset({"Lt", "Le", "Gt", "Ge"})
LOOKS_UP: Final = frozenset(
    {"Found", "NotFound", "IfNoHope", "SeekLT", "SeekLE", "SeekGE", "SeekGT", "IdxLT", "IdxLE", "IdxGE", "IdxGT"}
)
"""What compares values with the rows of a table; NoConflict does so for what is stored, as its column has it."""
OWN: Final = frozenset({"OpenEphemeral", "OpenAutoindex", "SorterOpen"})
"""What opens a table that the statement makes for itself."""
OPENS: Final = OWN | {"OpenRead", "OpenWrite", "ReopenIdx"}
INSERTS: Final = frozenset({"Insert", "IdxInsert", "SorterInsert"})
RECORDS: Final = frozenset({"MakeRecord", "SorterData", "RowData"})
COPIES: Final = frozenset({"Copy", "SCopy", "Move", "IntCopy"})
COMPUTES: Final = frozenset(
    {"Integer", "Int64", "Real", "Count", "Rowid", "NewRowid", "Sequence", "Add", "Subtract", "Multiply", "Divide"}
    | {"Remainder", "BitAnd", "BitOr", "ShiftLeft", "ShiftRight"}
)
"""What gives a number."""
_FIRST: Final = frozenset({"Cast", "SoftNull"})
_SECOND: Final = frozenset(
    {"Integer", "Int64", "Real", "Count", "Rowid", "NewRowid", "Sequence", "String8", "String", "Variable", "SCopy"}
    | {"IntCopy", "Blob", "Not", "BitNot", "IsTrue", "Param", "ZeroOrNull", "IdxRowid"}
)
_THIRD: Final = frozenset(
    {"Add", "Subtract", "Multiply", "Divide", "Remainder", "BitAnd", "BitOr", "ShiftLeft", "ShiftRight", "Concat"}
    | {"And", "Or", "Offset", "RowSetRead", "VColumn", "Column", "Function", "PureFunc", "AggStep", "AggValue"}
)
"""What writes the register that its first, second or third operand names."""


class Step(NamedTuple):
    """An instruction: its code and its operands."""

    code: str
    first: int
    second: int
    third: int
    fourth: str | None
    fifth: int


def written_by(step: Step) -> Iterable[int]:
    """Return the registers that an instruction writes; the place of a record is that of its register, inverted."""
    if step.code in RECORDS:
        return (~step.third if step.code == "MakeRecord" else ~step.second,)
    if step.code in _FIRST:
        return (step.first,)
    if step.code in _SECOND:
        return (step.second,)
    if step.code in _THIRD:
        return (step.third,)
    if step.code == "Null":
        return range(step.second, max(step.second, step.third) + 1)
    count = {"Copy": step.third + 1, "Move": step.third}.get(step.code, 0)
    return range(step.second, step.second + count)


def function_of(step: Step) -> tuple[str, int]:
    """Return the name of a function and the number of its arguments, less than 0 where that varies: `max(-3)`."""
    name, _, count = (step.fourth or "").removesuffix(")").partition("(")
    return name.lower(), int(count or 0)


def collation_of(collation: str | None) -> str:
    """Return the name of a collation as a listing has it: `MOMENT-8`, `B`, `-B`, nothing."""
    name = (collation or "").split("-8")[0].lstrip("-").removeprefix("N.")
    return "BINARY" if name in {"", "B"} else name.upper()


def collations_of(key: str | None) -> list[str]:
    """Return the collation of each column of a key: `k(2,-MOMENT,B)`."""
    return [collation_of(part) for part in key[2:-1].split(",")[1:]] if key is not None and key.startswith("k(") else []
