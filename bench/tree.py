"""A regular tree for statements of many shapes, and an emulator that serves it.

    python -m bench.tree --ready-file FILE [--latency-ms 100]

Ten folders in each of ten, ten files in each of these. The first and the sixth file of each folder have two comments
each, the first one has a collaboration, as the ten upper folders have. There is a template, `tag`, without instances.
"""

from __future__ import annotations

import argparse
import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.shapes import JOIN
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    import box_dialect

WIDE: Final = 10
_COMMENTED: Final = (0, 5)
USERS, GROUPS = 40, 5


def planted() -> Store:
    """Return what an emulator is to serve."""
    store = Store()
    users = [store.add_user(f"User {number}", f"user{number}@example.com") for number in range(USERS)]
    store.add_template("tag", {"type": "float", "key": "amount"})
    groups = [store.add_group(f"Group {number}") for number in range(GROUPS)]
    for number, user in enumerate(users[: USERS // 2]):
        store.add_membership(user, groups[number % GROUPS])
    for upper in range(WIDE):
        above = store.add_folder(f"d{upper}", store.root, store.admin)
        store.add_collaboration(above, users[upper], "editor", store.admin)
        for lower in range(WIDE):
            folder = store.add_folder(f"p{lower}", above, store.admin)
            for number in range(WIDE):
                file = store.add_file(f"f{number}", folder, PatternContent("x", 1 + number), store.admin)
                if number == 0:
                    store.add_collaboration(file, users[lower], "viewer", store.admin)
                for place in range(2 if number in _COMMENTED else 0):
                    store.add_comment(file, f"c{place}", store.admin)
    return store


def names_of(connection: box_dialect.Connection) -> dict[str, str]:
    """Return the values that the statements name: ids and paths of the tree."""
    cursor = connection.cursor()
    cursor.execute("SELECT id, parent_id, path FROM folders WHERE parent_path LIKE '/d%' ORDER BY path")
    folders = cursor.fetchall()
    files = cursor.execute("SELECT id FROM files WHERE parent_id = ? ORDER BY name", (folders[0][0],)).fetchall()
    names = {f"folder{number}": each[0] for number, each in enumerate(folders)} | {"upper": folders[0][1]}
    names |= {f"path{number}": each[2] for number, each in enumerate(folders)}
    names |= {f"file{number}": each[0] for number, each in enumerate(files)}
    return names | {"files": f"[{', '.join(each[0] for each in files)}]"}


def furnish(connection: box_dialect.Connection, names: Mapping[str, str]) -> None:
    """Make the tables and the view that the statements name."""
    cursor = connection.cursor()
    cursor.execute("CREATE TEMP TABLE wanted (id TEXT, path TEXT)")
    cursor.execute("CREATE TEMP TABLE few (id TEXT, name TEXT)")
    cursor.execute("CREATE TEMP TABLE said (message TEXT)")
    cursor.execute(f"CREATE TEMP VIEW said_of AS {JOIN}")
    wanted = [(names[f"folder{number}"], names[f"path{number}"] + "/f0") for number in range(60)]
    cursor.executemany("INSERT INTO wanted VALUES (?, ?)", wanted)
    cursor.executemany("INSERT INTO few (id) VALUES (?)", [(names[f"file{number}"],) for number in range(10)])


def main() -> None:
    """Serve the tree until the process is told to end."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--ready-file", type=Path, required=True)
    parser.add_argument("--latency-ms", type=float, default=100)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: exit())
    emulator = Emulator(Options(latency_ms=chosen.latency_ms))
    emulator.store = planted()
    with emulator:
        chosen.ready_file.with_suffix(".part").write_text(json.dumps(emulator.ready), encoding="utf-8")
        chosen.ready_file.with_suffix(".part").rename(chosen.ready_file)
        signal.pause()


if __name__ == "__main__":
    main()
