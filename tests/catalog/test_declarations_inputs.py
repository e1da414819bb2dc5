"""What a declaration says of the inputs that Box requires and takes, with tables that the tests declare."""

from __future__ import annotations

import re
from typing import Any

import pytest
from scripted_box import Asked, ScriptedBox, plan, rows

import box_dialect
from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.model import (
    TEXT,
    AccessPath,
    Column,
    Completion,
    Endpoint,
    FanOut,
    Table,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER

BY_TYPE = Endpoint(
    path="/enterprise_policies",
    parameters={"policy_type": "{policy_type}"},
    paging=Paging.ALL,
    takes_fields=False,
    known=frozenset({"policy_type"}),
)


def by_type(*further: AccessPath) -> Table:
    path = AccessPath(
        name="by type",
        endpoints=(BY_TYPE,),
        keys=("policy_type",),
        accepts=re.compile("finite|indefinite"),
        filters=(filters.equals("status"), filters.equals("is_new", "new", spelled=filters.BOOLEANS)),
    )
    columns = (Column("id"), Column("policy_type"), Column("status"), Column("is_new", Type.BOOLEAN))
    return Table(name="policies", doc="", columns=columns, paths=(path, *further))


def of_type(asked: Asked) -> Any:
    if "policy_type" not in asked.parameters:
        return 400, {"code": "bad_request", "message": "policy_type is required"}
    return {"entries": [{"id": str(len(asked.parameters["policy_type"])), "status": "active", "is_new": True}]}


def test_an_input_that_box_requires_is_named_where_it_is_missing(box: ScriptedBox) -> None:
    box.answers["GET /enterprise_policies"] = of_type
    with box.connected(by_type()) as connection:
        with pytest.raises(box_dialect.ProgrammingError, match=r"^policies needs a value of policy_type, by = or IN"):
            rows(connection, "SELECT id FROM policies WHERE id = '6'")
        assert box.asked == []
        assert rows(connection, "SELECT policy_type, id FROM policies WHERE policy_type = 'finite'") == [
            ("finite", "6")
        ]
        assert rows(connection, "SELECT id FROM policies WHERE policy_type = 'other'") == []
        assert len(box.asked) == 1


def test_the_values_of_a_required_input_may_be_fixed(box: ScriptedBox) -> None:
    box.answers["GET /enterprise_policies"] = of_type
    fan_out = FanOut(key="policy_type", values=("finite", "indefinite"))
    table = by_type(AccessPath(name="of every type", endpoints=(BY_TYPE,), fan_out=fan_out, calls=2))
    with box.connected(table) as connection:
        assert sorted(rows(connection, "SELECT policy_type, id FROM policies")) == [
            ("finite", "6"),
            ("indefinite", "10"),
        ]
        assert len(box.asked) == 2
        assert rows(connection, "SELECT id FROM policies WHERE policy_type = 'finite'") == [("6",)]
        assert len(box.asked) == 3
        assert plan(connection, "SELECT * FROM policies").endswith("of every type: GET /enterprise_policies")


def test_many_keys_that_fixed_values_list_in_fewer_calls_have_all_their_rows(box: ScriptedBox) -> None:
    by_status = AccessPath(
        name="by status",
        endpoints=(
            Endpoint(
                path="/enterprise_policies",
                parameters={"status": "{status}"},
                paging=Paging.ALL,
                takes_fields=False,
                known=frozenset({"status"}),
            ),
        ),
        keys=("status",),
        accepts=TEXT,
    )
    fan_out = FanOut(key="policy_type", values=("finite", "indefinite"))
    table = Table(
        name="policies",
        doc="",
        columns=(Column("id"), Column("policy_type"), Column("status")),
        paths=(by_status, AccessPath(name="of every type", endpoints=(BY_TYPE,), fan_out=fan_out, calls=2)),
    )
    entries = [{"id": str(number), "status": f"s{number % 40}"} for number in range(80)]

    def answer(asked: Asked) -> Any:
        kind, status = asked.parameters.get("policy_type"), asked.parameters.get("status")
        if kind is not None:
            return {"entries": entries[:40] if kind == "finite" else entries[40:]}
        return {"entries": [each for each in entries if each["status"] == status]}

    box.answers["GET /enterprise_policies"] = answer
    with box.connected(table) as connection:
        statement = (
            "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 39) "
            "SELECT p.id FROM n CROSS JOIN policies p WHERE p.status = 's' || n"
        )
        assert sorted(rows(connection, statement)) == sorted((each["id"],) for each in entries)


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("status = 'active'", {"status": "active"}),
        ("status IN ('active')", {"status": "active"}),
        ("status IN ('active', 'retired')", {}),
        ("status = 'active' AND is_new = 1", {"status": "active", "new": "true"}),
        ("is_new IS NOT NULL AND is_new = true", {"new": "true"}),
        ("status LIKE 'active'", {}),
        ("status = 'ACTIVE' COLLATE NOCASE", {}),
        ("is_new > 0", {}),
    ],
)
def test_an_equal_value_is_sent_as_a_parameter(box: ScriptedBox, where: str, sent: dict[str, str]) -> None:
    box.answers["GET /enterprise_policies"] = of_type
    with box.connected(by_type()) as connection:
        assert rows(connection, f"SELECT id FROM policies WHERE policy_type = 'finite' AND {where}") == [("6",)]
        (asked,) = box.asked
        assert asked.parameters == {"policy_type": "finite", **sent}


@pytest.mark.parametrize(
    "where", ["status = 'retired'", "is_new = 0", "status = ''", "status = NULL", "is_new = 'yes'"]
)
def test_what_box_gives_besides_is_dropped(box: ScriptedBox, where: str) -> None:
    box.answers["GET /enterprise_policies"] = of_type
    with box.connected(by_type()) as connection:
        assert rows(connection, f"SELECT id FROM policies WHERE policy_type = 'finite' AND {where}") == []


async def tell_colour(boat: dict[str, Any], fetch: Any) -> None:
    boat["colour"] = (await fetch(boat["id"]))["colour"]


_HARBOURS = Endpoint(path="/harbours", paging=Paging.MARKER, takes_fields=False)
_BOATS = Endpoint(
    path="/harbours/{harbour_id}/boats",
    paging=Paging.ALL,
    takes_fields=False,
    headers={"box-version": "2025.0"},
    known=frozenset({"harbour_id"}),
    complete=Completion(
        columns=frozenset({"colour"}), path="/paints/{id}", takes_fields=False, headers={}, add=tell_colour
    ),
)
BOATS = Table(
    name="boats",
    doc="",
    columns=(AS_USER, Column("id"), Column("harbour_id"), Column("colour", update="colour")),
    paths=(
        AccessPath(name="by harbour", endpoints=(_BOATS,), keys=("harbour_id",)),
        AccessPath(
            name="of every harbour", endpoints=(_BOATS,), fan_out=FanOut(parents=_HARBOURS, key="harbour_id"), calls=9
        ),
    ),
    update=Write(method="PUT", path="/harbours/{harbour_id}/boats/{id}", takes_fields=False),
)


def harbours(box: ScriptedBox) -> None:
    """Show each user a harbour of their own, with a boat in their colour."""

    def user(asked: Asked) -> str:
        return asked.headers.get("as-user", "0")

    box.answers["GET /harbours"] = lambda asked: {"entries": [{"id": f"1{user(asked)}"}]}
    for each in ("0", "1", "2"):
        box.answers[f"GET /harbours/1{each}/boats"] = lambda asked: {"entries": [{"id": f"5{user(asked)}"}]}
        box.answers[f"GET /paints/5{each}"] = lambda asked: {"colour": f"colour of {user(asked)}"}
        box.answers[f"PUT /harbours/1{each}/boats/5{each}"] = lambda asked: {"id": f"5{user(asked)}"}


def test_all_calls_of_a_table_with_that_column_are_made_as_the_user_whom_it_names(box: ScriptedBox) -> None:
    harbours(box)
    with box.connected(BOATS) as connection:
        statement = "SELECT as_user, harbour_id, id, colour FROM boats"
        assert rows(connection, statement) == [(None, "10", "50", "colour of 0")]
        assert {each.headers.get("as-user") for each in box.asked} == {None}
        box.asked.clear()
        assert sorted(rows(connection, f"{statement} WHERE as_user IN (1, '2')")) == [
            ("1", "11", "51", "colour of 1"),
            ("2", "12", "52", "colour of 2"),
        ]
        assert sorted(each.headers["as-user"] for each in box.asked) == ["1"] * 3 + ["2"] * 3
        assert {each.headers.get("box-version") for each in box.asked if "boats" in each.path} == {"2025.0"}
        by_key = f"{statement} WHERE as_user = '2' AND harbour_id = '12'"
        assert rows(connection, by_key) == [("2", "12", "52", "colour of 2")]
        assert "by harbour: GET /harbours/{harbour_id}/boats (harbour_id = ?, as_user = ?)" in plan(connection, by_key)
        box.asked.clear()
        rows(connection, "UPDATE boats SET colour = 'red' WHERE as_user IN ('1', '2')")
        assert sorted((each.path, each.headers["as-user"]) for each in box.asked if each.method == "PUT") == [
            ("/harbours/11/boats/51", "1"),
            ("/harbours/12/boats/52", "2"),
        ]


@pytest.mark.parametrize("status", [401, 403])
def test_a_user_who_is_refused_is_left_out_of_it_once_for_all_calls(box: ScriptedBox, status: int) -> None:
    harbours(box)
    mine = box.answers["GET /harbours"]
    box.answers["GET /harbours"] = lambda asked: (status, {}) if asked.headers["as-user"] == "3" else mine(asked)
    box.answers["GET /users/me"] = lambda asked: (status, {}) if asked.headers["as-user"] == "3" else {"id": "1"}
    with box.connected(BOATS) as connection:
        with pytest.warns(box_dialect.BoxUserWarning, match=f"as user 3, .*HTTP {status}") as caught:
            found = rows(connection, "SELECT id FROM boats WHERE as_user IN ('1', '2', '3')")
        assert (sorted(found), len(caught)) == ([("51",), ("52",)], 1)
        with pytest.warns(box_dialect.BoxUserWarning):
            assert rows(connection, "SELECT id FROM boats WHERE as_user = '3' LIMIT 1") == []


def test_a_user_who_may_be_acted_as_is_refused_what_is_refused(box: ScriptedBox) -> None:
    box.answers["GET /harbours"] = 403, {}
    box.answers["GET /users/me"] = {"id": "1"}
    with box.connected(BOATS) as connection, pytest.raises(box_dialect.OperationalError, match="HTTP 403"):
        rows(connection, "SELECT id FROM boats WHERE as_user = '1'")
