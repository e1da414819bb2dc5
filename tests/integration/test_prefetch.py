"""Statements of every shape make hardly more calls than they need, in hardly more rounds than these take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest
from conftest import Box
from rounds import Rounds

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.app import App
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH: Final = 16
FOLDERS, FILES = 10, 10
COMMENTED: Final = (0, 5)
"""The files of each folder that have two comments each."""


@dataclass(frozen=True)
class Shape:
    """A statement, and the fewest calls that can answer it, by how many others each has to wait for."""

    name: str
    sql: str
    levels: tuple[int, ...]

    @property
    def returns(self) -> bool:
        """Whether the statement gives rows."""
        return self.sql.startswith(("SELECT", "WITH"))

    def __str__(self) -> str:
        return self.name


TREE: Final = (1, 10, 100)
"""The calls of a walk of the files: ten folders in each of ten, ten files in each of these."""

COMMENTS: Final = 200
"""Files that have comments."""

SHAPES: Final = [
    Shape("join", "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id", (*TREE, COMMENTS)),
    Shape("left join", "SELECT f.name, message FROM files f LEFT JOIN comments ON item_id = f.id", (*TREE, COMMENTS)),
    Shape(
        "EXISTS",
        "SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM comments WHERE item_id = f.id)",
        (*TREE, COMMENTS),
    ),
    Shape(
        "scalar subquery",
        "SELECT name, (SELECT count(*) FROM comments WHERE item_id = f.id) FROM files f",
        (*TREE, COMMENTS),
    ),
    Shape(
        "IN (SELECT ... LIMIT) and a join",
        "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id "
        "WHERE f.id IN (SELECT id FROM files LIMIT 1000)",
        (*TREE, COMMENTS),
    ),
    Shape(
        "chain of levels",
        "SELECT f3.name FROM folders f1 JOIN folders f2 ON f2.parent_id = f1.id JOIN files f3 ON f3.parent_id = f2.id "
        "WHERE f1.parent_id = '0'",
        TREE,
    ),
    Shape(
        "parent_id IN (SELECT ...) and a join",
        "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id "
        "WHERE f.parent_id IN (SELECT id FROM folders WHERE parent_id = :folder)",
        (1, 10, 20),
    ),
    Shape(
        "UNION ALL of 40 folders",
        " UNION ALL ".join(f"SELECT name FROM files WHERE parent_id = :folder{n}" for n in range(40)),
        (40,),
    ),
    Shape(
        "nested EXISTS",
        "SELECT name FROM folders p WHERE parent_id IN (SELECT id FROM folders WHERE parent_id = '0') AND EXISTS ("
        "SELECT 1 FROM files f WHERE f.parent_id = p.id AND EXISTS (SELECT 1 FROM comments WHERE item_id = f.id))",
        (1, 10, 100, 100),
    ),
    Shape(
        "window CTE and a join",
        "WITH t AS (SELECT id, row_number() OVER (PARTITION BY parent_id ORDER BY name) AS r FROM files) "
        "SELECT t.id, message FROM t JOIN comments ON item_id = t.id WHERE r <= 5",
        (*TREE, COMMENTS // 2),
    ),
    Shape(
        "count for each folder",
        "SELECT name, (SELECT count(*) FROM files f JOIN comments ON item_id = f.id WHERE f.parent_id = p.id) "
        "FROM folders p",
        (1, *TREE, COMMENTS),
    ),
    Shape(
        "branches by OR, and a join",
        "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id WHERE path LIKE '/d1/%' OR path LIKE '/d2/%'",
        (1, 2, 20, 40),
    ),
    Shape(
        "anti-join",
        "SELECT f.name FROM files f LEFT JOIN comments c ON c.item_id = f.id WHERE c.id IS NULL",
        (*TREE, COMMENTS),
    ),
    Shape("local table", "SELECT wanted.id, name FROM wanted CROSS JOIN files ON parent_id = wanted.id", (60,)),
    Shape(
        "local table of paths", "SELECT files.id FROM wanted CROSS JOIN files ON files.path = wanted.path", (1, 6, 60)
    ),
    Shape("content", "SELECT content FROM files WHERE parent_id = :folder0", (1, 10)),
    Shape("ten ids", "SELECT name, size FROM files WHERE id IN (:file0, :file1, :file2, :file3, :file4, :file5)", (6,)),
    Shape(
        "several tables of one file",
        "SELECT (SELECT name FROM files WHERE id = :file0), (SELECT count(*) FROM comments WHERE item_id = :file0), "
        "(SELECT count(*) FROM collaborations WHERE item_id = :file0 AND item_type = 'file')",
        (3,),
    ),
    Shape(
        "UPDATE with subqueries",
        "UPDATE comments SET message = 'new' WHERE item_id IN ("
        "SELECT id FROM files WHERE parent_id IN (SELECT id FROM folders WHERE parent_id = :folder))",
        (1, 10, 20, 40),
    ),
    Shape(
        "DELETE with a subquery",
        "DELETE FROM comments WHERE item_id IN (SELECT id FROM files WHERE parent_id = :folder1)",
        (1, 2, 4),
    ),
    Shape(
        "INSERT ... SELECT",
        "INSERT INTO said SELECT message FROM wanted CROSS JOIN files f ON f.parent_id = wanted.id "
        "CROSS JOIN comments ON item_id = f.id",
        (60, 120),
    ),
]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """Ten folders in each of ten, ten files in each of these."""
    emulator = Emulator(Options())
    store = emulator.store = Store()
    for upper in range(FOLDERS):
        above = store.add_folder(f"d{upper}", store.root, store.admin)
        for lower in range(FOLDERS):
            folder = store.add_folder(f"p{lower}", above, store.admin)
            for number in range(FILES):
                file = store.add_file(f"f{number}", folder, PatternContent("x", 1), store.admin)
                for place in range(2 if number in COMMENTED else 0):
                    store.add_comment(file, f"c{place}", store.admin)
    with emulator:
        yield Box(emulator)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_statement_takes_hardly_more_than_the_fewest_calls_and_rounds(box: Box, shape: Shape) -> None:
    with box.connect(max_concurrency=WIDTH) as connection, connection.cursor() as cursor:
        folders = cursor.execute("SELECT id, parent_id, path FROM folders WHERE parent_path LIKE '/d%'").fetchall()
        files = cursor.execute("SELECT id FROM files WHERE parent_id = ? ORDER BY name", (folders[0][0],)).fetchall()
        cursor.execute("CREATE TEMP TABLE wanted (id TEXT, path TEXT)")
        cursor.execute("CREATE TEMP TABLE said (message TEXT)")
        cursor.executemany("INSERT INTO wanted VALUES (?, ?)", [(each[0], each[2] + "/f0") for each in folders[:60]])
        names = {f"folder{number}": each[0] for number, each in enumerate(folders)}
        names |= {f"file{number}": each[0] for number, each in enumerate(files)} | {"folder": folders[0][1]}
        rounds = Rounds()
        with rounds.holding(App):
            rounds.run(
                cursor,
                lambda: [*cursor.execute(shape.sql, names)] if shape.returns else cursor.execute(shape.sql, names),
            )
    calls, depth = sum(shape.levels), len(shape.levels)
    print(shape.name, cursor.api_calls, calls, rounds.count, round(calls / WIDTH + depth, 1))
    assert cursor.api_calls <= 1.1 * calls + WIDTH
    assert rounds.count <= 2 * (calls / WIDTH + depth)
