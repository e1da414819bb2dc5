"""Patterns of paths: `/Sales/2026-*.csv`, `/Logs/**/*.ndjson`, or a folder, `/Sales/`.

`*` and `?` stand for what is in one name, `[…]` for one of some characters, `**` for any folders, or none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2  # type: ignore[import-untyped]
from msgspec import Struct

from box_dialect.catalog.model import Op
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WILDCARD: Final = re.compile(r"[*?\[]")
_PIECE: Final = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|[^*?\[]+|\[")
_QUOTED: Final = re.compile(r"[\\^\[\]]")
_FOLDERS: Final = "**"

_MOST_CHARACTERS: Final = 1_000
"""Characters of a path with wildcards."""

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.never_capture = True
_OPTIONS.dot_nl = True


class PathPattern(Struct, frozen=True):
    """The path of a file, of a folder (it ends with `/`), or a pattern of the paths of files."""

    text: str

    @classmethod
    def read(cls, text: str) -> PathPattern:
        """Return the pattern that a text is; raises ProgrammingError for what is none."""
        if not text.startswith("/") or "\0" in text:
            raise ProgrammingError(f"the path of a document begins with /, as '/HR/people.xml', not {text[:80]!r}")
        pattern = cls(text)
        if pattern.has_wildcards and len(text) > _MOST_CHARACTERS:
            raise ProgrammingError(f"a path with wildcards has {_MOST_CHARACTERS:,} characters at most")
        return pattern

    @property
    def has_wildcards(self) -> bool:
        """Whether it may stand for several paths."""
        return _WILDCARD.search(self.text) is not None

    @property
    def is_folder(self) -> bool:
        """Whether it names a folder, whose files are meant."""
        return self.text.endswith("/") and not self.has_wildcards

    @property
    def folder(self) -> str:
        """The path of the folder that all the files are in or below, with `/` at its end."""
        beginning = _WILDCARD.split(self.text, maxsplit=1)[0]
        return beginning[: beginning.rindex("/") + 1]

    @property
    def folder_name(self) -> str:
        """The name of that folder; empty for the root."""
        return self.folder.rstrip("/").rpartition("/")[2]

    @property
    def hint(self) -> str:
        """What may be meant instead, where there is no such file."""
        if self.has_wildcards:
            return "; *, ? and [ stand for others: a name that has one of them is written with [*], [?] or [[]"
        return ""

    @property
    def as_folder(self) -> PathPattern | None:
        """What it is where it is meant as the path of a folder; None where it is that of one, or a pattern."""
        return None if self.has_wildcards or self.is_folder else PathPattern(f"{self.text}/")

    @property
    def comparisons(self) -> tuple[tuple[str, Op, Any], ...]:
        """What holds for all the files: columns of `files`, each with an operator and a value."""
        if self.is_folder:
            return (("parent_path", Op.EQ, self.text[:-1] or "/"),)
        if not self.has_wildcards:
            return (("path", Op.EQ, self.text),)
        below = ("path", Op.GLOB, f"{self.folder}*")
        return (below,) if _FOLDERS in self.text.split("/") else (below, ("depth", Op.EQ, self.text.count("/")))

    def matches(self, path: str) -> bool:
        """Tell whether the path of a file is meant."""
        if self.is_folder:
            return path.rpartition("/")[0] + "/" == self.text
        return _compiled(self.text).fullmatch(path) is not None if self.has_wildcards else path == self.text


@lru_cache(maxsize=256)
def _compiled(text: str) -> Any:
    """Return the regular expression of RE2 that a pattern is, whose time grows with the path and not with its powers.

    Raises ProgrammingError for one that RE2 does not take.
    """
    try:
        return re2.compile("".join(_expression(text)), _OPTIONS)
    except re2.error as error:
        raise ProgrammingError(f"{text[:80]!r} is no pattern of a path ({error})") from None


def _expression(text: str) -> Iterator[str]:
    segments = text.split("/")
    for number, segment in enumerate(segments[1:], start=2):
        if segment != _FOLDERS:
            yield "/" + "".join(_of_name(piece) for piece in _PIECE.findall(segment))
        else:
            yield "(?:/[^/]+)*" if number < len(segments) else "(?:/[^/]+)+"


def _of_name(piece: str) -> str:
    if piece[0] == "*":
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if piece[0] == "[" and len(piece) > 1:
        inner = piece[1:-1]
        quoted = _QUOTED.sub(r"\\\g<0>", inner.removeprefix("!"))
        return f"[^/{quoted}]" if inner.startswith("!") else f"[{quoted}]"
    return str(re2.escape(piece))
