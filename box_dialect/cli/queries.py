"""What the demonstration shows: to add a query, add a declaration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Query:
    """A title and the statements below it; `{branch}` stands for the path of a folder that holds files."""

    title: str
    statements: tuple[str, ...]


BRANCH: Final = """
    SELECT parent_path FROM files
    WHERE depth = 2
    ORDER BY parent_path <> '/json', parent_path
    LIMIT 1
"""
"""Finds the folder that `{branch}` stands for: the first one in the root folder that holds files."""

QUERIES: Final = (
    Query(
        "One folder: its files, the largest first",
        (
            """
            SELECT name, size
            FROM files
            WHERE parent_id = '0'
            ORDER BY size DESC
            """,
        ),
    ),
    Query(
        "One branch of the tree: only its folders are listed",
        (
            """
            SELECT path, size, owned_by_name
            FROM files
            WHERE path LIKE '{branch}/%'
            ORDER BY path
            """,
        ),
    ),
    Query(
        "A join: who says what about which file",
        (
            """
            SELECT files.path, users.name, comments.message
            FROM files
            JOIN comments ON comments.item_id = files.id
            JOIN users ON users.id = comments.created_by_id
            ORDER BY files.path, comments.created_at
            """,
        ),
    ),
    Query(
        "An aggregate: what kinds of files take the space",
        (
            """
            SELECT extension, count(*) AS files, sum(size) AS bytes
            FROM files
            GROUP BY extension
            ORDER BY bytes DESC
            """,
        ),
    ),
    Query(
        "A window function: the largest file of each folder",
        (
            """
            SELECT parent_path, name, size
            FROM (
                SELECT
                    parent_path, name, size,
                    row_number() OVER (PARTITION BY parent_id ORDER BY size DESC) AS place
                FROM files
            )
            WHERE place = 1
            ORDER BY parent_path
            """,
        ),
    ),
    Query(
        "A recursive query: from the deepest file up to the root folder",
        (
            """
            WITH RECURSIVE up(level, name, parent_id) AS (
                SELECT * FROM (
                    SELECT depth, name, parent_id FROM files
                    ORDER BY depth DESC, path
                    LIMIT 1
                )
                UNION ALL
                SELECT level - 1, folders.name, folders.parent_id
                FROM up JOIN folders ON folders.id = up.parent_id
            )
            SELECT level, name FROM up
            """,
        ),
    ),
    Query(
        "A document as a table, joined to who owns it",
        (
            """
            INSERT INTO files (name, parent_id, content)
            VALUES ('Made by SQL.json', '0',
                    '[{"team": "Sales", "amount": 9}, {"team": "IT", "amount": 4}]')
            """,
            """
            SELECT r.value ->> 'team' AS team, r.value ->> 'amount' AS amount,
                   f.owned_by_name
            FROM files f, document_rows r
            WHERE r.file_id = f.id AND f.path = '/Made by SQL.json'
            """,
            """
            DELETE FROM files WHERE path = '/Made by SQL.json'
            """,
        ),
    ),
    Query(
        "Writes: they are at Box as soon as the statement returns",
        (
            """
            INSERT INTO folders (name, parent_id, description)
            VALUES ('Made by SQL', '0', 'A folder of the demonstration')
            """,
            """
            UPDATE folders SET description = 'Changed by SQL'
            WHERE parent_id = '0' AND name = 'Made by SQL'
            """,
            """
            SELECT id, path, description, created_by_name
            FROM folders
            WHERE parent_id = '0' AND name = 'Made by SQL'
            """,
            """
            DELETE FROM folders
            WHERE parent_id = '0' AND name = 'Made by SQL'
            """,
        ),
    ),
)
