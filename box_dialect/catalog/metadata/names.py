"""Names of the tables of metadata templates.

`enterprise_contract` is the template `contract` of the enterprise, and `enterprise.contract` is it too; where the first
name is taken, only so. Names are caseless, as SQLite's are: of those that differ by case alone, later ones get `_2`.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from box_dialect.catalog.model import JsonObject

FIXED: Final = frozenset(
    {"ancestor_id", "as_user", "freshness", "instance_id", "item_id", "item_type", "template_version"}
)
"""The columns that the table of every template has beside those of its fields."""

_FIELD: Final = "field_"
_TEMPLATE: Final = re.compile(r"(?:main\.|temp\.)?((?:enterprise|global)[._].+)", re.IGNORECASE | re.DOTALL)


class Named(NamedTuple):
    """A template with the name of its table, and the further one that always leads to it, where that is another."""

    template: JsonObject
    name: str
    alias: str | None


def may_be_template(name: str) -> str | None:
    """Return the name in lower case, without its schema, of what may be a template's table; None for another."""
    found = _TEMPLATE.fullmatch(name)
    return None if found is None else found[1].lower()


def scope_and_key(name: str) -> tuple[str, str] | None:
    """Return the scope, by its word, and the key of the template that a table's name is made of; None for another."""
    found = _TEMPLATE.fullmatch(name)
    if found is None:
        return None
    word = "enterprise" if found[1].lower().startswith("enterprise") else "global"
    return word, found[1][len(word) + 1 :]


def scope_word(template: JsonObject) -> str:
    """Return what the scope of a template is called in names and paths: `enterprise` for `enterprise_123`."""
    word: str = template["scope"].partition("_")[0]
    return word


def named(templates: Iterable[JsonObject], taken: Collection[str]) -> Iterator[Named]:
    """Yield templates with their names; `taken` are names of others, in lower case.

    What a template is called by its key is no other one's name.
    """
    listed = [(template, scope_word(template), template["templateKey"]) for template in templates]
    own = {f"{scope}{sign}{key}".lower() for _, scope, key in listed for sign in "._"}
    used: set[str] = {*taken}

    def called(name: str) -> str:
        return free(name, lambda each: each in used or (each in own and each != name.lower()))

    for template, scope, key in listed:
        dotted = called(f"{scope}.{key}")
        used.add(dotted.lower())
        name = f"{scope}_{key}"
        if name.lower() in taken:
            yield Named(template, dotted, None)
            continue
        name = called(name)
        used.add(name.lower())
        yield Named(template, name, dotted)


def column_names(keys: Iterable[str]) -> Sequence[str]:
    """Return the columns of fields by their keys; one that is called as a fixed column is `field_KEY`."""
    used: set[str] = {*FIXED}
    names: list[str] = []
    for key in keys:
        names.append(free(f"{_FIELD}{key}" if key.lower() in FIXED else key, used.__contains__))
        used.add(names[-1].lower())
    return names


def field_key(column: str) -> str:
    """Return the key of the field that a new column stands for."""
    key = column[len(_FIELD) :]
    return key if column.lower().startswith(_FIELD) and key.lower() in FIXED else column


def free(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name that is not taken in any case of letters: the name itself, or with `_2`, `_3` behind it."""
    spelled = (name if number == 1 else f"{name}_{number}" for number in count(1))
    return next(each for each in spelled if not is_taken(each.lower()))
