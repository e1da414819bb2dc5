"""Extract values from texts: what stands after a key and a colon, as the type of its field has it.

Source: https://developer.box.com/reference/post-ai-extract-structured
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from box_dialect.emulator.metadata.taxonomies import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from box_dialect.emulator.metadata.taxonomies import Taxonomy
    from box_dialect.emulator.metadata.templates import Template
    from box_dialect.emulator.representations import Json

    from .answers import Source

_NUMBER: Final = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_KEY: Final = re.compile(r"[^\W_]+(?:[ _-][^\W_]+){0,4}")
CERTAIN, UNCERTAIN = ("HIGH", 0.99), ("LOW", 0.2)


def _folded(key: str) -> str:
    return "".join(char for char in key.casefold() if char.isalnum())


def pairs(text: str) -> dict[str, str]:
    """Return what stands after the first colon of the lines of a text, by what stands before it, folded."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if value.strip():
            found.setdefault(_folded(key), value.strip())
    return found


def keys_of(prompt: str) -> list[str]:
    """Return the keys that a prompt asks for: those of fields, if it is JSON that has any, else its parts by commas."""
    try:
        asked = json.loads(prompt)
    except (ValueError, RecursionError):
        asked = None
    fields = asked.get("fields") if isinstance(asked, dict) else asked
    if isinstance(fields, list):
        return [str(each["key"] if isinstance(each, dict) and "key" in each else each) for each in fields]
    if isinstance(asked, dict):
        return list(asked)
    return _KEY.findall(prompt.rpartition(":")[2])


def _number(value: str) -> float | None:
    found = _NUMBER.search(value)
    if found is None:
        return None
    number = float(found[0].replace(",", ""))
    return int(number) if number.is_integer() else number


def _date(value: str) -> str | None:
    found = _DATE.search(value)
    try:
        return None if found is None else datetime.fromisoformat(found[0]).strftime("%Y-%m-%dT00:00:00Z")
    except ValueError:
        return None


def _option(value: str, options: Sequence[str]) -> str | None:
    return next((option for option in options if option.casefold() in value.casefold()), None)


def _options(value: str, options: Sequence[str]) -> list[str] | None:
    return [option for option in options if option.casefold() in value.casefold()] or None


_READ: Final[dict[str, Callable[[str, Sequence[str]], Any]]] = {
    "float": lambda value, _: _number(value),
    "number": lambda value, _: _number(value),
    "boolean": lambda value, _: value.casefold() in ("true", "yes"),
    "date": lambda value, _: _date(value),
    "enum": _option,
    "multiSelect": _options,
    "taxonomy": _options,
}
"""Reads a value by the type of its field; of any other type it is the text."""


def extracted(field: Json, known: Mapping[str, str]) -> Any:
    """Return the value of a field in the pairs of a text, or None where there is none."""
    kind, options = field.get("type", "string"), [option["key"] for option in field.get("options", ())]
    if kind == "struct":
        values = {each["key"]: extracted(each, known) for each in field.get("fields", ())}
        return values if any(value is not None for value in values.values()) else None
    if kind == "table":
        row = extracted({**field, "type": "struct"}, known)
        return None if row is None else [row]
    value = next((known[key] for key in map(_folded, _names(field)) if key in known), None)
    if value is None:
        return None
    return _READ[kind](value, options) if kind in _READ else value


def _names(field: Json) -> list[str]:
    return [field[name] for name in ("key", "displayName") if field.get(name)]


def fields_of(template: Template) -> list[Json]:
    """Return the fields of a template as a body would have them."""
    nodes = [{} if field.taxonomy is None else {"options": options_of(field.taxonomy)} for field in template.fields]
    return [field.written() | options for field, options in zip(template.fields, nodes, strict=True)]


def options_of(taxonomy: Taxonomy) -> list[Json]:
    """Return the nodes of a taxonomy as options."""
    return [{"key": node.display_name} for node in taxonomy.of(Node).values()]


def extract(fields: Sequence[Json], sources: Sequence[Source]) -> tuple[Json, Json, Json]:
    """Return the values of fields, how sure they are, and where they stand: each of the first source that has it."""
    values: Json = {}
    scores: Json = {}
    places: Json = {}
    known = [(source, pairs(source.text)) for source in sources]
    for field in fields:
        found = ((source, extracted(field, of_source)) for source, of_source in known)
        source, value = next((each for each in found if each[1] is not None), (None, None))
        level, score = UNCERTAIN if value is None else CERTAIN
        values[field["key"]], scores[field["key"]] = value, {"level": level, "score": score}
        places[field["key"]] = [] if source is None else [{"itemId": source.id, "page": 0, "text": str(value)}]
    return values, scores, places
