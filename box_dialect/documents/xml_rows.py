"""Rows out of elements of an XML document."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from lxml import etree

from box_dialect.documents.bounds import VALUE_BYTES
from box_dialect.documents.nested_tables import NAMESPACE
from box_dialect.documents.row_plan import misfit
from box_dialect.documents.values import bounded, too_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box_dialect.documents.row_plan import Convert, Groups, Part, Row, RowPlan, Values


class XMLRows:
    """Read the rows of one element after the other by a plan.

    Text in the place of one value, such as two elements where the scan has seen one at most, is their text as XML.
    Raises DataError for an element that has no place in the columns.
    """

    def __init__(self, plan: RowPlan) -> None:
        self._plan = plan
        self._gathered: list[tuple[Values, int]] = []

    def of(self, element: Any, number: int, parent: int) -> Iterator[tuple[object, ...]]:
        """Return the rows of an element, the `number`-th at its path, in the `parent`-th at that of the parents."""
        plan = self._plan
        values: Values = plan.row.template.copy()
        groups: Groups = [[] for _ in plan.row.groups]
        if plan.id_slot >= 0:
            values[plan.id_slot] = number
        if plan.parent_slot >= 0:
            values[plan.parent_slot] = parent
        self._gathered.clear()
        self._read(element, plan.root, values, groups)
        self._join(0)
        return plan.rows_of(values, groups)

    def _read(self, element: Any, part: Part, values: Values, groups: Groups) -> None:
        """Read an element, and what is in it, into the values of its row."""
        if part.seen >= 0:
            if values[part.seen]:
                raise misfit(f"line {element.sourceline}", f"<{part.key.rpartition('}')[2]}> is there twice")
            values[part.seen] = True
        if part.fragment >= 0 and part.row is not None:
            self._gather(element, part.fragment, values)
        if part.value >= 0:
            self._take(element, part.value, part.convert, values)
        if part.attributes:
            _read_attributes(element, part, values)
        children = part.children
        if not children:
            return
        for child in element:
            inner = children.get(child.tag)
            if inner is None:
                continue
            if inner.is_value and values[inner.value] is None and not len(child):
                text = child.text or ""
                values[inner.value] = text if inner.convert is None else inner.convert(text)
            else:
                self._read_part(child, inner, values, groups)

    def _read_part(self, child: Any, part: Part, values: Values, groups: Groups) -> None:
        if part.fragment >= 0 and part.row is None:
            self._gather(child, part.fragment, values)
        if part.counter >= 0:
            number = values[part.counter]
            values[part.counter] = number + 1
            if (numbered := part.numbered.get(number)) is not None:
                self._read_part(child, numbered, values, groups)
        if part.row is not None:
            self._read_row(child, part, part.row, groups[part.group])
        elif part.labels:
            slot, convert = part.labels.get(child.get(part.label, ""), (-1, None))
            if slot >= 0:
                self._take(child, slot, convert, values, part.label)
        elif part.is_value:
            self._take(child, part.value, part.convert, values)
        else:
            self._read(child, part, values, groups)

    def _read_row(self, element: Any, part: Part, row: Row, found: list[tuple[object, ...]]) -> None:
        """Add the rows of an element that is joined to the row that it is in."""
        values: Values = row.template.copy()
        groups: Groups = [[] for _ in row.groups]
        gathered = len(self._gathered)
        self._read(element, part, values, groups)
        self._join(gathered)
        row.join(found, values, groups)

    def _take(self, element: Any, slot: int, convert: Convert, values: Values, label: str | None = None) -> None:
        """Take a value; as XML where elements are in it, and with those of its name before it where it is not alone."""
        if len(element) == 0 and values[slot] is None:
            text = element.text or ""
            values[slot] = text if convert is None else convert(text)
            return
        if values[slot] is not None and not isinstance(values[slot], StringIO):
            values[slot] = None
            for each in reversed(list(element.itersiblings(element.tag, preceding=True))):
                if label is None or each.get(label) == element.get(label):
                    self._gather(each, slot, values)
        self._gather(element, slot, values)

    def _gather(self, element: Any, slot: int, values: Values) -> None:
        """Take an element as text of XML, after those that the slot has."""
        if values[slot] is None:
            values[slot] = StringIO()
            self._gathered.append((values, slot))
        values[slot].write(etree.tostring(element, encoding="unicode", with_tail=False))
        if values[slot].tell() > VALUE_BYTES:
            raise too_long("the document")

    def _join(self, since: int) -> None:
        for values, slot in self._gathered[since:]:
            values[slot] = bounded(values[slot].getvalue(), "the document")
        del self._gathered[since:]


def _read_attributes(element: Any, part: Part, values: Values) -> None:
    for key, slot, convert in part.attributes:
        text = _namespace(element, key) if key.startswith(NAMESPACE) else element.get(key)
        if text is not None:
            values[slot] = text if convert is None else convert(text)


def _namespace(element: Any, key: str) -> str | None:
    """Return the namespace that an element declares by `xmlns` or `xmlns:prefix`; None where it does not."""
    prefix = key.partition(":")[2] or None
    found: str | None = element.nsmap.get(prefix)
    above = element.getparent()
    return None if above is not None and above.nsmap.get(prefix) == found else found
