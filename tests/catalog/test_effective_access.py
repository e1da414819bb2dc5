"""Who can reach what, as `effective_access` tells, is what the store of the emulator says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import box_dialect
from box_dialect.emulator.model import Folder, Group, SharedLink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    from box_dialect.emulator.model import Item

COLUMNS = "item_type, item_id, way, role, status, inherited_from_id, user_login, invite_email, group_name, link_access"
AT = "WHERE item_type = ? AND item_id = ?"


def permission(link: SharedLink) -> str:
    return "can_edit" if link.can_edit else "can_download" if link.can_download else "can_preview"


def granted(item: Item, inherited_from: str | None) -> Iterator[tuple[Any, ...]]:
    """Yield who is given access on one item, as the view tells it."""
    if item.shared_link is not None and item.shared_link.access in {"open", "company"}:
        link = item.shared_link
        yield "shared_link", permission(link), "accepted", inherited_from, None, None, None, link.access
    for each in item.collaborations.values() if item.type != "web_link" else ():
        given = each.role, each.status, inherited_from
        if each.status == "rejected":
            continue
        if isinstance(each.accessible_by, Group):
            logins = [membership.user.login for membership in each.accessible_by.memberships.values()] or [None]
            yield from (("group", *given, login, None, each.accessible_by.name, None) for login in logins)
        else:
            login = None if each.accessible_by is None else each.accessible_by.login
            yield "collaboration", *given, login, each.invite_email, None, None


def access(item: Item) -> Iterator[tuple[Any, ...]]:
    """Yield who can reach an item, and by what way."""
    step: Item | None = item
    found = [("owner", "owner", "accepted", None, item.owned_by.login, None, None, None)]
    while step is not None and step.id != "0":
        if step.owned_by is not item.owned_by:
            found.append(("owner", "owner", "accepted", step.id, step.owned_by.login, None, None, None))
        found += granted(step, None if step is item else step.id)
        step = step.parent
    yield from ((item.type, item.id, *each) for each in found)


@pytest.fixture
def shared(fresh: Box) -> Box:
    """A tree in which access is given in every way, on several levels, below names with wildcards."""
    store = fresh.store
    admin, (first, second, *_) = store.admin, [user for user in store.users.values() if user.login.startswith("user0")]
    outsider = store.account_of("zoe@partner.example")
    assert outsider is not None
    outer = store.add_folder("50%_done", store.root, admin)
    twin = store.add_folder("50 x done", store.root, admin)
    inner = store.add_folder("in_ner", outer, admin)
    files = [store.add_file(f"{folder.name}.txt", folder, first_content(), admin) for folder in (outer, twin, inner)]
    store.add_web_link("site", inner, "https://example.com/", admin)
    empty = store.add_group("Nobody")
    legal = next(group for group in store.groups.values() if group.name == "Legal")
    store.add_collaboration(outer, first, "editor", admin)
    store.add_collaboration(outer, legal, "viewer", admin)
    store.add_collaboration(inner, first, "previewer", admin)
    store.add_collaboration(inner, empty, "viewer", admin)
    store.add_collaboration(inner, outsider, "viewer", admin, "pending")
    store.add_collaboration(files[2], second, "co-owner", admin)
    store.add_collaboration(files[2], "guest@partner.example", "viewer", admin, "pending")
    store.add_collaboration(files[1], outsider, "viewer", admin, "rejected")
    outer.shared_link = SharedLink("company")
    inner.shared_link = SharedLink("collaborators")
    files[2].shared_link = SharedLink(can_download=False)
    return fresh


def first_content() -> Any:
    from box_dialect.emulator.content import MemoryContent

    return MemoryContent(b"text")


def expected(box: Box) -> dict[tuple[str, str], set[tuple[Any, ...]]]:
    items = [item for kind in box.store.items.values() for item in kind.values() if not item.is_trashed]
    return {(item.type, item.id): {*access(item)} for item in items if item.id != "0"}


def test_it_is_told_of_every_item(shared: Box) -> None:
    of_item = expected(shared)
    with shared.connect() as connection, connection.cursor() as cursor:
        rows = cursor.execute(f"SELECT {COLUMNS} FROM effective_access").fetchall()
    assert len(rows) == len({*rows})
    assert {*rows} == set().union(*of_item.values())
    assert {row[2] for row in rows} == {"owner", "collaboration", "group", "shared_link"}


def test_without_groups_it_needs_no_administrator(small: Box) -> None:
    with small.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM users WHERE login = 'user01@example.com'")
        user = cursor.fetchall()[0][0]
    with small.connect(SubjectId=user) as connection, connection.cursor() as cursor:
        with pytest.raises(box_dialect.OperationalError, match=r"memberships: .* lacks the right"):
            cursor.execute("SELECT * FROM effective_access").fetchall()
        cursor.execute("SELECT DISTINCT way FROM effective_access WHERE way <> 'group' ORDER BY way")
        assert cursor.fetchall() == [("collaboration",), ("owner",), ("shared_link",)]


def test_it_is_told_of_an_item_without_a_walk(shared: Box) -> None:
    items = shared.store.items
    of_item = expected(shared)
    shared_items = [key for key, rows in of_item.items() if len(rows) > 1]
    for kind, identity in shared_items[::3]:
        rows = of_item[kind, identity]
        item, folders = items[kind][identity], 0
        step = item
        while step.parent is not None and step.parent.id != "0":
            folders, step = folders + 1, step.parent
        with shared.connect() as connection, connection.cursor() as cursor:
            found = cursor.execute(f"SELECT {COLUMNS} FROM effective_access {AT}", (kind, identity)).fetchall()
            assert {*found} == rows
            # The item, the folders above it, what may be given on each, and the members of two groups.
            assert cursor.api_calls <= 1 + folders + (1 + folders) + 2


def test_a_branch_is_that_of_its_name(shared: Box) -> None:
    with shared.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT item_name FROM effective_access WHERE path LIKE '/50\\%\\_done/%' ESCAPE '\\'")
        assert {name for (name,) in cursor} == {"50%_done.txt", "in_ner", "in_ner.txt", "site"}
        outer = next(item for item in shared.store.root.children.values() if item.name == "50%_done")
        cursor.execute("SELECT f.name FROM files f, json_each(f.path_ids) above WHERE above.value = ?", (outer.id,))
        assert {name for (name,) in cursor} == {"50%_done.txt", "in_ner.txt"}


def test_outsiders_are_those_who_are_no_users(shared: Box) -> None:
    outer = next(item for item in shared.store.root.children.values() if item.name == "50%_done")
    assert isinstance(outer, Folder)
    with shared.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT item_name, domain, status, link_access, inherited_from_id IS NULL FROM external_access "
            "WHERE path LIKE '/50%'"
        )
        assert {*cursor} == {
            ("in_ner", "partner.example", "pending", None, 1),
            ("in_ner.txt", "partner.example", "pending", None, 0),
            ("in_ner.txt", "partner.example", "pending", None, 1),
            ("site", "partner.example", "pending", None, 0),
            ("in_ner.txt", None, "accepted", "open", 1),
        }


@pytest.mark.long
def test_path_ids_are_the_same_by_every_path(shared: Box) -> None:
    for table in ("files", "folders", "web_links", "items"):
        with shared.connect() as connection, connection.cursor() as cursor:
            walked = cursor.execute(f"SELECT id, path_ids FROM {table} WHERE id != '0'").fetchall()
            for identity, path_ids in walked:
                assert cursor.execute(f"SELECT path_ids FROM {table} WHERE id = ?", (identity,)).fetchall() == [
                    (path_ids,)
                ]
