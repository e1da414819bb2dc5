"""Which characters steer a terminal or turn a text, by Unicode's categories, whatever the driver takes for such."""

from __future__ import annotations

import unicodedata
from typing import Final

_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTIONS: Final = frozenset({"FSI", "LRE", "LRI", "LRO", "PDF", "PDI", "RLE", "RLI", "RLO"})


def steers(text: str) -> bool:
    """Tell whether a text has such a character.

    Characters that a Python's Unicode does not know yet, such as new emoji, are none, though `str.isprintable` calls
    them unprintable.
    """
    return any(
        unicodedata.category(each) in _CATEGORIES or unicodedata.bidirectional(each) in _DIRECTIONS for each in text
    )
