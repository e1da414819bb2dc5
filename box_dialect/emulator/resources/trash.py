"""Serve the trash.

Source: https://developer.box.com/reference/resources/trash-file
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import errors
from box_dialect.emulator.paging import marker_page, offset_page
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.routing import Call, Reply, operation
from box_dialect.emulator.tree import arrange

from . import items

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json

SORTS = ("name", "date", "size")


@operation("GET", "/folders/trash/items", "get_folders_trash_items")
def list_trash(call: Call) -> Json:
    """List what was moved to the trash, without what lies below it, by offset or marker."""
    sort, direction = call.choice("sort", SORTS, "name"), call.choice("direction", ("ASC", "DESC"), "ASC")
    by_marker = call.flag("usemarker")
    for name in ("sort", "direction", "offset") if by_marker else ("marker",):
        if name in call.query:
            raise errors.invalid_parameter(name, call.query[name], f"'{name}' does not go with this kind of paging")
    found = arrange(filter(call.sees, call.store.trash.values()), sort, direction)
    if by_marker:
        page, counters = marker_page(call.query, found)
    else:
        page, counters = offset_page(call.query, found)
        counters["order"] = [{"by": "type", "direction": "ASC"}, {"by": sort, "direction": direction}]
    return {"entries": render_all(page, "mini", call.fields), **counters}


@operation("GET", "/files/{file_id}/trash", "get_files_id_trash")
def get_trashed_file(call: Call) -> Reply:
    """Get a file that is in the trash."""
    return items.answer(call, items.trashed(call.file()))


@operation("POST", "/files/{file_id}", "post_files_id", items.Restore)
def restore_file(call: Call) -> Reply:
    """Restore a file."""
    return items.restore(call, call.file())


@operation("DELETE", "/files/{file_id}/trash", "delete_files_id_trash")
def purge_file(call: Call) -> Reply:
    """Remove a file for good."""
    return items.purge(call, call.file())


@operation("GET", "/folders/{folder_id}/trash", "get_folders_id_trash")
def get_trashed_folder(call: Call) -> Reply:
    """Get a folder that is in the trash."""
    return items.answer(call, items.trashed(call.folder(trashed=True)))


@operation("POST", "/folders/{folder_id}", "post_folders_id", items.Restore)
def restore_folder(call: Call) -> Reply:
    """Restore a folder with all below it."""
    return items.restore(call, call.folder(trashed=True))


@operation("DELETE", "/folders/{folder_id}/trash", "delete_folders_id_trash")
def purge_folder(call: Call) -> Reply:
    """Remove a folder with all below it for good."""
    return items.purge(call, call.folder(trashed=True))


@operation("GET", "/web_links/{web_link_id}/trash", "get_web_links_id_trash")
def get_trashed_web_link(call: Call) -> Reply:
    """Get a web link that is in the trash."""
    return items.answer(call, items.trashed(call.web_link()))


@operation("POST", "/web_links/{web_link_id}", "post_web_links_id", items.Restore)
def restore_web_link(call: Call) -> Reply:
    """Restore a web link."""
    return items.restore(call, call.web_link())


@operation("DELETE", "/web_links/{web_link_id}/trash", "delete_web_links_id_trash")
def purge_web_link(call: Call) -> Reply:
    """Remove a web link for good."""
    return items.purge(call, call.web_link())
