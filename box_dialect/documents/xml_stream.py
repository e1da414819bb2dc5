"""An XML document as it is read: elements as they begin and end, freed as soon as they are behind.

libxml2 reads nothing but the bytes that it is given: no network, no DTD, no entities. Sources:
https://lxml.de/parsing.html#the-feed-parser-interface,
https://lxml.de/FAQ.html#how-do-i-use-lxml-safely-as-a-web-service-endpoint
"""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from box_dialect.documents.bounds import ROW_BYTES, ROW_TAGS, VALUE_BYTES
from box_dialect.documents.charsets import utf8
from box_dialect.documents.decompression import expanded
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from box_dialect.documents.model import Document

_CHUNK: Final = 64 << 10

_HOLE: Final = "WAR_UNDECLARED_ENTITY"
"""What libxml2 only warns of, and reads nothing for: an entity that may be in the DTD, which is not loaded."""

_ERROR: Final = 2
"""The least level of what libxml2 takes for an error."""


class XMLStream:
    """The events of an XML document, `start` and `end` of elements, a chunk of bytes after the other.

    Elements have events that have one of `tags`, and the root, or all where that is None. `rows` are the tags from the
    root to the elements that are to be whole when they end: what is outside of these is freed after each chunk, but for
    elements that are open. Raises DataError, after the events before, where the document is malformed, declares an
    entity, or is more than is read at once; ProgrammingError for a charset that is not known.
    """

    def __init__(
        self, document: Document, charset: str | None, tags: Sequence[str] | None = None, rows: Sequence[str] = ()
    ) -> None:
        self._document = expanded(document)
        self._tags = tags
        self._rows = list(rows)
        self._charset = charset
        self._root: Any = None
        self._row: Any = None
        self._row_bytes = self._row_tags = 0
        self._last: Any = None
        self._still_bytes = 0

    def chunks(self) -> Iterator[Iterator[tuple[str, Any]]]:
        """Yield the events of each chunk, which have to be taken before the next ones are asked for."""
        with self._document.open() as file:
            source = file if self._charset is None else utf8(self._document.name, file, self._charset)
            chunk, tag = self._head(source)
            if self._rows and tag != self._rows[0]:
                raise DataError(f"{self._document.name} no longer fits its table: its root is now {printable(tag)}")
            parser = self._parser(tag=None if self._tags is None else {tag, *self._tags}, huge_tree=True)
            while chunk:
                error = self._error_of_feeding(parser, chunk)
                yield self._events(parser)
                if error is not None:
                    raise error
                self._free(chunk)
                chunk = source.read(_CHUNK)
        self._end(parser)

    def _head(self, source: BinaryIO) -> tuple[bytes, str]:
        """Return the beginning of the document, with which its root begins, and the root's tag.

        It is read by a parser that holds to libxml2's bounds, as what a DOCTYPE declares may be a bomb.
        """
        parser, head = self._parser(), b""
        while chunk := source.read(_CHUNK):
            head += chunk
            error = self._error_of_feeding(parser, chunk)
            for _, root in parser.read_events():
                declared = root.getroottree().docinfo.internalDTD
                if declared is not None and next(declared.iterentities(), None) is not None:
                    raise DataError(
                        f"{self._document.name} declares an entity in its DOCTYPE, and no such document is read, since"
                        " an entity may stand for any text and any file"
                    )
                return head, root.tag
            if error is not None:
                raise error
            if len(head) > VALUE_BYTES:
                raise DataError(f"{self._document.name} has no element in its first {VALUE_BYTES >> 20} MiB")
        self._end(parser)
        raise DataError(f"{self._document.name} has no element")

    def _parser(self, **more: Any) -> Any:
        # With collect_ids=False, lxml 6 has libxml2 load the DTD and use its entities.
        return etree.XMLPullParser(
            events=("start", "end"),
            encoding=None if self._charset is None else "UTF-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            **more,
        )

    def _error_of_feeding(self, parser: Any, chunk: bytes) -> DataError | None:
        """Return the error after the events of a chunk; raises that for an entity, which leaves a hole in these."""
        with contextlib.suppress(etree.XMLSyntaxError):
            parser.feed(chunk)
        for each in parser.feed_error_log:
            error = self._malformed(each.line, each.column, each.message)
            if each.type_name == _HOLE:
                raise error
            if each.level >= _ERROR:
                return error
        return None

    def _end(self, parser: Any) -> None:
        try:
            parser.close()
        except etree.XMLSyntaxError as error:
            line, column = error.position
            raise self._malformed(max(line, 1), max(column, 1), error.msg or "it is cut short") from None

    def _malformed(self, line: int, column: int, message: str) -> DataError:
        said = message.partition(", line ")[0].partition(", use XML_PARSE_HUGE")[0]
        return DataError(f"{self._document.name}, line {line}, column {column}: {printable(said, 200)}")

    def _events(self, parser: Any) -> Iterator[tuple[str, Any]]:
        events = parser.read_events()
        if self._root is None:
            for event in events:
                self._root = event[1]
                return itertools.chain((event,), events)
        return iter(events)

    def _free(self, chunk: bytes) -> None:
        """Free what is behind, and count what is not; raises DataError where that is too much."""
        size, element, row = len(chunk), self._root, None
        for depth in itertools.count(1):
            if depth >= len(self._rows) > 0 and element.tag == self._rows[-1] and tags_to(element) == self._rows:
                row = element
                break
            parts = len(element)
            if parts > 1:
                del element[:-1]
            if not parts:
                break
            element = element[-1]
        is_same = row is not None and row is self._row
        self._row_bytes = self._row_bytes + size if is_same else 0
        self._row_tags = self._row_tags + chunk.count(b"<") if is_same else 0
        self._still_bytes = self._still_bytes + size if element is self._last else 0
        self._row, self._last = row, element
        if self._row_bytes > ROW_BYTES:
            raise DataError(f"{self._document.name} has a row of more than {ROW_BYTES >> 20} MiB")
        if self._row_tags > ROW_TAGS:
            raise DataError(f"{self._document.name} has a row of more than {ROW_TAGS:,} tags")
        if self._still_bytes > VALUE_BYTES and row is None:
            raise DataError(f"{self._document.name} has a value of more than {VALUE_BYTES >> 20} MiB")


def tags_to(element: Any) -> list[str]:
    """Return the tags from the root to an element."""
    tags = []
    while element is not None:
        tags.append(element.tag)
        element = element.getparent()
    return tags[::-1]
