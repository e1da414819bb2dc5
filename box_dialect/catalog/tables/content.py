"""Files, folders, web links, and all of them together as items.

Sources: https://developer.box.com/reference/resources/file--full/, …/folder--full/ and …/web-link/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.api import Host, Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import (
    CLASSIFICATION,
    COLLECTIONS,
    CONTENT_TIMES,
    EXTENSION,
    ITEM,
    LINK_PASSWORD,
    NOTHING,
    TAGS,
    WATERMARK,
    search_inputs,
    user,
)
from box_dialect.catalog.file_content import CONTENT, NEW_VERSION, TEXT, UPLOAD
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS, NOT_ROOT
from box_dialect.catalog.metadata.query_api import items_by_query
from box_dialect.catalog.model import (
    DIGITS,
    AccessPath,
    ByPath,
    Column,
    Endpoint,
    Nested,
    Order,
    Table,
    Type,
    Write,
    mixed_rowid,
)
from box_dialect.catalog.model.as_user import AS_USER
from box_dialect.catalog.model.freshness import FRESHNESS

KINDS: Final = ("file", "folder", "web_link")
"""What an item can be."""

ITEM_IDS: Final = {"type": re.compile("file|folder|web_link"), "id": DIGITS}
"""What type and id of an item can be, where these are a key."""

MOVES: Final = frozenset({"parent"})
"""The key of a body that moves an item, which If-Match does not protect.

Source: https://developer.box.com/guides/api-calls/ensure-consistency/
"""

_PARENTS_ASKED: Final = 0.02
"""The part of the folders looked up by id that takes a call: many items have one, and a walk passes it anyway."""

_COUNTS: Final = {"file": FILES, "folder": FOLDERS, "web_link": FOLDERS, None: FILES + 2 * FOLDERS}

_SEARCH_PAGE: Final = 200
_SEARCH_MAX_OFFSET: Final = 10_000

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


def one_item(kind: str) -> Endpoint:
    """Return the endpoint of a single item of a kind."""
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
                lists={each: f"{each}s" for each in KINDS if kind in {None, each}},
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
    also = (Endpoint(path="/folders/0", lists={"folder": "folders"}),) if kind == "folder" else ()
    return (
        AccessPath(
            name="by id",
            endpoints=tuple(one_item(each) for each in KINDS if kind in {None, each}),
            keys=("id",),
            accepts=DIGITS if kind else NOT_ROOT,
            unique=kind is not None,
            calls={None: len(KINDS), "folder": _PARENTS_ASKED}.get(kind, 1),
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
            also=also,
            walk=True,
            calls=FOLDERS,
            rows=_COUNTS[kind],
        ),
        *((items_by_query(kind, table, _COUNTS[kind], also),) if kind in {"file", "folder"} else ()),
    )


_CAN_DOWNLOAD: Final = Column(
    "permissions_can_download",
    hidden=True,
    derived=NOTHING,
    update="permissions.can_download",
    options=("open", "company"),
    doc="Who may download it, to be set alone: `open`, or `company` for users of the enterprise.",
)

_PROMOTION: Final = Write(
    method="POST",
    path="/files/{id}/versions/current",
    columns=frozenset({"file_version_id"}),
    body={"type": "file_version"},
    answers=False,
)
"""Source: https://developer.box.com/reference/post-files-id-versions-current/"""

_CREATED, _MODIFIED = CONTENT_TIMES

_FILE_COLUMNS: Final = (
    Column("size", Type.INTEGER, doc="Size in bytes."),
    Column("extension", doc="The file's extension; empty where there is none."),
    Column("sha1", doc="SHA-1 of the content, in hexadecimal."),
    Column(
        "file_version_id",
        source="file_version.id",
        update="id",
        doc="Id of the current version; setting that of a past one makes a copy of it the current one, with a new id.",
    ),
    Column("version_number", doc="Number of the current version."),
    replace(_CREATED, insert="content_created_at"),
    replace(_MODIFIED, insert="content_modified_at", update="content_modified_at"),
    Column("comment_count", Type.INTEGER, doc="How many comments the file has."),
    TAGS,
    COLLECTIONS,
    Column("lock_id", source="lock.id", doc="Id of the lock, where the file is locked."),
    Column(
        "lock_type",
        source="lock.type",
        update="lock.access",
        removes="lock",
        doc="Always `lock`, where the file is locked; setting it locks the file, NULL unlocks it.",
    ),
    Column("lock_created_at", Type.TIMESTAMP, "lock.created_at", doc="When it was locked."),
    *user("lock_created_by", "the user who locked it", source="lock.created_by", reverse="locked_files"),
    Column(
        "lock_expired_at",
        Type.TIMESTAMP,
        "lock.expired_at",
        update="lock.expires_at",
        doc="When the lock ends; setting it locks the file.",
    ),
    Column(
        "lock_is_download_prevented",
        Type.BOOLEAN,
        "lock.is_download_prevented",
        update="lock.is_download_prevented",
        doc="Whether it stops downloads; setting it locks the file.",
    ),
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
    Column(
        "expires_at",
        Type.TIMESTAMP,
        unset="Box's API does not take it; set it in Box's web app, or have a retention policy delete the file",
        doc="When it is deleted by itself.",
    ),
    Column(
        "disposition_at",
        Type.TIMESTAMP,
        update="disposition_at",
        doc="When its retention ends, which can be put off, but not shortened.",
    ),
)

_FOLDER_COLUMNS: Final = (
    Column("size", Type.INTEGER, doc="Size in bytes of all that it holds."),
    EXTENSION,
    *CONTENT_TIMES,
    TAGS,
    COLLECTIONS,
    Column("folder_upload_email", source="folder_upload_email.email", doc="Address that uploads by e-mail."),
    Column(
        "folder_upload_email_access",
        source="folder_upload_email.access",
        insert="folder_upload_email.access",
        update="folder_upload_email.access",
        removes="folder_upload_email",
        doc="Who may upload by e-mail, `open` or `collaborators`; setting it makes the address, NULL removes it.",
    ),
    Column("sync_state", insert="sync_state", update="sync_state", doc="Whether it is synchronized to devices."),
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


ANY_ITEM: Final = (
    *_read_only(ITEM),
    Column("size", Type.INTEGER, doc="Size in bytes; a web link has none."),
    Column("sha1", doc="SHA-1 of a file's content, in hexadecimal."),
    *CONTENT_TIMES,
    _URL.read_only(),
)
"""The columns of a table that has files, folders and web links, which it only reads."""

files: Final = Table(
    name="files",
    doc="Every file that the signed-in user sees, in every folder.",
    reference="https://developer.box.com/reference/resources/file--full/",
    columns=(
        AS_USER,
        *search_inputs("files"),
        FRESHNESS,
        CONTENT,
        TEXT,
        LINK_PASSWORD,
        _CAN_DOWNLOAD,
        *ITEM,
        *_FILE_COLUMNS,
    ),
    paths=_paths("files", "file"),
    insert=Write(
        method="POST",
        path="/files/content",
        host=Host.UPLOAD,
        required=("name", "parent_id", "content"),
        by_path=ByPath(),
        multipart=UPLOAD,
        rows=(Nested("entries", "answer"),),
    ),
    update=Write(
        method="PUT",
        path="/files/{id}",
        objects={"lock": {"access": "lock"}},
        takes_etag=True,
        unmatched=MOVES,
        before=(NEW_VERSION,),
        then=(_PROMOTION,),
    ),
    delete=Write(method="DELETE", path="/files/{id}", takes_etag=True),
)

_RECURSIVE: Final = Column(
    "recursive",
    Type.BOOLEAN,
    hidden=True,
    derived=NOTHING,
    doc="Compared in the WHERE of a DELETE: whether a folder goes with all that it holds.",
)

folders: Final = Table(
    name="folders",
    doc="Every folder that the signed-in user sees; the root folder has the id `0` and the path `/`.",
    reference="https://developer.box.com/reference/resources/folder--full/",
    columns=(AS_USER, *search_inputs("folders"), FRESHNESS, LINK_PASSWORD, _RECURSIVE, *ITEM, *_FOLDER_COLUMNS),
    paths=_paths("folders", "folder"),
    insert=Write(method="POST", path="/folders", required=("name", "parent_id"), by_path=ByPath()),
    update=Write(method="PUT", path="/folders/{id}", takes_etag=True, unmatched=MOVES),
    delete=Write(method="DELETE", path="/folders/{id}", parameters={"recursive": "recursive"}, takes_etag=True),
)

items: Final = Table(
    name="items",
    doc="Files, folders and web links together, as a folder lists them; without the root folder itself.",
    reference="https://developer.box.com/reference/get-folders-id-items/",
    columns=(AS_USER, *search_inputs("items"), *ANY_ITEM),
    paths=_paths("items"),
    fields=("id", "type"),
    rowid=mixed_rowid(*KINDS),
)

web_links: Final = Table(
    name="web_links",
    doc="Every web link (bookmark) that the signed-in user sees, in every folder.",
    reference="https://developer.box.com/reference/resources/web-link/",
    columns=(
        AS_USER,
        *search_inputs("web_links"),
        LINK_PASSWORD,
        *(column.read_only() if column.name == "shared_link_permissions" else column for column in ITEM),
        _URL,
    ),
    paths=_paths("web_links", "web_link"),
    insert=Write(method="POST", path="/web_links", required=("url", "parent_id"), by_path=ByPath(), takes_fields=False),
    update=Write(method="PUT", path="/web_links/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/web_links/{id}"),
)
