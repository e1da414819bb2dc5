"""The path of a call: the only place where a value gets into one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

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

    base: str | None = None
    """The base URL that it follows, None for that of a host of the connection's properties."""
    is_signed = False
    """Whether it grants access by itself, so that no token is sent with it, and it is shown nowhere."""

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

    @property
    def shown(self) -> str:
        """The path as errors and logs show it."""
        return self.text

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApiPath) and (other.base, other.text) == (self.base, self.text)

    def __hash__(self) -> int:
        return hash((self.base, self.text))


class Address(ApiPath):
    """A path, with its query, at a base URL of its own, as Box answers them; errors and logs show its `template` alone.

    One that `is_signed` grants access by itself. Raises ValueError for what is no URL with a host.
    """

    __slots__ = ("base", "is_signed")

    base: str

    def __init__(self, url: str, /, *, shown: str, is_signed: bool = False) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.port == 0:
            raise ValueError("no URL of a host")
        self.template, self.is_signed = shown, is_signed
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.text = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

    @property
    def shown(self) -> str:
        """What it is for, as Box's API reference has it."""
        return self.template


def expanded(template: str, **values: str) -> str:
    """Return the URL of a template of Box's with places `{+name}` for values that are paths (RFC 6570), or are empty.

    Raises DataError for a value that is no path.
    """
    for name, value in values.items():
        steps = value.split("/") if value else ()
        template = template.replace(f"{{+{name}}}", "/".join(_quoted(name, step) for step in steps))
    return template


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
        is_text = "" if isinstance(value, str) else f": that is a text, not {type(value).__name__}"
        raise DataError(f"{str(value)[:80]!r} is no {name} that a path of Box's can hold{is_text}")
    return quote(value, safe="")
