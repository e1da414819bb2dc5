"""The tables of metadata templates as other users: each reads and writes what they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import TEMPLATE
from conftest import Box

import box_dialect
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, SECOND, STRANGER = "20000000001", "20000000003", "20000000005"
"""Two users who see different files, and one who sees none."""

CONTRACTS = "SELECT c.* FROM enterprise_contract c WHERE {c}"
OF_FILES = (
    "SELECT f.id, f.name, c.amount FROM files f "
    "JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = 'file' WHERE {f} AND {c}"
)

BOTH = (
    "SELECT c.item_id, c.amount, r.amount FROM enterprise_contract c "
    "JOIN enterprise_review r ON r.item_id = c.item_id AND r.item_type = c.item_type WHERE {c} AND {r}"
)


def dress(box: Box) -> None:
    """Give each file and folder a contract, and every second one a review."""
    store = box.store
    contract, review = (store.add_template(key, *TEMPLATE["fields"]) for key in ("contract", "review"))
    items = [*store.files.values(), *(folder for folder in store.folders.values() if folder.id != "0")]
    for number, item in enumerate(items):
        values = {"amount": number, "due": f"2026-01-{1 + number % 28:02}T00:00:00Z", "title": f"t{number % 3}"}
        store.add_instance(item, contract, values)
        if number % 2:
            store.add_instance(item, review, {"amount": -number})


@pytest.fixture(scope="module")
def dressed() -> Iterator[Box]:
    with Emulator(Options()) as emulator:
        box = Box(emulator)
        dress(box)
        yield box


def run(box: Box, statement: str, *parameters: Any, **properties: Any) -> tuple[list[tuple[Any, ...]], int]:
    """Return the rows of a statement, and the calls that it took beside those that find the templates."""
    with box.connect(**properties) as connection:
        connection.find_tables()
        cursor = connection.cursor().execute(statement, parameters)
        return cursor.fetchall(), cursor.api_calls


def said(statement: str, user: str | None) -> str:
    """Return a statement whose tables are read as a user, or as the one who is signed in."""
    aliases = [alias for alias in ("c", "r", "f") if f"{{{alias}}}" in statement]
    return statement.format(**{each: "true" if user is None else f"{each}.as_user = '{user}'" for each in aliases})


@pytest.mark.long
@pytest.mark.parametrize("freshness", ["live", "indexed"])
@pytest.mark.parametrize(
    "statement",
    [
        CONTRACTS,
        f"{CONTRACTS} AND amount > 10 AND title = 't1'",
        f"{CONTRACTS} AND (amount < 4 OR title LIKE 't2%')",
        f"{CONTRACTS} AND item_type = 'file' AND amount IS NOT NULL ORDER BY amount DESC LIMIT 3",
        f"{CONTRACTS} AND due IS NOT NULL ORDER BY due LIMIT 2 OFFSET 1",
        f"{CONTRACTS} AND ancestor_id = '160000000003'",
        f"{CONTRACTS} AND instance_id IS NOT NULL AND amount < 3",
        "SELECT count(*), sum(amount), min(amount) FROM enterprise_contract c WHERE {c} AND amount > 2",
        "SELECT title, count(*) FROM enterprise_contract c WHERE {c} GROUP BY title",
        OF_FILES,
        f"{OF_FILES} AND f.name LIKE '%.pdf' AND c.amount > 1",
        f"{OF_FILES} AND (f.extension = 'pdf' OR c.amount < 5)",
        f"{BOTH} AND c.amount > 3",
        "SELECT * FROM global_properties c WHERE {c}",
        'SELECT * FROM "enterprise.securityClassification-6VMVochwUWo" c WHERE {c}',
    ],
)
def test_a_template_is_read_as_a_user_as_on_a_connection_of_theirs(
    dressed: Box, freshness: str, statement: str
) -> None:
    for user in (FIRST, SECOND):
        own, calls = run(dressed, said(statement, None), AsUserId=user, Freshness=freshness)
        seen, of_user = run(dressed, said(statement, user), AsUserId=STRANGER, Freshness=freshness)
        assert (seen if "ORDER" in statement else sorted(seen, key=repr)) == (
            own if "ORDER" in statement else sorted(own, key=repr)
        )
        if "count" not in statement:  # which Box computes for the one who is signed in alone
            assert of_user == calls
        assert own


@pytest.mark.parametrize("freshness", ["live", "indexed"])
def test_several_users_see_each_their_own(dressed: Box, freshness: str) -> None:
    rows, _ = run(
        dressed,
        "SELECT as_user, item_id FROM enterprise_contract WHERE as_user IN (?, ?)",
        FIRST,
        SECOND,
        Freshness=freshness,
    )
    each = [
        (user, *row)
        for user in (FIRST, SECOND)
        for row in run(dressed, "SELECT item_id FROM enterprise_contract", AsUserId=user)[0]
    ]
    assert sorted(rows) == sorted(each)
    assert len({row[1] for row in rows}) < len(rows)


@pytest.mark.long
@pytest.mark.parametrize("freshness", ["live", "indexed"])
@pytest.mark.parametrize("other", ["c", "r", "f"])
def test_tables_of_a_join_are_each_read_as_they_say(dressed: Box, freshness: str, other: str) -> None:
    """What a listing shows of another table is for who looks it up as the same user alone."""
    statement = (
        "SELECT c.item_id, c.as_user, r.as_user, f.as_user FROM enterprise_contract c "
        "LEFT JOIN enterprise_review r ON r.item_id = c.item_id AND r.item_type = c.item_type AND {r} "
        "LEFT JOIN files f ON f.id = c.item_id AND {f} WHERE c.item_type = 'file' AND {c}"
    )
    users = {alias: FIRST if alias == other else SECOND for alias in "crf"}
    told = {alias: f"{alias}.as_user = '{user}'" for alias, user in users.items()}
    listed = {
        "c": "SELECT item_id FROM enterprise_contract WHERE item_type = 'file'",
        "r": "SELECT item_id FROM enterprise_review WHERE item_type = 'file'",
        "f": "SELECT id FROM files",
    }
    seen = {alias: {row[0] for row in run(dressed, listed[alias], AsUserId=users[alias])[0]} for alias in "crf"}
    expected = {(item, *(users[alias] if item in seen[alias] else None for alias in "crf")) for item in seen["c"]}
    assert {*run(dressed, statement.format(**told), Freshness=freshness)[0]} == expected
    # One of them as the one who is signed in, who is the same user.
    unsaid, _ = run(dressed, statement.format(**told | {other: "true"}), AsUserId=FIRST, Freshness=freshness)
    place = 1 + "crf".index(other)
    assert {*unsaid} == {(*row[:place], None, *row[place + 1 :]) for row in expected}


@pytest.mark.parametrize(
    ("table", "key", "column", "values"),
    [
        ("enterprise_contract", {}, "amount", (7.0, 8.0)),
        ("global_properties", {}, "properties", ('{"a":"b"}', '{"a":"c"}')),
        (
            "metadata_instances",
            {"scope": "enterprise_491291", "template_key": "review"},
            "field_values",
            ('{"title":"t"}', '{"title":"u"}'),
        ),
    ],
)
def test_instances_are_written_as_the_user(
    fresh: Box, table: str, key: dict[str, str], column: str, values: tuple[object, object]
) -> None:
    dress(fresh)
    user = fresh.store.accounts[FIRST]
    folder = fresh.store.add_folder("own", user.root, user)
    key = {"item_id": folder.id, "item_type": "folder", "as_user": FIRST, **key}
    where, names = " AND ".join(f"{name} = ?" for name in key), ", ".join(key)
    select = f"SELECT {column}, as_user FROM {table} WHERE {where}"
    with fresh.connect(AsUserId=STRANGER) as connection:
        cursor, given = connection.cursor(), tuple(key.values())
        insert = f"INSERT INTO {table} ({column}, {names}) VALUES (?{', ?' * len(key)}) RETURNING {column}, as_user"
        assert cursor.execute(insert, (values[0], *given)).fetchall() == [(values[0], FIRST)]
        assert cursor.execute(select, given).fetchall() == [(values[0], FIRST)]
        assert cursor.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (values[1], *given)).rowcount == 1
        assert cursor.execute(select, given).fetchall() == [(values[1], FIRST)]
        assert cursor.execute(f"DELETE FROM {table} WHERE {where}", given).rowcount == 1
        assert cursor.execute(select, given).fetchall() == []


def test_letters_of_both_cases_are_one_name(dressed: Box) -> None:
    """An input of a template whose key has capital letters, named in another case."""
    expected = run(dressed, "SELECT item_id FROM enterprise_documentReview", AsUserId=FIRST)
    statement = "SELECT item_id FROM Enterprise_documentreview WHERE as_user = ?"
    assert run(dressed, statement, FIRST) == expected != ([], 1)
    with pytest.raises(
        box_dialect.NotSupportedError, match="as_user of enterprise_documentReview says how Box is asked"
    ):
        run(dressed, f"{statement} OR score > 1 OR item_id = '5'", FIRST)


@pytest.mark.parametrize("freshness", ["live", "indexed"])
def test_a_refused_user_is_a_warning(dressed: Box, freshness: str) -> None:
    with pytest.warns(box_dialect.BoxUserWarning, match="as user 404404, .*HTTP 403"):
        rows, _ = run(
            dressed,
            "SELECT DISTINCT as_user FROM enterprise_contract WHERE as_user IN ('404404', ?)",
            FIRST,
            Freshness=freshness,
        )
    assert rows == [(FIRST,)]


def test_strangers_name_no_user(dressed: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")
    with pytest.raises(box_dialect.ProgrammingError, match="as_user is refused in a process that restricts URLs"):
        run(dressed, "SELECT amount FROM enterprise_contract WHERE as_user = ?", FIRST)
