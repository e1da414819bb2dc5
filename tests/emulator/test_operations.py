"""Which operations there are, which of them are served, and how paths and the parameters of all of them are read."""

import json
import re

import pytest
from emulator import governed

from box_dialect.emulator.resources import operations
from box_dialect.emulator.resources.app_item_associations import AppItemAssociation

VERSIONS = {operation.path.split("/")[1]: operation.version for operation in operations()}
METHODS = ("get", "post", "put", "patch", "delete", "options")
SIGN_IN = ("/oauth2/", "/authorize")


def operations_of(folder):
    """Yield the method, path and operationId of each operation of Box's documents, without documentation variants."""
    for document in sorted(folder.glob("openapi*.json")):
        for path, entry in json.loads(document.read_text())["paths"].items():
            for method in METHODS:
                if method in entry and not path.startswith(SIGN_IN):
                    name = entry[method]["operationId"].partition("#")[0]
                    yield method.upper(), path.partition("#")[0], name


def test_all_operations_of_the_documents_are_served(contract):
    served = {(operation.method, operation.path, operation.name) for operation in operations()}

    assert set(operations_of(contract.folder)) <= served


@pytest.fixture(scope="module")
def box(start):
    """Return a client of an emulator that has something to list of everything."""
    with start() as client:
        yield client


def listed(box, path):
    """Return the answer to a call of the version that a path is of."""
    return answer(box, "GET", path, **{"box-version": VERSIONS[re.split("[/?]", path)[1]]})


def answer(box, method, path, **headers):
    return box.http.request(method, box.ready["api_base_url"] + path, headers=headers)


@pytest.mark.parametrize(("path", "status"), [("/nonsense", 404), ("/files/1/nonsense", 404), ("/hubs/1/2/3", 404)])
def test_what_box_does_not_have_is_not_found(box, path, status):
    assert answer(box, "GET", path).status_code == status
    assert answer(box, "GET", path).json()["code"] == "not_found"


def test_a_method_that_box_does_not_have(box):
    assert answer(box, "DELETE", "/webhooks").json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 400, "invalid_api_version"),
        ({"box-version": "2024.0"}, 400, "invalid_api_version"),
        ({"box-version": "2025.0"}, 200, None),
    ],
)
def test_newer_operations_ask_for_their_version(box, headers, status, code):
    response = answer(box, "GET", "/hubs", **headers)

    assert (response.status_code, response.json().get("code")) == (status, code)


def test_older_operations_have_no_newer_version(box):
    assert answer(box, "GET", "/users/me", **{"box-version": "2024.0"}).status_code == 200
    assert answer(box, "GET", "/users/me", **{"box-version": "2025.0"}).json()["code"] == "invalid_api_version"


def test_a_slash_at_the_end_of_a_path(box, place):
    child = box.folder("child", place)

    assert [entry["id"] for entry in answer(box, "GET", f"/folders/{place}/items/").json()["entries"]] == [child]
    assert answer(box, "GET", f"/folders/{place}/").json()["id"] == place
    assert answer(box, "GET", f"/folders/{place}//").status_code == 404
    assert answer(box, "GET", "/folders/").status_code == 405


@pytest.mark.parametrize(("text", "status"), [("true", 204), ("True", 204), ("false", 400), ("False", 400), ("", 400)])
def test_booleans_of_the_query(box, place, text, status):
    box.folder("child", place)

    assert answer(box, "DELETE", f"/folders/{place}?recursive={text}").status_code == status


@pytest.mark.parametrize(
    "path", ["/folders/0/items?usemarker=yes", "/folders/trash/items?usemarker=1", "/users?usemarker=on"]
)
def test_refused_booleans(box, path):
    error = answer(box, "GET", path).json()

    assert (error["status"], error["context_info"]["errors"][0]["name"]) == (400, "usemarker")


def named_metadata(box):
    """Make templates, instances and taxonomies, two of each, once, and return what paths name them by."""
    store = box.store
    if "contract1" not in {template.key for template in store.metadata_templates.values()}:
        for number in range(2):
            taxonomy = store.add_taxonomy(f"geography{number}", "Continent")
            for name in ("Asia", "Europe"):
                store.add_node(taxonomy, name)
            rules = {"optionsRules": {"multiSelect": False}, "taxonomyKey": taxonomy.key, "namespace": "enterprise"}
            template = store.add_template(f"contract{number}", {"type": "taxonomy", "key": "place", **rules})
            store.add_instance(next(iter(store.files.values())), template, {})
    return {
        "scope": "enterprise", "namespace": "enterprise", "template_key": "contract1", "field_key": "place",
        "taxonomy_key": "geography1", "instance_id": next(iter(store.metadata_instances)),
    }  # fmt: skip


@pytest.fixture
def paths(box, place, contract):
    """Return what is listed by the operations that are served, as (path, parameters by name), with ids of this test."""
    file = box.upload("listed.txt", b"", place)["entries"][0]["id"]
    ids = {
        "folder_id": place, "file_id": file, "user_id": box.ready["user_id"],
        "group_id": box.get("/groups")["entries"][0]["id"],
        "collection_id": box.get("/collections")["entries"][0]["id"],
        "upload_session_id": next(iter(box.store.upload_sessions)),
        **named_metadata(box), **governed.ids(box.store),
    }  # fmt: skip
    found = []
    for operation in operations():
        described = contract.document["paths"].get(operation.path, {}).get("get", {}).get("parameters", [])
        parameters = {parameter["name"]: parameter for parameter in described}
        if operation.method == "GET" and "limit" in parameters:
            query = {
                "/search": "?query=x", "/collections": "?", "/collaborations": "?status=pending",
                "/metadata_templates": f"?metadata_instance_id={ids['instance_id']}",
                **{path: f"?{query}" for path, query in governed.queries(box.store).items()},
            }  # fmt: skip
            found.append((operation.path.format(**ids) + query.get(operation.path, "?"), parameters))
    return found


def counters(page):
    return page.get("item_collection", page)


def test_the_largest_limit_of_every_list_takes_the_place_of_a_larger_one(box, paths):
    assert len(paths) > 15
    for path, parameters in paths:
        limit = parameters["limit"]["schema"]
        page = counters(listed(box, f"{path}&limit={limit['maximum'] + 1}").json())
        if "stream_type" not in parameters:  # the events tell no limit
            assert page["limit"] == limit["maximum"], path
        assert listed(box, f"{path}&limit=few").json()["context_info"]["errors"][0]["name"] == "limit", path


def test_the_largest_offset_of_every_list(box, paths):
    by_offset = [(path, parameters["offset"]) for path, parameters in paths if "offset" in parameters]
    assert len(by_offset) > 10
    for path, offset in by_offset:
        is_bounded = "10000 will be rejected" in " ".join(offset["description"].split())
        largest = counters(answer(box, "GET", f"{path}&offset=10000").json())
        assert (largest["offset"], largest["entries"]) == (10_000, []), path
        beyond = answer(box, "GET", f"{path}&offset=10001")
        assert beyond.status_code == (400 if is_bounded else 200), path


def test_of_a_repeated_parameter_one_counts(box):
    fields = answer(box, "GET", "/folders/0?fields=name&fields=size").json().keys() - {"type", "id", "etag"}

    assert fields in ({"name"}, {"size"})


@pytest.mark.parametrize("fields", ["name,nonsense", "name"])
def test_named_fields_come_with_the_base_only(box, paths, fields):
    for path, parameters in paths:
        if "fields" not in parameters or path.startswith("/events"):
            continue
        page = listed(box, f"{path}&fields={fields}").json()
        for entry in counters(page).get("entries", []):
            assert entry.keys() <= {"type", "id", "etag", "name"}, path


def test_fields_change_nothing_where_box_has_them_not(box, paths, place):
    without = [path for path, parameters in paths if "fields" not in parameters and not path.startswith("/events")]
    lists = ("/users/{user_id}/memberships", "/groups/{group_id}/memberships", "/groups/{group_id}/collaborations")
    assert {re.sub("[0-9]+", "{}", path.rstrip("?")) for path in without} >= {re.sub("{.*}", "{}", p) for p in lists}
    for path in without:
        assert listed(box, f"{path}&fields=id").json() == listed(box, path).json(), path
    body = {"url": "https://example.com", "name": "link", "parent": {"id": place}}
    made = box.post("/web_links?fields=id", body, 200, check_request=False)
    assert made == box.get(f"/web_links/{made['id']}")


# What has one entry at most, or no limit, or nothing in a seed.
OF_ONE_PAGE = (
    "/metadata_templates", "/metadata_templates/global", "/metadata_cascade_policies", "/shield_information_barriers",
    "/storage_policy_assignments", "/docgen_templates/{template_id}/tags",
    "/retention_policy_assignments/{retention_policy_assignment_id}/file_versions_under_retention",
    "/legal_hold_policy_assignments/{legal_hold_policy_assignment_id}/file_versions_on_hold",
)  # fmt: skip


def pages(box, path):
    """Return all pages of a list by marker."""
    found = [listed(box, path).json()]
    while found[-1].get("next_marker") is not None:
        assert len(found) < 50, "the list has no end"
        found.append(listed(box, f"{path}&marker={found[-1]['next_marker']}").json())
    return found


def test_every_list_by_marker_ends_without_a_marker(box, contract, place):
    """What is paged by marker, by the document; a client that knows only null would ask for the first page again."""
    file = box.upload("shared.txt", b"", place)["entries"][0]["id"]
    for entry in box.get("/users")["entries"][:3]:
        for kind, identity in (("file", file), ("folder", place)):
            grantee = {"type": "user", "id": entry["id"]}
            body = {"item": {"type": kind, "id": identity}, "accessible_by": grantee, "role": "viewer"}
            box.post("/collaborations", body)
    paged = [
        operation.path
        for operation in operations()
        if operation.method == "GET"
        and any(
            parameter["name"] == "marker"
            for parameter in contract.document["paths"].get(operation.path, {"get": {}})["get"].get("parameters", [])
        )
    ]

    for application in ("hubs", "projects"):
        folder = box.store.folders[place]
        box.store.add(AppItemAssociation(item=folder, app_item_id="1", application_type=application))
    ids = {"folder_id": place, "file_id": file, **named_metadata(box), **governed.ids(box.store)}
    needed = governed.queries(box.store) | {
        "/metadata_templates": f"metadata_instance_id={ids['instance_id']}",
        "/metadata_cascade_policies": f"folder_id={place}",
        "/storage_policy_assignments": f"resolved_for_type=enterprise&resolved_for_id={ids['enterprise_id']}",
    }
    assert len(paged) >= 5
    short = []
    for path in paged:
        found = pages(box, f"{path.format(**ids)}?limit=1&usemarker=true&{needed.get(path, '')}")
        assert "entries" in found[0], (path, found)
        short += [path] if len(found) == 1 and path not in ("/folders/{folder_id}/items", *OF_ONE_PAGE) else []
        assert found[-1].get("next_marker", None) is None
    assert short == []
