"""Predicates: the conditions that Box's queries on metadata take, by the type of the field.

What a type takes is data: `KINDS` has the operators of each, and what a value is sent as; `ITEM_FIELDS` has those of
the files and folders themselves. A `Language` says where a query takes the text of its predicate and the values in it,
and what fields are called there, so that another query is another language of the same kinds. A condition is sent where
Box surely finds all rows that SQLite would: SQLite compares again. What SQLite tells of by itself, comparisons that all
hold, is joined by AND (`Endpoint.joins`); what it does not is read in the statement, and sent as a whole.

Source: https://developer.box.com/guides/metadata/queries/syntax
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from box_dialect.catalog.datetimes import canonical, is_canonical, read_datetime
from box_dialect.catalog.model import RANGE, TOLD, Bound, Comparison, Condition, Filter, Op, Predicate, Sent, decided
from box_dialect.catalog.values import comparable, numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from box_dialect.catalog.model import Word

MOST_VALUES: Final = 100
"""Values of an IN that are sent; the rows of a longer one are found by the other conditions."""

MOST_NESTED: Final = 50
"""Parentheses within each other that are sent."""

_EXACT_NUMBERS: Final = 1 << 24
"""From here on Box may take neighbouring numbers for one. Source: …/guides/search/filters/metadata"""

_LARGEST_WHOLE: Final = 1 << 53
_WHOLE: Final = timedelta(milliseconds=1)
"""Box keeps moments to the millisecond."""

_SECOND: Final = timedelta(seconds=1)
"""What the times of items are told in; Box may know them better."""

Written: TypeAlias = Callable[[Op, Any], "tuple[str, Any] | None"]
"""Write a comparison with one value as an operator of Box's and the value behind it.

It finds the same rows or more; None where that is not sure.
"""


@dataclass(frozen=True, slots=True)
class Language:
    """Where a query takes its predicate, and what is called how there.

    `text` and `values` are the dotted places of its text, and of the values of its parameters. `field` and `item` are
    what a field of a template and one of an item are called, with `{key}` for its key.
    """

    text: str
    values: str
    field: str = "{key}"
    item: str = "item.{key}"

    @property
    def joins(self) -> Mapping[str, str]:
        """What stands between the conditions on several fields."""
        return {self.text: " AND "}


@dataclass(frozen=True, slots=True)
class Kind:
    """What fields of a type take: the comparisons, how each is written, and what a value is compared as.

    `leaves` is the part of the rows that a comparison is thought to leave, where it does not tell itself.
    """

    ops: frozenset[Op]
    written: Written
    compared: Callable[[Any], Any] = comparable
    leaves: float | None = None


class Field(NamedTuple):
    """A field as a language calls it, and its kind."""

    name: str
    kind: Kind


class Said(NamedTuple):
    """A condition in the words of Box's, with `?` for each of the values, and how deep its parentheses go."""

    text: str
    values: tuple[Any, ...] = ()
    depth: int = 0


EXECUTE_READ: Final = Language("query", "query_params")
"""Source: https://developer.box.com/reference/post-metadata-queries-execute-read/"""

_SIGNS: Final = {Op.EQ: "=", Op.IN: "=", Op.NE: "<>", Op.NOT_IN: "<>"} | {
    Op.GT: ">",
    Op.GE: ">=",
    Op.LT: "<",
    Op.LE: "<=",
}
_WIDER: Final = {Op.GT: ">=", Op.LT: "<="}
_DIFFERENT: Final = frozenset({Op.NE, Op.NOT_IN})
_OF_NULL: Final = {Op.IS_NULL: "IS NULL", Op.NOT_NULL: "IS NOT NULL"}
_OF_LISTS: Final = {
    Op.IN: "{name} IN {list}",
    Op.NOT_IN: "{name} NOT IN {list}",
    Op.HAS_ANY: "{name} HASANY {list}",
    Op.HAS_NONE: "(NOT {name} HASANY {list} OR {name} IS NULL)",
}
"""What is said of several values. Nobody tells whether a field whose list is empty has a value."""
_PATTERNS: Final = {Op.LIKE: "ILIKE", Op.NOT_LIKE: "NOT LIKE"}
_ESCAPED: Final = frozenset("%_\\")
_OR_NULL: Final = "({said} OR {name} IS NULL)"


def _text(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with a text.

    SQLite's LIKE folds the letters of ASCII and Box's ILIKE those of all alphabets, its LIKE none. What a character is
    need not be the same to both, so that any text may stand for `_`.
    """
    if op in _PATTERNS:
        pattern = _pattern(*value, any_letter="%" if op is Op.LIKE else None)
        return None if pattern is None else (_PATTERNS[op], pattern)
    return (_SIGNS[op], value) if isinstance(value, str) else None


def _pattern(pattern: Any, escape: Any = None, *, any_letter: str | None) -> str | None:
    """Return a pattern of SQLite's in the form of Box's, with `any_letter` for `_`; None where there is none."""
    if not isinstance(pattern, str) or (escape is not None and (not isinstance(escape, str) or len(escape) != 1)):
        return None
    found: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == escape:
            escaped = next(letters, None)
            if escaped is None:  # which no text is like
                return None
            found.append(f"\\{escaped}" if escaped in _ESCAPED else escaped)
        elif letter == "_" and any_letter is None:
            return None
        else:
            found.append({"_": any_letter or "", "\\": "\\\\"}.get(letter, letter))
    return "".join(found)


def _filled(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with a text that is empty where Box may know of none."""
    written = _text(op, value)
    return written if written is not None and written[1].strip("%") else None


def _user(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with a user's id."""
    return _text(op, f"user_{value}") if isinstance(value, str) else None


def _number(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with a number; the neighbours of one that Box may not tell from them are found too."""
    if isinstance(value, int) and abs(value) > _LARGEST_WHOLE:
        value = float(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    if value == int(value) and abs(value) < _EXACT_NUMBERS:
        return _SIGNS[op], value
    return None if op in _DIFFERENT else (_WIDER.get(op, _SIGNS[op]), value)


def _moment(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with a moment in RFC 3339; one between two milliseconds is rounded outwards."""
    spelled = canonical(value) if isinstance(value, str) else None
    if spelled is None:
        return None
    moment = read_datetime(spelled).replace(tzinfo=None)
    before = moment - timedelta(microseconds=moment.microsecond % 1000)
    if before == moment and is_canonical(spelled):
        return _SIGNS[op], _rfc3339(moment)
    if op in {Op.GT, Op.GE}:
        return ">=", _rfc3339(before)
    try:
        return ("<=", _rfc3339(before + _WHOLE)) if op in {Op.LT, Op.LE} else None
    except OverflowError:
        return None


def _time_of_item(op: Op, value: Any) -> tuple[str, Any] | None:
    """Write a comparison with the time of an item, rounded outwards."""
    moment = canonical(value) if isinstance(value, str) else None
    if moment is None:
        return None
    step = -_SECOND if op in {Op.GT, Op.GE} else _SECOND
    try:
        return _WIDER.get(op, _SIGNS[op]), _rfc3339(read_datetime(moment).replace(tzinfo=None) + step)
    except OverflowError:
        return None


def _rfc3339(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _option(_op: Op, value: Any) -> tuple[str, Any] | None:
    """Write that a list has a value."""
    return ("HASANY", value) if isinstance(value, str) else None


def _as_is(value: Any) -> Any:
    return value


def _nothing(_op: Op, _value: Any) -> tuple[str, Any] | None:
    return None


_EQUAL: Final = frozenset({Op.EQ, Op.IN, Op.IS})
_UNEQUAL: Final = frozenset({Op.NE, Op.NOT_IN})
_COMPARED: Final = frozenset({Op.IS_NOT, *_OF_NULL, *_EQUAL, *_UNEQUAL})
_LIKE: Final = frozenset({Op.LIKE, Op.NOT_LIKE})

KINDS: Final[Mapping[str, Kind]] = {
    "string": Kind(_COMPARED | _LIKE, _text),
    "enum": Kind(_COMPARED, _text),
    "float": Kind(_COMPARED | RANGE, _number, numeric),
    "date": Kind(_COMPARED | RANGE, _moment),
    "multiSelect": Kind(frozenset({Op.IS_NULL, Op.HAS_ANY, Op.HAS_NONE}), _option, _as_is),
    "taxonomy": Kind(frozenset({Op.IS_NULL}), _nothing),
}
"""What fields take, by their types.

Texts are compared by `=` alone, for nobody tells in which order Box has them. Whether an empty list counts as a value
is not told either, so that such fields have no IS NOT NULL.
"""

_NAME: Final = Kind(_EQUAL | _UNEQUAL | _LIKE, _text)
_FILLED: Final = Kind(_EQUAL | {Op.LIKE}, _filled)
_TIME: Final = Kind(RANGE, _time_of_item)

ITEM_FIELDS: Final[Mapping[str, tuple[str, Kind]]] = {
    "name": ("name", _NAME),
    "type": ("type", Kind(_NAME.ops, _text, leaves=0.9)),
    "description": ("description", _FILLED),
    "extension": ("extension", _FILLED),
    "owned_by_id": ("owned_by", Kind(_EQUAL | _UNEQUAL, _user)),
    **{time: (time, _TIME) for time in ("created_at", "modified_at", "content_created_at", "content_modified_at")},
}
"""What columns of `files` and `folders` are called in queries, and what they take.

Source: https://developer.box.com/guides/metadata/queries/item-fields
"""


def said(field: Field, op: Op, given: Sequence[Any]) -> Sent[Said]:
    """Return a comparison of a field with some values."""
    name, kind = field
    if op not in kind.ops:
        return True
    if op in _OF_NULL:
        return Said(f"{name} {_OF_NULL[op]}")
    if op in {Op.IS, Op.IS_NOT}:
        return _identical(field, op, given[0])
    known = [kind.compared(value) for value in given if value is not None]
    if op in _PATTERNS:  # with the letter of ESCAPE, if there is one
        known = [tuple(known)] if len(known) == len(given) else []
    if op is not Op.HAS_NONE and (not known or (op is Op.NOT_IN and len(known) < len(given))):
        return False
    written = [kind.written(op, value) for value in known[: MOST_VALUES + 1]]
    found = [each for each in written if each is not None]
    # What differs from all of some values differs from each.
    if not found or len(found) > MOST_VALUES or (len(found) < len(written) and op not in {Op.NOT_IN, Op.HAS_NONE}):
        return True
    values = tuple(value for _, value in found)
    if op in _OF_LISTS:
        return Said(_OF_LISTS[op].format(name=name, list=f"({', '.join('?' * len(values))})"), values)
    return Said(f"{name} {found[0][0]} ?", values)


def _identical(field: Field, op: Op, value: Any) -> Sent[Said]:
    """Return that a field has a value, or has not, where NULL is one too."""
    if value is None:
        return said(field, Op.IS_NULL if op is Op.IS else Op.NOT_NULL, ())
    if op is Op.IS:
        return said(field, Op.EQ, [value])
    differs = said(field, Op.NE, [value])
    return (
        differs
        if isinstance(differs, bool)
        else Said(_OR_NULL.format(said=differs.text, name=field.name), differs.values)
    )


def joined(word: Word, parts: Iterable[Sent[Said]]) -> Sent[Said]:
    """Return conditions joined by a word."""
    found = decided(word, parts)
    if isinstance(found, bool):
        return found
    if len(found) == 1:
        return found[0]
    depth = max(part.depth for part in found) + 1
    values = tuple(value for part in found for value in part.values)
    return Said(f"({f' {word} '.join(part.text for part in found)})", values, depth) if depth <= MOST_NESTED else True


def comparing(column: str, field: Field, number: int, language: Language) -> Filter:
    """Return the filter that sends the comparisons of a column that SQLite tells of, as conditions on a field.

    `number` tells its parameters apart from those of others.
    """

    def render(bound: Bound, _: Mapping[str, str]) -> Mapping[str, Any]:
        found = [each for op, given in bound if not isinstance(each := said(field, op, given), bool)]
        values = tuple(value for each in found for value in each.values)
        return numbered(" AND ".join(each.text for each in found), values, f"p{number}_", language)

    return Filter(column, field.kind.ops & TOLD, render, field.kind.leaves)


def predicate(fields: Mapping[str, Field], language: Language) -> Predicate:
    """Return what sends conditions on columns that are, or refer to, fields of Box's."""

    def render(condition: Condition, values: Sequence[Any]) -> Mapping[str, Any]:
        def compared(comparison: Comparison) -> Sent[Said]:
            return said(fields[comparison.column], comparison.op, [values[number] for number in comparison.values])

        found = condition.folded(compared, joined)
        return {} if isinstance(found, bool) else numbered(found.text, found.values, "c", language)

    return Predicate(_Ops(fields), render)


class _Ops(Mapping[str, frozenset[Op]]):
    """The comparisons of fields, as these are: more may become known."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields

    def __getitem__(self, column: str) -> frozenset[Op]:
        return self._fields[column].kind.ops

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def numbered(text: str, values: Sequence[Any], prefix: str, language: Language) -> Mapping[str, Any]:
    """Return what is sent of a text with `?` for each of some values."""
    if not text:
        return {}
    first, *others = text.split("?")
    numbered = "".join([first, *(f":{prefix}{place}{other}" for place, other in enumerate(others))])
    return {language.text: numbered, **{f"{language.values}.{prefix}{place}": v for place, v in enumerate(values)}}
