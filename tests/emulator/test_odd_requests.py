"""Odd ids, paths, methods and queries: each is answered as documented, none makes the server fail."""

import itertools
from urllib.parse import quote

import pytest
from sweep import sweep

from box_dialect.emulator.errors import BoxError
from box_dialect.emulator.paging import limit_of, offset_page
from box_dialect.emulator.realtime import position_of
from box_dialect.emulator.resources import operations

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ODD = ("abc", "-1", "12x", "%D9%A3", "1%2F2", "..%2F0", "%00", "%ff", "0%20", "9" * 5001)
PATHS = {}
for listed in operations():
    PATHS.setdefault(listed.path, {})[listed.method] = listed.name
SERVED = {operation.name: operation for operation in operations()}
# What is no id.
FIXED = {"/files/{file_id}/thumbnail.{extension}": {"extension": "png"}}


def names_in(path):
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def ask(box, method, path, **options):
    return box.http.request(method, box.ready["api_base_url"] + path, **options)


def formats_of(contract):
    """Return the operationIds whose 405 is for an id in no recognized format, by the document's words."""
    return {
        described["operationId"].partition("#")[0]
        for entry in contract.original["paths"].values()
        for described in entry.values()
        if "not in a recognized format" in described["responses"].get("405", {}).get("description", "")
    }


def test_which_operations_refuse_the_format_of_ids_is_documented(contract):
    refusing = {operation.name for operation in operations() if operation.checks_format}

    assert refusing == {name for name in formats_of(contract) if name in SERVED}
    assert len(refusing) == 13


@pytest.mark.long
@sweep("path", [path for path in PATHS if "{" in path])
def test_odd_ids(box, path):
    """Sweep over all paths: no method that the document has is refused, but where it says that an odd id is."""
    for odd, method in itertools.product(ODD, PATHS[path]):
        name = PATHS[path][method]
        version = {"box-version": name.rpartition("_v")[2]} if "_v2" in name else {}
        filled = path.format(**dict.fromkeys(names_in(path), odd) | FIXED.get(path, {}))
        answer = ask(box, method, filled, headers=version)
        if SERVED[name].checks_format:
            is_number = odd.isdigit()
            told = (404, "not_found") if is_number else (405, "method_not_allowed")
            assert (answer.status_code, answer.json()["code"]) == told, (method, filled)
        else:
            assert answer.status_code in (400, 404), (method, filled, answer.status_code)


@pytest.mark.parametrize("kind", ["files", "folders", "web_links"])
def test_an_odd_id_below_an_item_is_not_found_and_named(box, kind):
    name, prefix = {"files": ("item", "f_"), "folders": ("folder", "d_"), "web_links": ("item", "w_")}[kind]
    error = ask(box, "GET", f"/{kind}/abc/trash").json()

    assert (error["status"], error["code"], error["message"]) == (404, "not_found", "Not Found")
    assert [(each["name"], each["message"]) for each in error["context_info"]["errors"]] == [
        (name, f"Invalid value '{prefix}abc'. '{name}' with value '{prefix}abc' not found")
    ]


def test_a_method_that_a_path_does_not_have(box):
    """A path may also be found by another one whose parameter takes its last step, as /users/me by /users/{user_id}."""
    for path, known in PATHS.items():
        filled = path.format(**dict.fromkeys(names_in(path), "1") | FIXED.get(path, {}))
        others = {
            method
            for other in PATHS
            if other.count("/") == path.count("/")
            and all(
                mine == theirs or theirs.startswith("{")
                for mine, theirs in zip(path.split("/"), other.split("/"), strict=True)
            )
            for method in PATHS[other]
        }
        for method in set(METHODS) - known.keys() - others:
            answer = ask(box, method, filled)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), (method, filled)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/files//comments", 404), ("/files//", 404), ("/folders//items", 404), ("//files/1", 404), ("/", 404),
        ("/files/1/thumbnail.", 404), ("/files/1%2Fcomments", 405), ("/files%2F1", 404), ("/folders/%30", 200),
    ],
)  # fmt: skip
def test_empty_and_escaped_steps(box, path, status):
    assert ask(box, "GET", path).status_code == status


VALUES = (
    "", "x", "-1", "٣", "9" * 4000, "null", "\0", "[", "{}", ",", "2020-13-01,", "9999-12-31T23:59:59-12:00,", "1_0,²",
    "0,1,2", "LTU6MQ==", "OTk5OTk5OTk5OTk5OjE=", "é", "true", "[" * 500, '"' * 3, "NOT", "(((", "a" * 5000,
)  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize(
    "operation", [operation for operation in operations() if operation.method == "GET"], ids=lambda each: each.name
)
def test_odd_queries(box, contract, place, operation):
    described = contract.document["paths"].get(operation.path, {}).get("get", {}).get("parameters", [])
    names = {
        each["name"]: "header" if each["in"] == "header" else "params" for each in described if each["in"] != "path"
    }
    ids = {
        "folder_id": place, "file_id": next(iter(box.store.items["file"])), "user_id": box.ready["user_id"],
        "group_id": next(iter(box.store.groups)), "collection_id": "405151",
    }  # fmt: skip
    path = operation.path.format(**{part: ids.get(part, "1") for part in names_in(operation.path)})
    fine = {"/search": {"query": "x"}, "/collaborations": {"status": "pending"}}.get(operation.path, {})
    for name, value in itertools.product(names, VALUES):
        if names[name] == "header":
            value = value.encode("latin-1", "ignore").replace(b"\0", b"")[:2000]
            answer = ask(box, "GET", path, params=fine, headers={name: value})
        else:
            marked = {"usemarker": "true"} if name == "marker" and "usemarker" in names else {}
            answer = ask(box, "GET", path, params=fine | marked | {name: value})
        assert answer.status_code < 500, (name, value)


def test_numbers_of_any_length():
    assert limit_of({"limit": "9" * 5000}, 100, 1000) == 1000
    for query in ({"offset": "9" * 5000}, {"offset": "²"}, {"offset": "1_0"}):
        with pytest.raises(BoxError, match="Bad Request"):
            offset_page(query, [])
    assert offset_page({"offset": "9" * 5000}, [1], max_offset=None)[0] == []
    assert position_of("9" * 5000, 3) > 3


@pytest.mark.parametrize("bounds", ["9" * 5000 + "-", "-" + "9" * 5000, "0-" + "9" * 5000, "²-³", "٣-٤", "5-1", "-0"])
def test_odd_ranges(box, place, bounds):
    file = box.upload("a.txt", b"0123456789", place)["entries"][0]["id"]
    location = box.call("GET", f"/files/{file}/content", 302).headers["location"]

    answer = box.http.get(location, headers={"range": f"bytes={bounds}".encode()})
    assert answer.status_code in (200, 206, 416)


def test_signatures_that_are_no_ascii(box):
    host = box.ready["api_base_url"].removesuffix("/2.0")

    assert box.http.get(f"{host}/dl/1/2/3/{quote('é')}/x").status_code == 403
    channel = f"{box.ready['admin_user_id']}-é"
    assert box.http.get(f"{host}/subscribe", params={"channel": channel}).status_code == 404
