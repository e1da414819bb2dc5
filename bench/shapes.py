"""Statements of many shapes over the tree of `tree.py`, and the fewest calls that can answer each.

The calls are told by levels: those of one level wait for none of their own, and for some of the level before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import box_dialect

TREE: Final = (1, 10, 100)
"""A walk: the root, ten folders in it, ten in each of these."""

ROOT_AND_TREE: Final = (2, 10, 100)
"""A walk of the folders; the root is one of them, and is in no folder's listing."""

FILES: Final = 1_000
"""Files in the folders of a walk."""

COMMENTED: Final = 200
"""Files that have comments."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A statement, and the fewest calls that can answer it, by levels.

    Of a statement for many sets, `sets` are the names that each set has the values of.
    """

    name: str
    sql: str
    levels: tuple[int, ...]
    sets: Sequence[tuple[str, ...]] = ()

    @property
    def calls(self) -> int:
        """The fewest calls."""
        return sum(self.levels)

    @property
    def most_calls(self) -> float:
        """The calls beside those that may be in flight; a LIMIT may take one more."""
        return 1.1 * self.calls + (" limit " in self.sql.lower())

    def run(self, cursor: box_dialect.Cursor, names: Mapping[str, str]) -> int:
        """Run it, and return how many rows it gave or wrote."""
        if self.sets:
            cursor.executemany(self.sql, [tuple(names[name] for name in each) for each in self.sets])
        else:
            cursor.execute(self.sql, names)
        return cursor.rowcount if cursor.description is None else len(cursor.fetchall())

    def __str__(self) -> str:
        return self.name


JOIN: Final = "SELECT f.name, message FROM files f JOIN comments ON item_id = f.id"
_FOLDERS: Final = tuple(f"folder{number}" for number in range(40))

JOINS: Final = [
    Shape("join", JOIN, (*TREE, COMMENTED)),
    Shape("left join", JOIN.replace("JOIN", "LEFT JOIN"), (*TREE, COMMENTED)),
    Shape("join, of one folder", f"{JOIN} WHERE parent_id = :folder0", (1, 2)),
    Shape(
        "join, from the comments", "SELECT message, f.name FROM comments JOIN files f ON f.id = item_id", (*TREE, 200)
    ),
    Shape("join, ordered and limited", f"{JOIN} ORDER BY f.name LIMIT 10", (*TREE, COMMENTED)),
    Shape("join, limited", f"{JOIN} LIMIT 10", (1, 1, 1, 5)),
    Shape(
        "join of files and their folders",
        "SELECT f.name, p.name FROM files f JOIN folders p ON p.id = f.parent_id",
        TREE,
    ),
    Shape(
        "folders and their files",
        "SELECT p.name, count(f.id), sum(f.size) FROM folders p LEFT JOIN files f ON f.parent_id = p.id GROUP BY p.id",
        ROOT_AND_TREE,
    ),
    Shape(
        "chain of levels",
        "SELECT f3.name FROM folders f1 JOIN folders f2 ON f2.parent_id = f1.id JOIN files f3 ON "
        "f3.parent_id = f2.id "
        "WHERE f1.parent_id = '0'",
        TREE,
    ),
    Shape(
        "chain of tables",
        "SELECT p.name, f.name, message, u.name FROM folders p JOIN files f ON f.parent_id = p.id "
        "JOIN comments c ON item_id = f.id JOIN users u ON u.id = c.created_by_id WHERE p.parent_id = "
        ":upper",
        (1, 10, 20, 1),
    ),
    Shape(
        "self-join of a folder with another",
        "SELECT a.name FROM files a JOIN files b ON b.name = a.name WHERE a.parent_id = :folder0 AND "
        "b.parent_id = :folder1",
        (2,),
    ),
    Shape(
        "files and who owns them", "SELECT f.name, u.name FROM files f JOIN users u ON u.id = f.owned_by_id", (*TREE, 1)
    ),
    Shape(
        "comments by author",
        "SELECT u.name, count(*) FROM comments c JOIN users u ON u.id = c.created_by_id GROUP BY u.id",
        (*TREE, COMMENTED + 1),
    ),
    Shape("branches by OR, and a join", f"{JOIN} WHERE path LIKE '/d1/%' OR path LIKE '/d2/%'", (1, 2, 20, 40)),
    Shape(
        "many branches by OR",
        "SELECT name FROM files WHERE " + " OR ".join(f"path LIKE '/d{n // 5}/p{n % 5}/%'" for n in range(25)),
        (1, 5, 25),
    ),
    Shape("range of paths", "SELECT name FROM files WHERE path >= '/d1/' AND path < '/d10'", (1, 1, 10)),
    Shape("files by path", "SELECT size FROM files WHERE path IN ('/d1/p1/f1', '/d2/p2/f2', '/d3/p3/f3')", (1, 3, 3)),
]
"""Joins, and what narrows a walk."""

SUBQUERIES: Final = [
    Shape(
        "EXISTS",
        "SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM comments WHERE item_id = f.id)",
        (*TREE, COMMENTED),
    ),
    Shape(
        "NOT EXISTS",
        "SELECT name FROM files f WHERE NOT EXISTS (SELECT 1 FROM comments WHERE item_id = f.id)",
        (*TREE, COMMENTED),
    ),
    Shape(
        "anti-join",
        "SELECT f.name FROM files f LEFT JOIN comments c ON c.item_id = f.id WHERE c.id IS NULL",
        (*TREE, COMMENTED),
    ),
    Shape(
        "EXISTS AND EXISTS",
        "SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM comments WHERE item_id = f.id AND message "
        "= 'c1') "
        "AND EXISTS (SELECT 1 FROM collaborations WHERE item_id = f.id AND item_type = 'file')",
        (*TREE, COMMENTED, 100),
    ),
    Shape(
        "nested EXISTS",
        "SELECT name FROM folders p WHERE parent_id IN (SELECT id FROM folders WHERE parent_id = '0') "
        "AND EXISTS ("
        "SELECT 1 FROM files f WHERE f.parent_id = p.id AND EXISTS (SELECT 1 FROM comments WHERE item_id "
        "= f.id))",
        (1, 10, 100, 100),
    ),
    Shape(
        "IN (SELECT ...)",
        "SELECT name FROM files WHERE id IN (SELECT item_id FROM comments WHERE message = 'c1')",
        (*TREE, COMMENTED),
    ),
    Shape(
        "NOT IN (SELECT ...)",
        "SELECT name FROM files WHERE id NOT IN (SELECT item_id FROM comments)",
        (*TREE, COMMENTED),
    ),
    Shape(
        "IN (SELECT ... LIMIT) and a join",
        f"{JOIN} WHERE f.id IN (SELECT id FROM files LIMIT 1000)",
        (*TREE, COMMENTED),
    ),
    Shape(
        "parent_id IN (SELECT ...) and a join",
        f"{JOIN} WHERE f.parent_id IN (SELECT id FROM folders WHERE parent_id = :upper)",
        (1, 10, 20),
    ),
    Shape(
        "scalar subquery",
        "SELECT name, (SELECT count(*) FROM comments WHERE item_id = f.id) FROM files f",
        (*TREE, COMMENTED),
    ),
    Shape(
        "two scalar subqueries",
        "SELECT name, (SELECT count(*) FROM comments WHERE item_id = f.id), (SELECT max(role) FROM "
        "collaborations "
        "WHERE item_id = f.id AND item_type = 'file') FROM files f",
        (*TREE, COMMENTED + 100),
    ),
    Shape(
        "CASE WHEN EXISTS",
        "SELECT name, CASE WHEN EXISTS (SELECT 1 FROM comments WHERE item_id = f.id) THEN (SELECT name "
        "FROM users u "
        "WHERE u.id = f.owned_by_id) END FROM files f WHERE parent_id = :folder0",
        (1, 2, 1),
    ),
    Shape(
        "coalesce of subqueries",
        "SELECT coalesce((SELECT max(message) FROM comments WHERE item_id = f.id AND message = 'none'), "
        "(SELECT max(role) "
        "FROM collaborations WHERE item_id = f.id AND item_type = 'file')) FROM files f",
        (*TREE, COMMENTED + 100),
    ),
    Shape(
        "count for each folder",
        "SELECT name, (SELECT count(*) FROM files f JOIN comments ON item_id = f.id WHERE f.parent_id = "
        "p.id) FROM folders p",
        (*ROOT_AND_TREE, COMMENTED),
    ),
    Shape(
        "largest of each folder",
        "SELECT name, (SELECT name FROM files f WHERE f.parent_id = p.id ORDER BY size DESC LIMIT 1) FROM folders p",
        ROOT_AND_TREE,
    ),
    Shape(
        "three largest of each folder",
        "SELECT name, (SELECT group_concat(name) FROM (SELECT name FROM files f WHERE f.parent_id = p.id "
        "ORDER BY size DESC LIMIT 3)) FROM folders p",
        ROOT_AND_TREE,
    ),
    Shape(
        "several tables of one file",
        "SELECT (SELECT name FROM files WHERE id = :file0), (SELECT count(*) FROM comments WHERE item_id "
        "= :file0), "
        "(SELECT count(*) FROM collaborations WHERE item_id = :file0 AND item_type = 'file')",
        (3,),
    ),
    Shape("ids", "SELECT name, size FROM files WHERE id IN (:file0, :file1, :file2, :file3, :file4, :file5)", (6,)),
    Shape("ids of JSON, and a join", f"{JOIN} WHERE f.id IN (SELECT value FROM json_each(:files))", (10, 2)),
    Shape(
        "ids, and a left join",
        f"{JOIN.replace('JOIN', 'LEFT JOIN')} WHERE f.id IN (:file0, :file1, :file2, :file3, :file5)",
        (5, 2),
    ),
    Shape("search, and a join", f"{JOIN} WHERE f.files MATCH 'f5'", (1, 100)),
    Shape("content", "SELECT content FROM files WHERE parent_id = :folder0", (1, 10)),
]
"""Subqueries, and keys."""

COMPOUNDS: Final = [
    Shape(
        "UNION ALL", " UNION ALL ".join(f"SELECT name FROM files WHERE parent_id = :{name}" for name in _FOLDERS), (40,)
    ),
    Shape("UNION", " UNION ".join(f"SELECT name FROM files WHERE parent_id = :{name}" for name in _FOLDERS), (40,)),
    Shape(
        "INTERSECT",
        "SELECT name FROM files WHERE parent_id = :folder0 INTERSECT SELECT name FROM files WHERE parent_id = :folder1",
        (2,),
    ),
    Shape(
        "UNION ALL of tables",
        "SELECT name FROM users UNION ALL SELECT name FROM groups UNION ALL SELECT name FROM files WHERE "
        "parent_id = :folder0 "
        "UNION ALL SELECT message FROM comments WHERE item_id = :file0",
        (4,),
    ),
    Shape(
        "VALUES and a join",
        f"WITH w (id) AS (VALUES {', '.join(f'(:{name})' for name in _FOLDERS)}) SELECT name FROM w JOIN "
        "files ON parent_id = w.id",
        (40,),
    ),
    Shape(
        "window CTE and a join",
        "WITH t AS (SELECT id, row_number() OVER (PARTITION BY parent_id ORDER BY name) AS r FROM files) "
        "SELECT t.id, message FROM t JOIN comments ON item_id = t.id WHERE r <= 5",
        (*TREE, COMMENTED // 2),
    ),
    Shape(
        "materialized CTE and a join",
        "WITH t AS MATERIALIZED (SELECT id, name FROM files WHERE name = 'f0') SELECT t.name, message "
        "FROM t JOIN comments ON item_id = t.id",
        (*TREE, 100),
    ),
    Shape(
        "aggregate and a join",
        "SELECT p.name, n FROM (SELECT parent_id, count(*) AS n FROM files GROUP BY parent_id) t JOIN "
        "folders p ON p.id = t.parent_id",
        TREE,
    ),
    Shape(
        "recursive",
        "WITH RECURSIVE t (id) AS (SELECT id FROM folders WHERE parent_id = '0' UNION ALL SELECT c.id "
        "FROM t JOIN folders c ON c.parent_id = t.id) SELECT count(*) FROM t",
        TREE,
    ),
    Shape(
        "recursive, and joins",
        "WITH RECURSIVE t (id) AS (SELECT id FROM folders WHERE parent_id = '0' UNION ALL SELECT c.id "
        "FROM t JOIN folders c ON c.parent_id = t.id) "
        "SELECT f.name, message FROM t JOIN files f ON f.parent_id = t.id LEFT JOIN comments ON item_id "
        "= f.id",
        (*TREE, COMMENTED),
    ),
    Shape(
        "latest files and a join",
        "SELECT t.name, message FROM (SELECT id, name, size, sha1, etag, created_at, modified_at, extension, "
        "description, owned_by_id FROM files ORDER BY created_at DESC, id LIMIT 400) t JOIN comments ON item_id = t.id",
        (*TREE, 80),
    ),
    Shape(
        "most frequent of a chart, by a join with them",
        "SELECT f.name, count(*) AS n FROM files f JOIN comments ON item_id = f.id JOIN (SELECT f.name, count(*) AS m "
        "FROM files f JOIN comments ON item_id = f.id GROUP BY f.name ORDER BY m DESC LIMIT 5) s ON s.name = f.name "
        "GROUP BY f.name ORDER BY n DESC LIMIT 1000",
        (*TREE, COMMENTED),
    ),
    Shape("view", "SELECT name, message FROM said_of WHERE name = 'f5'", (*TREE, 100)),
    Shape(
        "DISTINCT over a join",
        "SELECT DISTINCT p.name FROM comments c JOIN files f ON f.id = c.item_id JOIN folders p ON p.id = f.parent_id",
        (*TREE, COMMENTED),
    ),
]
"""Compound statements, common table expressions and views."""

PEOPLE: Final = [
    Shape(
        "users and their groups",
        "SELECT u.name, g.name FROM users u JOIN memberships m ON m.user_id = u.id JOIN groups g ON g.id = m.group_id",
        (2, 5),
    ),
    Shape(
        "groups and their users",
        "SELECT g.name, u.name FROM groups g LEFT JOIN memberships m ON m.group_id = g.id LEFT JOIN "
        "users u ON u.id = m.user_id",
        (2, 5),
    ),
    Shape(
        "users in no group",
        "SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = u.id)",
        (2, 5),
    ),
    Shape(
        "users in most groups",
        "SELECT u.name, count(m.id) FROM users u LEFT JOIN memberships m ON m.user_id = u.id GROUP BY u.id ORDER BY 2 "
        "DESC LIMIT 10",
        (2, 5),
    ),
    Shape(
        "who has access to files",
        "SELECT f.name, role FROM files f JOIN collaborations ON item_id = f.id AND item_type = 'file'",
        (*TREE, 100),
    ),
    Shape(
        "who has access, without a type",
        "SELECT f.name, role FROM files f JOIN collaborations ON item_id = f.id",
        (*TREE, 110),
    ),
    Shape(
        "who has access to folders",
        "SELECT p.name, c.role FROM folders p JOIN collaborations c ON c.item_id = p.id AND c.item_type = 'folder'",
        (*TREE, 10),
    ),
]
"""People and access."""

LOCAL: Final = [
    Shape(
        "local table in the order written",
        "SELECT wanted.id, name FROM wanted CROSS JOIN files ON parent_id = wanted.id",
        (60,),
    ),
    Shape("local table by folder", "SELECT wanted.id, name FROM wanted JOIN files ON parent_id = wanted.id", (60,)),
    Shape(
        "local table by id",
        "SELECT f.name, message FROM few JOIN files f ON f.id = few.id LEFT JOIN comments ON item_id = f.id",
        (10, 2),
    ),
    Shape("local table and comments", "SELECT message FROM few JOIN comments ON item_id = few.id", (10,)),
    Shape(
        "local table of paths", "SELECT files.id FROM wanted CROSS JOIN files ON files.path = wanted.path", (1, 6, 60)
    ),
    Shape("local UPDATE FROM", "UPDATE few SET name = f.name FROM files f WHERE f.id = few.id", (10,)),
    Shape(
        "local UPDATE with EXISTS",
        "UPDATE few SET name = 'said' WHERE EXISTS (SELECT 1 FROM comments WHERE item_id = few.id)",
        (10,),
    ),
    Shape("local DELETE", "DELETE FROM wanted WHERE id IN (SELECT id FROM folders WHERE parent_id = :upper)", (1,)),
    Shape(
        "INSERT ... SELECT",
        "INSERT INTO said SELECT message FROM wanted CROSS JOIN files f ON f.parent_id = wanted.id CROSS "
        "JOIN comments ON item_id = f.id",
        (60, 120),
    ),
    Shape(
        "INSERT ... SELECT of many sets",
        "INSERT INTO said SELECT name FROM files WHERE parent_id = ?",
        (40,),
        [(name,) for name in _FOLDERS],
    ),
]
"""Tables of the user's own."""

WRITES: Final = [
    Shape(
        "UPDATE with subqueries",
        "UPDATE comments SET message = 'new' WHERE item_id IN ("
        "SELECT id FROM files WHERE parent_id IN (SELECT id FROM folders WHERE parent_id = :upper))",
        (1, 10, 20, 40),
    ),
    Shape(
        "UPDATE SET = (SELECT ...)",
        "UPDATE folders SET description = (SELECT count(*) FROM files WHERE parent_id = folders.id) "
        "WHERE parent_id = :upper",
        (1, 10, 10),
    ),
    Shape(
        "UPDATE by path of many sets",
        "UPDATE folders SET description = 'new' WHERE path = ?",
        (1, 4, 40),
        [(f"path{number}",) for number in range(40)],
    ),
    Shape(
        "INSERT ... SELECT to Box",
        "INSERT INTO comments (item_id, message) SELECT id, 'new' FROM files WHERE parent_id = :folder2",
        (1, 10),
    ),
    Shape(
        "DELETE with a subquery",
        "DELETE FROM comments WHERE item_id IN (SELECT id FROM files WHERE parent_id = :folder1)",
        (1, 2, 4),
    ),
    Shape(
        "instances, INSERT ... SELECT",
        "INSERT INTO enterprise_tag (item_id, amount) SELECT id, size FROM files",
        (*TREE, FILES),
    ),
    Shape("instances, UPDATE", "UPDATE enterprise_tag SET amount = amount + 1", (*[1] * (FILES // 100), FILES)),
    Shape(
        "instances, UPSERT",
        "INSERT INTO enterprise_tag (item_id, amount) SELECT id, size FROM files WHERE true "
        "ON CONFLICT (item_id, item_type) DO UPDATE SET amount = -excluded.amount",
        (*TREE, FILES, FILES),
    ),
    Shape("instances, DELETE", "DELETE FROM enterprise_tag", (*[1] * (FILES // 100), FILES)),
]
"""Writes to Box, which change the tree for what comes after them."""

SHAPES: Final = [*JOINS, *SUBQUERIES, *COMPOUNDS, *PEOPLE, *LOCAL, *WRITES]
