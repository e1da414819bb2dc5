"""Worlds of random data: an emulator that holds one, and ordinary SQLite tables with the same rows."""

from __future__ import annotations

import functools
from random import Random
from typing import Any

import apsw

import box_dialect
from box_dialect.catalog import TABLES, Table
from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.metadata.cascades import CascadePolicy
from box_dialect.emulator.store import Store

from .spellings import FORMS, LOCAL, LOCAL_MOMENT, LOCAL_TEXT, noted, spelled

NAMES = (
    "a",
    "A1",
    "b.txt",
    "B.TXT",
    "c%d",
    "c_d",
    "report.pdf",
    "Report 2.pdf",
    "x'y",
    'x"y',
    "[z]",
    "*",
    "?",
    "ä.md",
    "Ä.MD",
    "0",
    "10",
    "1e3",
    "-5",
    "null",
    "true",
    "budget",
    "budget final.xlsx",
    ".env",
    "tail.",
    "日本",
    "a b",
    " lead",
)
WORDS = ("budget", "Budget 2", "ok", "", "null", "50% off", "a_b", "Ünï", "line\nbreak", "7")
DAY = 86_400
EPOCH = 1_600_000_000
EXCLUDED = frozenset({"events", *(name for name, table in TABLES.items() if table.needs)})
"""The tables that go on while they are read, and those that need a key."""


class World:
    """The same rows twice: behind Box's API and in ordinary tables.

    `values` are the distinct ones of each column, `full_calls` the calls that listing each table takes. `spellings` are
    the texts of the local table that are moments, with these as they are on SQLite's side.
    """

    def __init__(self, seed: int, emulator: Emulator, box: box_dialect.Connection, plain: apsw.Connection) -> None:
        self.seed, self.emulator, self.box, self.plain = seed, emulator, box, plain
        self.values: dict[str, dict[str, list[Any]]] = {}
        self.full_calls: dict[str, int] = {}
        self.spellings: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"world({self.seed})"

    @functools.cached_property
    def filled(self) -> list[str]:
        """The tables that have rows."""
        return [name for name, columns in self.values.items() if any(columns.values())]


@functools.cache
def world(seed: int) -> World:
    """Return the world of a seed; it lives as long as the process."""
    emulator = Emulator(Options())
    emulator.store = Store()
    _plant(emulator.store, Random(seed))
    emulator.__enter__()
    made = World(seed, emulator, box_dialect.connect(emulator.ready["url"]), apsw.Connection(":memory:"))
    for table in TABLES.values():
        if table.name not in EXCLUDED:
            _copy(made, table)
    _keep_ids(made, Random(seed))
    return made


def _keep_ids(made: World, random: Random) -> None:
    """Make the local table, on both sides."""
    # What belongs to an item in the trash is found by its id, and in no listing.
    tables = (rows for name, rows in made.values.items() if name != "trashed_items")
    found = [[*rows.get("id", [None]), *rows.get("item_id", [])] for rows in tables]
    ids = [identity for each in found for identity in random.choices(each, k=min(len(each), 3))] + [None, "7", "1"]
    moments = [moment for name in ("files", "folders") for moment in made.values[name]["modified_at"]] + [None]
    forms = {moment: random.choice(FORMS) for moment in moments}  # so that texts are alike where their moments are
    plain = [(*[random.choice(ids)] * 3, *[random.choice(moments)] * 2) for _ in range(20)]
    box = [(*row[:3], spelled(row[3], forms[row[3]]), noted(row[4])) for row in plain]
    made.spellings = {
        text: row[n] for row, kept in zip(plain, box, strict=True) for n, text in enumerate(kept) if n > 2
    }
    names = ("id", "number", "amount", LOCAL_MOMENT, LOCAL_TEXT)
    declared = (
        f"TEMP TABLE {LOCAL} (id TEXT, number INTEGER, amount REAL, {LOCAL_MOMENT} TIMESTAMP TEXT, {LOCAL_TEXT} TEXT)"
    )
    made.plain.execute(f"CREATE {declared}")
    made.plain.executemany(f"INSERT INTO {LOCAL} VALUES (?, ?, ?, ?, ?)", plain)
    made.box.cursor().execute(f"CREATE {declared}")
    made.box.cursor().executemany(f"INSERT INTO {LOCAL} VALUES (?, ?, ?, ?, ?)", box)
    made.box.commit()
    made.full_calls[LOCAL] = 0
    rows = list(made.plain.execute(f"SELECT * FROM {LOCAL}"))
    made.values[LOCAL] = {
        name: sorted({row[place] for row in rows}, key=repr) for place, name in enumerate(names) if name != LOCAL_TEXT
    }


def _copy(made: World, table: Table) -> None:
    """Copy a table of Box into an ordinary one."""
    columns = [column for column in table.columns if not column.hidden]
    declared = ", ".join(f'"{column.name}" {column.type.value}' for column in columns)
    made.plain.execute(f'CREATE TABLE "{table.name}"({declared})')
    statement = made.box.cursor().execute(f"SELECT * FROM {table.name}")
    statement.fetchall()
    made.full_calls[table.name] = statement.api_calls
    rows = list(made.box.sqlite.execute(f"SELECT * FROM {table.name}"))
    marks = ", ".join("?" * len(columns))
    made.plain.executemany(f'INSERT INTO "{table.name}" VALUES ({marks})', rows)
    made.values[table.name] = {
        column.name: sorted({row[place] for row in rows}, key=repr) for place, column in enumerate(columns)
    }


def _plant(store: Store, random: Random) -> None:
    """Fill a store with what the seed draws."""
    users = [store.admin] + [
        store.add_user(random.choice(NAMES).strip() or "u", f"{random.choice('abAB')}{n}@example.com", EPOCH + n * DAY)
        for n in range(random.randint(1, 5))
    ]
    groups = [store.add_group(f"{random.choice(WORDS) or 'g'} {n}", EPOCH + n) for n in range(random.randint(0, 3))]
    for group in groups:
        for user in random.sample(users[1:], random.randint(0, len(users) - 1)):
            store.add_membership(user, group, random.choice(("member", "admin")), EPOCH + random.randint(0, 99))
    folders = [store.root]
    taken: set[tuple[str, str]] = set()
    files = []
    for number in range(random.randint(0, 40)):
        parent, name = random.choice(folders), random.choice(NAMES)
        if (parent.id, name.casefold()) in taken:
            name = f"{name}-{number}"
        taken.add((parent.id, name.casefold()))
        actor, at = random.choice(users), EPOCH + random.randint(0, 40) * DAY // 4
        kind = random.choice(("folder", "file", "file", "web_link"))
        if kind == "folder":
            item: Any = store.add_folder(name, parent, actor, at, owner=actor)
            folders.append(item)
        elif kind == "file":
            content = MemoryContent(b"x" * random.choice((0, 1, 7, 7, 1000)))
            item = store.add_file(name, parent, content, actor, at, owner=actor)
            files.append(item)
        else:
            item = store.add_web_link(name, parent, "https://example.com/", actor, at, owner=actor)
        item.description = random.choice(WORDS)
        if kind != "web_link" and random.random() < 0.4:
            grantee = random.choice([*users, *groups])
            store.add_collaboration(item, grantee, random.choice(("editor", "viewer")), actor, at=at)
    for number in range(random.randint(0, 12) if files else 0):
        file, actor = random.choice(files), random.choice(users)
        first = next(iter(file.comments.values()), None) if random.random() < 0.4 else None
        store.add_comment(file, random.choice(WORDS) or "c", actor, EPOCH + number * DAY, reply_to=first)
    # Who had access to what is in the trash is told by group, and not by item: Box's own listings differ there.
    unshared = [file for file in files if not file.collaborations]
    for item in random.sample(unshared, min(len(unshared), random.randint(0, 2))):
        store.discard(item)
    _plant_metadata(store, random, [*files, *folders[1:]], folders[1:])


def _plant_metadata(store: Store, random: Random, items: list[Any], folders: list[Any]) -> None:
    """Give items metadata of some templates, and taxonomies their nodes."""
    for key in ("a", "B_1")[: random.randint(0, 2)]:
        taxonomy = store.add_taxonomy(key, *WORDS[: random.randint(1, 3)])
        nodes: list[Any] = [None]
        for _ in range(random.randint(0, 5)):
            parent = random.choice(nodes)
            if parent is None or parent.level < len(taxonomy.levels):
                nodes.append(store.add_node(taxonomy, random.choice(WORDS), parent))
    for key in ("contract", "Contract", "c_d")[: random.randint(0, 3)]:
        options = [{"key": option} for option in WORDS[: random.randint(1, 4)]]
        kinds = [{"type": "enum", "options": options}, {"type": "multiSelect", "options": options}, {"type": "float"}]
        fields = [{"key": f"f{number}", **random.choice(kinds)} for number in range(random.randint(0, 4))]
        template = store.add_template(key, *fields, hidden=random.random() < 0.3)
        for item in random.sample(items, random.randint(0, len(items))):
            numbers = {field.key: random.choice((0, -1.5, 7)) for field in template.fields if field.type == "float"}
            if not item.is_trashed:
                store.add_instance(item, template, numbers)
        for folder in random.sample(folders, random.randint(0, min(len(folders), 2))):
            store.add(CascadePolicy(folder=folder, template=template))
