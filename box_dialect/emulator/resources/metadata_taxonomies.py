"""Serve taxonomies, their levels and their nodes.

Source: https://developer.box.com/reference/resources/metadata-taxonomy/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.metadata.taxonomies import Node, Taxonomy, taxonomy_of, written_node
from box_dialect.emulator.metadata.templates import Template, scope_named
from box_dialect.emulator.paging import marker_page, whole
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.search_index import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_ODD = re.compile(r"[^a-z0-9]")
_TAXONOMY = "/metadata_taxonomies/{namespace}/{taxonomy_key}"


class NewTaxonomy(TypedDict):
    """What a taxonomy is made of."""

    displayName: Annotated[str, Meta(max_length=4096)]
    namespace: Annotated[str, Meta(max_length=4096)]
    key: NotRequired[Annotated[str, Meta(max_length=256)]]


class UpdateTaxonomy(TypedDict):
    """What changes a taxonomy."""

    displayName: Annotated[str, Meta(max_length=4096)]


class Level(TypedDict):
    """What a level is made of, or changed to."""

    displayName: str
    description: NotRequired[str]


class NewLevel(TypedDict, total=False):
    """What one of several levels is made of."""

    displayName: str
    description: str
    level: int


class NewNode(TypedDict):
    """What a node is made of."""

    displayName: str
    level: int
    parentId: NotRequired[str]


class UpdateNode(TypedDict, total=False):
    """What changes a node."""

    displayName: str


def _level(taxonomy: Taxonomy, index: int) -> Json:
    return {**taxonomy.levels[index], "level": index + 1}


def _levels(taxonomy: Taxonomy) -> list[Json]:
    return [_level(taxonomy, index) for index in range(len(taxonomy.levels))]


METADATA_TAXONOMIES = Resource(
    Taxonomy,
    base=("id", "key", "displayName", "namespace", "levels"),
    computed={"displayName": lambda taxonomy: taxonomy.display_name, "levels": _levels},
    takes_fields=False,
)
NODES = Resource(Node, base=("id",), takes_fields=False)


def _found(call: Call) -> Taxonomy:
    """Return the taxonomy that the path names."""
    namespace, key = call.values[:2]
    taxonomy = taxonomy_of(call.store, scope_named(call.store, namespace), key)
    if taxonomy is None:
        raise errors.not_found("taxonomy", key)
    return taxonomy


def _changeable(call: Call) -> Taxonomy:
    """Return the taxonomy that the path names, for who may change it."""
    taxonomy = _found(call)
    call.require_administrator("manage_enterprise_properties", "root_readwrite")
    return taxonomy


@METADATA_TAXONOMIES.operation("GET", "/metadata_taxonomies/{namespace}")
def list_taxonomies(call: Call) -> Json:
    """List the taxonomies of a namespace."""
    namespace = scope_named(call.store, call.id)
    every = [taxonomy for taxonomy in call.store.of(Taxonomy).values() if taxonomy.namespace == namespace]
    page, counters = marker_page(call.query, every)
    return {"entries": render_all(page, "base", None), **counters}


@METADATA_TAXONOMIES.operation("GET", _TAXONOMY)
def get_taxonomy(call: Call) -> Json:
    """Get a taxonomy."""
    return render(_found(call), "base")


@METADATA_TAXONOMIES.operation("POST", "/metadata_taxonomies", NewTaxonomy)
def create_taxonomy(call: Call) -> Reply:
    """Create a taxonomy of the enterprise."""
    body, store = call.json, call.store
    namespace = scope_named(store, body["namespace"])
    if namespace != scope_named(store, "enterprise"):
        raise errors.forbidden("Only taxonomies of the enterprise can be written")
    call.require_administrator("manage_enterprise_properties", "root_readwrite")
    key = body.get("key") or _ODD.sub("_", body["displayName"].lower())
    if taxonomy_of(store, namespace, key) is not None:
        raise errors.conflict("tuple_already_exists", f"There is a taxonomy with the key '{key}' already")
    taxonomy = store.add(Taxonomy(key=key, display_name=body["displayName"], namespace=namespace))
    return Reply(201, render(taxonomy, "base"))


@METADATA_TAXONOMIES.operation("PATCH", _TAXONOMY, UpdateTaxonomy)
def update_taxonomy(call: Call) -> Json:
    """Give a taxonomy another display name."""
    taxonomy = _changeable(call)
    call.store.change(taxonomy, {"display_name": call.json["displayName"]})
    return render(taxonomy, "base")


@METADATA_TAXONOMIES.operation("DELETE", _TAXONOMY)
def delete_taxonomy(call: Call) -> Reply:
    """Delete a taxonomy that no template uses."""
    taxonomy = _changeable(call)
    if any(field.taxonomy is taxonomy for template in call.store.of(Template).values() for field in template.fields):
        raise errors.bad_request("bad_request", "The taxonomy is in use")
    call.store.remove(taxonomy)
    return Reply(204)


def _add_levels(call: Call, taxonomy: Taxonomy, new: Sequence[Json]) -> Reply:
    added = [{"displayName": each.get("displayName"), "description": each.get("description", "")} for each in new]
    if not all(each["displayName"] for each in added):
        raise errors.missing_parameter("displayName")
    call.store.change(taxonomy, {"levels": [*taxonomy.levels, *added]})
    return Reply(201, {"entries": _levels(taxonomy)})


@METADATA_TAXONOMIES.operation("POST", f"{_TAXONOMY}/levels", list[NewLevel])
def create_levels(call: Call) -> Reply:
    """Add levels below those that there are."""
    return _add_levels(call, _changeable(call), call.entries)


@METADATA_TAXONOMIES.operation("POST", f"{_TAXONOMY}/levels:append", Level)
def append_level(call: Call) -> Reply:
    """Add a level below those that there are."""
    return _add_levels(call, _changeable(call), [call.json])


@METADATA_TAXONOMIES.operation("POST", f"{_TAXONOMY}/levels:trim")
def trim_level(call: Call) -> Json:
    """Delete the last level, which must have no nodes."""
    taxonomy = _changeable(call)
    if not taxonomy.levels or any(node.level == len(taxonomy.levels) for node in taxonomy.of(Node).values()):
        raise errors.bad_request("bad_request", "There is no last level without nodes")
    call.store.change(taxonomy, {"levels": taxonomy.levels[:-1]})
    return {"entries": _levels(taxonomy)}


@METADATA_TAXONOMIES.operation("PATCH", f"{_TAXONOMY}/levels/{{level_index}}", Level)
def update_level(call: Call) -> Json:
    """Give a level another display name and description."""
    taxonomy, text = _changeable(call), call.values[2]
    index = next((index for index in range(len(taxonomy.levels)) if str(index + 1) == text), None)
    if index is None:
        raise errors.invalid_parameter("level_index", text, "There is no such level")
    levels = [*taxonomy.levels]
    levels[index] = levels[index] | call.json
    call.store.change(taxonomy, {"levels": levels})
    return _level(taxonomy, index)


def page_of_nodes(call: Call, taxonomy: Taxonomy, levels: Collection[int] | None = None) -> Json:
    """Return a page of the nodes that the query asks for, of some levels if they are given.

    They are in the order of their names; those that a search finds, the shortest first, as they are nearest to it.
    """
    nodes = [node for node in taxonomy.of(Node).values() if levels is None or node.level in levels]
    try:
        asked = {whole(text) for text in call.all("level")}
    except ValueError:
        raise errors.invalid_parameter("level", call.all("level"), "A level is a number") from None
    parents, ancestors, terms = call.all("parent"), call.all("ancestor"), words(call.query.get("query", ""))
    if asked:
        nodes = [node for node in nodes if node.level in asked]
    if parents:
        nodes = [node for node in nodes if node.parent is not None and node.parent.id in parents]
    if ancestors:
        nodes = [node for node in nodes if any(ancestor.id in ancestors for ancestor in node.ancestors())]
    if terms:
        nodes = [node for node in nodes if all(_has(node, term) for term in terms)]
    nodes.sort(key=lambda node: (len(node.display_name) if terms else 0, node.display_name, node.id))
    page, counters = marker_page(call.query, nodes)
    return {"entries": [written_node(node) for node in page], **counters}


def _has(node: Node, term: str) -> bool:
    return any(word.startswith(term) for word in words(node.display_name))


@NODES.operation("GET", f"{_TAXONOMY}/nodes")
def list_nodes(call: Call) -> Json:
    """List nodes of a taxonomy."""
    return page_of_nodes(call, _found(call))


def _node(call: Call, taxonomy: Taxonomy) -> Node:
    node = taxonomy.node(call.values[2])
    if node is None:
        raise errors.not_found("node", call.values[2])
    return node


@NODES.operation("GET", f"{_TAXONOMY}/nodes/{{node_id}}")
def get_node(call: Call) -> Json:
    """Get a node."""
    return written_node(_node(call, _found(call)))


@NODES.operation("POST", f"{_TAXONOMY}/nodes", NewNode)
def create_node(call: Call) -> Reply:
    """Create a node, below one of the level above unless it is of the first level."""
    taxonomy = _changeable(call)
    body = call.json
    parent = taxonomy.node(body.get("parentId"))
    if not 1 <= body["level"] <= len(taxonomy.levels):
        raise errors.invalid_parameter("level", body["level"], "The taxonomy has no such level")
    if ("parentId" in body and parent is None) or (parent.level if parent else 0) != body["level"] - 1:
        raise errors.invalid_parameter("parentId", body.get("parentId"), "It is no node of the level above")
    node = Node(taxonomy=taxonomy, display_name=body["displayName"], level=body["level"], parent=parent)
    return Reply(201, written_node(call.store.add(node)))


@NODES.operation("PATCH", f"{_TAXONOMY}/nodes/{{node_id}}", UpdateNode)
def update_node(call: Call) -> Json:
    """Give a node another display name."""
    node = _node(call, _changeable(call))
    call.store.change(node, {"display_name": call.json.get("displayName", node.display_name)})
    return written_node(node)


@NODES.operation("DELETE", f"{_TAXONOMY}/nodes/{{node_id}}")
def delete_node(call: Call) -> Reply:
    """Delete a node without children."""
    node = _node(call, _changeable(call))
    if node.of(Node):
        raise errors.bad_request("bad_request", "Only a node without children can be deleted")
    call.store.remove(node)
    return Reply(204)
