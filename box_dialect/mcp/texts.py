"""The texts of files that were read last, so that the next piece of one is no download."""

from __future__ import annotations

from typing import Final

MOST_CHARACTERS: Final = 8_000_000
"""Characters that are kept, in all, of texts and of what their files were called by."""


class Texts:
    """Keep the texts that were read last, by what a file was called by, each of a version of the file."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most, self._left = most, most
        self._kept: dict[str, tuple[str, str]] = {}

    def version(self, file: str) -> str | None:
        """Return the version whose text is kept of a file, None where none is."""
        return self._kept[file][0] if file in self._kept else None

    def text(self, file: str, version: str) -> str | None:
        """Return the text of a version of a file, None where it is not kept."""
        kept = self._kept.get(file)
        return kept[1] if kept is not None and kept[0] == version else None

    def keep(self, file: str, version: str | None, text: str) -> None:
        """Keep a text in the place of an older one of the file, and of those that were read before others."""
        self._forget(file)
        size = len(file) + len(text)  # an empty text takes its name
        if version is None or size > self._most:
            return
        while size > self._left:
            self._forget(next(iter(self._kept)))
        self._kept[file] = version, text
        self._left -= size

    def _forget(self, file: str) -> None:
        if file in self._kept:
            self._left += len(file) + len(self._kept.pop(file)[1])
