"""SQLite reads the tables of a join in the order that takes the fewest calls, by the costs that it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from conftest import Box
from sweep import sweep

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDERS, FILES = 20, 10
COMMENTED: Final = (0, 5)
"""The files of each folder that have comments."""

WALK = 1 + FOLDERS
GROUPS = 4


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Folders with files, of which some have two comments each; two files have collaborations."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    users = [store.add_user(f"user {number}", f"{number}@example.com") for number in range(12)]
    groups = [store.add_group(f"group {number}") for number in range(GROUPS)]
    for number, user in enumerate(users):
        store.add_membership(user, groups[number % GROUPS])
    for upper in range(FOLDERS):
        folder = store.add_folder(f"d{upper:02}", store.root, store.admin)
        for number in range(FILES):
            file = store.add_file(f"f{number}", folder, PatternContent("x", 10 * upper + number), store.admin)
            for place in range(2 if number in COMMENTED else 0):
                store.add_comment(file, f"c{place}", users[upper % 12])
            if number == upper == 1:
                store.add_collaboration(file, users[0], "viewer", store.admin)
    with emulator:
        yield Box(emulator)


def calls(box: Box, sql: str) -> int:
    with box.connect() as connection:
        cursor = connection.cursor().execute(sql)
        cursor.fetchall()
        return cursor.api_calls


JOIN: Final = "JOIN comments c ON c.item_id = f.id"
ALL: Final = WALK + 2 * FOLDERS
"""The calls that read all comments."""


@pytest.mark.long
@sweep(
    ("sql", "fewest"),
    [
        (f"SELECT f.name, message FROM files f {JOIN}", ALL),
        ("SELECT f.name, message FROM comments c JOIN files f ON f.id = c.item_id", ALL),
        (f"SELECT f.name, message FROM files f {JOIN} WHERE message = 'c1'", ALL),
        (f"SELECT f.name, message FROM files f {JOIN} WHERE substr(f.name, 2) = '0'", WALK + FOLDERS),
        (f"SELECT f.name, message FROM files f {JOIN} WHERE f.name = 'f0' AND message = 'c1'", WALK + FOLDERS),
        (f"SELECT f.name, message FROM files f {JOIN} WHERE f.name = 'f0' AND message LIKE 'c%'", WALK + FOLDERS),
        (f"SELECT f.name, message FROM files f {JOIN} WHERE f.size >= 190", WALK + 2),
        (f"SELECT f.name FROM files f {JOIN} WHERE f.size >= 190 ORDER BY f.size LIMIT 10", WALK + 2),
        (f"SELECT f.name, count(*) FROM files f {JOIN} WHERE f.size < 10 GROUP BY f.name", WALK + 2),
        (f"SELECT f.name FROM files f LEFT {JOIN} WHERE f.name = 'f0'", WALK + FOLDERS),
        (
            (
                "WITH t AS (SELECT id, row_number() OVER (PARTITION BY parent_id ORDER BY name) AS r FROM files) "
                "SELECT message FROM t JOIN comments ON item_id = t.id WHERE r <= 5"
            ),
            WALK + FOLDERS,
        ),
        (
            (
                "WITH t AS MATERIALIZED (SELECT id, name FROM files) "
                "SELECT message FROM t JOIN comments ON item_id = t.id WHERE t.name = 'f0'"
            ),
            WALK + FOLDERS,
        ),
        (
            (
                "WITH t AS (SELECT id FROM files WHERE name = 'f0' UNION SELECT id FROM files WHERE name = 'f1') "
                "SELECT message FROM t JOIN comments ON item_id = t.id"
            ),
            WALK + FOLDERS,
        ),
        (
            f"SELECT p.name, f.name FROM folders p JOIN files f ON f.parent_id = p.id {JOIN} WHERE p.name = 'd01'",
            WALK + 3,
        ),
        (f"SELECT f.name FROM files f {JOIN} WHERE f.path LIKE '/d01/%' OR f.path LIKE '/d02/%'", 3 + 4),
        ("SELECT message FROM comments WHERE item_id IN (SELECT id FROM files WHERE name = 'f0')", WALK + FOLDERS),
        ("SELECT f.name, role FROM files f JOIN collaborations c ON c.item_id = f.id", WALK + 1),
        (
            "SELECT f.name, role FROM files f JOIN collaborations c ON c.item_id = f.id AND c.item_type = 'file'",
            WALK + 1,
        ),
        ("SELECT f.name, p.name FROM files f JOIN folders p ON p.id = f.parent_id", WALK),
        ("SELECT p.name, f.name FROM folders p JOIN files f ON f.parent_id = p.id WHERE p.path = '/d01'", 2),
        ("SELECT p.name, f.name FROM folders p JOIN files f ON f.parent_id = p.id WHERE f.path LIKE '/d01/%'", 2),
        ("SELECT g.name, m.user_id FROM groups g JOIN memberships m ON m.group_id = g.id WHERE g.name = 'group 1'", 2),
        ("SELECT u.name, m.role FROM users u JOIN memberships m ON m.user_id = u.id", 1 + GROUPS + 1),
    ],
)
def test_a_join_takes_few_more_calls_than_the_fewest(box: Box, sql: str, fewest: int) -> None:
    assert fewest <= calls(box, sql) <= fewest + 5


@pytest.mark.parametrize("branches", [3, 30])
def test_branches_with_or_take_no_walk_of_the_whole_tree(box: Box, branches: int) -> None:
    condition = " OR ".join(f"path LIKE '/d{number % 3:02}/f{number // 3}%'" for number in range(branches))
    assert calls(box, f"SELECT name FROM files WHERE {condition}") == 1 + 3


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("path >= '/d05/' AND path < '/d050'", 2),
        ("path BETWEEN '/d05/' AND '/d07/z'", 4),
        ("path < '/d02'", 3),
        ("path > '/d18/' COLLATE BINARY", 3),
        ("parent_path >= '/d05' AND parent_path <= '/d06'", 3),
        ("path > '/D18/' COLLATE NOCASE", WALK),
        ("path > 18", WALK),
        ("path > NULL", 0),
    ],
)
def test_a_range_of_paths_is_a_branch(box: Box, condition: str, expected: int) -> None:
    assert calls(box, f"SELECT name FROM files WHERE {condition}") == expected


@pytest.mark.parametrize(
    ("condition", "scans"),
    [
        ("path LIKE '%.pdf' OR path GLOB '*.txt' OR parent_path LIKE '_d%'", 1),
        ("path LIKE '/d01/%' OR path GLOB '/d02/*'", 2),
        ("path LIKE ? OR path LIKE ?", 2),
    ],
)
def test_a_pattern_that_begins_with_a_wildcard_is_no_branch(box: Box, condition: str, scans: int) -> None:
    sql = f"EXPLAIN QUERY PLAN SELECT name FROM files WHERE {condition}"
    with box.connect() as connection:
        lines = connection.cursor().execute(sql, ["/d01/%"] * condition.count("?")).fetchall()
    assert sum("SCAN" in line[-1] for line in lines) == scans
