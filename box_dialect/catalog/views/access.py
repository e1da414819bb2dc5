"""Views of who has access to what, and by what way."""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Target, Type, View
from box_dialect.catalog.views.content import BRANCH, ITEM_TABLES, WALK


def _item(reverse: str) -> tuple[Column, ...]:
    return (
        Column("item_type", nullable=False, doc="`file`, `folder` or `web_link`."),
        Column(
            "item_id",
            nullable=False,
            target=Target(by="item_type", tables=ITEM_TABLES),
            reverse=reverse,
            doc="Id of the item.",
        ),
        Column("item_name", nullable=False, doc="Name of the item."),
        Column("path", doc="Names from the root folder down."),
    )


def _grant(reverse: str) -> tuple[Column, ...]:
    return (
        Column("way", nullable=False, doc="`owner`, `collaboration`, `group` or `shared_link`."),
        Column("role", doc="What the access allows: a role, or of a link its permission, such as `can_download`."),
        Column("status", nullable=False, doc="`accepted`, or `pending` of an invitation."),
        Column(
            "inherited_from_id",
            references="folders.id",
            reverse=f"inherited_{reverse}",
            doc="Id of the folder above that the access was given on; NULL where that is the item itself.",
        ),
        Column("user_id", references="users.id", reverse=reverse, doc="Id of the user, NULL of a link or an address."),
        Column("user_name", doc="Name of the user."),
        Column("user_login", doc="Login of the user."),
        Column("invite_email", doc="Address that was invited and has no account yet."),
        Column("group_id", references="groups.id", reverse=reverse, doc="Id of the group whose member the user is."),
        Column("group_name", doc="Name of the group."),
        Column("link_access", doc="Who may use the shared link: `open` is anybody, `company` the enterprise's users."),
        Column(
            "collaboration_id",
            references="collaborations.id",
            reverse=reverse,
            doc="Id of the collaboration that gives the access.",
        ),
        Column("expires_at", Type.TIMESTAMP, doc="When the access ends."),
    )


_KEY: Final = ("item_type", "item_id", "way", "inherited_from_id", "collaboration_id", "user_id")

_CALLS: Final = (
    f"{WALK} One for each file and folder that somebody collaborates on, and one for each group among these."
)
_BY_ITEM: Final = (
    "`WHERE item_id = … AND item_type = …` takes no walk: a call for the item, one for each folder above it, and one "
    "for each of these that has collaborations; `WHERE path LIKE '/Contracts/%'` lists that branch alone."
)

effective_access: Final = View(
    name="effective_access",
    doc="Who can reach which item, by what way: a row for the owner, for another owner of a folder above, for each "
    "user by each collaboration on the item or on a folder above it, in person or by a group, for each pending "
    "invitation, and for each shared link that lets in others than those. A group without members has a row without a "
    "user.",
    columns=(
        *_item("access"),
        Column("owned_by_id", references="users.id", reverse="access_to_owned", doc="Id of the item's owner."),
        *_grant("access"),
    ),
    key=_KEY,
    sql="""\
SELECT i.type, i.id, i.name, i.path, i.owned_by_id,
  'shared_link', i.shared_link_effective_permission, 'accepted', NULL,
  NULL, NULL, NULL, NULL, NULL, NULL, i.shared_link_effective_access, NULL, i.shared_link_unshared_at
FROM items i WHERE i.shared_link_effective_access IN ('open', 'company')
UNION ALL
SELECT i.type, i.id, i.name, i.path, i.owned_by_id,
  'shared_link', d.shared_link_effective_permission, 'accepted', d.id,
  NULL, NULL, NULL, NULL, NULL, NULL, d.shared_link_effective_access, NULL, d.shared_link_unshared_at
FROM items i CROSS JOIN json_each(i.path_ids) above CROSS JOIN folders d ON d.id = above.value
WHERE above.value <> '0' AND d.shared_link_effective_access IN ('open', 'company')
UNION ALL
SELECT i.type, i.id, i.name, i.path, i.owned_by_id, 'owner', 'owner', 'accepted', NULL,
  i.owned_by_id, i.owned_by_name, i.owned_by_login, NULL, NULL, NULL, NULL, NULL, NULL
FROM items i
UNION ALL
SELECT i.type, i.id, i.name, i.path, i.owned_by_id, 'owner', 'owner', 'accepted', d.id,
  d.owned_by_id, d.owned_by_name, d.owned_by_login, NULL, NULL, NULL, NULL, NULL, NULL
FROM items i CROSS JOIN json_each(i.path_ids) above CROSS JOIN folders d ON d.id = above.value
WHERE above.value <> '0' AND d.owned_by_id <> i.owned_by_id
UNION ALL
SELECT i.type, i.id, i.name, i.path, i.owned_by_id,
  iif(c.group_id IS NULL, 'collaboration', 'group'), c.role, c.status, NULL,
  coalesce(m.user_id, c.user_id), iif(c.group_id IS NULL, c.accessible_by_name, m.user_name),
  iif(c.group_id IS NULL, c.accessible_by_login, m.user_login), c.invite_email,
  c.group_id, iif(c.group_id IS NULL, NULL, c.accessible_by_name), NULL, c.id, c.expires_at
FROM items i CROSS JOIN collaborations c ON c.item_id = i.id AND c.item_type = i.type
  LEFT JOIN memberships m ON m.group_id = c.group_id
WHERE c.status <> 'rejected'
UNION ALL
SELECT i.type, i.id, i.name, i.path, i.owned_by_id,
  iif(c.group_id IS NULL, 'collaboration', 'group'), c.role, c.status, above.value,
  coalesce(m.user_id, c.user_id), iif(c.group_id IS NULL, c.accessible_by_name, m.user_name),
  iif(c.group_id IS NULL, c.accessible_by_login, m.user_login), c.invite_email,
  c.group_id, iif(c.group_id IS NULL, NULL, c.accessible_by_name), NULL, c.id, c.expires_at
FROM items i CROSS JOIN json_each(i.path_ids) above
  CROSS JOIN collaborations c ON c.item_id = above.value AND c.item_type = 'folder'
  LEFT JOIN memberships m ON m.group_id = c.group_id
WHERE above.value <> '0' AND c.status <> 'rejected'""",
    calls=_CALLS,
    cheaper=_BY_ITEM,
)

external_access: Final = View(
    name="external_access",
    doc="Who of outside can reach what the enterprise's users own: the rows of `effective_access` for users of other "
    "enterprises, for addresses that were invited, and for links that are open to anybody. The signed-in user is no "
    "outsider.",
    columns=(
        *_item("external_access"),
        Column("owned_by_id", references="users.id", reverse="external_access_to_owned", doc="Id of the item's owner."),
        *_grant("external_access"),
        Column("domain", doc="What follows the `@` of the login, or of the address; NULL of a link."),
    ),
    key=_KEY,
    sql="""\
WITH insider AS MATERIALIZED (SELECT id FROM users UNION SELECT id FROM users WHERE id = 'me')
SELECT e.*,
  lower(substr(coalesce(e.user_login, e.invite_email), instr(coalesce(e.user_login, e.invite_email), '@') + 1))
FROM effective_access e
WHERE e.owned_by_id IN (SELECT id FROM insider) AND e.link_access IS NOT 'company'
  AND iif(e.user_id IS NULL, e.group_id IS NULL, e.user_id NOT IN (SELECT id FROM insider))""",
    calls=f"{_CALLS} One for each 1,000 users, and one for the signed-in user.",
    cheaper=_BY_ITEM,
)

open_shared_links: Final = View(
    name="open_shared_links",
    doc="Shared links that anybody can use who has the address.",
    columns=(
        *_item("open_shared_links"),
        Column("owned_by_id", references="users.id", reverse="open_shared_links", doc="Id of the item's owner."),
        Column("owned_by_login", doc="Login of the owner."),
        Column("url", doc="The shared link."),
        Column("permission", doc="What it allows to do."),
        Column("is_password_enabled", Type.BOOLEAN, doc="Whether it has a password."),
        Column("unshared_at", Type.TIMESTAMP, doc="When it expires."),
        Column("download_count", Type.INTEGER, doc="Downloads by the link."),
    ),
    key=("item_type", "item_id"),
    sql="""\
SELECT type, id, name, path, owned_by_id, owned_by_login, shared_link_url, shared_link_effective_permission,
  shared_link_is_password_enabled, shared_link_unshared_at, shared_link_download_count
FROM items WHERE shared_link_effective_access = 'open'""",
    calls=WALK,
    cheaper=BRANCH,
)
