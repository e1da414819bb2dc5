"""Find items by words of their name, description, text and tags, and of what is said about them.

The index is brought up to date when a search comes, and only for the items that changed since the last one. It may lag
behind: a change is then found once so many seconds have passed since it.

Source: https://developer.box.com/guides/search/indexing
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from .index import Index
from .model import File

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .content import Content
    from .model import Item

INDEXED = 10_000  # bytes of a text
CONTENT_TYPES = ("name", "description", "file_content", "comments", "tags")
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """Split a text into folded words: runs of letters and digits."""
    return _WORD.findall(text.casefold())


def _beginning(content: Content) -> str:
    return content.text(INDEXED) if content.is_indexed else ""


def _texts(item: Item) -> dict[str, str]:
    texts = {
        "name": item.name,
        "description": item.description or "",
        "file_content": _beginning(item.content) if isinstance(item, File) else "",
        "tags": "\n".join(item.tags),
    }
    for table in item.tables.values():
        for entity in table.values():
            if entity.searched is not None:
                kind, attribute = entity.searched
                texts[kind] = f"{texts.get(kind, '')}\n{getattr(entity, attribute)}"
    return texts


class SearchIndex(Index[set[tuple[str, str]]]):
    """The items by (content type, word)."""

    def __init__(self, known: Mapping[str, Mapping[str, Item]]) -> None:
        super().__init__(known)
        self._items: dict[tuple[str, str], dict[Item, None]] = {}
        self._keys: dict[Item, set[tuple[str, str]]] = {}
        self._names: list[str] = []

    def _look(self, item: Item) -> set[tuple[str, str]]:
        return {(kind, word) for kind, text in _texts(item).items() if text for word in words(text)}

    def _learn(self, seen: list[tuple[Item, set[tuple[str, str]] | None]]) -> None:
        size = len(self._items)
        for item, keys in seen:
            for key in self._keys.pop(item, ()):
                self._items[key].pop(item, None)
            if keys is not None:
                self._keys[item] = keys
                for key in keys:
                    self._items.setdefault(key, {})[item] = None
        if len(self._items) != size:
            self._names = sorted(word for kind, word in self._items if kind == "name")

    def all(self) -> Collection[Item]:
        """Return all items."""
        return self._keys.keys()

    def word(self, word: str, kinds: Collection[str]) -> set[Item]:
        """Return the items that have a word in one of these content types; a name matches by a prefix already."""
        found = {item for kind in kinds for item in self._items.get((kind, word), ())}
        if "name" in kinds:
            for name in self._names[bisect_left(self._names, word) :]:
                if not name.startswith(word):
                    break
                found.update(self._items["name", name])
        return found

    def phrase(self, phrase: list[str], kinds: Collection[str]) -> set[Item]:
        """Return the items that have these words side by side in one of these content types."""
        if len(phrase) == 1:
            return self.word(phrase[0], kinds)
        candidates = set.intersection(*(self.word(word, kinds) for word in phrase)) if phrase else set()
        needle = f" {' '.join(phrase)}"

        def matches(item: Item) -> bool:
            texts = _texts(item)
            return any(needle in f" {' '.join(words(texts.get(kind, '')))}" for kind in kinds)

        return {item for item in candidates if matches(item)}
