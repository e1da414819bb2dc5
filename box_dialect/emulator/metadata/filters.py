"""Filter items by the values of one template, as search does.

Source: https://developer.box.com/guides/search/filters/metadata
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from .instances import Instance, is_number, moment
from .templates import scope_named, template_of

if TYPE_CHECKING:
    from box_dialect.emulator.model import Item
    from box_dialect.emulator.state import State

    from .templates import Field


class Range(msgspec.Struct, forbid_unknown_fields=True):
    """The bounds of a value, both of which are inside."""

    lt: str | float | None = None
    gt: str | float | None = None


class MetadataFilter(msgspec.Struct, forbid_unknown_fields=True):
    """Values that an instance of a template is to have; of a list, one is enough."""

    scope: Annotated[str, msgspec.Meta(pattern=r"^(global|enterprise(_\d+)?)$")]
    templateKey: str  # noqa: N815 - as Box spells it
    filters: Annotated[dict[str, str | float | list[str] | Range], msgspec.Meta(min_length=1)]

    def items(self, store: State) -> set[Item]:
        """Return the items that have such an instance."""
        template = template_of(store, scope_named(store, self.scope), self.templateKey)
        if template is None:
            return set()
        wanted = [(template.field(key), key, each) for key, each in self.filters.items()]
        return {
            instance.item
            for instance in template.of(Instance).values()
            if all(_meets(field, instance.values.get(key), each) for field, key, each in wanted)
        }


def _meets(field: Field | None, value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    if isinstance(wanted, Range):
        return _is_within(value, wanted)
    if isinstance(wanted, list):
        return not set(wanted).isdisjoint(value if isinstance(value, list) else [value])
    if field is not None and field.type == "date":
        return moment(value) == moment(wanted)
    return bool(value == wanted) and is_number(value) == is_number(wanted)


def _is_within(value: Any, bounds: Range) -> bool:
    low, exact, high = (each if is_number(each) else moment(each) for each in (bounds.gt, value, bounds.lt))
    known: list[Any] = [each for each in (low, exact, high) if each is not None]
    comparable = exact is not None and len({is_number(each) for each in known}) == 1
    return comparable and known == sorted(known)
