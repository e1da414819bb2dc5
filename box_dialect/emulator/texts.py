"""Extract the texts of documents, as Box does for its representation `extracted_text`.

What is text in UTF-8 is its own text, but for HTML, of which the tags go. Word and Excel files are read as far as their
texts go (ECMA-376); other formats, PDF among them, have none here.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from .content import Content, MemoryContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAMPLE = 10_000  # bytes that tell whether something is text
_MOST = 50 << 20  # bytes of a part of a document
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def text_of(content: Content, extension: str) -> Content | None:
    """Return the text of a file with an extension, in UTF-8, or None for one that has none.

    Raises OSError for what can no longer be read.
    """
    read = _READERS.get(extension.lower())
    if read is None:
        return content if content.text(_SAMPLE) else None
    text = read(content)
    return MemoryContent(text.encode("utf-8", "replace")) if text else None


class _Stripped(HTMLParser):
    """What a browser would show of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as it is called
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style") and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.shown.append(data)


def _html(content: Content) -> str:
    parser = _Stripped()
    parser.feed(content.text())
    parser.close()
    return "\n".join(line for piece in parser.shown for each in piece.splitlines() if (line := each.strip()))


def _parts(content: Content) -> dict[str, ET.Element]:
    """Return the parts of a document by their names; what is no document has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content.read())) as archive:
            return {
                entry.filename: ET.fromstring(archive.read(entry))  # noqa: S314 - expat bounds entities
                for entry in archive.infolist()
                if entry.filename.endswith(".xml") and entry.file_size <= _MOST
            }
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        ET.ParseError,
        NotImplementedError,
        RuntimeError,
    ):
        return {}


def _word(content: Content) -> str:
    document = _parts(content).get("word/document.xml")
    paragraphs = [] if document is None else document.iter(f"{_WORD}p")
    return "\n".join("".join(text.text or "" for text in paragraph.iter(f"{_WORD}t")) for paragraph in paragraphs)


def _excel(content: Content) -> str:
    parts = _parts(content)
    strings = [_joined(each) for each in parts.get("xl/sharedStrings.xml", ET.Element("sst"))]
    sheets = [parts[name] for name in sorted(parts) if name.startswith("xl/worksheets/")]
    rows = (row for sheet in sheets for row in sheet.iter(f"{_SHEET}row"))
    return "\n".join("\t".join(_cells(row, strings)) for row in rows)


def _cells(row: ET.Element, strings: list[str]) -> Iterator[str]:
    for cell in row.iter(f"{_SHEET}c"):
        value = cell.findtext(f"{_SHEET}v") or ""
        is_shared = cell.get("t") == "s" and value.isascii() and value.isdigit() and int(value) < len(strings)
        yield strings[int(value)] if is_shared else value or _joined(cell)


def _joined(element: ET.Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{_SHEET}t"))


def _nothing(_content: Content) -> str:
    return ""


_READERS: dict[str, Callable[[Content], str]] = {
    "pdf": _nothing,
    "html": _html,
    "htm": _html,
    "docx": _word,
    "xlsx": _excel,
}
