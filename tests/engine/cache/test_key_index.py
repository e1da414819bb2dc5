"""Many keys are looked up in a listing where that takes fewer calls, also keys that have several rows or none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from conftest import Box
from rounds import Rounds

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store
from box_dialect.engine.cache import key_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WIDTH: Final = 16
GROUPS_PER_USER: Final = 2
UPPER, LOWER, FILES = 6, 6, 10
SHARED: Final = 3
"""The file of each folder that somebody was given access to."""


@dataclass(frozen=True)
class Shape:
    """A statement, and the fewest calls that can answer it, by how many others each has to wait for."""

    name: str
    sql: str
    levels: tuple[int, ...]

    def __str__(self) -> str:
        return self.name


def people(users: int, groups: int) -> Callable[[Store], None]:
    """Return what adds users, of whom two in three belong to two groups each."""

    def plant(store: Store) -> None:
        added = [store.add_group(f"g{number}") for number in range(groups)]
        for number in range(users - 1):  # the administrator is one more
            user = store.add_user(f"u{number}", f"{number}@example.com")
            for place in range(GROUPS_PER_USER if number % 3 else 0):
                store.add_membership(user, added[(number + 7 * place) % groups], "member")

    return plant


def plant_tree(store: Store) -> None:
    """Add folders in folders with ten files each; somebody has access to one of the ten, and to some of the folders."""
    user = store.add_user("guest", "guest@example.com")
    for upper in range(UPPER):
        above = store.add_folder(f"d{upper}", store.root, store.admin)
        for lower in range(LOWER):
            folder = store.add_folder(f"p{lower}", above, store.admin)
            if not lower:
                store.add_collaboration(folder, user, "editor", store.admin)
            for number in range(FILES):
                file = store.add_file(f"f{number}", folder, PatternContent("x", 1), store.admin)
                if number == SHARED:
                    store.add_collaboration(file, user, "viewer", store.admin)


def box_of(plant: Callable[[Store], None]) -> Iterator[Box]:
    emulator = Emulator(Options())
    emulator.store = Store()
    plant(emulator.store)
    with emulator:
        yield Box(emulator)


@pytest.fixture(scope="module")
def few_groups() -> Iterator[Box]:
    yield from box_of(people(300, 8))


@pytest.fixture(scope="module")
def many_groups() -> Iterator[Box]:
    yield from box_of(people(8, 60))


@pytest.fixture(scope="module")
def tree() -> Iterator[Box]:
    yield from box_of(plant_tree)


def measured(box: Box, sql: str) -> tuple[list[tuple[Any, ...]], int, int]:
    """Return the rows of a statement, and how many calls in how many rounds it took."""
    with box.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        rounds = Rounds()
        with rounds.holding(App):
            rows: list[tuple[Any, ...]] = rounds.run(cursor, lambda: cursor.execute(sql).fetchall())
        return rows, cursor.api_calls, rounds.count


def run(box: Box, sql: str) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows of a statement, and how many calls it took."""
    with box.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        return cursor.execute(sql).fetchall(), cursor.api_calls


def takes_hardly_more(box: Box, sql: str, levels: tuple[int, ...]) -> None:
    fewest, depth = sum(levels), len(levels)
    _, calls, rounds = measured(box, sql)
    assert calls <= 1.1 * fewest + WIDTH
    assert rounds <= 2 * (fewest / WIDTH + depth)


MEMBERS: Final = {
    "NOT EXISTS": "SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id)",
    "LEFT JOIN": "SELECT u.name, m.role FROM users u LEFT JOIN memberships m ON m.user_id = u.id",
    "count": "SELECT name, (SELECT count(*) FROM memberships m WHERE m.user_id = u.id) FROM users u",
    "IN": "SELECT role FROM memberships WHERE user_id IN (SELECT id FROM users)",
    "three tables": "SELECT u.name, g.name FROM users u LEFT JOIN memberships m ON m.user_id = u.id "
    "LEFT JOIN groups g ON g.id = m.group_id",
}


@pytest.mark.parametrize("sql", MEMBERS.values(), ids=MEMBERS)
def test_memberships_of_many_users_are_asked_for_by_their_few_groups(few_groups: Box, sql: str) -> None:
    takes_hardly_more(few_groups, sql, (1, 1, 8))


@pytest.mark.parametrize("sql", MEMBERS.values(), ids=MEMBERS)
def test_memberships_of_few_users_are_asked_for_by_them(many_groups: Box, sql: str) -> None:
    takes_hardly_more(many_groups, sql, (1, 8))


def test_members_are_those_of_the_groups(few_groups: Box) -> None:
    users = few_groups.store.users.values()
    for sql, expected in (
        (MEMBERS["NOT EXISTS"], [(user.name,) for user in users if not user.memberships]),
        (MEMBERS["count"], [(user.name, len(user.memberships)) for user in users]),
        (MEMBERS["three tables"], [(u.name, m.group.name) for u in users for m in u.memberships.values()]
         + [(user.name, None) for user in users if not user.memberships]),
    ):  # fmt: skip
        assert sorted(run(few_groups, sql)[0], key=repr) == sorted(expected, key=repr)


def test_as_many_groups_as_users_cost_their_list() -> None:
    for box in box_of(people(50, 50)):
        assert run(box, MEMBERS["LEFT JOIN"])[1] == 1 + 50 + 1


def test_no_group_is_asked_for_where_a_limit_ends_the_statement(few_groups: Box) -> None:
    few_groups.reset()
    run(few_groups, f"{MEMBERS['NOT EXISTS']} LIMIT 30")
    made: Any = few_groups.stats()["by_operation"]
    assert not made.get("get_groups")


@pytest.mark.long
def test_users_are_asked_for_where_their_groups_cannot_be(few_groups: Box) -> None:
    few_groups.faults({"operation": "get_groups_id_memberships", "status": 403, "times": 100, "skip": 3})
    rows, calls = run(few_groups, MEMBERS["count"])
    few_groups.reset()
    assert sum(count for _, count in rows) == len(few_groups.store.memberships)
    assert calls > 300


@pytest.mark.long
def test_users_are_asked_for_where_memory_has_no_room_for_a_listing(
    few_groups: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_index, "MOST_VALUES", 100)
    rows, calls = run(few_groups, MEMBERS["count"])
    assert sum(count for _, count in rows) == len(few_groups.store.memberships)
    assert 301 < calls <= 301 + 1 + 8


WALK: Final = (1, UPPER, UPPER * LOWER)
COLLABORATIONS: Final = [
    Shape(
        "LEFT JOIN",
        "SELECT f.name, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id",
        (*WALK, UPPER * LOWER),
    ),
    Shape(
        "NOT EXISTS",
        "SELECT name FROM files f WHERE NOT EXISTS (SELECT 1 FROM collaborations c WHERE c.item_id = f.id)",
        (*WALK, UPPER * LOWER),
    ),
    Shape(
        "EXISTS with OR",
        "SELECT name FROM files f "
        "WHERE EXISTS (SELECT 1 FROM collaborations c WHERE c.item_id = f.id OR c.item_id = f.parent_id)",
        (*WALK, UPPER * LOWER + UPPER),
    ),
    Shape(
        "count for each file",
        "SELECT name, (SELECT count(*) FROM collaborations c WHERE c.item_id = f.id) FROM files f",
        (*WALK, UPPER * LOWER),
    ),
    Shape(
        "window CTE",
        "WITH t AS (SELECT id, row_number() OVER (PARTITION BY parent_id ORDER BY name) AS r FROM files) "
        "SELECT t.id, role FROM t LEFT JOIN collaborations c ON c.item_id = t.id",
        (*WALK, UPPER * LOWER),
    ),
    Shape(
        "one folder",
        "SELECT f.name, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id WHERE path LIKE '/d1/p1/%'",
        (1, 1, 1, FILES + 1),
    ),
]


@pytest.mark.long
@pytest.mark.parametrize("shape", COLLABORATIONS, ids=str)
def test_no_file_is_asked_for_as_a_folder_where_all_folders_are_listed(tree: Box, shape: Shape) -> None:
    takes_hardly_more(tree, shape.sql, shape.levels)


def plant_equal_ids(store: Store) -> None:
    """Add files and folders, of which some have equal ids, and who has access to the ones, the others, or both."""
    user = store.add_user("guest", "guest@example.com")
    first = next(store._ids["file"])
    for number in range(40):
        store._ids["file"], store._ids["folder"] = itertools.count(first + number), itertools.count(first + number)
        folder = store.add_folder(f"d{number}", store.root, store.admin) if number % 2 else store.root
        file = store.add_file(f"f{number}", folder, PatternContent("x", 1), store.admin)
        if number % 3:
            store.add_collaboration(file, user, "viewer", store.admin)
        if number % 2 and number % 5:
            store.add_collaboration(folder, user, "editor", store.admin)


def test_a_file_and_a_folder_of_one_id_have_both_their_rows() -> None:
    for box in box_of(plant_equal_ids):
        items = [*box.store.items["file"].values(), *box.store.items["folder"].values()]
        assert len({item.id for item in items}) < len(items) - 10
        roles = [(item.id, given.role) for item in items for given in item.collaborations.values()]
        ids = [file.id for file in box.store.items["file"].values()]
        none = [(key, None) for key in ids if key not in dict(roles)]
        rows, calls = run(box, "SELECT f.id, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id")
        assert sorted(rows, key=repr) == sorted([*(each for each in roles if each[0] in ids), *none], key=repr)
        assert calls <= 1.1 * (1 + 20 + len(roles)) + WIDTH


def test_what_no_walk_has_seen_is_asked_for_as_a_file_and_as_a_folder(tree: Box) -> None:
    with tree.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wanted (id TEXT)")
        cursor.execute("INSERT INTO wanted VALUES ('4711')")
        cursor.execute("SELECT 1 FROM files CROSS JOIN wanted CROSS JOIN collaborations c ON c.item_id = wanted.id")
        assert cursor.fetchall() == []
        assert cursor.api_calls == sum(WALK) + 2
