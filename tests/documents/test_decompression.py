"""Documents that are compressed as a whole."""

from __future__ import annotations

import bz2
import gzip
import random
from typing import TYPE_CHECKING

import pytest
from document_bytes import BytesDocument

if TYPE_CHECKING:
    from collections.abc import Callable

from box_dialect import DataError
from box_dialect.documents.decompression import expanded, plain_name

TEXT = b"a,b\n1,2\n" * 100_000


def test_a_document_without_the_ending_of_a_compression_is_itself() -> None:
    document = BytesDocument("a.csv", gzip.compress(TEXT))
    assert expanded(document) is document
    assert plain_name("a.csv") == "a.csv"


@pytest.mark.parametrize(("name", "content"), [("a.csv.gz", gzip.compress(TEXT)), ("a.csv.BZ2", bz2.compress(TEXT))])
def test_a_compressed_document_is_what_it_holds(name: str, content: bytes) -> None:
    document = expanded(BytesDocument(name, content))
    with document.open() as stream:
        assert stream.read(3) == b"a,b"
        assert stream.read() == TEXT[3:]
    assert (document.name, plain_name(document.name), document.size) == (name, "a.csv", len(content))


def test_several_members_are_read_as_one() -> None:
    with expanded(BytesDocument("a.gz", gzip.compress(b"a") + gzip.compress(b"b"))).open() as stream:
        assert stream.read() == b"ab"


@pytest.mark.parametrize("content", [b"no", gzip.compress(TEXT)[:-4], gzip.compress(TEXT)[:50] + b"x" * 500])
@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.bz2"])
def test_what_is_broken_is_refused(name: str, content: bytes) -> None:
    with (
        expanded(BytesDocument(name, content)).open() as stream,
        pytest.raises(DataError, match=f"{name} cannot be dec"),
    ):
        stream.read()


@pytest.mark.parametrize(("name", "pack"), [("a.gz", gzip.compress), ("a.bz2", bz2.compress)])
def test_what_expands_beyond_the_bounds_is_refused_while_it_is_read(
    name: str, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("box_dialect.documents.decompression.UNBOUNDED_BYTES", 4 << 20)
    bomb = expanded(BytesDocument(name, pack(bytes(8 << 20))))
    with bomb.open() as stream:
        assert len(stream.read(3 << 20)) == 3 << 20
        with pytest.raises(DataError, match="expands to more than 4,194,304 bytes"):
            stream.read()


def test_a_document_that_is_long_itself_may_hold_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("box_dialect.documents.decompression.UNBOUNDED_BYTES", 1 << 10)
    content = random.Random(17).randbytes(4 << 10) + bytes(512 << 10)
    with expanded(BytesDocument("a.gz", gzip.compress(content))).open() as stream:
        assert stream.read() == content
