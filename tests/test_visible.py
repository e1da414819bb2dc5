"""What is not seen, or controls a terminal, is shown as an escape; all else stays."""

from __future__ import annotations

import unicodedata

import pytest

from box_dialect.errors import printable
from box_dialect.visible import visible


def test_what_is_not_seen_is_shown_as_its_escape() -> None:
    hidden = {"Cc", "Cf", "Zl", "Zp", "Cs"}
    characters = [each for each in map(chr, range(0x110000)) if unicodedata.category(each) in hidden]
    seen = [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, *range(0x110BD, 0x13460)]  # signs of scripts
    for each in {*characters} - {*map(chr, seen)} - {"\u200c", "\u200d"}:
        assert visible(each) == each.encode("unicode_escape").decode(), hex(ord(each))


@pytest.mark.parametrize("hidden", ["\u034f", "\u1160", "\u3164", "\uffa0", "\ufe00", "\U000e0100"])
def test_letters_and_marks_that_are_blank_are_shown_too(hidden: str) -> None:
    assert visible(f"a{hidden}b") == f"a{hidden.encode('unicode_escape').decode()}b"


@pytest.mark.parametrize("seen", ["👩\u200d💻", "❤\ufe0f", "क्\u200dष", "日本語", "e\u0301", "a\u00a0b", "\ue0b0"])
def test_what_is_seen_stays(seen: str) -> None:
    assert visible(seen) == seen


def test_a_text_stays_on_its_line_unless_it_may_have_several() -> None:
    assert visible("a\tb\r\nc\nd") == r"a\tb\r\nc\nd"
    assert visible("a\tb\r\nc\nd\re", is_multiline=True) == "a\tb\nc\nd\\re"


def test_messages_are_visible_and_short() -> None:
    assert printable("a \n\x1b[2Jb\u202e") == r"a \x1b[2Jb\u202e"
    assert printable("\x00" * 100, 8) == r"\x00\x00"
