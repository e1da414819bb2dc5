"""Where items have their instances of a metadata template, and the calls that read and write one by its item.

Sources: https://developer.box.com/reference/resources/metadata/ and …/resources/classification/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from box_dialect.catalog.metadata.names import scope_word
from box_dialect.catalog.model import Completion, Fetch, JsonObject, Named, Nested, Write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from box_dialect.catalog.model import Column

ITEMS: Final = {"file": "files", "folder": "folders"}
"""The tables of the items that have metadata, by their types."""

CLASSIFICATION: Final = "securityClassification-6VMVochwUWo"
"""The template of classifications. Source: https://developer.box.com/reference/resources/classification-template/"""


def place_of(template: JsonObject) -> str:
    """Return where an item has its instance of a template, as `fields` names it."""
    return f"metadata.{template['scope']}.{template['templateKey']}"


def constants(template: JsonObject) -> dict[str, str]:
    """Return what stands in the paths of instances, where a scope goes by its word: `enterprise`."""
    return {"scope": scope_word(template), "template_key": template["templateKey"]}


def instance(template: JsonObject) -> Nested:
    """Return where an item has its instance."""
    return Nested(place_of(template), outer="$item", single=True, named=Named.VALUE)


def completion(template: JsonObject, columns: Mapping[str, Column]) -> Completion:
    """Return the call for what Box's queries do not tell of an instance."""
    lacking = {"instance_id", *(column.name for column in columns.values() if column.derived is not None)}

    async def add(entry: JsonObject, fetch: Fetch) -> None:
        item = entry["$item"]
        entry.update(await fetch(item["id"], items=ITEMS[item["type"]], **constants(template)) or {})

    path = "/{items}/{id}/metadata/{scope}/{template_key}"
    return Completion(columns=frozenset(lacking), path=path, takes_fields=False, headers={}, add=add)


def writing(template: JsonObject, required: Sequence[str]) -> tuple[Write, Write, Write]:
    """Return the calls for INSERT, which must have the `required` columns too, UPDATE and DELETE, by the item's type.

    A classification is replaced, and nothing is tested: its reference has no other operation.
    """

    def by_type(method: str, **values: Any) -> Write:
        file, folder = (
            Write(
                method=method,
                path=f"/{of}/{{item_id}}/metadata/{{scope}}/{{template_key}}",
                constants=constants(template),
                takes_fields=False,
                **values,
            )
            for of in ITEMS.values()
        )
        return replace(file, by="item_type", value="file", others={"folder": folder})

    is_classification = template["templateKey"] == CLASSIFICATION
    patch: dict[str, Any] = {"patch": "replace"} if is_classification else {"patch": "add", "tests": "$version"}
    return by_type("POST", required=("item_id", *required)), by_type("PUT", **patch), by_type("DELETE")
