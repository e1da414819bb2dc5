"""The table of a metadata template: a row for each file and folder that has an instance of it.

It is read by Box's metadata query, which takes over a part of the WHERE (`predicate.py`), and by id. The query knows
neither templates of the global scope nor classifications: these are read out of the listings of all folders. What is
written is written by the item, a classification as its own reference says.

Sources: https://developer.box.com/guides/metadata/queries/,
https://developer.box.com/reference/resources/metadata-template/, …/resources/metadata/ and …/resources/classification/
"""

from __future__ import annotations

import re
from collections import ChainMap
from typing import TYPE_CHECKING, Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.folder_items import FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.metadata.columns import PLAIN, PROPERTIES, field_columns, is_properties
from box_dialect.catalog.metadata.comments import comment_of
from box_dialect.catalog.metadata.insights import insights
from box_dialect.catalog.metadata.instances import (
    CLASSIFICATION,
    ITEMS,
    completion,
    constants,
    instance,
    place_of,
    writing,
)
from box_dialect.catalog.metadata.names import free
from box_dialect.catalog.metadata.predicate import EXECUTE_READ, ITEM_FIELDS, KINDS, Field, comparing, predicate
from box_dialect.catalog.metadata.query_api import INSTANCES, language_of, order, query_endpoint, template_predicate
from box_dialect.catalog.model import (
    DIGITS,
    AccessPath,
    Column,
    Endpoint,
    JsonObject,
    Named,
    Nested,
    Order,
    Shown,
    Table,
    Target,
    Type,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.freshness import FRESHNESS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from box_dialect.catalog.metadata.predicate import Language

_OPTIONS: Final = {"hidden": "hidden", "copy_instance_on_item_copy": "copyInstanceOnItemCopy"}
"""What holds of a template, by the options of its table."""

_SORTED: Final = frozenset({"float", "date"})
"""The types of the fields that Box sorts by just as SQLite does."""

_PAGE: Final = 100
_INSTANCES: Final = 1_000
"""How many instances a template is thought to have."""

_WORDS: Final = frozenset(
    {"and", "or", "not", "like", "ilike", "in", "is", "null", "between", "hasany", "hasall", "hasancestor", "exists"}
    | {"item", "true", "false"}
)
"""The words of predicates, which the key of a field may be too."""

_ROOT: Final = "0"

_TOO_MANY: Final = (
    "Box may refuse a query that more than 2,000 items match: narrow the condition, or name a folder by ancestor_id = "
    "'…', whose branch is searched then"
)
_CHANGED: Final = "the template may have been changed by somebody else meanwhile: run the statement again"
OUTDATED: Final = frozenset({"instance_not_found", "invalid_query", "unexpected_json_type"})
"""Box's codes where a query asks for a template or a field that is not there, or is of another type."""


def template_table(
    template: JsonObject, name: str, is_taken: Callable[[str], bool], queried: dict[str, Field] | None = None
) -> Table:
    """Return the table of a template by a name; `is_taken` tells which names files and folders have for other things.

    `queried` are the fields of all templates in the language of the Query API, by `table.column`, to which those of
    this one are added: a query may name several templates.

    Raises KeyError or TypeError for an object that is no template.
    """
    fields, key = template.get("fields") or [], template["templateKey"]
    described = comment_of(template, key) or ""
    has_query = template["scope"] != "global" and key != CLASSIFICATION
    made = field_columns(fields, clears=key != CLASSIFICATION)
    columns = {field["key"]: each for field, each in zip(fields, made, strict=True)}
    named = {column.name.lower() for column in columns.values()}
    relations = {kind: kind for kind in ITEMS if kind not in named}
    reverse = free(key if not is_taken(key.lower()) else name, is_taken)
    target = Target(by="item_type", tables={kind: f"{table}.id" for kind, table in ITEMS.items()}, relations=relations)
    inputs = (
        FRESHNESS,
        Column("ancestor_id", hidden=True, derived=NOTHING, doc="Id of the folder whose branch is searched, an input."),
    )
    of_item = (
        AS_USER,
        *(inputs if has_query else ()),
        Column("instance_id", source="$id", hidden=True, doc="Box's id of the instance; a call for each row."),
        Column("item_id", source="$item.id", target=target, reverse=reverse, nullable=False, doc="Id of the item."),
        Column("item_type", source="$item.type", nullable=False, doc="`file` or `folder`."),
        Column("template_version", Type.INTEGER, source="$version", doc="Goes up with each change of the values."),
    )
    known = {} if queried is None else queried
    if has_query:
        own = _fields(fields, columns, language_of(template["scope"], key))
        known.update({f"{name}.{column}": field for column, field in own.items()})
    insert, update, delete = writing(template, [each.name for each in columns.values() if key == CLASSIFICATION])
    further = (PROPERTIES,) if is_properties(template) else ()
    return Table(
        name=name,
        doc=described,
        columns=(*of_item, *columns.values(), *further),
        key=("item_id", "item_type"),
        options=tuple(option for option, place in _OPTIONS.items() if template.get(place)),
        fields=("$item.id", "$item.type", "$version"),
        paths=(
            *_by_item(template, columns),
            *(_by_queries(template, fields, columns, known) if has_query else _by_walk(template)),
        ),
        insert=insert,
        update=update,
        delete=delete,
    )


def _by_item(template: JsonObject, columns: Mapping[str, Column]) -> tuple[AccessPath, AccessPath]:
    """Return the paths by the key, and by the id alone, which asks for a file and for a folder."""
    endpoints = tuple(
        Endpoint(
            path=f"/{of}/{{item_id}}/metadata/{{scope}}/{{template_key}}",
            constants=constants(template),
            takes_fields=False,
            given={"item_type": kind},
            known=frozenset({"item_id"}),
        )
        for kind, of in ITEMS.items()
    )
    accepts = {"item_id": NOT_ROOT, "item_type": re.compile("|".join(ITEMS))}
    return (
        AccessPath(
            name="by item",
            endpoints=endpoints,
            keys=("item_id", "item_type"),
            accepts=accepts,
            unique=True,
            shown=Shown(
                called=INSTANCES,
                nested=instance(template),
                keys={"item_id": "id", "item_type": "type"},
                lacks=completion(template, columns).columns,
            ),
        ),
        AccessPath(name="by id", endpoints=endpoints, keys=("item_id",), accepts=NOT_ROOT),
    )


def _by_queries(
    template: JsonObject,
    fields: Sequence[JsonObject],
    columns: Mapping[str, Column],
    known: dict[str, Field],
) -> tuple[AccessPath, ...]:
    """Return the paths by Box's metadata query, which tells what is, and by its Query API, which lags behind."""
    return (*_by_query(template, fields, columns), *_by_index(template, fields, columns, known))


def _by_query(
    template: JsonObject, fields: Sequence[JsonObject], columns: Mapping[str, Column]
) -> tuple[AccessPath, AccessPath]:
    """Return the paths by Box's query, of all that there is and of a branch."""
    language = EXECUTE_READ
    own = _fields(fields, columns, language)
    filters = tuple(comparing(column, field, number, language) for number, (column, field) in enumerate(own.items()))
    whole = predicate({**own, **_of_items(language)}, language)
    dated = [field for field in _plain(fields) if field["type"] in _SORTED]
    orders = tuple(_order(columns[field["key"]].name, field["key"]) for field in dated)

    def reading(ancestor: str, known: Collection[str] = ()) -> Endpoint:
        return Endpoint(
            path="/metadata_queries/execute_read",
            method="POST",
            body={"from": "{template}", "ancestor_folder_id": ancestor},
            constants={"template": f"{template['scope']}.{template['templateKey']}"},
            paging=Paging.MARKER,
            max_limit=_PAGE,
            rows=(instance(template),),
            known=frozenset(known),
            complete=completion(template, columns),
            lists=ITEMS,
            joins=language.joins,
            advice={"bad_request": _TOO_MANY, **dict.fromkeys(OUTDATED, _CHANGED)},
        )

    branch = AccessPath(
        name="by query of a branch",
        endpoints=(reading("{ancestor_id}", {"ancestor_id"}),),
        keys=("ancestor_id",),
        accepts=DIGITS,
        filters=filters,
        predicate=whole,
        orders=orders,
        calls=2,
        rows=2 * _PAGE,
    )
    everywhere = AccessPath(
        name="by query",
        endpoints=(reading(_ROOT),),
        filters=filters,
        predicate=whole,
        orders=orders,
        calls=_INSTANCES / _PAGE,
        rows=_INSTANCES,
    )
    return branch, everywhere


def _plain(fields: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the fields that can stand in a predicate."""
    return [field for field in fields if PLAIN.fullmatch(field["key"]) and field["key"].lower() not in _WORDS]


def _fields(fields: Sequence[JsonObject], columns: Mapping[str, Column], language: Language) -> dict[str, Field]:
    """Return the columns whose fields can stand in a predicate, with what a language calls these."""
    own = {
        columns[field["key"]].name: Field(language.field.format(key=field["key"]), KINDS[field["type"]])
        for field in _plain(fields)
        if field["type"] in KINDS
    }
    key, kind = ITEM_FIELDS["type"]
    return {**own, "item_type": Field(language.item.format(key=key), kind)}


def _by_index(
    template: JsonObject,
    fields: Sequence[JsonObject],
    columns: Mapping[str, Column],
    known: dict[str, Field],
) -> tuple[AccessPath, AccessPath]:
    """Return the paths by the Query API, of a branch and of all that there is."""
    place = template["scope"], template["templateKey"]
    language = language_of(*place)
    own = _fields(fields, columns, language)
    filters = tuple(comparing(column, field, number, language) for number, (column, field) in enumerate(own.items()))
    whole = predicate(ChainMap({**own, **_of_items(language)}, known), language)
    orders = tuple(
        order(columns[field["key"]].name, ":".join((*place, field["key"])))
        for field in _plain(fields)
        if field["type"] in _SORTED
    )

    plain = _plain(fields)
    numbers, groups = ([columns[f["key"]].name for f in plain if f["type"] == kind] for kind in ("float", "enum"))

    def path(name: str, ancestor: str, keys: tuple[str, ...], calls: float) -> AccessPath:
        endpoint = query_endpoint(
            *template_predicate(*place),
            ancestor=ancestor,
            lists=ITEMS,
            known=keys,
            rows=(instance(template),),
            complete=completion(template, columns),
        )
        return AccessPath(
            name=name,
            endpoints=(endpoint,),
            keys=keys,
            filters=filters,
            predicate=whole,
            orders=orders,
            indexed=True,
            insights=insights(endpoint, language, own, keys=("item_id", "item_type"), numbers=numbers, groups=groups),
            calls=calls,
            rows=calls * _PAGE,
        )

    return (
        path("by index of a branch", "{ancestor_id}", ("ancestor_id",), 2),
        path("by index", _ROOT, (), _INSTANCES / _PAGE),
    )


def _of_items(language: Language) -> dict[str, Field]:
    """Return the columns of files and folders that a query knows."""
    return {
        f"{table}.{column}": Field(language.item.format(key=key), kind)
        for table in ITEMS.values()
        for column, (key, kind) in ITEM_FIELDS.items()
    }


def _order(column: str, key: str) -> Order:
    by = [[{"field_key": key, "direction": direction}] for direction in ("ASC", "DESC")]
    return Order(column, {"order_by": by[0]}, {"order_by": by[1]}, Paging.MARKER, nulls_last=True)


def _by_walk(template: JsonObject) -> tuple[AccessPath, ...]:
    """Return the path by the listings of all folders, which show instances too."""
    listing = Endpoint(
        path=FOLDER_ITEMS.path,
        paging=FOLDER_ITEMS.paging,
        parameters=FOLDER_ITEMS.parameters,
        rows=(Nested(place_of(template), outer="$item", single=True, named=Named.PLACE),),
        lists=FOLDER_ITEMS.lists,
    )
    return (AccessPath(name="walk", endpoints=(listing,), walk=True, calls=FOLDERS, rows=_INSTANCES),)
