"""Taxonomies: trees of nodes, which fields of templates take their values from."""

import itertools

import pytest

NUMBERS = itertools.count(1)


@pytest.fixture
def path(box):
    """Return the path of a taxonomy with two levels: continents and countries."""
    key = f"geography{next(NUMBERS)}"
    box.post("/metadata_taxonomies", {"key": key, "displayName": "Geography", "namespace": namespace(box)})
    path = f"/metadata_taxonomies/{namespace(box)}/{key}"
    levels = [{"displayName": "Continent", "description": "Large"}, {"displayName": "Country"}]
    box.call("POST", f"{path}/levels", 201, json=levels)
    return path


@pytest.fixture
def nodes(box, path):
    """Return the ids of nodes by their names."""
    ids = {}
    for name, parent in (
        ("Europe", None), ("Asia", None), ("France", "Europe"), ("Poland", "Europe"), ("New France", "Asia"),
    ):  # fmt: skip
        body = {"displayName": name, "level": 1} if parent is None else {
            "displayName": name, "level": 2, "parentId": ids[parent],
        }  # fmt: skip
        ids[name] = box.post(f"{path}/nodes", body)["id"]
    return ids


def namespace(box):
    return f"enterprise_{box.ready['enterprise_id']}"


def test_a_taxonomy(box):
    body = {"displayName": "Kinds of Things (all)", "namespace": namespace(box)}
    made = box.post("/metadata_taxonomies", body)
    path = f"/metadata_taxonomies/{namespace(box)}/kinds_of_things__all_"

    assert made == body | {"id": made["id"], "key": "kinds_of_things__all_", "levels": []}
    assert box.get(path) == made
    assert made in box.get(f"/metadata_taxonomies/{namespace(box)}")["entries"]
    assert box.post("/metadata_taxonomies", body, 409)["code"] == "tuple_already_exists"
    assert box.call("PATCH", path, json={"displayName": "Kinds"}).json() == made | {"displayName": "Kinds"}
    box.delete(path)
    box.get(path, 404)
    box.delete(path, 404)
    box.post("/metadata_taxonomies", body | {"namespace": "global"}, 403)
    box.post("/metadata_taxonomies", body | {"namespace": "nowhere"}, 400)


def test_levels(box, path):
    levels = [
        {"displayName": "Continent", "description": "Large", "level": 1},
        {"displayName": "Country", "description": "", "level": 2},
    ]
    assert box.get(path)["levels"] == levels
    city = {"displayName": "City", "description": "c", "level": 3}
    appended = box.post(f"{path}/levels:append", {"displayName": "City", "description": "c"})
    assert appended == {"entries": [*levels, city]}
    changed = box.call("PATCH", f"{path}/levels/3", json={"displayName": "Town"}).json()
    assert changed == city | {"displayName": "Town"}
    for odd in ("0", "4", "x"):
        box.call("PATCH", f"{path}/levels/{odd}", 400, json={"displayName": "Town"}, check_request=False)
    assert box.call("POST", f"{path}/levels:trim").json() == {"entries": levels}


@pytest.mark.usefixtures("nodes")
def test_levels_with_nodes_stay(box, path):
    box.call("POST", f"{path}/levels:trim", 400)
    assert len(box.get(path)["levels"]) == 2


def test_nodes(box, path, nodes):
    above = {"id": nodes["Europe"], "displayName": "Europe", "level": 1}
    france = {"id": nodes["France"], "displayName": "France", "level": 2, "parentId": above["id"],
        "nodePath": [above["id"]], "ancestors": [above]}  # fmt: skip
    assert box.get(f"{path}/nodes/{nodes['Europe']}") == above
    assert box.get(f"{path}/nodes/{nodes['France']}") == france
    changed = box.call("PATCH", f"{path}/nodes/{nodes['France']}", json={"displayName": "Gaul"}).json()
    assert changed == france | {"displayName": "Gaul"}
    box.delete(f"{path}/nodes/{nodes['Europe']}", 400)
    for name in ("France", "Poland", "Europe"):
        box.delete(f"{path}/nodes/{nodes[name]}")
    box.get(f"{path}/nodes/{nodes['Europe']}", 404)
    box.delete(f"{path}/nodes/{nodes['Europe']}", 404)


def test_refused_nodes(box, path, nodes):
    for body in (
        {"displayName": "x", "level": 0}, {"displayName": "x", "level": 3}, {"displayName": "x", "level": 2},
        {"displayName": "x", "level": 2, "parentId": nodes["France"]},
        {"displayName": "x", "level": 1, "parentId": "7"},
    ):  # fmt: skip
        assert box.post(f"{path}/nodes", body, 400)["code"] == "bad_request", body


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Asia", "Europe", "France", "New France", "Poland"]),
        ({"level": [1]}, ["Asia", "Europe"]),
        ({"level": [1, 2], "limit": 2}, ["Asia", "Europe", "France", "New France", "Poland"]),
        ({"parent": ["Europe"]}, ["France", "Poland"]),
        ({"parent": ["Europe", "Asia"]}, ["France", "New France", "Poland"]),
        ({"ancestor": ["Asia"]}, ["New France"]),
        ({"query": "fran"}, ["France", "New France"]),
        ({"query": "new fran"}, ["New France"]),
        ({"query": "nowhere"}, []),
    ],
    ids=str,
)
def test_lists_of_nodes(box, path, nodes, query, names):
    query = {name: [nodes.get(value, value) for value in values] if isinstance(values, list) else values
        for name, values in query.items()}  # fmt: skip
    found, marker = [], {}
    while marker.get("marker", "") is not None:
        page = box.get(f"{path}/nodes", params=query | marker)
        found += [node["displayName"] for node in page["entries"]]
        marker = {"marker": page["next_marker"]}
    assert found == names


def test_fields_of_templates_take_nodes(box, place, path, nodes):
    field = {"type": "taxonomy", "key": "where", "displayName": "Where", "taxonomyKey": path.rpartition("/")[2],
        "namespace": namespace(box), "optionsRules": {"multiSelect": False, "selectableLevels": [2]}}  # fmt: skip
    body = {"scope": "enterprise", "displayName": "Trip", "fields": [field]}
    template = box.post("/metadata_templates/schema", body)
    schema, instance = f"/metadata_templates/enterprise/{template['templateKey']}", f"/folders/{place}/metadata"
    of_template = f"{instance}/enterprise/{template['templateKey']}"
    written = template["fields"][0]
    assert written.items() >= field.items()
    assert written["taxonomyId"] == box.get(path)["id"]
    for wrong in (["7"], [nodes["Europe"]], [nodes["France"], nodes["Poland"]], nodes["France"]):
        assert box.post(of_template, {"where": wrong}, 400)["code"] == "schema_validation_failed"
    assert box.post(of_template, {"where": [nodes["France"]]})["where"] == [nodes["France"]]
    whole = box.get(f"{path}/nodes/{nodes['France']}")
    # The document describes only how nodes are told of files.
    assert box.get(f"{of_template}?view=hydrated", documented=False)["where"] == [whole]
    assert box.get(f"{instance}?view=hydrated")["entries"][0]["where"] == [whole]
    options = box.get(f"{schema}/fields/where/options")["entries"]
    assert [node["displayName"] for node in options] == ["France", "New France", "Poland"]
    every = box.get(f"{schema}/fields/where/options?only-selectable-options=false&level=1")["entries"]
    assert [node["displayName"] for node in every] == ["Asia", "Europe"]
    box.get(f"{schema}/fields/none/options", 400)
    assert box.delete(path, 400)["message"] == "The taxonomy is in use"
    box.delete(f"{schema}/schema")
    box.delete(path)


@pytest.mark.usefixtures("nodes")
def test_only_administrators_write_taxonomies(box, path):
    with box.signed_in(box.ready["user_id"]) as user:
        assert user.get(path) == box.get(path)
        assert user.get(f"{path}/nodes") == box.get(f"{path}/nodes")
        user.delete(path, 403)
        user.post(f"{path}/nodes", {"displayName": "x", "level": 1}, 403)
        user.post("/metadata_taxonomies", {"displayName": "x", "namespace": namespace(box)}, 403)
