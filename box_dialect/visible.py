"""Texts of strangers as a terminal, a log or a model may get them."""

from __future__ import annotations

import re
from typing import Final

_UNSEEN: Final = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for tab and line feed
    "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # what turns the direction of text, and separators of lines
    "\ud800-\udfff"  # halves of characters
    "\ufe00-\ufe0d\U000e0000-\U000e0fff"  # variations and tags, which carry hidden texts
)
"""What a reader does not see: Unicode's Default_Ignorable_Code_Point, control characters, separators and surrogates.

The joiners of emoji and of several scripts are none of these, nor what makes a sign a text or an emoji.
Source: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
"""

_IN_LINES: Final = re.compile(f"[{_UNSEEN}]")
_IN_A_LINE: Final = re.compile(f"[\t\n{_UNSEEN}]")


def visible(text: str, *, is_multiline: bool = False) -> str:
    r"""Return a text with each character that controls a terminal, turns text or is not seen as its escape: `\u202e`.

    The escapes are Python's. The text stays on its line, unless it `is_multiline`: then tabs and ends of lines stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return _IN_LINES.sub(_escaped, text.replace("\r\n", "\n")) if is_multiline else _IN_A_LINE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
