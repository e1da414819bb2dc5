"""Several templates joined on the same item, with `Freshness=indexed`: one query finds, and shows, the rows of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from catalog.metadata.conftest import TEMPLATE
from catalog.metadata.test_index import numberless
from conftest import Box
from hypothesis import given
from hypothesis import strategies as st
from scripted_box import ScriptedBox, plan, rows, scripted_box

from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    import box_dialect

QUERY = "POST /query"
FIELDS = ({"type": "float", "key": "score"}, {"type": "string", "key": "who"}, {"type": "float", "key": "amount"})
REVIEW = {**TEMPLATE, "templateKey": "review", "displayName": "Review", "fields": [*FIELDS]}
SOURCE = "enterprise_contract c JOIN enterprise_review r USING (item_id, item_type)"
ON = "enterprise_contract c JOIN enterprise_review r ON r.item_id = c.item_id AND r.item_type = c.item_type"
OF_KIND = "r.item_id = c.item_id AND r.item_type = 'file' AND c.item_type = 'file'"
OF_FILES = f"enterprise_contract c JOIN enterprise_review r ON {OF_KIND}"


@pytest.fixture(scope="module")
def reviewed() -> Iterator[Box]:
    """A regular tree whose first 250 files have contracts, every second one of them a review, and further ones too."""
    with Emulator(Options(synthetic=300)) as emulator:
        box = Box(emulator)
        contract = box.store.add_template("contract", *TEMPLATE["fields"])
        review = box.store.add_template("review", *FIELDS)
        for number, file in enumerate(box.store.files.values()):
            if number < 250:
                box.store.add_instance(file, contract, {"amount": number, "title": f"t{number % 3}"})
            if number % 2:
                values = {"score": number % 10, **({"who": f"w{number % 7}"} if number % 5 else {})}
                box.store.add_instance(file, review, values)
        yield box


@pytest.fixture(scope="module")
def indexed(reviewed: Box) -> Iterator[box_dialect.Connection]:
    with reviewed.connect(Freshness="indexed") as connection:
        connection.find_tables()
        yield connection


@pytest.fixture(scope="module")
def live(reviewed: Box) -> Iterator[box_dialect.Connection]:
    with reviewed.connect() as connection:
        connection.find_tables()
        yield connection


@pytest.mark.long
@pytest.mark.parametrize(
    ("source", "where", "calls"),
    [
        (SOURCE, "c.amount > 100 AND r.score > 8", 1),
        (ON, "c.amount > 100 AND r.score > 8", 1),
        (OF_FILES, "c.amount > 100 AND r.score > 8", 2),
        (SOURCE, "(c.amount > 240 OR r.score > 8) AND r.who LIKE 'w1%'", 1),
        (SOURCE, "c.amount >= 50", 2),
        (SOURCE.replace("JOIN", "LEFT JOIN"), "c.amount >= 150", 1),
        (f"{SOURCE} JOIN files f ON f.id = c.item_id AND c.item_type = 'file'", "r.score = 9 AND f.name LIKE '%1%'", 1),
        ("files f JOIN enterprise_contract c ON c.item_id = f.id AND c.item_type = f.type", "f.name LIKE '%00017%'", 1),
    ],
)
def test_no_call_is_made_for_a_row(
    live: box_dialect.Connection, indexed: box_dialect.Connection, source: str, where: str, calls: int
) -> None:
    columns = "c.amount, c.title" + (", r.score, r.who, r.amount" if " r " in source else ", f.name, f.path")
    statement = f"SELECT {columns} FROM {source} WHERE {where}"
    cursor = indexed.cursor().execute(statement)
    found = cursor.fetchall()
    assert sorted(found, key=repr) == sorted(rows(live, statement), key=repr)
    assert found
    assert cursor.api_calls <= calls
    assert QUERY in plan(indexed, statement)


CONDITIONS = st.sampled_from(
    ["c.amount > 100", "r.score >= 5", "r.who = 'w3'", "r.who IS NULL", "c.title = 't1'", "r.amount IS NULL"]
)


@pytest.mark.long
@given(
    source=st.sampled_from([SOURCE, ON, SOURCE.replace("JOIN", "LEFT JOIN")]),
    conditions=st.lists(CONDITIONS, min_size=1, max_size=3),
    word=st.sampled_from([" AND ", " OR ", " AND NOT "]),
)
def test_joins_have_the_rows_that_are_read_live(
    live: box_dialect.Connection, indexed: box_dialect.Connection, source: str, conditions: list[str], word: str
) -> None:
    statement = f"SELECT c.amount, r.score, r.who FROM {source} WHERE {word.join(conditions)}"
    assert sorted(rows(indexed, statement), key=repr) == sorted(rows(live, statement), key=repr)


@pytest.fixture
def box() -> Iterator[ScriptedBox]:
    with scripted_box() as box:
        box.answers |= {
            "GET /metadata_templates/enterprise": {"entries": [TEMPLATE, REVIEW]},
            "GET /metadata_templates/global": {"entries": []},
            QUERY: {"entries": [], "next_marker": None},
        }
        yield box


def sent(box: ScriptedBox, source: str, where: str) -> dict[str, Any]:
    with box.connected(Freshness="indexed") as connection:
        rows(connection, f"SELECT c.amount, r.score FROM {source} WHERE {where}")
    (asked,) = [each.body for each in box.asked if each.operation == QUERY]
    return dict(asked)


def test_one_query_names_both_templates(box: ScriptedBox) -> None:
    asked = sent(box, SOURCE, "c.amount > 5 AND (r.score > 8 OR r.who = 'x')")
    contract, review = (f'metadata.enterprise_7."{key}"' for key in ("contract", "review"))
    assert {*numberless(asked["query"]["predicate"]).split(" AND ")} == {
        "EXISTS(:template)",
        f"{contract}.amount > ?",
        f"({review}.score > ? OR {review}.who = ?)",
    }
    assert {"enterprise_7:contract:amount", "enterprise_7:review:score"} <= {*asked["fields"]}


@pytest.mark.parametrize(
    ("source", "where"),
    [
        (SOURCE.replace("JOIN", "LEFT JOIN"), "c.amount > 5 AND (r.score > 8 OR r.score IS NULL)"),
        ("enterprise_contract c JOIN enterprise_review r ON r.item_id = c.item_id", "c.amount > 5 AND r.score > 8"),
    ],
)
def test_other_joins_name_one_template(box: ScriptedBox, source: str, where: str) -> None:
    predicate = sent(box, source, where)["query"]["predicate"]
    assert not ("contract" in predicate and "review" in predicate)
