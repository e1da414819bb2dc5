"""What a procedure declares: inputs of each form, the call that it makes, and its names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog import Catalog, Column, Type
from box_dialect.catalog.model.inputs import LIST, OBJECT, OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure
from box_dialect.catalog.procedures import by_key
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

BOLT = Input(name="BoltId", required=True, doc="")


def procedure(*inputs: Input, call: Call | None = None, **words: Any) -> Procedure:
    declared = {"name": "TurnBolt", "doc": "", "outputs": (Column("Id"),), "side_effect": True, **words}
    return Procedure(inputs=(BOLT, *inputs), call=call or Call(method="POST", path="/bolts/{bolt_id}/turn"), **declared)


@pytest.mark.parametrize(
    ("words", "given", "read"),
    [
        ({"several": True}, "a, b", ["a", "b"]),
        ({"several": True}, '["a, b", 7]', ["a, b", "7"]),
        ({"several": True}, 5, ["5"]),
        ({"several": True, "choices": ("Red", "blue")}, "BLUE,red", ["blue", "Red"]),
        ({"type": Type.JSON}, '{"a": 1}', {"a": 1}),
        ({"type": Type.JSON, "form": LIST}, "[1]", [1]),
        ({"type": Type.JSON, "form": OBJECT, "default": "{}"}, None, {}),
        ({"type": Type.REAL}, "1.50", 1.5),
        ({"type": Type.REAL}, 2, 2.0),
        ({"type": Type.TIMESTAMP}, "2026-01-31T12:30:00+01:00", "2026-01-31T11:30:00+00:00"),
        ({"type": Type.TIMESTAMP}, "2026-01-31", "2026-01-31T00:00:00+00:00"),
        ({"type": Type.JSON}, None, None),
    ],
)
def test_a_value_is_read_as_its_form_says(words: dict[str, Any], given: object, read: object) -> None:
    declared = Input(name="Given", doc="", **words)
    value = declared.read("P", given)
    assert declared.decoded(value) == read
    hash(value)


@pytest.mark.parametrize(
    ("words", "given", "message"),
    [
        ({"several": True}, "a,,b", "is one text or several"),
        ({"several": True}, "[]", "is one text or several"),
        ({"several": True}, '[{"a": 1}]', "is one text or several"),
        ({"several": True}, "[", "is one text or several"),
        ({"several": True}, b"a", "is one text or several"),
        ({"several": True, "choices": ("a", "b")}, "a,c", "is one of a, b, not 'a,c'"),
        ({"type": Type.JSON}, "{", "is JSON as text"),
        ({"type": Type.JSON}, "[" * 100_000, "is JSON as text"),
        ({"type": Type.JSON, "form": OBJECTS}, "[1]", "is a list of objects"),
        ({"type": Type.JSON, "form": OBJECT, "secret": True}, "[1]", "is an object of JSON$"),
        ({"type": Type.REAL}, "nan", "is a number"),
        ({"type": Type.TIMESTAMP}, "soon", "is a moment"),
    ],
)
def test_a_value_of_another_form_is_told(words: dict[str, Any], given: object, message: str) -> None:
    with pytest.raises(ProgrammingError, match=f"input Given of P {message}"):
        Input(name="Given", doc="", **words).read("P", given)


def test_inputs_stand_where_they_say(run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
    declared = procedure(
        Input(name="Times", type=Type.INTEGER, body="turn.times", doc=""),
        Input(name="Colors", several=True, query="colors", doc=""),
        Input(name="Dry", type=Type.BOOLEAN, query="dry", doc=""),
        Input(name="ETag", header="If-Match", doc=""),
        Input(name="NutIds", several=True, body="nuts", sent=lambda ids: [{"id": each} for each in ids], doc=""),
        Input(name="Note", body="note", doc=""),
        call=Call(
            method="POST",
            path="/bolts/{bolt_id}/turn",
            parameters={"fields": "id"},
            headers={"box-version": "2025.0"},
            body={"turn": {"type": "turn"}},
            rows="bolts",
        ),
    )
    sent: list[ApiCall] = []

    async def send(call: ApiCall) -> Any:
        sent.append(call)
        return {"bolts": [{"id": "1"}, {"id": "2"}]}

    given = {"BoltId": "7", "Times": 3, "Colors": "red,blue", "Dry": False, "ETag": "5", "NutIds": "8"}
    context: Any = type("Context", (), {"send": staticmethod(send)})
    assert run(declared.rows(context, declared.bind(given))) == [("1",), ("2",)]
    assert sent == [
        ApiCall(
            "POST",
            ApiPath("/bolts/{bolt_id}/turn", bolt_id="7"),
            {"fields": "id", "colors": "red,blue", "dry": "false"},
            {"turn": {"type": "turn", "times": 3}, "nuts": [{"id": "8"}]},
            {"box-version": "2025.0", "If-Match": "5"},
        )
    ]
    assert declared.call is not None
    assert declared.call.body == {"turn": {"type": "turn"}}


@pytest.mark.parametrize(
    ("inputs", "words", "message"),
    [
        ([Input(name="Lost", doc="")], {}, "input Lost stands in one place"),
        ([Input(name="Twice", body="a", query="b", doc="")], {}, "input Twice stands in one place"),
        ([], {"call": Call(method="GET", path="/nuts/{nut_id}/{bolt_id}")}, "no input is called nut_id"),
        ([], {"run": print}, "either a call or what runs"),
    ],
)
def test_a_wrong_declaration_is_told(inputs: list[Input], words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        procedure(*inputs, **words)


def test_further_names_are_procedures_too() -> None:
    catalog = Catalog([procedure(aliases=("TwistBolt",))])
    assert [*catalog.procedures] == ["turnbolt", "twistbolt"]
    assert catalog.procedures["twistbolt"].name == "TwistBolt"
    with pytest.raises(ProgrammingError, match="a table or procedure Twistbolt already"):
        catalog.add(procedure(name="Screw", aliases=("Twistbolt",)))
    assert "screw" not in catalog.procedures


def test_a_name_of_two_procedures_is_told() -> None:
    with pytest.raises(ValueError, match="several procedures are called twistbolt: choose other aliases"):
        by_key([procedure(aliases=("TwistBolt",)), procedure(name="TwistBolt")])
