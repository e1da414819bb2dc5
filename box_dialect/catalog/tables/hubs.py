"""Box Hubs: hubs, what is in them, who collaborates on them, and the pages that they consist of.

Sources: https://developer.box.com/reference/v2025.0/resources/hub/, …/hub-item/, …/hub-collaboration/,
…/hub-document-page/ and …/hub-document-blocks/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.columns import NOTHING, search_inputs, user
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import (
    DIGITS,
    TEXT,
    UUID,
    AccessPath,
    Column,
    Endpoint,
    FanOut,
    Order,
    Table,
    Target,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER

_HUBS: Final = 50
_ITEMS: Final = 40
_COLLABORATORS: Final = 5
_PAGES: Final = 3
_BLOCKS: Final = 8
"""How many hubs there are thought to be, what each has, and the blocks of each page."""

_ALL: Final = Endpoint(
    path="/hubs", paging=Paging.MARKER, headers=V2025_0, takes_fields=False, advice=needs("Box Hubs")
)
_OF_ENTERPRISE: Final = replace(_ALL, path="/enterprise_hubs")


def _sorted(column: str) -> Order:
    ascending, descending = ({"sort": column, "direction": direction} for direction in ("ASC", "DESC"))
    return Order(column, ascending, descending, Paging.MARKER)


_ORDERS: Final = (_sorted("updated_at"), _sorted("view_count"))


def _listing(name: str, endpoint: Endpoint, **asked: str) -> AccessPath:
    """Return the access path to the hubs of a listing, which is `asked` with parameters that inputs have."""
    keys = tuple(asked)
    parameters = {parameter: f"{{{column}}}" for column, parameter in asked.items()}
    return AccessPath(
        name=name,
        endpoints=(replace(endpoint, parameters=parameters, known=frozenset(keys)),),
        keys=keys,
        accepts={"search": TEXT, "scope": re.compile("editable|view_only|all")},
        match=frozenset({"search", endpoint.path.removeprefix("/")}) if "search" in asked else frozenset(),
        orders=_ORDERS,
        rows=_HUBS / 2 if asked else _HUBS,
    )


_HUB: Final = (
    Column("id", nullable=False, doc="Box's id."),
    Column("type", nullable=False, doc="Always `hubs`."),
    Column("title", insert="title", update="title", doc="The title, of less than 50 characters."),
    Column("description", insert="description", update="description", doc="The description."),
    Column("created_at", Type.TIMESTAMP, doc="When it was made."),
    Column("updated_at", Type.TIMESTAMP, doc="When it was last changed."),
    *user("created_by", "the user who made it"),
    *user("updated_by", "the user who changed it last"),
    Column("view_count", Type.INTEGER, doc="How often it was looked at."),
    Column("is_ai_enabled", Type.BOOLEAN, update="is_ai_enabled", doc="Whether Box AI answers questions about it."),
    Column(
        "is_collaboration_restricted_to_enterprise",
        Type.BOOLEAN,
        update="is_collaboration_restricted_to_enterprise",
        doc="Whether only users of the enterprise may collaborate.",
    ),
    Column(
        "can_non_owners_invite",
        Type.BOOLEAN,
        update="can_non_owners_invite",
        doc="Whether collaborators may invite others.",
    ),
    Column(
        "can_shared_link_be_created",
        Type.BOOLEAN,
        update="can_shared_link_be_created",
        doc="Whether it may have a shared link.",
    ),
    Column(
        "can_public_shared_link_be_created",
        Type.BOOLEAN,
        update="can_public_shared_link_be_created",
        doc="Whether that link may be open to anybody.",
    ),
    Column(
        "copy_hub_access",
        update="copy_hub_access",
        options=("all", "company", "none"),
        doc="Who may copy it: `all` who see it, those of the `company`, or `none`.",
    ),
)

hubs: Final = Table(
    name="hubs",
    doc="The hubs that the signed-in user has a part in.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub/",
    columns=(
        AS_USER,
        *search_inputs("hubs"),
        Column("scope", hidden=True, derived=NOTHING, doc="Which hubs are listed: `editable`, `view_only` or `all`."),
        *_HUB,
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_ALL, path="/hubs/{id}", paging=Paging.ONE),),
            keys=("id",),
            unique=True,
        ),
        _listing("by search", _ALL, search="query"),
        _listing("by scope", _ALL, scope="scope"),
        _listing("by search and scope", _ALL, search="query", scope="scope"),
        _listing("all", _ALL),
    ),
    insert=Write(method="POST", path="/hubs", headers=V2025_0, required=("title",), takes_fields=False),
    update=Write(method="PUT", path="/hubs/{id}", headers=V2025_0, takes_fields=False),
    delete=Write(method="DELETE", path="/hubs/{id}", headers=V2025_0),
)

enterprise_hubs: Final = Table(
    name="enterprise_hubs",
    doc="All hubs of the enterprise, also those in which the signed-in user has no part; for administrators, by an "
    "application with the scope to manage enterprise content.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub/",
    columns=(*search_inputs("enterprise_hubs"), *(column.read_only() for column in _HUB)),
    paths=(_listing("by search", _OF_ENTERPRISE, search="query"), _listing("all", _OF_ENTERPRISE)),
)


def _of_hub(endpoint: Endpoint, **parameters: str) -> Endpoint:
    """Return an endpoint that lists what a hub has, by the hub and what else is told."""
    keys = {"hub_id": "{hub_id}", **parameters}
    return replace(endpoint, parameters=keys, known=frozenset({"hub_id", *parameters}))


def _paths(endpoint: Endpoint, rows: float) -> tuple[AccessPath, ...]:
    """Return the access paths to what hubs have."""
    return (
        AccessPath(name="by hub", endpoints=(endpoint,), keys=("hub_id",), rows=rows),
        AccessPath(
            name="of every hub",
            endpoints=(endpoint,),
            fan_out=FanOut(key="hub_id", parents=_ALL),
            calls=1 + _HUBS,
            rows=_HUBS * rows,
        ),
    )


_HUB_ID: Final = Column("hub_id", derived=NOTHING, nullable=False, references="hubs.id", doc="Id of the hub.")
_OF_ITEMS: Final = _of_hub(replace(_ALL, path="/hub_items"))
_IN_HUB: Final = ("hub_id", "item_type", "item_id")


def _managing(action: str, **values: Any) -> Write:
    """Return the call that adds an item to a hub, or removes it."""
    item = {"type": "{item_type}", "id": "{item_id}"}
    return Write(
        method="POST",
        path="/hubs/{hub_id}/manage_items",
        headers=V2025_0,
        body={"operations": [{"action": action, "item": item}]},
        ordered=True,
        answers=False,
        results="operations",
        takes_fields=False,
        **values,
    )


hub_items: Final = Table(
    name="hub_items",
    doc="The files, folders and web links in hubs, as far as the signed-in user sees them. Without a key, those of "
    "every hub of the user, a call for each.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub-item/",
    key=_IN_HUB,
    fields=(),
    columns=(
        AS_USER,
        Column(
            "parent_id",
            hidden=True,
            derived=NOTHING,
            insert="operations.0.parent_id",
            doc="Id of the block of `hub_document_blocks`, an `item_list`, that the item stands in; the first one of "
            "the first page unless INSERT tells it.",
        ),
        _HUB_ID,
        Column("item_type", source="type", nullable=False, doc="`file`, `folder` or `web_link`."),
        Column(
            "item_id",
            source="id",
            nullable=False,
            target=Target(
                by="item_type", tables={"file": "files.id", "folder": "folders.id", "web_link": "web_links.id"}
            ),
            doc="Id of the item.",
        ),
        Column("name", nullable=False, doc="Name of the item."),
    ),
    paths=(
        AccessPath(
            name="by key",
            endpoints=(replace(_OF_ITEMS, keep={"type": "{item_type}", "id": "{item_id}"}),),
            keys=_IN_HUB,
            accepts={"item_type": re.compile("file|folder|web_link")},
            unique=True,
        ),
        AccessPath(
            name="by list",
            endpoints=(_of_hub(_OF_ITEMS, parent_id="{parent_id}"),),
            keys=("hub_id", "parent_id"),
            accepts={"hub_id": DIGITS, "parent_id": UUID},
            rows=_ITEMS / 2,
        ),
        *_paths(_OF_ITEMS, _ITEMS),
    ),
    insert=_managing("add", required=("item_type", "item_id")),
    delete=_managing("remove"),
)

hub_collaborations: Final = Table(
    name="hub_collaborations",
    doc="Who may do what with which hub, beside its owner. Without a key, those of every hub that the signed-in user "
    "has a part in, a call for each.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub-collaboration/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `hub_collaboration`."),
        Column("hub_id", source="hub.id", references="hubs.id", insert="hub.id", doc="Id of the hub."),
        Column(
            "accessible_by_type",
            source="accessible_by.type",
            insert="accessible_by.type",
            doc="`user`, which INSERT takes it for, or `group`.",
        ),
        Column(
            "accessible_by_id",
            source="accessible_by.id",
            target=Target(
                by="accessible_by_type",
                tables={"user": "users.id", "group": "groups.id"},
                relations={"user": "user", "group": "group"},
            ),
            insert="accessible_by.id",
            doc="Id of the user or group that has access.",
        ),
        Column("accessible_by_name", source="accessible_by.name", doc="Name of the user or group."),
        Column(
            "accessible_by_login",
            source="accessible_by.login",
            insert="accessible_by.login",
            doc="Login of the user, which an INSERT may have instead of the id.",
        ),
        Column("group_type", source="accessible_by.group_type", doc="`managed_group` or `all_users_group`."),
        Column("role", insert="role", update="role", doc="`viewer`, `editor` or `co-owner`."),
        Column("status", doc="`accepted`, `pending` or `rejected`."),
        Column("acceptance_requirements_status", Type.JSON, doc="What has to be met before it can be accepted."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_ALL, path="/hub_collaborations/{id}", paging=Paging.ONE),),
            keys=("id",),
            unique=True,
        ),
        *_paths(_of_hub(replace(_ALL, path="/hub_collaborations")), _COLLABORATORS),
    ),
    insert=Write(
        method="POST",
        path="/hub_collaborations",
        headers=V2025_0,
        required=("hub_id", "role"),
        either=(("accessible_by_id", "accessible_by_login"),),
        body={"hub": {"type": "hubs"}, "accessible_by": {"type": "user"}},
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/hub_collaborations/{id}", headers=V2025_0, takes_fields=False),
    delete=Write(method="DELETE", path="/hub_collaborations/{id}", headers=V2025_0),
)

_OF_PAGES: Final = _of_hub(replace(_ALL, path="/hub_document_pages"))

hub_document_pages: Final = Table(
    name="hub_document_pages",
    doc="The pages of hubs. Without a key, those of every hub that the signed-in user has a part in, a call for each.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub-document-page/",
    columns=(
        AS_USER,
        _HUB_ID,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `page`."),
        Column(
            "parent_id",
            references="hub_document_pages.id",
            reverse="children",
            doc="Id of the page above; NULL at the top.",
        ),
        Column("title_fragment", nullable=False, doc="The title, with its markup."),
    ),
    paths=_paths(_OF_PAGES, _PAGES),
)

_OF_BLOCKS: Final = _of_hub(replace(_ALL, path="/hub_document_blocks"), page_id="{page_id}")
_BY_PAGE: Final = FanOut(key="page_id", parents=_OF_PAGES)

hub_document_blocks: Final = Table(
    name="hub_document_blocks",
    doc="What the pages of hubs consist of: texts, dividers and lists of items. Without a key, that of every page of "
    "every hub that the signed-in user has a part in, a call for each hub and each page.",
    reference="https://developer.box.com/reference/v2025.0/resources/hub-document-blocks/",
    columns=(
        AS_USER,
        _HUB_ID,
        Column(
            "page_id",
            derived=NOTHING,
            nullable=False,
            references="hub_document_pages.id",
            doc="Id of the page.",
        ),
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="`paragraph`, `section_title`, `callout_box`, `item_list` or `divider`."),
        Column(
            "parent_id",
            references="hub_document_blocks.id",
            reverse="children",
            doc="Id of the block that it stands in; NULL for what stands in the page itself.",
        ),
        Column("fragment", doc="The text, with its markup; of texts alone."),
    ),
    paths=(
        AccessPath(
            name="by hub and page",
            endpoints=(_OF_BLOCKS,),
            keys=("hub_id", "page_id"),
            accepts={"hub_id": DIGITS, "page_id": UUID},
            rows=_BLOCKS,
        ),
        AccessPath(
            name="by page",
            endpoints=(_OF_BLOCKS,),
            keys=("page_id",),
            accepts=UUID,
            fan_out=FanOut(key="hub_id", parents=_ALL),
            calls=1 + _HUBS,
            rows=_BLOCKS,
        ),
        AccessPath(
            name="by hub",
            endpoints=(_OF_BLOCKS,),
            keys=("hub_id",),
            fan_out=_BY_PAGE,
            calls=1 + _PAGES,
            rows=_PAGES * _BLOCKS,
        ),
        AccessPath(
            name="of every hub",
            endpoints=(_OF_BLOCKS,),
            fan_out=replace(_BY_PAGE, outer=FanOut(key="hub_id", parents=_ALL)),
            calls=1 + _HUBS * (1 + _PAGES),
            rows=_HUBS * _PAGES * _BLOCKS,
        ),
    ),
)
