"""Views of what lies at Box: what is old, what is there twice, how much a folder holds, whose nobody looks after."""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Target, Type, View

ITEM_TABLES: Final = {"file": "files.id", "folder": "folders.id", "web_link": "web_links.id"}
"""What an item is a row of, by its type."""

WALK: Final = "A listing of each folder: as many calls as there are folders, and one more for each further 1,000 items."
BRANCH: Final = "`WHERE path LIKE '/Contracts/%'` lists that branch alone."
_ALL_FOLDERS: Final = "Nothing: each folder is listed, whatever the WHERE says."


def _owner(reverse: str) -> tuple[Column, ...]:
    return (
        Column("owned_by_id", references="users.id", reverse=reverse, doc="Id of the owner."),
        Column("owned_by_login", doc="Login of the owner."),
    )


stale_files: Final = View(
    name="stale_files",
    doc="Files that nobody has changed for a year.",
    columns=(
        Column("id", nullable=False, references="files.id", relation="file", reverse="stale", doc="Box's id."),
        Column("name", nullable=False, doc="The name."),
        Column("path", doc="Names from the root folder down."),
        *_owner("stale_files"),
        Column("size", Type.INTEGER, doc="Size in bytes."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed on Box."),
        Column("days_unchanged", Type.INTEGER, doc="Whole days since then."),
    ),
    sql="""\
SELECT id, name, path, owned_by_id, owned_by_login, size, modified_at,
  CAST(julianday('now') - julianday(modified_at) AS INTEGER)
FROM files WHERE modified_at < datetime('now', '-365 days')""",
    calls=WALK,
    cheaper=BRANCH,
)

duplicate_files: Final = View(
    name="duplicate_files",
    doc="Files of which there is another one with the same content; empty ones are left out.",
    columns=(
        Column("id", nullable=False, references="files.id", relation="file", reverse="duplicates", doc="Box's id."),
        Column("name", nullable=False, doc="The name."),
        Column("path", doc="Names from the root folder down."),
        *_owner("duplicate_files"),
        Column("size", Type.INTEGER, doc="Size in bytes."),
        Column("sha1", doc="SHA-1 of the content, in hexadecimal; the same for all files of a group."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made on Box; the oldest of a group is the original."),
        Column("copies", Type.INTEGER, doc="How many files have the content, this one included."),
    ),
    sql="""\
SELECT f.id, f.name, f.path, f.owned_by_id, f.owned_by_login, f.size, f.sha1, f.created_at, same.copies
FROM files f JOIN (
  SELECT sha1, count(*) AS copies FROM files WHERE size > 0 GROUP BY sha1 HAVING count(*) > 1
) same ON same.sha1 = f.sha1""",
    calls=WALK,
    cheaper=_ALL_FOLDERS,
)

folder_sizes: Final = View(
    name="folder_sizes",
    doc="How much each folder holds, in itself and with all folders below it.",
    columns=(
        Column("id", nullable=False, references="folders.id", relation="folder", reverse="sizes", doc="Box's id."),
        Column("name", nullable=False, doc="The name."),
        Column("path", doc="Names from the root folder down."),
        Column("depth", Type.INTEGER, doc="Folders from the root down to it: 0 is the root folder."),
        *_owner("folder_sizes"),
        Column("file_count", Type.INTEGER, nullable=False, doc="How many files lie in the folder itself."),
        Column("file_size", Type.INTEGER, nullable=False, doc="Bytes of these."),
        Column("total_file_count", Type.INTEGER, nullable=False, doc="How many files lie in it and below it."),
        Column("total_size", Type.INTEGER, nullable=False, doc="Bytes of these."),
    ),
    sql="""\
SELECT d.id, d.name, d.path, d.depth, d.owned_by_id, d.owned_by_login,
  coalesce(held.files, 0), coalesce(held.size, 0), coalesce(held.all_files, 0), coalesce(held.total, 0)
FROM folders d LEFT JOIN (
  SELECT above.value AS folder_id, count(*) AS all_files, sum(f.size) AS total,
    sum(f.parent_id = above.value) AS files, sum((f.parent_id = above.value) * f.size) AS size
  FROM files f CROSS JOIN json_each(f.path_ids) above GROUP BY above.value
) held ON held.folder_id = d.id""",
    calls=WALK,
    cheaper="Nothing, since files below are counted; the column `size` of `folders`, by its id, is one call.",
)

inactive_users_content: Final = View(
    name="inactive_users_content",
    doc="What belongs to users whose account is not active.",
    columns=(
        Column("item_type", nullable=False, doc="`file`, `folder` or `web_link`."),
        Column(
            "item_id",
            nullable=False,
            target=Target(by="item_type", tables=ITEM_TABLES),
            reverse="inactive_owners",
            doc="Id of the item.",
        ),
        Column("name", nullable=False, doc="Name of the item."),
        Column("path", doc="Names from the root folder down."),
        Column("size", Type.INTEGER, doc="Size in bytes; a web link has none."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed on Box."),
        Column("user_id", references="users.id", reverse="left_content", doc="Id of the user."),
        Column("user_name", doc="Name of the user."),
        Column("user_login", doc="Login of the user."),
        Column("user_status", doc="`inactive`, or which rights are taken away."),
    ),
    key=("item_type", "item_id"),
    sql="""\
WITH inactive AS MATERIALIZED (SELECT id, name, login, status FROM users WHERE status <> 'active')
SELECT i.type, i.id, i.name, i.path, i.size, i.modified_at, inactive.id, inactive.name, inactive.login, inactive.status
FROM items i CROSS JOIN inactive ON inactive.id = i.owned_by_id""",
    calls=f"One call for each 1,000 users. {WALK}",
    cheaper=BRANCH,
)
