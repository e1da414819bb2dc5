"""Write pictures and documents that show next to nothing, for what Box renders of files.

Sources: https://www.w3.org/TR/png/, https://www.w3.org/Graphics/JPEG/itu-t81.pdf and ISO 32000-1 (PDF)
"""

from __future__ import annotations

import struct
import zlib

_LINES, _LETTERS = 60, 100  # of the page of a document
_A4 = 595, 842  # points
_QUANTIZATION = bytes([8] * 64)  # so that the first coefficient of a block is its brightness, less 128
_CATEGORY = 7  # of a coefficient from 64 to 127, which has so many bits


def png(width: int, height: int, shade: int) -> bytes:
    """Write a PNG of one grey, whose brightness is from 0 to 255."""
    rows = (b"\0" + bytes([shade]) * width) * height  # no filter
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)  # 8 bits, grey
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def jpeg(width: int, height: int, shade: int) -> bytes:
    """Write a JPEG of one grey, whose brightness is from 192 to 255.

    It has two codes for how a block differs from the one before (not at all, or by so many bits) and one for that there
    is nothing else in it.
    """
    blocks = -(-width // 8) * -(-height // 8)
    bits = f"10{shade - 128:07b}0" + "00" * (blocks - 1)
    bits += "1" * (-len(bits) % 8)
    segments = (
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xDB, b"\0" + _QUANTIZATION),
        (0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"),
        (0xC4, b"\x00" + bytes([1, 1, *[0] * 14]) + bytes([0, _CATEGORY])),
        (0xC4, b"\x10" + bytes([1, *[0] * 15]) + b"\0"),
        (0xDA, b"\1\1\0\0\x3f\0"),
    )
    written = (struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data for kind, data in segments)
    return b"\xff\xd8" + b"".join(written) + int(bits, 2).to_bytes(len(bits) // 8) + b"\xff\xd9"


def pdf(text: str) -> bytes:
    """Write a PDF with a page of the beginning of a text; what Windows-1252 lacks is a question mark."""
    lines = [line[:_LETTERS].encode("cp1252", "replace") for line in text.splitlines()[:_LINES]]
    shown = b"".join(b"(%s) '\n" % _escaped(line) for line in lines)
    page = b"BT /F1 10 Tf 12 TL 40 800 Td\n%sET" % shown
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
        % _A4,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    )
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, entry in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, entry)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(written) + end % (len(objects) + 1, table, len(objects) + 1, len(written))


def _escaped(line: bytes) -> bytes:
    """Write what is between the parentheses of a string of a PDF."""
    return line.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
