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
    Endpoint,
    FanOut,
    Table,
    Type,
)

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
        with pytest.raises(box_dialect.NotSupportedError, match=r"^policies needs a value of policy_type, by = or IN"):
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
