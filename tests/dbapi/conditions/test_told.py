"""What a statement says of the rows of a template, as it is told to the table of that."""

from __future__ import annotations

import re

import pytest

from box_dialect.catalog import TABLES
from box_dialect.catalog.metadata.template import template_table
from box_dialect.dbapi.conditions.told import with_conditions
from box_dialect.engine.sql.conditions import read

FIELDS = [
    {"type": kind, "key": key}
    for kind, key in (
        ("float", "amount"),
        ("date", "due"),
        ("string", "title"),
        ("enum", "status"),
        ("multiSelect", "tags"),
    )
]
CONTRACT = template_table(
    {"scope": "enterprise_7", "templateKey": "contract", "fields": FIELDS}, "enterprise_contract", lambda _: False
)
KNOWN = {**TABLES, "enterprise_contract": CONTRACT}
FILES = "enterprise_contract c JOIN files f ON f.id = c.item_id AND c.item_type = 'file'"


def told(statement: str) -> list[str]:
    """Return the conditions that a statement tells its tables of, in words."""
    written = re.findall(r"box_condition\([^,]+, '((?:[^']|'')*)'\)", with_conditions(statement, KNOWN))
    conditions = [read(text.replace("''", "'")) for text in written]
    return [condition.words for condition in conditions if condition is not None]


def of(where: str) -> list[str]:
    return told(f"SELECT title FROM enterprise_contract WHERE {where}")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("amount = 1 OR title = 'a'", "amount = ? OR title = ?"),
        ("(amount = 1 OR title = 'a') AND due > '2026-01-01'", "amount = ? OR title = ?"),
        ("NOT (amount = 1 AND title LIKE 'a%')", "amount != ? OR title NOT LIKE ?"),
        ("NOT (amount > 1 OR due <= '2026-01-01')", "amount <= ? AND due > ?"),
        ("NOT NOT (amount > 1 OR amount IS NULL)", "amount > ? OR amount IS NULL"),
        ("amount NOT BETWEEN 1 AND 2", "amount < ? OR amount > ?"),
        ("NOT amount BETWEEN 1 AND 2 OR amount = 5", "amount < ? OR amount > ? OR amount = ?"),
        ("status NOT IN ('open', 'closed')", "status NOT IN ?"),
        ("title NOT LIKE 'a%'", "title NOT LIKE ?"),
        ("amount IS NOT 5", "amount IS NOT ?"),
        ("title LIKE 'a!%' ESCAPE '!' AND title LIKE 'a'", "title LIKE ?"),
        ("amount IS DISTINCT FROM 5", "amount IS NOT ?"),
        ("amount IS NOT DISTINCT FROM 5", "amount IS ?"),
        ("amount = 1 OR amount = 2", "amount = ? OR amount = ?"),
        ("5 < amount OR 'a' = title", "amount > ? OR title = ?"),
        ("amount ISNULL OR title NOTNULL", "amount IS NULL OR title IS NOT NULL"),
        ("amount NOT NULL OR title IS NOT NULL", "amount IS NOT NULL OR title IS NOT NULL"),
        ("amount = -1 OR amount = +(2 * 3) + 1 OR title = 'a' || 'b'", "amount = ? OR amount = ? OR title = ?"),
        ("due < date('now', '-1 day') OR amount = 1", "due < ? OR amount = ?"),
        ("[amount] = 1 OR \"title\" = 'a' OR `status` = 'open'", "amount = ? OR title = ? OR status = ?"),
        ("AMOUNT = 1 or Title = 'a'", "amount = ? OR title = ?"),
        ("enterprise_contract.amount = 1 OR title = 'a' -- all", "amount = ? OR title = ?"),
        ("has_any(tags, 'a', 'b')", "tags has_any ?"),
        ("NOT has_any(tags, 'a')", "tags NOT has_any ?"),
        ("EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'a')", "tags has_any ?"),
        ("NOT EXISTS (SELECT * FROM json_each(tags) AS t WHERE t.value IN ('a', 'b'))", "tags NOT has_any ?"),
        ("'a' IN (SELECT value FROM json_each(enterprise_contract.tags))", "tags has_any ?"),
        ("'a' NOT IN (SELECT value FROM json_each(tags)) OR amount = 1", "tags NOT has_any ? OR amount = ?"),
        ("amount = 1 OR (title = 'a' AND abs(amount) > 1)", "amount = ? OR title = ?"),
        ("(amount = 1 OR title = 'a') AND (title = 'b' OR random() > 1)", "amount = ? OR title = ?"),
        ("amount = 1 OR item_type = 'folder'", "amount = ? OR item_type = ?"),
    ],
)
def test_a_condition_is_told(where: str, words: str) -> None:
    assert of(where) == [words]


@pytest.mark.parametrize(
    "where",
    [
        "amount = 1 AND title = 'a' AND due > '2026-01-01' AND status IN ('open', 'closed')",
        "amount BETWEEN 1 AND 2 AND title LIKE 'a%' AND tags IS NULL AND amount <> 3 AND has_any(tags, 'a')",
    ],
)
def test_what_sqlite_tells_is_told_once(where: str) -> None:
    assert of(where) == []


@pytest.mark.parametrize(
    "where",
    [
        "amount = 1 OR random() > 1",
        "amount = 1 OR abs(amount) = 2",
        "NOT (amount = 1 AND random() > 1)",
        "amount = 1 OR title = 'a' COLLATE NOCASE",
        "amount = 1 OR title COLLATE NOCASE = 'a'",
        "amount = 1 OR title GLOB 'a*'",
        "amount = 1 OR title > 'a'",
        "amount = 1 OR title = status",
        "amount = 1 OR amount",
        "amount = 1 OR title = CAST(5 AS TEXT)",
        "amount = 1 OR CASE WHEN title = 'a' THEN 1 END",
        "amount = 1 OR (amount, title) = (2, 'a')",
        "amount = 1 OR title IN (SELECT 'a')",
        "amount = 1 OR title IN ()",
        "amount = 1 OR item_id = '5'",
        "amount = 1 OR rowid = 5",
        "EXISTS (SELECT count(*) FROM json_each(tags) WHERE value = 'a')",
        "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'a' LIMIT 0)",
        "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'a' AND key = 0)",
        "EXISTS (SELECT 1 FROM json_each(tags) WHERE value <> 'a')",
        "EXISTS (SELECT 1 FROM json_each(tags, '$.x') WHERE value = 'a')",
        "EXISTS (SELECT 1 FROM json_each(tags) value WHERE tags = 'a')",
        "EXISTS (SELECT 1 FROM json_each(tags) WHERE value = 'a' GROUP BY key HAVING count(*) > 1)",
        "'a' IN (SELECT key FROM json_each(tags))",
        "'a' IN (SELECT value FROM json_each(tags) WHERE key = 0)",
        "amount = 1 OR title = 'a' OR is = 5",
        "amount = 1 OR (title = 'a'",
        "amount = 1 OR title = 'a') (",
    ],
)
def test_what_cannot_be_told_is_left_to_sqlite(where: str) -> None:
    assert of(where) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"SELECT 1 FROM {FILES} WHERE f.name LIKE 'a%'", ["files.name LIKE ?"]),
        (f"SELECT 1 FROM {FILES} WHERE c.amount > 1 OR f.name = 'a'", ["amount > ? OR files.name = ?"]),
        (f"SELECT 1 FROM {FILES} AND (f.extension = 'txt' OR amount = 1)", ["files.extension = ? OR amount = ?"]),
        (f"SELECT 1 FROM {FILES} WHERE f.size > 5 OR amount = 1", []),
        (f"SELECT 1 FROM {FILES} WHERE description = 'a' OR tags IS NULL", []),
        (
            (
                "SELECT 1 FROM folders d, enterprise_contract c WHERE d.id = c.item_id AND d.type = c.item_type "
                "AND NOT d.name = 'a'"
            ),
            ["folders.name != ?"],
        ),
        (
            "SELECT 1 FROM enterprise_contract c JOIN files f ON f.id = c.item_id WHERE f.name = 'a' OR amount = 1",
            [],
        ),
        (
            (
                "SELECT 1 FROM enterprise_contract c LEFT JOIN files f ON f.id = c.item_id AND c.item_type = 'file' "
                "WHERE f.name = 'a' OR c.amount = 1"
            ),
            [],
        ),
        (
            "SELECT 1 FROM files f LEFT JOIN enterprise_contract c ON c.item_id = f.id AND (amount = 1 OR title = 'a')",
            ["amount = ? OR title = ?"],
        ),
        (
            "SELECT 1 FROM files f FULL JOIN enterprise_contract c ON c.item_id = f.id WHERE amount = 1 OR title = 'a'",
            [],
        ),
        (
            (
                "SELECT 1 FROM enterprise_contract a, enterprise_contract b WHERE (a.amount = 1 OR a.title = 'a') "
                "AND (b.amount = 2 OR b.title = 'b') AND (a.amount = 3 OR b.amount = 3)"
            ),
            ["amount = ? OR title = ?", "amount = ? OR title = ?"],
        ),
        ("SELECT 1 FROM enterprise_contract c, enterprise_contract c WHERE c.amount = 1 OR c.title = 'a'", []),
        ("SELECT 1 FROM enterprise_contract c, mine WHERE amount = 1 OR title = 'a'", []),
        (
            "SELECT 1 FROM enterprise_contract c, mine m WHERE c.amount = 1 OR c.title = 'a'",
            ["amount = ? OR title = ?"],
        ),
        ("SELECT 1 FROM enterprise_contract c, mine m WHERE c.amount = 1 OR c.title = m.title", []),
        ("SELECT (SELECT 1 FROM enterprise_contract WHERE amount = 1 OR title = 'a') FROM mine", []),
        (
            "SELECT (SELECT 1 FROM enterprise_contract WHERE amount = 1 OR title = 'a') AS found FROM mine",
            ["amount = ? OR title = ?"],
        ),
        ("SELECT 1 FROM main.enterprise_contract WHERE amount = 1 OR title = 'a'", []),
        ("SELECT 1 FROM temp.enterprise_contract WHERE amount = 1 OR title = 'a'", ["amount = ? OR title = ?"]),
        (
            (
                "WITH enterprise_contract AS (SELECT 1 AS amount) SELECT 1 FROM enterprise_contract "
                "WHERE amount = 1 OR amount IS NULL"
            ),
            [],
        ),
        (
            (
                "WITH found(x) AS MATERIALIZED (SELECT title FROM enterprise_contract WHERE amount = 1 OR title = 'a') "
                "SELECT x FROM found WHERE x = 'a' OR x = 'b'"
            ),
            ["amount = ? OR title = ?"],
        ),
        (
            (
                "SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM enterprise_contract c WHERE c.item_id = f.id "
                "AND (c.amount = 1 OR c.title = 'a' OR c.title IS 'b'))"
            ),
            ["amount = ? OR title = ? OR title IS ?"],
        ),
        (
            (
                "SELECT name FROM files f WHERE EXISTS (SELECT 1 FROM enterprise_contract c WHERE c.amount = 1 "
                "OR c.title = f.name)"
            ),
            [],
        ),
        (
            (
                "SELECT 1 FROM enterprise_contract WHERE amount = 1 OR title = 'a' UNION SELECT 2 "
                "FROM enterprise_contract WHERE NOT (amount = 2 AND title = 'a') ORDER BY 1 LIMIT 2"
            ),
            ["amount = ? OR title = ?", "amount != ? OR title != ?"],
        ),
        (
            "INSERT INTO mine SELECT amount FROM enterprise_contract WHERE amount = 1 OR title = 'a'",
            ["amount = ? OR title = ?"],
        ),
        (
            "CREATE TABLE mine AS SELECT amount FROM enterprise_contract WHERE amount = 1 OR due IS 5",
            ["amount = ? OR due IS ?"],
        ),
        ("CREATE VIEW mine AS SELECT amount FROM enterprise_contract WHERE amount = 1 OR due IS 5", []),
        (
            "UPDATE enterprise_contract SET title = 'b' WHERE amount = 1 OR title = 'a' RETURNING title",
            ["amount = ? OR title = ?"],
        ),
        ("DELETE FROM enterprise_contract AS c WHERE c.amount = 1 OR title = 'a'", ["amount = ? OR title = ?"]),
        (
            (
                "EXPLAIN QUERY PLAN SELECT title, count(*) OVER w FROM enterprise_contract WHERE amount = 1 "
                "OR title = 'a' GROUP BY 1 HAVING count(*) FILTER (WHERE amount > 1) > 2 WINDOW w AS (ORDER BY title)"
            ),
            ["amount = ? OR title = ?"],
        ),
    ],
)
def test_names_stand_for_what_they_do_in_sqlite(statement: str, words: list[str]) -> None:
    assert told(statement) == words


def test_a_statement_stays_as_it_is_but_for_what_is_told() -> None:
    assert with_conditions("SELECT 1 FROM enterprise_contract c WHERE c.amount = ? OR title = ? LIMIT ?", KNOWN) == (
        'SELECT 1 FROM enterprise_contract c WHERE (+(c.amount = ? OR title = ?)) AND box_condition(c."item_id", '
        '\'{"steps":[["comparison","amount","=",[0]],["comparison","title","=",[1]],["joined","OR",2]],"constants":[],'
        '"is_limited":false}\') AND box_values(c."item_id", box_list(?1, ?2)) LIMIT ?'
    )


def test_sqlite_has_scans_for_the_parts_of_what_is_not_told() -> None:
    where = "(item_id = '1' OR item_id = '2') AND (amount = 1 OR title = 'a')"
    written = with_conditions(f"SELECT 1 FROM enterprise_contract WHERE {where}", KNOWN)
    assert "((item_id = '1' OR item_id = '2') AND +(amount = 1 OR title = 'a')) AND box_condition(" in written


def test_conditions_stand_where_they_are_told() -> None:
    both = (
        "SELECT 1 FROM enterprise_contract a JOIN enterprise_contract b ON (b.amount = 1 OR b.title = 'a') AND 1 "
        "LEFT JOIN enterprise_contract c ON c.amount = 2 OR c.title = 'b'"
    )
    assert told(both) == ["amount = ? OR title = ?"] * 2
    written = re.sub(r"box_condition\((.)[^)]*\)", r"\1()", with_conditions(both, KNOWN))
    assert written == (
        "SELECT 1 FROM enterprise_contract a JOIN enterprise_contract b ON +(b.amount = 1 OR b.title = 'a') AND 1 "
        "LEFT JOIN enterprise_contract c ON (+(c.amount = 2 OR c.title = 'b')) AND c() WHERE b()"
    )


@pytest.mark.parametrize("word", ["NOT", "(", "1 =", "-", "abs(", "amount = 1 OR", "amount = ? OR"])
def test_what_goes_too_deep_is_left_to_sqlite(word: str) -> None:
    assert of(f"amount = 1 OR {f'{word} ' * 5_000} title = 'a'") == []


def test_parentheses_may_go_deep() -> None:
    deep = "amount = 1"
    for number in range(400):
        deep = f"(title = 'a' {'OR' if number % 2 else 'AND'} ({deep}))"
    (words,) = of(f"NOT NOT {deep} OR due IS NULL")
    assert words.count("title = ?") == 400
    assert of(" OR ".join(["title = 'a'", *["amount = 1"] * 900])) == [
        " OR ".join(["title = ?", *["amount = ?"] * 900])
    ]
