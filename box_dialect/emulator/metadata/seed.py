"""Plant what a seed has of metadata: a taxonomy, a template, and items that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .cascades import CascadePolicy
from .instances import add_instance
from .taxonomies import add_node, add_taxonomy
from .templates import add_template, template_of

if TYPE_CHECKING:
    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.state import State

    from .taxonomies import Node
    from .templates import Template


def plant_metadata(store: State, planted: Planted) -> None:
    """Plant it: on items of the default tree, or else on the first of the files that lie in a folder, and the last."""
    regions = add_taxonomy(store, "regions", "Continent", "Country", display_name="Regions")
    europe = add_node(store, regions, "Europe")
    france = add_node(store, regions, "France", europe)
    add_node(store, regions, "Asia")
    review = add_template(
        store,
        "documentReview",
        {"type": "enum", "key": "state", "displayName": "State", "options": [{"key": "open"}, {"key": "done"}]},
        {"type": "multiSelect", "key": "topics", "options": [{"key": "money"}, {"key": "law"}]},
        {"type": "float", "key": "score"},
        {"type": "date", "key": "due"},
        {"type": "string", "key": "remark", "description": "What the reviewer says."},
        {
            "type": "taxonomy",
            "key": "place",
            "taxonomyKey": regions.key,
            "namespace": regions.namespace,
            "optionsRules": {"multiSelect": True},
        },
        display_name="Document review",
        copy_instance_on_item_copy=True,
    )
    if planted.named:
        names = ("ACME master agreement.pdf", "Notes.txt", "Contracts", "Photos")
        _plant_instances(store, review, france, *(planted.named[name] for name in names))
    elif filed := planted.filed:
        (first, folder), (last, folder_of_last) = filed[0], filed[-1]
        _plant_instances(store, review, france, first, last, folder, folder_of_last)


def _plant_instances(
    store: State, review: Template, place: Node, signed: File, notes: File, contracts: Folder, photos: Folder
) -> None:
    """Give two files and a folder the template, and one of the files what has none; another folder hands it down."""
    values = {"state": "done", "topics": ["law", "money"], "score": 7.5, "due": "2024-01-31T00:00:00.000Z"}
    add_instance(store, signed, review, {**values, "remark": "100% 'fine'", "place": [place.id]})
    if notes is not signed:
        add_instance(store, notes, review, {"state": "open"})
    add_instance(store, contracts, review, {"score": -1})
    properties = template_of(store, "global", "properties")
    if properties is not None:
        add_instance(store, signed, properties, {"case": "17"})
    store.add(CascadePolicy(folder=photos, template=review))
