"""Groups of columns that several tables have."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from box_dialect.catalog.model import Column, Derived, JsonObject, Location, Type, dig
from box_dialect.catalog.values import READERS, SqliteValue, json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROOT = "0"

NOTHING = Derived(function=lambda _, __: None, fields=())
"""No value: for a hidden column that is an input."""


def user(
    prefix: str,
    doc: str,
    source: str | None = None,
    reverse: str | None = None,
    insert: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Column, ...]:
    """Return the columns of a user that Box nests as a mini user, at `source` or at the place called as the prefix.

    `reverse` is what the table's rows are called at the user. `insert` are the places in the body of an INSERT by what
    stands there: `{"id": "user.id"}`.
    """
    place = source or prefix
    identity, name, login = (
        Column(f"{prefix}_{key}", source=f"{place}.{key}", insert=insert.get(key), doc=f"{key.capitalize()} of {doc}.")
        for key in ("id", "name", "login")
    )
    return replace(identity, references="users.id", reverse=reverse), name, login


def _place(entry: JsonObject, location: Location | None) -> tuple[str | None, str | None, int | None]:
    """Return the path, the path of the folder above, and the depth."""
    if location is not None:
        return f"{location.prefix}{entry['name']}", location.prefix[:-1] or "/", location.depth + 1
    entries = dig(entry, "path_collection", "entries")
    if entries is None:
        return None, None, None
    if entry["id"] == _ROOT:
        return "/", None, 0
    folders = [folder["name"] for folder in entries if folder["id"] != _ROOT]
    above = "/".join(["", *folders])
    return f"{above}/{entry['name']}", above or "/", len(folders) + 1


def _place_part(part: int) -> Derived:
    return Derived(function=_place, part=part, fields=("id", "name", "path_collection"), fields_in_folder=("name",))


def _path_ids(entry: JsonObject, location: Location | None) -> SqliteValue:
    if location is not None:
        return json_text([*location.ancestors, location.id])
    entries = dig(entry, "path_collection", "entries")
    return None if entries is None else json_text([folder["id"] for folder in entries])


def _parent_id(entry: JsonObject, location: Location | None) -> Any:
    return dig(entry, "parent", "id") if location is None else location.id


def _extension(entry: JsonObject, _: Location | None) -> str:
    stem, dot, extension = str(entry["name"]).rpartition(".")
    return extension if dot and stem else ""


EXTENSION = Column(
    "extension",
    derived=Derived(function=_extension, fields=("name",)),
    doc="What follows the last dot of the name; empty where there is none.",
)

PLACE = (
    Column(
        "parent_id",
        derived=Derived(function=_parent_id, fields=("parent",), fields_in_folder=()),
        references="folders.id",
        insert="parent.id",
        update="parent.id",
        doc="Id of the folder that holds it; `0` is the root folder, which has no parent itself.",
    ),
    Column(
        "path",
        derived=_place_part(0),
        doc="Names from the root folder down, such as `/Contracts/2026/lease.pdf`; the root folder is `/`.",
    ),
    Column(
        "parent_path",
        derived=_place_part(1),
        doc="Path of the folder that holds it.",
    ),
    Column(
        "path_ids",
        Type.JSON,
        hidden=True,
        derived=Derived(function=_path_ids, fields=("path_collection",), fields_in_folder=()),
        doc="Ids of the folders that hold it, from the root folder down, a list of texts.",
    ),
    Column(
        "depth",
        Type.INTEGER,
        derived=_place_part(2),
        doc="Folders from the root down to it: 0 is the root folder, 1 what lies in it.",
    ),
)

_LINK = "shared_link"

SHARED_LINK = (
    Column("shared_link_url", source="shared_link.url", doc="The shared link."),
    Column("shared_link_download_url", source="shared_link.download_url", doc="The link that downloads directly."),
    Column("shared_link_vanity_url", source="shared_link.vanity_url", doc="The custom link."),
    Column(
        "shared_link_vanity_name",
        source="shared_link.vanity_name",
        update="shared_link.vanity_name",
        doc="The custom name in the link, of at least 12 characters.",
    ),
    Column(
        "shared_link_access",
        source="shared_link.access",
        update="shared_link.access",
        removes=_LINK,
        doc="Who may use it: open, company or collaborators; setting it makes a link, NULL removes it.",
    ),
    Column("shared_link_effective_access", source="shared_link.effective_access", doc="The access that applies."),
    Column("shared_link_effective_permission", source="shared_link.effective_permission", doc="What it allows to do."),
    Column(
        "shared_link_unshared_at",
        Type.TIMESTAMP,
        "shared_link.unshared_at",
        update="shared_link.unshared_at",
        doc="When it expires.",
    ),
    Column(
        "shared_link_is_password_enabled", Type.BOOLEAN, "shared_link.is_password_enabled", doc="Whether it has one."
    ),
    Column(
        "shared_link_permissions",
        Type.JSON,
        "shared_link.permissions",
        update="shared_link.permissions",
        doc="What it lets its users do, an object of booleans.",
    ),
    Column("shared_link_download_count", Type.INTEGER, "shared_link.download_count", doc="Downloads by the link."),
    Column("shared_link_preview_count", Type.INTEGER, "shared_link.preview_count", doc="Previews by the link."),
)

LINK_PASSWORD = Column(
    "shared_link_password",
    hidden=True,
    secret=True,
    derived=NOTHING,
    update="shared_link.password",
    cleared=None,
    doc="Password of the shared link, to be set alone; NULL removes it.",
)

ITEM = (
    Column("id", nullable=False, doc="Box's id."),
    Column("type", nullable=False, doc="`file`, `folder` or `web_link`."),
    Column(
        "name",
        nullable=False,
        insert="name",
        update="name",
        doc="The name, unique in its folder in any case of letters.",
    ),
    *PLACE,
    Column("description", update="description", cleared="", doc="The description, empty by default."),
    Column("created_at", Type.TIMESTAMP, doc="When it was made on Box."),
    Column("modified_at", Type.TIMESTAMP, doc="When it was last changed on Box."),
    *user("created_by", "the user who made it"),
    *user("modified_by", "the user who changed it last"),
    *user("owned_by", "the user who owns it"),
    *SHARED_LINK,
    Column("etag", doc="Changes with every change of the item."),
    Column("sequence_id", doc="Number of the last event that changed the item."),
    Column("item_status", doc="`active`; items in the trash are not listed."),
    Column("trashed_at", Type.TIMESTAMP, doc="When it was moved to the trash."),
    Column("purged_at", Type.TIMESTAMP, doc="When it is removed from the trash."),
)
"""What files, folders and web links have in common."""

TAGS = Column("tags", Type.JSON, update="tags", doc="The tags, a list of texts.")

COLLECTIONS = Column(
    "collections",
    Type.JSON,
    derived=Derived(function=lambda entry, _: READERS[Type.JSON](entry.get("collections")), fields=("collections",)),
    update="collections",
    cleared=None,
    doc="The collections that it is in, a list of objects with an id; an empty one, or NULL, takes it out of all.",
)

WATERMARK = (
    Column("is_watermarked", Type.BOOLEAN, "watermark_info.is_watermarked", doc="Whether it carries a watermark."),
    Column(
        "is_watermark_inherited",
        Type.BOOLEAN,
        "watermark_info.is_watermark_inherited",
        doc="Whether the watermark comes from a folder above.",
    ),
    Column(
        "is_watermarked_by_access_policy",
        Type.BOOLEAN,
        "watermark_info.is_watermarked_by_access_policy",
        doc="Whether an access policy asks for the watermark.",
    ),
)

CLASSIFICATION = (
    Column("classification_name", source="classification.name", doc="Its classification."),
    Column("classification_definition", source="classification.definition", doc="What the classification means."),
    Column("classification_color", source="classification.color", doc="Colour that the classification is shown in."),
)

CONTENT_TIMES = (
    Column("content_created_at", Type.TIMESTAMP, doc="When the content was made, by its author's clock."),
    Column("content_modified_at", Type.TIMESTAMP, doc="When the content was last changed, by its author's clock."),
)


def search_inputs(table: str) -> tuple[Column, ...]:
    """Return the hidden columns by which a table is searched: `files MATCH 'budget'` and `search = 'budget'`.

    They come first, since SQLite tells of the first 63 columns only whether a statement reads them.
    """
    return (
        Column("search", hidden=True, derived=NOTHING, doc="Words for Box's search, as in `search = 'budget'`."),
        Column(table, hidden=True, derived=NOTHING, doc=f"Words for Box's search, as in `{table} MATCH 'budget'`."),
    )
