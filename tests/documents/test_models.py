"""The three data models of nested documents, alike for XML and JSON."""

from __future__ import annotations

import json
from itertools import product
from typing import Any
from xml.sax.saxutils import escape

import pytest
from held_document import HeldDocument, held, rows_of, shown, table_at, tables_of
from hypothesis import given
from hypothesis import strategies as st

from box_dialect.errors import ProgrammingError

ALL = "/root/people;/root/people/vehicles;/root/people/vehicles/maintenance;/root/people/pets"

NUMBERS = st.integers(-(10**9), 10**9)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), max_size=5).map(
    "x".__add__
)
"""No text is a number, and none has white space at its ends."""


def _objects(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


PEOPLE = st.lists(
    _objects(
        name=_objects(first=TEXTS, last=TEXTS),
        age=NUMBERS,
        vehicles=st.lists(
            _objects(kind=TEXTS, maintenance=st.lists(_objects(cost=NUMBERS, kind=TEXTS), max_size=3)), max_size=3
        ),
        pets=st.lists(_objects(kind=TEXTS), max_size=2),
    ),
    min_size=1,
    max_size=5,
)

FIRST = {"name": {"first": "x", "last": "x"}, "age": 1, "pets": [{"kind": "x"}]} | {
    "vehicles": [{"kind": "x", "maintenance": [{"cost": 1, "kind": "x"}]}]
}
"""A person with all there is, so that every path is in the document."""


def as_xml(people: list[dict[str, Any]]) -> HeldDocument:
    return held("people.xml", f"<root>{_elements('people', people)}</root>")


def _elements(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_elements(name, each) for each in value)
    inner = "".join(_elements(*part) for part in value.items()) if isinstance(value, dict) else escape(str(value))
    return f"<{name}>{inner}</{name}>"


def as_json(people: list[dict[str, Any]]) -> HeldDocument:
    return held("people.json", json.dumps({"root": {"people": people}}))


def as_lines(people: list[dict[str, Any]]) -> HeldDocument:
    return held("people.ndjson", "\n".join(map(json.dumps, people)))


def _own(person: dict[str, Any]) -> tuple[Any, ...]:
    name = person.get("name", {})
    return name.get("first"), name.get("last"), person.get("age")


@pytest.mark.parametrize("document", [as_xml, as_json])
@given(people=PEOPLE)
def test_relational_has_a_table_for_each_path(document: Any, people: list[dict[str, Any]]) -> None:
    people = [FIRST, *people]
    tables = {each.name: each for each in tables_of(document(people), data_model="Relational", xpath=ALL)}
    assert [(each.name, each.parent) for each in tables.values()] == [
        ("people", None),
        ("vehicles", "people"),
        ("maintenance", "vehicles"),
        ("pets", "people"),
    ]
    expected: dict[str, list[tuple[Any, ...]]] = {name: [] for name in tables}
    for person in people:
        expected["people"].append((len(expected["people"]) + 1, *_own(person)))
        for vehicle in person.get("vehicles", ()):
            number = len(expected["vehicles"]) + 1
            expected["vehicles"].append((number, len(expected["people"]), vehicle.get("kind")))
            for work in vehicle.get("maintenance", ()):
                row = (len(expected["maintenance"]) + 1, number, work.get("cost"), work.get("kind"))
                expected["maintenance"].append(row)
        for pet in person.get("pets", ()):
            expected["pets"].append((len(expected["pets"]) + 1, len(expected["people"]), pet.get("kind")))
    for name, table in tables.items():
        assert rows_of(document(people), table) == expected[name]


@pytest.mark.parametrize("document", [as_xml, as_json])
@given(people=PEOPLE, data=st.data())
def test_flattened_documents_join_what_is_nested_and_cross_siblings(
    document: Any, people: list[dict[str, Any]], data: st.DataObject
) -> None:
    people = [FIRST, *people]
    (table,) = tables_of(document(people), data_model="FlattenedDocuments", xpath=ALL)
    assert table.name == "people"
    names = ["_id", "name.first", "name.last", "age", "kind", "cost", "maintenance.kind", "pets.kind"]
    assert shown(table) == names
    expected = []
    for number, person in enumerate(people, 1):
        vehicles = [
            (vehicle.get("kind"), work.get("cost"), work.get("kind"))
            for vehicle in person.get("vehicles") or [{}]
            for work in vehicle.get("maintenance") or [{}]
        ]
        pets = [(pet.get("kind"),) for pet in person.get("pets") or [{}]]
        expected += [(number, *_own(person), *vehicle, *pet) for vehicle, pet in product(vehicles, pets)]
    assert rows_of(document(people), table) == expected
    some = data.draw(st.lists(st.sampled_from(names), max_size=4, unique=True))
    assert rows_of(document(people), table, some) == [
        tuple(row[names.index(each)] for each in some) for row in expected
    ]


@pytest.mark.parametrize("document", [as_xml, as_json])
@given(people=PEOPLE)
def test_a_document_has_arrays_as_text_and_dotted_names_for_what_is_in_them(
    document: Any, people: list[dict[str, Any]]
) -> None:
    two = {"pets": [{"kind": "x"}, {"kind": "xy"}]}  # only a second element makes an array in XML
    people = [FIRST | two, *people]
    (table,) = tables_of(document(people), xpath="/root/people")
    number = len([each for each in table.columns if each.name.startswith("pets.")])
    assert number == max(len(person.get("pets", ())) for person in people)
    assert rows_of(document(people), table, ["_id", "age", "pets.1.kind"]) == [
        (number, person.get("age"), dict(enumerate(person.get("pets", ()))).get(1, {}).get("kind"))
        for number, person in enumerate(people, 1)
    ]
    pets = table_at(document(people), "people.pets", xpath="/root/people")
    assert pets is not None
    assert table_at(document(people), "Pets", xpath="/root/people") == pets
    assert shown(pets) == ["_id", "people_id", "kind"]
    kinds = [(number, pet.get("kind")) for number, person in enumerate(people, 1) for pet in person.get("pets", ())]
    assert rows_of(document(people), pets) == [(place, *kind) for place, kind in enumerate(kinds, 1)]
    texts = [text for (text,) in rows_of(document(people), table, ["pets"])]
    if document is as_json:
        assert [text and json.loads(text) for text in texts] == [person.get("pets") for person in people]
    else:
        whole = [_elements("pets", person.get("pets", [])).replace("<pets></pets>", "<pets/>") for person in people]
        assert [text or "" for text in texts] == whole


@given(people=PEOPLE)
def test_ndjson_has_a_row_for_each_line(people: list[dict[str, Any]]) -> None:
    rows = rows_of(as_lines([FIRST, *people]), names=["_id", "name.first", "name.last", "age"])
    assert rows == [(number, *_own(person)) for number, person in enumerate([FIRST, *people], 1)]


@pytest.mark.parametrize("document", [as_xml, as_json])
def test_without_xpath_every_array_of_objects_is_found(document: Any) -> None:
    people = document([FIRST | {"vehicles": [{"maintenance": [{"cost": 1}, {"cost": 2}]}, {}]}, {}])
    assert [each.name for each in tables_of(people)] == ["people"]
    found = {each.name: each.parent for each in tables_of(people, data_model="Relational")}
    pets = {} if document is as_xml else {"pets": "people"}
    assert found == {"people": None, "vehicles": "people", "maintenance": "vehicles"} | pets
    (flat,) = tables_of(people, data_model="FlattenedDocuments")
    assert rows_of(people, flat, ["_id", "cost"]) == [(1, 1), (1, 2), (1, None), (2, None)]


@pytest.mark.parametrize("document", [as_xml, as_json])
def test_names_are_qualified_as_far_as_it_is_asked_for_or_needed(document: Any) -> None:
    people = document([FIRST])
    said = {"data_model": "FlattenedDocuments", "xpath": "/root/people;/root/people/pets;/root/people/vehicles"}
    assert "pets.kind" not in shown(tables_of(people, **said)[0])
    plain = {"name.first", "age", "kind", "vehicles.kind"}
    assert plain <= set(shown(tables_of(people, **said)[0]))
    parent = {"people.name.first", "people.age", "pets.kind", "vehicles.kind"}
    assert parent <= set(shown(tables_of(people, **said, qualify_columns="Parent")[0]))
    full = {"root/people/name/first", "root/people/pets/kind"}
    assert full <= set(shown(tables_of(people, **said, qualify_columns="Full", separator="/")[0]))


@pytest.mark.parametrize("document", [as_xml, as_json])
def test_arrays_and_objects_are_flattened_as_far_as_it_is_said(document: Any) -> None:
    people = document([FIRST | {"pets": [{"kind": "cat"}, {"kind": "dog"}]}])
    said = {"xpath": "/root/people", "flatten_arrays": 1}
    assert (
        rows_of(people, names=["pets.0.kind", "vehicles.0.kind"] if document is as_json else ["pets.0.kind"], **said)[
            0
        ][0]
        == "cat"
    )
    assert "pets.1.kind" not in shown(tables_of(people, **said)[0])
    whole = rows_of(people, names=["name"], xpath="/root/people", flatten_objects=False)
    text = "<name><first>x</first><last>x</last></name>" if document is as_xml else '{"first":"x","last":"x"}'
    assert whole == [(text,)]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/root/persons", "no elements at /(\\$/)?root/persons; at /(\\$/)?root there are people"),
        ("people", "no one from the root|none from the root"),
        ("/root/people[1]", "none from the root"),
        (";", "has no path"),
    ],
)
@pytest.mark.parametrize("document", [as_xml, as_json])
def test_a_path_that_leads_nowhere_is_refused(document: Any, path: str, reason: str) -> None:
    with pytest.raises(ProgrammingError, match=reason):
        tables_of(document([FIRST]), xpath=path)


@pytest.mark.parametrize("document", [as_xml, as_json])
def test_flattened_documents_are_named_by_the_first_path(document: Any) -> None:
    said = {"data_model": "FlattenedDocuments", "xpath": "/root/people/pets;/root/people"}
    (table,) = tables_of(document([FIRST, {}]), **said)
    assert table.name == "pets"
    assert rows_of(document([FIRST, {}]), table, ["_id", "age", "kind"]) == [(1, 1, "x"), (2, None, None)]


def test_flattened_documents_refuse_a_path_beside_the_first() -> None:
    document = held("a.xml", "<r><a><x>1</x></a><b><x>1</x></b></r>")
    with pytest.raises(ProgrammingError, match="and b is not"):
        tables_of(document, data_model="FlattenedDocuments", xpath="/r/a;/r/b")


def test_tables_of_separate_paths_join_by_the_ordinals() -> None:
    document = as_xml([FIRST, {}, FIRST | {"pets": [{"kind": "a"}, {"kind": "b"}]}])
    (pets,) = tables_of(document, xpath="/root/people/pets")
    assert rows_of(document, pets) == [(1, 1, "x"), (2, 3, "a"), (3, 3, "b")]
