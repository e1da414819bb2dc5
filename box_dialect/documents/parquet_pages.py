"""The headers of a Parquet document's pages, checked as they are read: pyarrow inflates whatever they say.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.documents.compact_thrift import I32, CompactReader, EndError, Field, Struct
from box_dialect.errors import DataError, printable

if TYPE_CHECKING:
    import pyarrow.parquet as pq

HEADER_BYTES: Final = 1 << 20
"""The most bytes of the header of a page."""

DELTA: Final = "DELTA_BYTE_ARRAY"
"""The encoding of texts that tell how they differ from those before, and so may be much longer than what is read."""

_DELTA_BYTE_ARRAY: Final = 7
_HEADER: Final = Struct(
    "a PageHeader",
    {
        2: Field("uncompressed_page_size", I32),
        3: Field("compressed_page_size", I32),
        5: Field(
            "data_page_header",
            Struct("a DataPageHeader", {1: Field("num_values", I32), 2: Field("encoding", I32)}),
            optional=True,
        ),
        8: Field(
            "data_page_header_v2",
            Struct("a DataPageHeaderV2", {1: Field("num_values", I32), 4: Field("encoding", I32)}),
            optional=True,
        ),
    },
)


class Pages:
    """The pages of a chunk, which hold together no more than the footer says: what is read at once goes by that."""

    def __init__(self, name: str, chunk: pq.ColumnChunkMetaData) -> None:
        self._what = f"{name} cannot be read as Parquet: the chunk of {printable(chunk.path_in_schema)} has"
        dictionary = chunk.dictionary_page_offset or 0
        self._next = dictionary if 0 < dictionary < chunk.data_page_offset else chunk.data_page_offset
        self._end = self._next + chunk.total_compressed_size
        self._values = chunk.num_values
        self._bytes = chunk.total_uncompressed_size
        self._is_delta = DELTA in chunk.encodings
        self._held = b""

    def look(self, place: int, data: bytes) -> None:
        """Look at the headers in bytes of the document, which are read from the first to the last.

        Raises DataError for a page that is not as the footer says.
        """
        if self._held and place == self._next + len(self._held):
            place, data = self._next, self._held + data
        if self._values > 0 and self._next + len(self._held) < place < self._end:
            raise DataError(f"{self._what} pages that lie in another chunk")
        while self._values > 0 and place <= self._next < min(place + len(data), self._end):
            reader = CompactReader(data, self._next - place)
            try:
                header = reader.struct(_HEADER)
            except EndError:
                self._held = data[self._next - place :]
                if len(self._held) > HEADER_BYTES:
                    raise DataError(f"{self._what} a page with too long a header") from None
                return
            except ValueError as error:
                raise DataError(f"{self._what} a page with a broken header: {error}") from error
            self._held = b""
            self._take(header)
            self._next = place + reader.place + header["compressed_page_size"]

    def _take(self, header: dict[str, Any]) -> None:
        size = header["uncompressed_page_size"]
        of_values = [header[each] for each in ("data_page_header", "data_page_header_v2") if each in header]
        if min(size, header["compressed_page_size"], *(each["num_values"] for each in of_values)) < 0:
            raise DataError(f"{self._what} a page with a size of less than nothing")
        self._bytes -= size
        if self._bytes < 0:
            raise DataError(f"{self._what} {-self._bytes:,} bytes more in its pages than the footer says")
        if not self._is_delta and any(each["encoding"] == _DELTA_BYTE_ARRAY for each in of_values):
            raise DataError(f"{self._what} a page whose encoding the footer does not name")
        self._values -= sum(each["num_values"] for each in of_values)
