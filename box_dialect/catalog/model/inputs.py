"""Inputs of procedures: what a value is, and where it stands in a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

from box_dialect.catalog.datetimes import datetime_of
from box_dialect.catalog.model.column import Form, Type
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

InputValue: TypeAlias = str | bytes | int | float | bool | None
"""The value of an input, as its type reads it; None where there is none. Several values are a text of JSON."""

MOST_CHARACTERS: Final = 10_000_000
"""Characters of a text of JSON, or of several values, at most: it takes many times the memory once it is decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """Declare an input.

    `name` is matched in any case and in snake_case; `choices` are the allowed values, matched in any case. NULL is as
    if nothing were given. One that takes `several` values has them as a list of JSON, or separated by commas, and
    gives a list; `form` is what a value is as JSON beside its type. What a `secret` input is given appears in no log
    and no message. An `is_local` one is the path of a file of this machine, below the folder of `LocalFiles`.

    Where the procedure declares its `call`, `body` is the dotted place in the body, `query` the parameter and `header`
    the header that has the value, unless a place of the path is called as the input in snake_case; `sent` makes of a
    value what stands there. Without a value nothing is sent.
    """

    name: str
    type: Type = Type.TEXT
    doc: str
    required: bool = False
    default: InputValue = None
    choices: tuple[str, ...] = ()
    several: bool = False
    form: Form | None = None
    secret: bool = False
    is_local: bool = False
    body: str | None = None
    query: str | None = None
    header: str | None = None
    sent: Callable[[Any], Any] | None = None

    @property
    def parameter(self) -> str:
        """The name in snake_case, as `run` takes it."""
        return snake_case(self.name)

    @property
    def words(self) -> str:
        """What a value is, as messages and the reference tell it."""
        if self.form is not None:
            return self.form.words
        return "one text or several, as a list of JSON or separated by commas" if self.several else FORMS[self.type]

    def read(self, procedure: str, value: Any) -> InputValue:
        """Return a given value as the input's type has it; raises ProgrammingError, which never shows a secret."""
        if value is None:
            return self.default
        try:
            read = _several(value) if self.several else _READERS[self.type](value)
            self._check_form(read)
        except (ValueError, RecursionError, msgspec.DecodeError):
            raise self._wrong(procedure, f"is {self.words}", value) from None
        return self._chosen(procedure, read, value) if self.choices else read

    def _check_form(self, read: InputValue) -> None:
        if self.form is not None and not self.form.fits(self.decoded(read)):
            raise ValueError(self.form.words)

    def _chosen(self, procedure: str, read: InputValue, value: Any) -> InputValue:
        """Return a value, or several, as the choices spell them."""
        known = {choice.lower(): choice for choice in self.choices}
        asked = self.decoded(read) if self.several else [read]
        found = [known.get(str(each).lower()) for each in asked]
        if None in found:
            raise self._wrong(procedure, f"is one of {', '.join(self.choices)}", value)
        return _encoded(found) if self.several else found[0]

    def decoded(self, value: InputValue) -> Any:
        """Return a value that was read as the call takes it: JSON decoded, several as a list."""
        if isinstance(value, str) and (self.several or self.type is Type.JSON):
            return msgspec.json.decode(value)
        return value

    def _wrong(self, procedure: str, rule: str, value: Any) -> ProgrammingError:
        given = "" if self.secret else f", not {str(value)[:80]!r}"
        return ProgrammingError(f"input {self.name} of {procedure} {rule}{given}")


def snake_case(name: str) -> str:
    """Return a PascalCase name in snake_case; `OAuth` is one word of it."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("OAuth", "Oauth"))
    return words.lower()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError("bytes are no text")


_WHOLE_NUMBER: Final = re.compile("[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")


def _integer(value: Any) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise ValueError("a fraction")
    if isinstance(value, str | bytes) and not _WHOLE_NUMBER.fullmatch(_text(value)):
        raise ValueError("no digits")
    return int(value)


def _real(value: Any) -> float:
    if isinstance(value, str | bytes) and not _NUMBER.fullmatch(_text(value)):
        raise ValueError("no number")
    return float(value)


def _boolean(value: Any) -> bool:
    text = _text(value).lower()
    if text not in {"0", "1", "false", "true"}:
        raise ValueError("neither true nor false")
    return text in {"1", "true"}


def _moment(value: Any) -> str:
    """Return a moment as RFC 3339 has it, in UTC."""
    moment = datetime_of(value)
    if moment is None:
        raise ValueError("no moment")
    return f"{moment.isoformat()}+00:00"


def _json(value: Any) -> str:
    text = _text(value)
    if len(text) > MOST_CHARACTERS:
        raise ValueError("too long")
    msgspec.json.decode(text)
    return text


def _several(value: Any) -> str:
    """Return the texts of a list of JSON, or those between commas, as JSON; raises ValueError where there is none."""
    text = _text(value)
    if len(text) > MOST_CHARACTERS:
        raise ValueError("too long")
    listed = msgspec.json.decode(text) if text.lstrip().startswith("[") else text.split(",")
    texts = [_text(each).strip() for each in listed]
    if not texts or not all(texts):
        raise ValueError("an empty text")
    return _encoded(texts)


def _encoded(value: Any) -> str:
    return msgspec.json.encode(value).decode()


_READERS: Final[Mapping[Type, Callable[[Any], str | bytes | int | float | bool]]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.REAL: _real,
    Type.BOOLEAN: _boolean,
    Type.TIMESTAMP: _moment,
    Type.JSON: _json,
    Type.BLOB: _bytes,
}
FORMS: Final[Mapping[Type, str]] = {
    Type.TEXT: "text",
    Type.INTEGER: "a whole number",
    Type.REAL: "a number",
    Type.BOOLEAN: "true or false",
    Type.TIMESTAMP: "a moment, as YYYY-MM-DD HH:MM:SS",
    Type.JSON: "JSON as text",
    Type.BLOB: "bytes, or a text, of which those in UTF-8 are taken",
}
"""What a value of each type is, as messages tell it."""

OBJECT: Final = Form("an object of JSON", lambda value: isinstance(value, dict))
LIST: Final = Form("a list of JSON", lambda value: isinstance(value, list))
OBJECTS: Final = Form(
    "a list of objects, as JSON",
    lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
)
"""What the values of inputs of JSON may be."""
