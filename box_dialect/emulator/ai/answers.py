"""Answer questions about texts, the same answer to the same question, by no more than the words that they share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from box_dialect.emulator.search_index import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTHING = "The documents do not say."
_END = re.compile(r"(?<=[.!?])\s+|\n")
_SUMMARY = 3  # sentences


class Source(NamedTuple):
    """A text with the id and the name of the file that it is of."""

    id: str
    name: str
    text: str


class Citation(NamedTuple):
    """A sentence, with the source that it is from."""

    source: Source
    sentence: str


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, of which one ends at the latest with its line."""
    return [found.strip() for found in _END.split(text) if found.strip()]


def citations(prompt: str, sources: Iterable[Source]) -> list[Citation]:
    """Return the sentences that share most words with a prompt: one of each source, if any shares a word.

    They are in the order of how many they share, and in that of the sources.
    """
    asked, found = set(words(prompt)), []
    for source in sources:
        known = sentences(source.text)
        shared, sentence = max(
            ((len(asked.intersection(words(each))), each) for each in known), key=lambda pair: pair[0], default=(0, "")
        )
        if shared:
            found.append((shared, Citation(source, sentence)))
    return [citation for _, citation in sorted(found, key=lambda pair: -pair[0])]


def answer(prompt: str, sources: Sequence[Source]) -> tuple[str, list[Citation]]:
    """Return the answer to a question, and what it is from."""
    found = citations(prompt, sources)
    return (found[0].sentence, found) if found else (NOTHING, [])


def generated(prompt: str, source: Source) -> str:
    """Return a text that a prompt asks for: the prompt itself, and how the source begins."""
    return " ".join([f"{prompt.rstrip('.:')}:", *(sentences(source.text)[:_SUMMARY] or [source.name])])
