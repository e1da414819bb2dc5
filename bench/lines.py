"""Declare the lines that ask an emulator: what it holds, the statements, the SDK's loops, the fewest calls, the bounds.

The fewest calls are those of the statement alone: signing in comes before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bench import sdk
from bench.outcome import Bound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from box_sdk_gen import BoxClient

    from bench.sdk import Rows
    from bench.servers import Sample

    Loop = Callable[[BoxClient, Sample], Rows]


@dataclass(frozen=True)
class Seed:
    """What the emulator holds: files, how many of them a folder, people (None: a few), comments on each file."""

    files: int
    folder_size: int = 20
    people: int | None = None
    comments: int | None = None

    @property
    def folders(self) -> int:
        """How many folders lie in the root."""
        return math.ceil(self.files / self.folder_size)

    def scaled(self, scale: float) -> Seed:
        """Return a smaller seed, of one folder and one person at least."""
        files = max(self.folder_size, round(self.files * scale))
        people = None if self.people is None else max(1, round(self.people * scale))
        return Seed(files, self.folder_size, people, self.comments)

    def options(self) -> dict[str, object]:
        """Return the options of the emulator's command."""
        return {
            "synthetic": self.files,
            "synthetic_folder_size": self.folder_size,
            "synthetic_people": self.people,
            "synthetic_comments": self.comments,
        }


@dataclass(frozen=True, kw_only=True)
class Task:
    """One statement, the loop of the SDK that does the same, and the fewest calls that can answer.

    Both give the same rows, or leave behind what `proof` reads alike; `compared` makes of rows what has to be equal.
    Where `counts`, the calls are measured, and else the time. The result of one loop serves all tasks that name it.
    """

    line: str
    work: str
    statement: str
    loop: Loop
    least: Callable[[Seed], int]
    bound: Bound
    parameters: Callable[[Sample], Any] = lambda _sample: {}
    compared: Callable[[Rows], Any] = sorted
    proof: Loop | None = None
    counts: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """Tasks that run one after another against one emulator, which holds `seed` at full scale.

    `per_minute` is the rate that the emulator allows. `than_sdk` is a bound for the time of the SDK's loop over that of
    the first task.
    """

    number: int
    seed: Seed
    tasks: Sequence[Task]
    per_minute: int | None = None
    than_sdk: Bound | None = None


def pages(entries: int) -> int:
    """Return how many pages of a listing hold so many entries; an empty listing is one page."""
    return max(1, math.ceil(entries / sdk.PAGE))


def _walk(seed: Seed) -> int:
    return pages(seed.folders) + seed.folders * pages(seed.folder_size)


def _names_once(pairs: Rows) -> list[str]:
    return sorted({name for name, *_ in pairs})


def _counting(line: str, work: str, statement: str, loop: Loop, least: int, **more: Any) -> Task:
    """Return a task of which the calls are measured; they have to be the fewest."""
    return Task(
        line=line,
        work=work,
        statement=statement,
        loop=loop,
        least=lambda _seed: least,
        bound=Bound("<=", 1.0),
        counts=True,
        **more,
    )


_INVENTORY: Final = "SELECT extension, count(*), sum(size) FROM files GROUP BY extension"
_LARGE_TREE: Final = Seed(files=50_000)

_JOINS: Final = (
    Task(
        line="2a",
        work="files JOIN comments",
        statement="SELECT f.name, c.message FROM files AS f JOIN comments AS c ON c.item_id = f.id",
        loop=sdk.comments,
        least=lambda seed: _walk(seed) + seed.files,
        bound=Bound("<=", 1.2),
    ),
    Task(
        line="2b",
        work="files LEFT JOIN comments",
        statement="SELECT f.name, c.message FROM files AS f LEFT JOIN comments AS c ON c.item_id = f.id",
        loop=sdk.comments,
        least=lambda seed: _walk(seed) + seed.files,
        bound=Bound("<=", 1.2),
    ),
    Task(
        line="2c",
        work="files WHERE EXISTS comments",
        statement="SELECT f.name FROM files AS f WHERE EXISTS (SELECT 1 FROM comments AS c WHERE c.item_id = f.id)",
        loop=sdk.comments,
        least=lambda seed: _walk(seed) + seed.files,
        bound=Bound("<=", 1.2),
        compared=_names_once,
    ),
)

_FEWEST_CALLS: Final = (
    _counting("3a", "any ten files", "SELECT name FROM files LIMIT 10", sdk.some_files, 2, compared=len),
    _counting(
        "3b",
        "the ten largest of a folder",
        "SELECT name, size FROM files WHERE parent_id = :folder ORDER BY size DESC LIMIT 10",
        sdk.largest_files,
        1,
        parameters=lambda sample: {"folder": sample.folder_id},
    ),
    _counting(
        "3c",
        "a file by id",
        "SELECT name, size FROM files WHERE id = :file",
        sdk.file_by_id,
        1,
        parameters=lambda sample: {"file": sample.file_id},
    ),
    _counting(
        "3d",
        "a file by path",
        "SELECT id, size FROM files WHERE path = :path",
        sdk.file_by_path,
        2,
        parameters=lambda sample: {"path": f"/{sample.folder_name}/{sample.file_name}"},
    ),
    _counting("3e", "count of a folder", "SELECT count(*) FROM items WHERE parent_id = '0'", sdk.folder_count, 1),
)

_PEOPLE: Final = Task(
    line="4",
    work="users JOIN memberships JOIN groups",
    statement="SELECT u.login, m.role, g.name FROM users AS u JOIN memberships AS m ON m.user_id = u.id"
    " JOIN groups AS g ON g.id = m.group_id",
    loop=sdk.memberships,
    # There are as many groups, and one user more, the administrator.
    least=lambda seed: pages((seed.people or 0) + 1) + pages(seed.people or 0) + (seed.people or 0),
    bound=Bound("<=", 1.3),
)

_WRITES: Final = (
    Task(
        line="5a",
        work="executemany INSERT of comments",
        statement="INSERT INTO comments (item_id, message) VALUES (:file, :message)",
        loop=sdk.write_comments,
        least=lambda seed: seed.folders,
        bound=Bound("<=", 1.3),
        parameters=lambda sample: [{"file": sample.file_id, "message": message} for message in sample.messages],
        proof=sdk.messages_of,
    ),
    Task(
        line="5b",
        work="UPDATE of the names of folders",
        statement="UPDATE folders SET name = 'Renamed ' || id WHERE parent_id = '0'",
        loop=sdk.rename_folders,
        least=lambda seed: pages(seed.folders) + seed.folders,
        bound=Bound("<=", 1.3),
        proof=sdk.names_in_root,
    ),
    Task(
        line="5c",
        work="DELETE of the comments",
        statement="DELETE FROM comments WHERE item_id = :file",
        loop=sdk.delete_comments,
        least=lambda seed: pages(seed.folders) + seed.folders,
        bound=Bound("<=", 1.3),
        parameters=lambda sample: {"file": sample.file_id},
        proof=sdk.messages_of,
    ),
)


def _inventory(line: str, bound: Bound) -> Task:
    return Task(
        line=line, work="inventory of a tree", statement=_INVENTORY, loop=sdk.inventory, least=_walk, bound=bound
    )


LINES: Final = (
    Line(number=1, seed=_LARGE_TREE, tasks=[_inventory("1", Bound("<=", 1.2))], than_sdk=Bound(">=", 10)),
    Line(number=2, seed=Seed(files=2_000, comments=1), tasks=_JOINS),
    Line(number=3, seed=_LARGE_TREE, tasks=_FEWEST_CALLS),
    Line(number=4, seed=Seed(files=20, people=999), tasks=[_PEOPLE]),
    # As many comments are written as there are folders, all on one file, which has none before.
    Line(number=5, seed=Seed(files=2_000, folder_size=2, comments=0), tasks=_WRITES),
    Line(number=8, seed=_LARGE_TREE, tasks=[_inventory("8", Bound("<=", 1.05))], per_minute=6_000),
)
