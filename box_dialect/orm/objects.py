"""What an object of the ORM says of itself, for logs, templates and debuggers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES: Final = ("name", "display_name", "key")
"""The columns that name a row, the best one first."""

_LABELS: Final = (
    "event_type",
    "source_name",
    "item_name",
    "accessible_by_name",
    "user_name",
    "group_name",
    "role",
    "message",
    "template_key",
)
"""The columns by which people know a row that has no name of its own."""

_LONGEST_IN_REPR: Final = 60
_LONGEST: Final = 255
"""Characters; Box's names have so many at most."""


class BoxObject:
    """A base for classes whose objects say which they are: `automap_base(cls=BoxObject)`.

    `str()` is the name, or what a row without one is known by, 255 characters at most; `repr()` is
    `File(id='12', name='report.pdf')`, with 60 characters of each value at most. Both tell what is loaded, and never
    ask Box: what has expired or was not loaded is left out, but for the key.
    """

    def __repr__(self) -> str:
        """Return the class with the key and the name."""
        key = _key(self)
        shown = {**key, **_labels(self), **key}
        parts = (f"{name}={_cut(value, _LONGEST_IN_REPR)!r}" for name, value in shown.items())
        return f"{type(self).__name__}({', '.join(parts)})"

    def __str__(self) -> str:
        """Return the name, or what there is where it is not loaded."""
        return _cut(", ".join(_labels(self).values()), _LONGEST) or repr(self)


def _key(row: object) -> dict[str, Any]:
    """Return the primary key by the names of its attributes, as far as it is known."""
    state: Any = sa.inspect(row, raiseerr=False)
    if state is None:
        return {}
    names = [state.mapper.get_property_by_column(column).key for column in state.mapper.primary_key]
    known = dict(zip(names, state.identity, strict=True)) if state.identity else vars(row)
    return {name: known[name] for name in names if known.get(name) is not None}


def _labels(row: object) -> dict[str, str]:
    of_its_own = (dict(_loaded(row, (name,))) for name in _NAMES)
    own = next(filter(None, of_its_own), None) or dict(_loaded(row, _LABELS)) or _first_text(row)
    own = own or dict(_loaded(row, ("type",)))
    key = {} if own else _key(row)
    return own or ({name: str(value) for name, value in key.items()} if len(key) > 1 else {})


def _first_text(row: object) -> dict[str, str]:
    """Return the first text of a row that is neither its type, nor an id, nor a part of its key."""
    state: Any = sa.inspect(row, raiseerr=False)
    names = [] if state is None else [each.key for each in state.mapper.column_attrs]
    known = {"id", "type", *_key(row)}
    found = _loaded(row, tuple(name for name in names if name not in known and not name.endswith("_id")))
    return dict(itertools.islice(found, 1))


def _loaded(row: object, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        value = vars(row).get(name)  # an attribute that is not loaded would ask Box
        if isinstance(value, str) and value:
            yield name, value


def _cut(value: Any, most: int) -> Any:
    return f"{value[: most - 1]}…" if isinstance(value, str) and len(value) > most else value
