"""Files, folders, web links, and all of them together as items.

Sources: https://developer.box.com/reference/resources/file--full/, …/folder--full/ and …/web-link/
"""

from __future__ import annotations

import re
from typing import Final

from box_dialect.api import ApiPath, Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import CLASSIFICATION, CONTENT_TIMES, EXTENSION, ITEM, WATERMARK, search_inputs, user
from box_dialect.catalog.model import (
    DIGITS,
    AccessPath,
    Column,
    Derived,
    Endpoint,
    JsonObject,
    Location,
    Order,
    Remote,
    Table,
    Type,
    Write,
    mixed_rowid,
)

_KINDS: Final = ("file", "folder", "web_link")
_NOT_ROOT: Final = re.compile("[1-9][0-9]{0,19}")
MOVES: Final = frozenset({"parent"})
"""The key of a body that moves an item, which If-Match does not protect.

Source: https://developer.box.com/guides/api-calls/ensure-consistency/
"""

FOLDERS: Final = 1_000
FILES: Final = 20_000
"""How many folders and files there are thought to be, to which the estimates of all access paths fit."""

_PARENTS_ASKED: Final = 0.02
"""The part of the folders looked up by id that takes a call: many items have one, and a walk passes it anyway."""

_COUNTS: Final = {"file": FILES, "folder": FOLDERS, "web_link": FOLDERS, None: FILES + 2 * FOLDERS}

_SEARCH_PAGE: Final = 200
_SEARCH_MAX_OFFSET: Final = 10_000

FOLDER_ITEMS: Final = Endpoint(
    path="/folders/{parent_id}/items",
    paging=Paging.MARKER,
    parameters={"usemarker": "true"},
    known=frozenset({"parent_id"}),
    lists={"file": "files", "folder": "folders", "web_link": "web_links"},
)
"""A folder's items of every kind. Source: https://developer.box.com/reference/get-folders-id-items/"""

_BY_SIZE: Final = Order(
    "size", {"sort": "size", "direction": "ASC"}, {"sort": "size", "direction": "DESC"}, Paging.OFFSET
)
_BY_MODIFICATION: Final = Order(
    "modified_at",
    {"sort": "modified_at", "direction": "ASC"},
    {"sort": "modified_at", "direction": "DESC"},
    Paging.OFFSET,
)


def _listing(kind: str | None) -> Endpoint:
    return FOLDER_ITEMS if kind is None else FOLDER_ITEMS.keeping(type=kind)


def _one(kind: str) -> Endpoint:
    return Endpoint(
        path=f"/{kind}s/{{id}}",
        keep={"item_status": "active"},
        given={"type": kind},
        takes_fields=kind != "web_link",
        lists={kind: f"{kind}s"},
    )


def _search(table: str, kind: str | None) -> AccessPath:
    return AccessPath(
        name="by search",
        endpoints=(
            Endpoint(
                path="/search",
                paging=Paging.OFFSET,
                parameters={"query": "{search}", **({} if kind is None else {"type": kind})},
                max_limit=_SEARCH_PAGE,
                max_offset=_SEARCH_MAX_OFFSET,
                known=frozenset({"search"}),
                lists={each: f"{each}s" for each in _KINDS if kind in {None, each}},
            ),
        ),
        keys=("search",),
        accepts=re.compile(r".*\S.*", re.DOTALL),
        match=frozenset({"search", table}),
        filters=(
            filters.time_range("created_at", "created_at_range"),
            filters.time_range("modified_at", "updated_at_range"),
            filters.one_of("owned_by_id", "owner_user_ids", r"[0-9]+"),
            filters.one_of("parent_id", "ancestor_folder_ids", r"[0-9]+"),
            *((filters.number_range("size", "size_range"),) if kind != "web_link" else ()),
            *((filters.one_of("extension", "file_extensions", r"[A-Za-z0-9]+"),) if kind == "file" else ()),
        ),
        orders=(_BY_MODIFICATION,),
        calls=3,
        rows=200,
    )


def _paths(table: str, kind: str | None = None) -> tuple[AccessPath, ...]:
    """Return the access paths to one kind of items, or to all of them."""
    return (
        AccessPath(
            name="by id",
            endpoints=tuple(_one(each) for each in _KINDS if kind in {None, each}),
            keys=("id",),
            accepts=DIGITS if kind else _NOT_ROOT,
            unique=kind is not None,
            calls={None: len(_KINDS), "folder": _PARENTS_ASKED}.get(kind, 1),
        ),
        AccessPath(
            name="by parent",
            endpoints=(_listing(kind),),
            keys=("parent_id",),
            orders=(_BY_SIZE,) if kind in {"file", "folder"} else (),
            rows=_COUNTS[kind] / FOLDERS,
        ),
        _search(table, kind),
        AccessPath(
            name="walk",
            endpoints=(_listing(kind),),
            also=(Endpoint(path="/folders/0", lists={"folder": "folders"}),) if kind == "folder" else (),
            walk=True,
            calls=FOLDERS,
            rows=_COUNTS[kind],
        ),
    )


def _content(entry: JsonObject, _: Location | None) -> Remote:
    return Remote(ApiPath("/files/{id}/content", id=entry["id"]), entry.get("size"))


_CONTENT: Final = Column(
    "content",
    Type.BLOB,
    hidden=True,
    derived=Derived(function=_content, fields=("id", "size")),
    doc="The bytes of the file; downloaded for each row in which a statement reads them.",
)
"""Source: https://developer.box.com/reference/get-files-id-content/"""

_FILE_COLUMNS: Final = (
    Column("size", Type.INTEGER, doc="Size in bytes."),
    Column("extension", doc="The file's extension; empty where there is none."),
    Column("sha1", doc="SHA-1 of the content, in hexadecimal."),
    Column("file_version_id", source="file_version.id", doc="Id of the current version."),
    Column("version_number", doc="Number of the current version."),
    *CONTENT_TIMES,
    Column("comment_count", Type.INTEGER, doc="How many comments the file has."),
    Column("tags", Type.JSON, doc="The tags, a list of texts."),
    Column("lock_id", source="lock.id", doc="Id of the lock, where the file is locked."),
    Column("lock_created_at", Type.TIMESTAMP, "lock.created_at", doc="When it was locked."),
    *user("lock_created_by", "the user who locked it", source="lock.created_by", reverse="locked_files"),
    Column("lock_expired_at", Type.TIMESTAMP, "lock.expired_at", doc="When the lock ends."),
    Column("lock_is_download_prevented", Type.BOOLEAN, "lock.is_download_prevented", doc="Whether it stops downloads."),
    Column("lock_app_type", source="lock.app_type", doc="The application that locked it."),
    Column("permissions", Type.JSON, doc="What the signed-in user may do, an object of booleans."),
    Column("is_package", Type.BOOLEAN, doc="Whether it is a package, such as a macOS bundle."),
    Column("is_accessible_via_shared_link", Type.BOOLEAN, doc="Whether a shared link leads to it, or to its folder."),
    Column("is_externally_owned", Type.BOOLEAN, doc="Whether its owner belongs to another enterprise."),
    Column("is_associated_with_app_item", Type.BOOLEAN, doc="Whether a Box app item holds it."),
    *WATERMARK,
    Column("has_collaborations", Type.BOOLEAN, doc="Whether anybody collaborates on it."),
    Column("allowed_invitee_roles", Type.JSON, doc="Roles that may be given on it, a list of texts."),
    Column("shared_link_permission_options", Type.JSON, doc="Permissions that a shared link may have, a list."),
    *CLASSIFICATION,
    Column("uploader_display_name", doc="Name of who uploaded it, also without an account."),
    Column("expires_at", Type.TIMESTAMP, doc="When it is deleted by itself."),
    Column("disposition_at", Type.TIMESTAMP, doc="When its retention ends."),
)

_FOLDER_COLUMNS: Final = (
    Column("size", Type.INTEGER, doc="Size in bytes of all that it holds."),
    EXTENSION,
    *CONTENT_TIMES,
    Column("tags", Type.JSON, doc="The tags, a list of texts."),
    Column("folder_upload_email", source="folder_upload_email.email", doc="Address that uploads by e-mail."),
    Column("folder_upload_email_access", source="folder_upload_email.access", doc="Who may upload by e-mail."),
    Column("sync_state", insert="sync_state", update="sync_state", doc="Whether it is synchronised to devices."),
    Column("permissions", Type.JSON, doc="What the signed-in user may do, an object of booleans."),
    Column("has_collaborations", Type.BOOLEAN, doc="Whether anybody collaborates on it."),
    Column(
        "can_non_owners_invite",
        Type.BOOLEAN,
        update="can_non_owners_invite",
        doc="Whether collaborators may invite others.",
    ),
    Column(
        "can_non_owners_view_collaborators",
        Type.BOOLEAN,
        update="can_non_owners_view_collaborators",
        doc="Whether collaborators see each other.",
    ),
    Column("is_externally_owned", Type.BOOLEAN, doc="Whether its owner belongs to another enterprise."),
    Column(
        "is_collaboration_restricted_to_enterprise",
        Type.BOOLEAN,
        update="is_collaboration_restricted_to_enterprise",
        doc="Whether only users of the enterprise may collaborate.",
    ),
    Column("is_accessible_via_shared_link", Type.BOOLEAN, doc="Whether a shared link leads to it."),
    Column("is_associated_with_app_item", Type.BOOLEAN, doc="Whether a Box app item holds it."),
    *WATERMARK,
    Column("allowed_shared_link_access_levels", Type.JSON, doc="Access that shared links may have, a list of texts."),
    Column("allowed_invitee_roles", Type.JSON, doc="Roles that may be given on it, a list of texts."),
    *CLASSIFICATION,
)

_URL: Final = Column("url", insert="url", update="url", doc="Where the link leads; http or https.")


def _read_only(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(column.read_only() for column in columns)


files: Final = Table(
    name="files",
    doc="Every file that the signed-in user sees, in every folder.",
    reference="https://developer.box.com/reference/resources/file--full/",
    columns=(*search_inputs("files"), _CONTENT, *_read_only(ITEM), *_FILE_COLUMNS),
    paths=_paths("files", "file"),
)

folders: Final = Table(
    name="folders",
    doc="Every folder that the signed-in user sees; the root folder has the id `0` and the path `/`.",
    reference="https://developer.box.com/reference/resources/folder--full/",
    columns=(*search_inputs("folders"), *ITEM, *_FOLDER_COLUMNS),
    paths=_paths("folders", "folder"),
    insert=Write(method="POST", path="/folders", required=("name", "parent_id")),
    update=Write(method="PUT", path="/folders/{id}", takes_etag=True, unmatched=MOVES),
    delete=Write(method="DELETE", path="/folders/{id}", takes_etag=True),
)

items: Final = Table(
    name="items",
    doc="Files, folders and web links together, as a folder lists them; without the root folder itself.",
    reference="https://developer.box.com/reference/get-folders-id-items/",
    columns=(
        *search_inputs("items"),
        *_read_only(ITEM),
        Column("size", Type.INTEGER, doc="Size in bytes; a web link has none."),
        Column("sha1", doc="SHA-1 of a file's content, in hexadecimal."),
        *CONTENT_TIMES,
        _URL.read_only(),
    ),
    paths=_paths("items"),
    fields=("id", "type"),
    rowid=mixed_rowid(*_KINDS),
)

web_links: Final = Table(
    name="web_links",
    doc="Every web link (bookmark) that the signed-in user sees, in every folder.",
    reference="https://developer.box.com/reference/resources/web-link/",
    columns=(*search_inputs("web_links"), *ITEM, _URL),
    paths=_paths("web_links", "web_link"),
    insert=Write(method="POST", path="/web_links", required=("url", "parent_id"), takes_fields=False),
    update=Write(method="PUT", path="/web_links/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/web_links/{id}"),
)
