"""A CSV document opened: its delimiter, its header, and the text after that in UTF-8."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from box_dialect.documents.charsets import utf8
from box_dialect.documents.csv_lexer import CsvLexer
from box_dialect.documents.decompression import expanded, plain_name
from box_dialect.documents.headers import unique_names
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from box_dialect.documents.model import Document
    from box_dialect.documents.options import Options


def delimiter_of(document: Document, options: Options) -> str:
    r"""Return the character between values, by `fmt` or, where that says nothing else, a tab for `.tsv` and `.tab`.

    `fmt` is `CsvDelimited`, `TabDelimited`, `Delimited(;)`, `\t` or the character. Raises ProgrammingError for what is
    no single ASCII character, or could not be told from a quote or a line break.
    """
    said = options.fmt
    if said.lower().startswith("delimited(") and said.endswith(")"):
        said = said[len("delimited(") : -1]
    named = {"csvdelimited": ",", "tabdelimited": "\t", "\\t": "\t"}
    delimiter = named.get(said.lower(), said)
    if said.lower() == "csvdelimited" and plain_name(document.name).lower().endswith((".tsv", ".tab")):
        delimiter = "\t"
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise ProgrammingError(
            f"the option fmt is CsvDelimited, TabDelimited, or one ASCII character that is no quote or line break, "
            f"not {options.fmt!r}"
        )
    return delimiter


class CsvText:
    """A CSV document after its header: the names of the columns, and the rows, by `lexer` or as bytes by `data()`.

    One that is empty has no names.
    """

    def __init__(self, document: Document, stream: BinaryIO, options: Options) -> None:
        self.delimiter = delimiter_of(document, options)
        self._stream = utf8(document.name, stream, options.charset)
        self.lexer = CsvLexer(document.name, self._stream, self.delimiter.encode())
        self.lexer.lines(options.skip_top)
        row = next(iter(self.lexer), None)
        self.names: tuple[str, ...] = ()
        if row is not None:
            headers = self.lexer.fields(row)
            if not options.include_column_headers:
                headers = [""] * len(headers)
                self.lexer.give_back(row)
            self.names = unique_names(document.name, headers)

    def data(self, last: bytes) -> BinaryIO:
        """Return the rows as bytes, with one more row at their end."""
        return io.BufferedReader(_Closed(self.lexer.rest(), self._stream, b"\n" + last + b"\n"), 1 << 18)


@contextmanager
def opened(document: Document, options: Options) -> Iterator[CsvText]:
    """Open a document, also a compressed one."""
    with expanded(document).open() as stream:
        yield CsvText(document, stream, options)


class _Closed(io.RawIOBase):
    """What has been read of a stream, the rest of it, and a last row."""

    def __init__(self, start: bytes, stream: BinaryIO, end: bytes) -> None:
        self._start, self._stream, self._end = start, stream, end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if not self._start:
            self._start = self._stream.read(len(view))
        if not self._start:
            self._start, self._end = self._end, b""
        data, self._start = self._start[: len(view)], self._start[len(view) :]
        view[: len(data)] = data
        return len(data)
