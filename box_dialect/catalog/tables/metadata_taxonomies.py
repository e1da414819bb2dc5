"""Taxonomies, their levels and their nodes: trees of values, which fields of metadata templates take theirs from.

Sources: https://developer.box.com/reference/resources/metadata-taxonomy/ and …/metadata-taxonomy-node/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.enterprise import ENTERPRISE, enterprise_id
from box_dialect.catalog.model import (
    DIGITS,
    UUID,
    AccessPath,
    Column,
    Endpoint,
    FanOut,
    Nested,
    Table,
    Type,
    Write,
)

_NAMESPACE: Final = re.compile("enterprise_[0-9]{1,20}|global")
_KEY: Final = re.compile("[a-zA-Z_][-a-zA-Z0-9_]{0,255}")
_TAXONOMIES: Final = 5
_LEVELS: Final = 3
_NODES: Final = 200
"""How many taxonomies there are thought to be, and how many levels and nodes each has."""

_OF_NAMESPACE: Final = Endpoint(path="/metadata_taxonomies/{namespace}", paging=Paging.MARKER, takes_fields=False)
_OF_ENTERPRISE: Final = Endpoint(
    path="/metadata_taxonomies/enterprise_{enterprise_id}", paging=Paging.MARKER, takes_fields=False
)
_ENTERPRISE_ID: Final = enterprise_id("taxonomies")
_IN_TAXONOMY: Final = ("namespace", "taxonomy_key")

metadata_taxonomies: Final = Table(
    name="metadata_taxonomies",
    doc="Trees of values for fields of metadata templates. Without a key, those of the enterprise of the signed-in "
    "user.",
    reference="https://developer.box.com/reference/resources/metadata-taxonomy/",
    key=("namespace", "key"),
    columns=(
        _ENTERPRISE_ID,
        Column("id", nullable=False, doc="Box's id."),
        Column(
            "namespace", nullable=False, insert="namespace", doc="Where the key is unique: `enterprise_` and its id."
        ),
        Column(
            "key",
            nullable=False,
            insert="key",
            doc="The key, of letters, digits, `_` and `-`; Box makes it of the display name where none is given.",
        ),
        Column(
            "display_name",
            nullable=False,
            source="displayName",
            insert="displayName",
            update="displayName",
            doc="The name that users see.",
        ),
        Column("levels", Type.JSON, doc="The levels, the first one at the top."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(Endpoint(path="/metadata_taxonomies/{namespace}/{key}", takes_fields=False),),
            keys=("namespace", "key"),
            accepts={"namespace": _NAMESPACE, "key": _KEY},
            unique=True,
        ),
        AccessPath(
            name="by namespace",
            endpoints=(_OF_NAMESPACE,),
            keys=("namespace",),
            accepts=_NAMESPACE,
            rows=_TAXONOMIES,
        ),
        AccessPath(
            name="of the enterprise", endpoints=(_OF_ENTERPRISE,), fan_out=ENTERPRISE, calls=2, rows=_TAXONOMIES
        ),
    ),
    insert=Write(
        method="POST", path="/metadata_taxonomies", required=("namespace", "display_name"), takes_fields=False
    ),
    update=Write(method="PATCH", path="/metadata_taxonomies/{namespace}/{key}", takes_fields=False),
    delete=Write(method="DELETE", path="/metadata_taxonomies/{namespace}/{key}"),
)

_TAXONOMY_KEY: Final = Column(
    "taxonomy_key",
    source="taxonomy.key",
    nullable=False,
    references="metadata_taxonomies.key",
    along={"namespace": "namespace"},
    relation="taxonomy",
    doc="Key of the taxonomy.",
)
_LEVELS_WITHIN: Final = Nested("levels", "taxonomy")

metadata_taxonomy_levels: Final = Table(
    name="metadata_taxonomy_levels",
    doc="The levels of taxonomies. A new one comes below those that there are. Without a key, those of all taxonomies "
    "of the enterprise of the signed-in user.",
    reference="https://developer.box.com/reference/resources/metadata-taxonomy/",
    key=("namespace", "taxonomy_key", "level"),
    fields=(),
    columns=(
        _ENTERPRISE_ID,
        Column("namespace", source="taxonomy.namespace", nullable=False, doc="Namespace of the taxonomy."),
        _TAXONOMY_KEY,
        Column("level", Type.INTEGER, nullable=False, doc="Its number; 1 is the level at the top."),
        Column(
            "display_name",
            source="displayName",
            insert="displayName",
            update="displayName",
            doc="The name that users see.",
        ),
        Column("description", insert="description", update="description", doc="What the level is."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(
                Endpoint(
                    path="/metadata_taxonomies/{namespace}/{taxonomy_key}",
                    takes_fields=False,
                    rows=(_LEVELS_WITHIN,),
                    keep={"level": "{level}"},
                    known=frozenset(_IN_TAXONOMY),
                ),
            ),
            keys=(*_IN_TAXONOMY, "level"),
            accepts={"namespace": _NAMESPACE, "taxonomy_key": _KEY, "level": DIGITS},
            unique=True,
        ),
        AccessPath(
            name="by taxonomy",
            endpoints=(
                Endpoint(
                    path="/metadata_taxonomies/{namespace}/{taxonomy_key}",
                    takes_fields=False,
                    rows=(_LEVELS_WITHIN,),
                    known=frozenset(_IN_TAXONOMY),
                ),
            ),
            keys=_IN_TAXONOMY,
            accepts={"namespace": _NAMESPACE, "taxonomy_key": _KEY},
            rows=_LEVELS,
        ),
        AccessPath(
            name="of every taxonomy",
            endpoints=(
                Endpoint(
                    path="/metadata_taxonomies/enterprise_{enterprise_id}",
                    paging=Paging.MARKER,
                    takes_fields=False,
                    rows=(_LEVELS_WITHIN,),
                ),
            ),
            fan_out=ENTERPRISE,
            calls=2,
            rows=_TAXONOMIES * _LEVELS,
        ),
    ),
    insert=Write(
        method="POST",
        path="/metadata_taxonomies/{namespace}/{taxonomy_key}/levels:append",
        required=("display_name",),
        rows=(Nested("entries", "levels"),),
        ordered=True,
        takes_fields=False,
    ),
    update=Write(
        method="PATCH",
        path="/metadata_taxonomies/{namespace}/{taxonomy_key}/levels/{level}",
        whole=(("display_name", "description"),),
        takes_fields=False,
    ),
)


_OF_TAXONOMY: Final = Endpoint(
    path="/metadata_taxonomies/{namespace}/{taxonomy_key}/nodes",
    paging=Paging.MARKER,
    takes_fields=False,
    known=frozenset(_IN_TAXONOMY),
)
_BELOW: Final = replace(
    _OF_TAXONOMY, parameters={"ancestor": "{ancestor_id}"}, known=frozenset({*_IN_TAXONOMY, "ancestor_id"})
)
_NARROWED: Final = (
    filters.equals("level", accepts="[1-9][0-9]{0,8}"),
    filters.equals("parent_id", "parent"),
)

metadata_taxonomy_nodes: Final = Table(
    name="metadata_taxonomy_nodes",
    doc="The values of taxonomies, each a node of the tree. Without a key, those of all taxonomies of the enterprise "
    "of the signed-in user.",
    reference="https://developer.box.com/reference/resources/metadata-taxonomy-node/",
    columns=(
        _ENTERPRISE_ID,
        Column("ancestor_id", hidden=True, derived=NOTHING, doc="Id of a node, whose nodes below are listed."),
        Column("id", nullable=False, doc="Box's id."),
        Column("namespace", derived=NOTHING, nullable=False, doc="Namespace of the taxonomy."),
        Column(
            "taxonomy_key",
            derived=NOTHING,
            nullable=False,
            references="metadata_taxonomies.key",
            along={"namespace": "namespace"},
            relation="taxonomy",
            doc="Key of the taxonomy.",
        ),
        Column(
            "display_name",
            nullable=False,
            source="displayName",
            insert="displayName",
            update="displayName",
            doc="The name that users see.",
        ),
        Column("level", Type.INTEGER, nullable=False, insert="level", doc="Number of its level; 1 is at the top."),
        Column(
            "parent_id",
            source="parentId",
            references="metadata_taxonomy_nodes.id",
            reverse="children",
            insert="parentId",
            doc="Id of the node above, which is of the level above.",
        ),
        Column("node_path", Type.JSON, source="nodePath", doc="Ids of the nodes above, the one at the top first."),
        Column("ancestors", Type.JSON, doc="The nodes above, each with its id, its display name and its level."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(
                replace(
                    _OF_TAXONOMY, path="/metadata_taxonomies/{namespace}/{taxonomy_key}/nodes/{id}", paging=Paging.ONE
                ),
            ),
            keys=(*_IN_TAXONOMY, "id"),
            accepts={"namespace": _NAMESPACE, "taxonomy_key": _KEY, "id": UUID},
            unique=True,
        ),
        AccessPath(
            name="by taxonomy",
            endpoints=(_OF_TAXONOMY,),
            keys=_IN_TAXONOMY,
            accepts={"namespace": _NAMESPACE, "taxonomy_key": _KEY},
            filters=_NARROWED,
            rows=_NODES,
        ),
        AccessPath(
            name="by ancestor",
            endpoints=(_BELOW,),
            keys=(*_IN_TAXONOMY, "ancestor_id"),
            accepts={"namespace": _NAMESPACE, "taxonomy_key": _KEY, "ancestor_id": UUID},
            filters=_NARROWED,
            rows=_NODES / _LEVELS,
        ),
        AccessPath(
            name="of every taxonomy",
            endpoints=(_OF_TAXONOMY,),
            fan_out=FanOut(
                key="taxonomy_key",
                source="key",
                binds={"namespace": "namespace"},
                parents=_OF_ENTERPRISE,
                outer=ENTERPRISE,
            ),
            filters=_NARROWED,
            calls=2 + _TAXONOMIES,
            rows=_TAXONOMIES * _NODES,
        ),
    ),
    insert=Write(
        method="POST",
        path="/metadata_taxonomies/{namespace}/{taxonomy_key}/nodes",
        required=("display_name", "level"),
        takes_fields=False,
    ),
    update=Write(method="PATCH", path="/metadata_taxonomies/{namespace}/{taxonomy_key}/nodes/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/metadata_taxonomies/{namespace}/{taxonomy_key}/nodes/{id}"),
)
