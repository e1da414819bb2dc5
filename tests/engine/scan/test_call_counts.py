"""What each kind of statement costs in calls, exactly: the machine that runs this has no part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.emulator import Emulator, Options
from box_dialect.emulator.content import PatternContent
from box_dialect.emulator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Box

FOLDERS, FILES_PER_FOLDER, SILENT_FILES = 10, 12, 18
FILES = FOLDERS * FILES_PER_FOLDER
USERS, GROUPS, GROUPS_PER_USER = 1_000, 44, 2
MOMENT = 1_600_000_000
WALK = 1 + FOLDERS


def plant_content(store: Store) -> None:
    """Add files, of which all but the first ones have two comments by two of few users."""
    people = [store.add_user(f"user {number}", f"{number}@example.com", MOMENT) for number in range(4)]
    for number in range(FILES):
        if number % FILES_PER_FOLDER == 0:
            folder = store.add_folder(f"{number // FILES_PER_FOLDER:03}", store.root, store.admin, MOMENT)
        name = f"{number:04}.{'pdf' if number % 2 else 'txt'}"
        file = store.add_file(name, folder, PatternContent(name, 1 + number), store.admin, MOMENT + number)
        for place in range(2 if number >= SILENT_FILES else 0):
            store.add_comment(file, f"{number}", people[(number + place) % len(people)], MOMENT + number)


def plant_people(store: Store) -> None:
    """Add users who belong to two groups each."""
    groups = [store.add_group(f"group {number:02}", MOMENT) for number in range(GROUPS)]
    for number in range(USERS - 1):  # the administrator is one more
        user = store.add_user(f"user {number:04}", f"{number}@example.com", MOMENT)
        for place in range(GROUPS_PER_USER):
            store.add_membership(user, groups[(number + 7 * place) % GROUPS], "member", MOMENT)


def plant_small_groups(store: Store) -> None:
    """Add ten groups of three members each."""
    for number in range(10):
        group = store.add_group(f"group {number}", MOMENT)
        for place in range(3):
            user = store.add_user(f"user {number}{place}", f"{number}{place}@example.com", MOMENT)
            store.add_membership(user, group, "member", MOMENT)


def box_of(plant: Callable[[Store], None]) -> Iterator[Box]:
    from conftest import Box

    emulator = Emulator(Options())
    emulator.store = Store()
    plant(emulator.store)
    with emulator:
        yield Box(emulator)


@pytest.fixture(scope="module")
def content() -> Iterator[Box]:
    yield from box_of(plant_content)


@pytest.fixture(scope="module")
def people() -> Iterator[Box]:
    yield from box_of(plant_people)


@pytest.fixture
def small_groups() -> Iterator[Box]:
    yield from box_of(plant_small_groups)


def run(box: Box, sql: str, *parameters: object) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows and the calls; every execution of a statement costs the same."""
    with box.connect() as connection:
        counts = set()
        for _ in range(2):
            cursor = connection.cursor().execute(sql, parameters)
            rows = cursor.fetchall()
            counts.add(cursor.api_calls)
    (calls,) = counts
    return rows, calls


COMMENTED = FILES - SILENT_FILES


def test_an_inventory_costs_a_call_for_each_folder(content: Box) -> None:
    rows, calls = run(content, "SELECT extension, count(*), sum(size) FROM files GROUP BY extension ORDER BY 1")
    assert [row[:2] for row in rows] == [("pdf", FILES // 2), ("txt", FILES // 2)]
    assert calls == WALK


@pytest.mark.long
@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT f.name, c.message FROM files f JOIN comments c ON c.item_id = f.id", 2 * COMMENTED),
        ("SELECT f.name, c.message FROM comments c JOIN files f ON f.id = c.item_id", 2 * COMMENTED),
        ("SELECT f.name, c.message FROM files f CROSS JOIN comments c WHERE c.item_id = f.id", 2 * COMMENTED),
        ("SELECT f.name, c.id FROM files f LEFT JOIN comments c ON c.item_id = f.id", FILES + COMMENTED),
        ("SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM comments c WHERE c.item_id = f.id)", COMMENTED),
        ("SELECT name FROM files f WHERE NOT EXISTS (SELECT 1 FROM comments c WHERE c.item_id = f.id)", SILENT_FILES),
        ("SELECT (SELECT count(*) FROM comments c WHERE c.item_id = f.id) FROM files f", FILES),
        ("SELECT name FROM files WHERE id IN (SELECT item_id FROM comments)", COMMENTED),
    ],
)
def test_a_join_of_files_and_comments_costs_the_walk_and_a_call_for_each_file_with_comments(
    content: Box, sql: str, rows: int
) -> None:
    found, calls = run(content, sql)
    assert len(found) == rows
    assert calls == WALK + COMMENTED


def test_a_join_through_two_levels_looks_each_user_up_once(content: Box) -> None:
    rows, calls = run(
        content,
        "SELECT f.name, c.message, u.name FROM files f LEFT JOIN comments c ON c.item_id = f.id "
        "LEFT JOIN users u ON u.id = c.created_by_id",
    )
    assert len({name for *_, name in rows}) == 5
    assert len(rows) == FILES + COMMENTED
    assert calls == WALK + COMMENTED + 4


@pytest.mark.long
def test_no_call_is_made_for_outer_rows_that_are_dropped(content: Box) -> None:
    for condition, files in (
        ("f.extension = 'pdf'", COMMENTED // 2),
        ("f.name LIKE '%.PDF'", COMMENTED // 2),
        ("f.extension IN ('pdf', 'doc')", COMMENTED // 2),
        ("f.extension != 'pdf'", COMMENTED // 2),
        ("f.size BETWEEN 51 AND 100", 50),
        ("f.size > 20 AND f.name GLOB '*9.pdf'", 10),
        ("f.description IS NULL", 0),
    ):
        sql = f"SELECT f.name, c.id FROM files f LEFT JOIN comments c ON c.item_id = f.id WHERE {condition}"
        assert run(content, sql)[1] == WALK + files, condition


@pytest.mark.parametrize(
    ("sql", "rows", "calls"),
    [
        # A file has two comments, so ten rows are those of five files; the first 18 files have none.
        ("SELECT f.name, c.message FROM files f JOIN comments c ON c.item_id = f.id LIMIT 10", 10, 3 + 5),
        ("SELECT f.name, c.message FROM files f JOIN comments c ON c.item_id = f.id LIMIT 9 OFFSET 1", 9, 3 + 5),
        ("SELECT message FROM comments LIMIT 8", 8, 3 + 4),
        ("{join} WHERE f.parent_id = '{folder}' LIMIT 10", 10, 1 + 5),
        ("{join} WHERE f.parent_id = '{folder}' LIMIT ?", 10, 1 + 5),
        ("{join} WHERE f.parent_id = '{folder}' AND c.is_reply_comment LIMIT 10", 0, 1 + FILES_PER_FOLDER),
        ("{join} WHERE f.parent_id = '{folder}' GROUP BY f.name LIMIT 10", 10, 1 + FILES_PER_FOLDER),
        ("{join} JOIN users u ON u.id = c.created_by_id WHERE f.parent_id = '{folder}' LIMIT 6", 6, 1 + 3 + 4),
        ("{files} AND EXISTS (SELECT 1 FROM comments c WHERE c.item_id = f.id) LIMIT 10", 10, 1 + 10),
        ("{files} AND (SELECT count(*) FROM comments c WHERE c.item_id = f.id) = 2 LIMIT 1, 8", 8, 1 + 9),
    ],
)
def test_no_call_is_made_for_more_rows_than_limit_wants(content: Box, sql: str, rows: int, calls: int) -> None:
    file = next(file for file in content.store.items["file"].values() if file.name == "0099.pdf")
    join = "SELECT f.name, c.message FROM files f CROSS JOIN comments c ON c.item_id = f.id"
    files = f"SELECT name FROM files f WHERE parent_id = '{file.parent.id}'"
    parameters = (10,) if "?" in sql else ()
    found, made = run(content, sql.format(join=join, files=files, folder=file.parent.id), *parameters)
    assert (len(found), made) == (rows, calls)


def test_the_values_of_a_subquery_are_asked_for_once_each(content: Box) -> None:
    sql = "SELECT count(*) FROM comments WHERE item_id IN (SELECT id FROM files WHERE extension = 'pdf')"
    assert run(content, sql) == ([(COMMENTED,)], WALK + COMMENTED // 2)


@pytest.mark.long
@pytest.mark.parametrize(
    ("sql", "calls"),
    [
        ("SELECT a.name, b.size FROM files a JOIN files b ON b.sha1 = a.sha1", WALK),
        ("SELECT name FROM files WHERE size = (SELECT max(size) FROM files)", WALK),
        ("SELECT f.name, d.path FROM files f JOIN folders d ON d.description = f.description", WALK + 1),
        ("SELECT description FROM files UNION SELECT item_id FROM comments", WALK + COMMENTED),
        ("SELECT a.name, b.size FROM files a, files b WHERE a.parent_id = '{folder}' AND b.parent_id = '{folder}'", 1),
        ("SELECT a.name, b.size FROM files a, items b WHERE a.parent_id = '{folder}' AND b.parent_id = '{folder}'", 1),
        ("SELECT name FROM files WHERE id = '{file}' UNION SELECT sha1 FROM files WHERE id = '{file}'", 1),
        ("SELECT i.name, f.sha1 FROM items i JOIN files f ON f.id = i.id WHERE i.type = 'file'", WALK),
        ("SELECT i.name, f.path FROM items i JOIN files f ON f.id = i.id WHERE i.parent_id = '{folder}'", 1),
        ("SELECT description FROM folders WHERE id = '0' UNION SELECT path FROM folders", WALK + 1),
    ],
)
def test_tables_that_read_other_columns_of_one_listing_share_its_calls(content: Box, sql: str, calls: int) -> None:
    file = next(file for file in content.store.items["file"].values() if file.name == "0099.pdf")
    assert run(content, sql.format(file=file.id, folder=file.parent.id))[1] == calls


def test_further_pages_are_shared_as_well(fresh: Box) -> None:
    folder = fresh.store.add_folder("large", fresh.store.root, fresh.store.admin, MOMENT)
    for number in range(2_500):
        fresh.store.add_file(f"{number:04}", folder, PatternContent("x", number), fresh.store.admin, MOMENT)
    sql = "SELECT max(name) FROM files WHERE parent_id = ? UNION SELECT max(size) FROM files WHERE parent_id = ?"
    rows, calls = run(fresh, sql, folder.id, folder.id)
    assert (rows, calls) == ([(2_499,), ("2499",)], 3)


def test_as_many_sorted_pages_are_read_as_limit_wants(fresh: Box) -> None:
    folder = fresh.store.add_folder("large", fresh.store.root, fresh.store.admin, MOMENT)
    for number in range(100):
        fresh.store.add_folder(f"below {number}", folder, fresh.store.admin, MOMENT)
    for number in range(4_000):
        fresh.store.add_file(f"{number:04}", folder, PatternContent("x", number), fresh.store.admin, MOMENT)
    for wanted, calls in ((10, 1), (900, 1), (901, 2), (2_500, 3), (5_000, 5)):
        sql = "SELECT size FROM files WHERE parent_id = ? ORDER BY size DESC LIMIT ?"
        rows = [(size,) for size in range(3_999, -1, -1)]
        found, made = run(fresh, sql, folder.id, wanted)
        assert found == rows[:wanted]
        assert made == calls, wanted


@pytest.mark.parametrize("table", ["items", "files"])
@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ("EXISTS (SELECT 1 FROM {} i WHERE i.parent_id = f.id)", {"items": WALK, "files": FOLDERS}),
        ("NOT EXISTS (SELECT 1 FROM {} i WHERE i.parent_id = f.id)", {"items": 0, "files": 1}),
        ("(SELECT name FROM {} i WHERE i.parent_id = f.id LIMIT 1) > ''", {"items": WALK, "files": FOLDERS}),
    ],
)
def test_rows_of_which_one_is_wanted_cost_no_call_where_a_walk_lists_them(
    content: Box, table: str, condition: str, rows: dict[str, int]
) -> None:
    found, calls = run(content, f"SELECT name FROM folders f WHERE {condition.format(table)}")
    assert len(found) == rows[table]
    assert calls == 1 + WALK


def test_parents_that_a_walk_passes_cost_nothing(content: Box) -> None:
    rows, calls = run(
        content, "SELECT d.name, count(*) FROM files f JOIN folders d ON d.id = f.parent_id GROUP BY d.name"
    )
    assert rows == [(f"{number:03}", FILES_PER_FOLDER) for number in range(FOLDERS)]
    assert calls == WALK


def test_a_join_of_three_tables_of_people_lists_each_of_them(people: Box) -> None:
    rows, calls = run(
        people,
        "SELECT u.name, g.name FROM users u JOIN memberships m ON m.user_id = u.id JOIN groups g ON g.id = m.group_id",
    )
    assert len(set(rows)) == GROUPS_PER_USER * (USERS - 1)
    assert calls == 1 + GROUPS + 1


@pytest.mark.parametrize(
    ("sql", "count", "calls"),
    [
        ("SELECT name FROM files LIMIT 10", 10, 2),
        ("SELECT name FROM files ORDER BY size LIMIT 10", 10, WALK),
        ("SELECT name FROM files WHERE id = '{file}'", 1, 1),
        ("SELECT name FROM files WHERE path = '/008/0099.pdf'", 1, 2),
        ("SELECT name FROM files WHERE parent_id = '{folder}' OR parent_id = '0'", FILES_PER_FOLDER, 2),
        ("SELECT name FROM files WHERE parent_id = '{folder}' OR id = '{file}'", FILES_PER_FOLDER, 1),
        ("SELECT name FROM files WHERE id = '{file}' OR id = '1'", 1, 2),
        ("SELECT name FROM files WHERE path = '/008/0099.pdf' OR path LIKE '/005/%'", 1 + FILES_PER_FOLDER, 3),
        ("SELECT name FROM files WHERE parent_id = '{folder}'", FILES_PER_FOLDER, 1),
        ("SELECT name FROM files WHERE parent_id = '{folder}' ORDER BY size DESC LIMIT 3", 3, 1),
        ("SELECT 1 WHERE (SELECT count(*) FROM files WHERE parent_id = '{folder}') = 12", 1, 1),
        (
            "SELECT id FROM comments WHERE item_id = '{file}' UNION SELECT id FROM comments WHERE item_id = '{file}'",
            2,
            1,
        ),
    ],
)
def test_what_can_be_asked_for_costs_the_fewest_calls(content: Box, sql: str, count: int, calls: int) -> None:
    file = next(file for file in content.store.items["file"].values() if file.name == "0099.pdf")
    rows, made = run(content, sql.format(file=file.id, folder=file.parent.id))
    assert (len(rows), made) == (count, calls)


def test_few_users_are_looked_up_and_many_are_listed(people: Box) -> None:
    ids = [user.id for user in people.store.users.values()]
    for number, calls in ((1, 1), (5, 5), (6, 1), (900, 1)):
        marks = ", ".join("?" * number)
        rows, made = run(people, f"SELECT id FROM users WHERE id IN ({marks})", *ids[:number])
        assert (len(rows), made) == (number, calls)


def test_whether_users_are_listed_depends_on_the_rows_and_not_on_who_comes_to_them_first(small_groups: Box) -> None:
    """Three are looked up; six are known to be when the second page comes, whoever looks into it, and when."""
    with small_groups.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT m.role, u.name FROM memberships m LEFT JOIN users u ON u.id = m.user_id")
        assert len(cursor.fetchmany(3)) == 3
        assert len(cursor.fetchall()) == 27
        assert cursor.api_calls == 1 + 10 + 3 + 1


def test_lookups_for_a_table_of_ones_own_are_remembered_between_its_rows(people: Box) -> None:
    with people.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE wanted (id TEXT)")
        ids = [group.id for group in people.store.groups.values()]
        cursor.executemany("INSERT INTO wanted VALUES (?)", [(identity,) for identity in ids * 2])
        cursor.execute("SELECT (SELECT name FROM groups WHERE groups.id = wanted.id) FROM wanted")
        assert sorted(cursor.fetchall()) == sorted((f"group {number:02}",) for number in range(GROUPS) for _ in "12")
        assert cursor.api_calls == 1


def test_offset_pages_are_all_read(fresh: Box) -> None:
    group = fresh.store.add_group("everybody", MOMENT)
    for number in range(2_500):
        user = fresh.store.add_user(f"user {number:04}", f"{number}@example.com", MOMENT)
        fresh.store.add_membership(user, group, "member", MOMENT)
    rows, calls = run(fresh, "SELECT id FROM memberships WHERE group_id = ?", group.id)
    assert (len(set(rows)), calls) == (2_500, 3)


SHARED_FILES, SHARED_FOLDERS = 3, 2


@pytest.fixture
def shared(fresh: Box) -> tuple[Box, int, int]:
    """A tree in which some have access to a few files and folders, and how many files and folders it has."""
    for collaboration in list(fresh.store.collaborations.values()):
        fresh.store.remove(collaboration)
    files, folders = (list(fresh.store.items[kind].values()) for kind in ("file", "folder"))
    files = [file for file in files if not file.is_trashed]
    folders = [folder for folder in folders if not folder.is_trashed and folder.id != "0"]
    user = fresh.store.add_user("guest", "guest@example.com", MOMENT)
    for item in (*files[:SHARED_FILES], *folders[:SHARED_FOLDERS]):
        fresh.store.add_collaboration(item, user, "editor", fresh.store.admin, at=MOMENT)
    fresh.reset()
    return fresh, len(files), 1 + len(folders)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT f.id, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id AND c.item_type = 'file'",
        "SELECT f.id, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id AND c.item_type = f.type",
        "SELECT id, EXISTS (SELECT 1 FROM collaborations WHERE item_id = f.id AND item_type = 'file') FROM files f",
    ],
)
def test_only_files_that_say_so_are_asked_for_collaborations(shared: tuple[Box, int, int], sql: str) -> None:
    box, files, folders = shared
    rows, calls = run(box, sql)
    assert sorted(bool(role) for _, role in rows) == [False] * (files - SHARED_FILES) + [True] * SHARED_FILES
    assert calls == folders + SHARED_FILES


def test_an_id_that_may_be_a_folders_too_is_not_asked_for_as_one_where_all_folders_are_listed(
    shared: tuple[Box, int, int],
) -> None:
    box, _, folders = shared
    rows, calls = run(box, "SELECT f.id, c.role FROM files f LEFT JOIN collaborations c ON c.item_id = f.id")
    assert sum(role == "editor" for _, role in rows) == SHARED_FILES
    assert calls == folders + SHARED_FILES


@pytest.mark.parametrize(
    ("condition", "rows", "calls"),
    [
        ("type = 'file'", 1, 1),
        ("type = 'folder'", 0, 1),
        ("type IN ('folder', 'web_link', NULL)", 0, 2),
        ("type = NULL", 0, 0),
        ("type = 'FILE'", 0, 0),
        ("type = 'FILE' COLLATE NOCASE", 1, 3),
        ("type <> 'folder'", 1, 3),
        ("type = 7", 0, 0),
    ],
)
def test_the_type_tells_where_an_item_is_asked_for(small: Box, condition: str, rows: int, calls: int) -> None:
    found, made = run(small, f"SELECT name FROM items WHERE id = '1200000000007' AND {condition}")
    assert (len(found), made) == (rows, calls)


def test_the_type_tells_whose_collaborations_are_asked_for(shared: tuple[Box, int, int]) -> None:
    box, _, folders = shared
    rows, calls = run(box, "SELECT item_id FROM collaborations WHERE item_type = 'folder'")
    assert (len(rows), calls) == (SHARED_FOLDERS, folders + SHARED_FOLDERS)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, item_id, message FROM comments WHERE id IN ({replies}, {thread})",
        "SELECT r.item_id, c.message FROM comments r JOIN comments c ON c.id = r.reply_to_id WHERE r.id IN ({replies})",
        (
            "SELECT item_type FROM comments WHERE id IN ({replies}) UNION ALL "
            "SELECT message FROM comments WHERE id = {thread}"
        ),
    ],
)
def test_the_thread_of_replies_is_asked_for_once_for_all_that_is_read_of_it(fresh: Box, sql: str) -> None:
    file = fresh.store.add_file("a.txt", fresh.store.root, PatternContent("a", 1), fresh.store.admin)
    thread = fresh.store.add_comment(file, "thread", fresh.store.admin)
    replies = [fresh.store.add_comment(file, "reply", fresh.store.admin, reply_to=thread) for _ in range(2)]
    named = ", ".join(f"'{reply.id}'" for reply in replies)
    rows, calls = run(fresh, sql.format(replies=named, thread=f"'{thread.id}'"))
    assert len(rows) in {2, 3}
    assert calls == 3


def test_what_is_not_there_is_asked_for_once(small: Box) -> None:
    folder = "160000000001"
    sql = "SELECT i.name, f.name FROM items i LEFT JOIN files f ON f.id = +i.id WHERE i.id IN (?, ?)"
    rows, calls = run(small, sql, folder, "1")
    assert (rows, calls) == ([("Contracts", None)], 2 * 3)


@pytest.mark.parametrize(
    ("sql", "rows", "calls"),
    [
        ("SELECT name FROM folders WHERE path = '/'", 1, 1),
        ("SELECT name FROM files WHERE path = '/'", 0, 0),
        ("SELECT name FROM folders WHERE path LIKE '/Contracts/%'", 4, 6),
        ("SELECT name FROM folders WHERE path LIKE '/Contracts/%' ESCAPE '!'", 4, 6),
        ("SELECT f.name FROM (SELECT 1) LEFT JOIN folders f ON f.path LIKE '/Contracts/%' ESCAPE '!'", 4, 6),
        ("SELECT name FROM folders WHERE path LIKE '/C!ontr' || '!acts/%' ESCAPE '!' ORDER BY path LIMIT 9", 4, 6),
        ("SELECT name FROM folders WHERE path LIKE '/Contracts!_%' ESCAPE '!'", 0, 6),
        ("SELECT name FROM folders WHERE path LIKE '/' || '%' AND depth = '1'", 9, 1),
        ("SELECT name FROM folders WHERE path GLOB '/Contracts/202?'", 2, 6),
        ("SELECT name FROM folders WHERE path LIKE '/' || '%' AND depth = 1", 9, 1),
        ("SELECT name FROM folders WHERE depth IN (0, 1)", 10, 2),
        ("SELECT message FROM comments LIMIT 1", 1, 2),
        ("SELECT role FROM collaborations LIMIT 1", 1, 2),
        ("SELECT c.id FROM comments r JOIN comments c ON c.id = r.reply_to_id WHERE r.item_id = '1200000000027'", 2, 1),
    ],
)
def test_no_folder_is_asked_for_that_cannot_have_rows_that_are_wanted(
    small: Box, sql: str, rows: int, calls: int
) -> None:
    found, made = run(small, sql)
    assert (len(found), made) == (rows, calls)
