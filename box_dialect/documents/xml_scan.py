"""The shape of an XML document: its first elements, as far as it takes to know its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.documents.bounds import COLUMNS
from box_dialect.documents.nested_tables import NAMESPACE
from box_dialect.documents.shape import Scan
from box_dialect.documents.values import TypeDetection
from box_dialect.documents.xml_stream import XMLStream
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_dialect.documents.model import Document
    from box_dialect.documents.options import Options
    from box_dialect.documents.paths import Path
    from box_dialect.documents.shape import Shape

_XML: Final = "http://www.w3.org/XML/1998/namespace"
"""The namespace of the prefix `xml`, which no document declares."""


def scanned(
    document: Document,
    options: Options,
    paths: Sequence[Path],
    ended: Callable[[Shape, Any], None] = lambda _shape, _element: None,
) -> Shape:
    """Return what the elements have in common that are scanned for rows at some paths, or any where there are none.

    `ended` is called with each element at its end. Raises DataError where the document cannot be read; with
    `on_error='skip'` only where there is no row before.
    """
    scan = Scan(document.name, options.row_scan_depth, paths)
    try:
        _take(scan, document, options, ended)
    except DataError:
        if options.on_error == "fail" or not scan.has_rows():
            raise
    return scan.document


def _take(scan: Scan, document: Document, options: Options, ended: Callable[[Shape, Any], None]) -> None:
    """Have a scan take the elements of a document, until it is done."""
    names = _Names()
    for events in XMLStream(document, options.charset).chunks():
        for event, element in events:
            if event == "start":
                _begin(scan, element, names)
            else:
                shape = scan.end()
                _read_text(shape, element)
                ended(shape, element)
                if scan.is_done:
                    return


class _Names(dict[str, str]):
    """What users call elements and attributes, by their tags: with the prefix that the document gives the namespace."""

    def of(self, tag: str, element: Any) -> str:
        """Return the name of an element, or of an attribute that it has."""
        name = self.get(tag)
        if name is None:
            namespace, _, local = tag.rpartition("}")
            prefixes = {uri: prefix for prefix, uri in element.nsmap.items()} | {_XML: "xml"}
            prefix = prefixes.get(namespace[1:])
            name = self[tag] = f"{prefix}:{local}" if prefix else local
        return name


def _begin(scan: Scan, element: Any, names: _Names) -> None:
    before = element.getprevious()
    parent = scan.open
    if before is not None and _says(before.tail):
        parent.is_mixed = True
    shape = scan.begin(element.tag, names.of(element.tag, element))
    if len(element.attrib) > COLUMNS or (shape.count == 1 and len(element.nsmap) > COLUMNS):
        raise scan.too_many_attributes(shape)
    attributes = element.items()  # takes time by the square of their number
    if shape.count == 1:
        above = {} if (over := element.getparent()) is None else over.nsmap
        attributes += [
            (f"{NAMESPACE}:{prefix}" if prefix else NAMESPACE, uri)
            for prefix, uri in element.nsmap.items()
            if above.get(prefix) != uri
        ]
    for key, value in attributes:
        if key not in shape.attributes:
            scan.count_shape()
            shape.attributes[key] = (key if key.startswith(NAMESPACE) else names.of(key, element), TypeDetection())
        shape.attributes[key][1].add_text(value)


def _read_text(shape: Shape, element: Any) -> None:
    text = element.text
    if not len(element):
        shape.detection.add_text(text or "")
    elif _says(text) or _says(element[-1].tail):
        shape.is_mixed = True


def _says(text: str | None) -> bool:
    return text is not None and not text.isspace() and text != ""
