"""The path of a call: the only place where a value gets into one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIXED: Final = r"[A-Za-z](?:[\w:-]|\.(?=\w))*"
_SEGMENT: Final = re.compile(rf"0|(?:{_FIXED}\.?)?\{{(\w+)\}}|{_FIXED}", re.ASCII)
"""A segment of a template; of the numbers only the root folder's id stands in one."""

_WORD: Final = re.compile(_FIXED, re.ASCII)

_NO_SEGMENT: Final = re.compile(r"\A\Z|(?<![^/\\])\.\.?(?![^/\\;])|[\x00-\x1f\x7f\ud800-\udfff]")
"""What might lead elsewhere in a path, also quoted: nothing, a step `.` or `..`, a control character."""


class ApiPath:
    """A path of Box's API: a template as in `/files/{file_id}/versions/{id}`, with a value in each of its places.

    Each value is quoted, so that it is one segment. Values that the template has no place for are left out. Raises
    DataError for a value that is empty, has a step `.` or `..`, or control characters, ValueError for a template with
    a value in it, KeyError where a value is missing.
    """

    __slots__ = ("template", "text")

    def __init__(self, template: str, /, **values: str) -> None:
        self.template = template
        names = places(template)
        self.text = template.format_map({name: _quoted(name, values[name]) for name in names}) if names else template

    @classmethod
    def of(cls, segments: Iterable[str]) -> ApiPath:
        """Return the path of segments that are values, each quoted unless it is a word of Box's API reference."""
        values: dict[str, str] = {}
        template = ""
        for segment in segments:
            if _WORD.fullmatch(segment):
                template += f"/{segment}"
            else:
                name = f"segment_{len(values)}"
                values[name] = segment
                template += f"/{{{name}}}"
        return cls(template, **values)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"ApiPath({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiPath) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


def fits(value: str) -> bool:
    """Tell whether a value can be a segment of a path."""
    return _NO_SEGMENT.search(value) is None


@lru_cache(maxsize=1024)
def places(template: str) -> tuple[str, ...]:
    """Return the names of a template's places, in their order; raises ValueError for what is no template."""
    start, *segments = template.split("/")
    found = [_SEGMENT.fullmatch(segment) for segment in segments]
    if start or not found or not all(found):
        raise ValueError(
            f"{template!r} is no template of a path; values stand beside it: ApiPath('/files/{{id}}', id=…)"
        )
    return tuple(match[1] for match in found if match is not None and match[1])


def _quoted(name: str, value: object) -> str:
    if not isinstance(value, str) or not fits(value):
        raise DataError(f"{str(value)[:80]!r} is no {name} that a path of Box's can hold")
    return quote(value, safe="")
