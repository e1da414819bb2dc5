"""Folders: reading, making, changing, copying and deleting them."""

import pytest

from box_dialect.emulator.content import PatternContent


def test_root(box):
    root = box.get("/folders/0")

    assert (root["id"], root["name"], root["etag"], root["sequence_id"], root["parent"]) == (
        "0", "All Files", None, None, None,
    )  # fmt: skip
    assert (root["created_at"], root["created_by"]["id"], root["path_collection"]) == (
        None, "", {"total_count": 0, "entries": []},
    )  # fmt: skip
    assert root["item_collection"]["total_count"] == len(root["item_collection"]["entries"])


@pytest.mark.parametrize(("method", "body"), [("PUT", {"name": "x"}), ("DELETE", None)])
def test_root_cannot_be_changed(box, method, body):
    box.call(method, "/folders/0", 403, json=body)


def test_root_cannot_be_copied(box, place):
    assert box.post("/folders/0/copy", {"parent": {"id": place}}, 500)["code"] == "internal_server_error"


def test_create(box, place):
    folder = box.post("/folders", {"name": "Ünï 100%_'\"", "parent": {"id": place}})

    assert (folder["name"], folder["etag"], folder["parent"]["id"]) == ("Ünï 100%_'\"", "0", place)
    assert [step["id"] for step in folder["path_collection"]["entries"]] == ["0", place]
    assert box.get(f"/folders/{folder['id']}") == folder


def test_create_asks_for_what_is_missing(box):
    answer = box.post("/folders", {}, 400, check_request=False)

    assert answer["context_info"]["errors"][0] == {
        "reason": "missing_parameter", "name": "parent", "message": "'parent' is required",
    }  # fmt: skip
    assert [entry["name"] for entry in answer["context_info"]["errors"]] == ["parent", "name"]
    assert {entry["reason"] for entry in answer["context_info"]["errors"]} == {"missing_parameter"}
    assert answer["request_id"]


def test_create_in_a_missing_parent(box):
    answer = box.post("/folders", {"name": "x", "parent": {"id": "999"}}, 404)

    assert answer["code"] == "not_found"
    assert answer["context_info"]["errors"][0]["name"] == "parent"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "tab\t", "end ", "nul\x00"])
def test_refused_names(box, place, name):
    answer = box.post("/folders", {"name": name, "parent": {"id": place}}, 400, check_request=False)

    assert answer["code"] == ("bad_request" if name == "" else "item_name_invalid")


@pytest.mark.parametrize(("length", "status"), [(255, 201), (256, 400)])
def test_longest_name(box, place, length, status):
    answer = box.post("/folders", {"name": "x" * length, "parent": {"id": place}}, status, check_request=False)

    assert answer.get("code") in (None, "item_name_too_long")


def test_names_are_unique_regardless_of_case(box, place):
    first = box.folder("New File", place)
    conflict = box.post("/folders", {"name": "new file", "parent": {"id": place}}, 409)

    assert conflict["code"] == "item_name_in_use"
    assert [other["id"] for other in conflict["context_info"]["conflicts"]] == [first]
    box.upload("NEW FILE", b"", place, 409)


def test_missing_folder(box):
    error = box.get("/folders/999", 404)["context_info"]["errors"][0]

    assert error == {
        "reason": "invalid_parameter",
        "name": "folder",
        "message": "Invalid value 'd_999'. 'folder' with value 'd_999' not found",
    }


@pytest.mark.parametrize("identity", ["abc", "-1", "1.5", "12x", "٣"])
def test_id_that_is_no_number(box, identity):
    for kind in ("folders", "files", "web_links"):
        assert box.get(f"/{kind}/{identity}", 405)["code"] == "method_not_allowed"


def test_update_changes_only_what_is_named(box, place):
    folder = box.folder("before", place)
    box.put(f"/folders/{folder}", {"description": "kept", "tags": ["a", "b"]})
    after = box.put(f"/folders/{folder}?fields=name,description,tags,etag", {"name": "after"})

    assert (after["name"], after["description"], after["tags"], after["etag"]) == ("after", "kept", ["a", "b"], "2")


def test_rename_to_other_case_of_itself(box, place):
    folder = box.folder("case", place)

    assert box.put(f"/folders/{folder}", {"name": "CASE"})["name"] == "CASE"


def test_move(box, place):
    target, moved = box.folder("target", place), box.folder("moved", place)
    box.put(f"/folders/{moved}", {"parent": {"id": target}})

    assert [entry["id"] for entry in box.get(f"/folders/{target}/items")["entries"]] == [moved]
    assert box.get(f"/folders/{place}/items")["total_count"] == 1


def test_move_below_itself(box, place):
    outer = box.folder("outer", place)
    inner = box.folder("inner", outer)

    answer = box.put(f"/folders/{outer}", {"parent": {"id": inner}}, 400)
    assert answer["code"] == "cyclical_folder_structure"


def test_if_match(box, place):
    folder = box.folder("guarded", place)
    headers = {"if-match": "7"}
    answer = box.put(f"/folders/{folder}", {"name": "x"}, 412, headers=headers)
    assert answer["code"] == "precondition_failed"
    box.delete(f"/folders/{folder}", 412, headers=headers)

    box.put(f"/folders/{folder}", {"name": "x"}, headers={"if-match": "0"})
    box.delete(f"/folders/{folder}", headers={"if-match": '"1"'})


def test_if_none_match(box, place):
    folder = box.get(f"/folders/{place}")

    assert box.get(f"/folders/{place}", 304, headers={"if-none-match": folder["etag"]}) is None
    assert box.get(f"/folders/{place}", headers={"if-none-match": "99"}) == folder


def test_delete_needs_recursive_unless_empty(box, place):
    full, empty = box.folder("full", place), box.folder("empty", place)
    box.folder("child", full)

    assert box.delete(f"/folders/{full}", 400)["code"] == "folder_not_empty"
    box.delete(f"/folders/{full}?recursive=true")
    box.delete(f"/folders/{empty}")
    assert box.get(f"/folders/{full}", 404)["code"] == "trashed"


def test_copy_takes_all_below(box, place):
    source, target = box.folder("source", place), box.folder("target", place)
    box.upload("inside.txt", b"12345", source)
    box.post("/web_links", {"url": "https://example.com", "name": "link", "parent": {"id": source}}, 200)
    twin = box.post(f"/folders/{source}/copy", {"parent": {"id": target}, "name": "twin"})

    assert (twin["name"], twin["size"], twin["item_collection"]["total_count"]) == ("twin", 5, 2)
    assert box.post(f"/folders/{source}/copy", {"parent": {"id": place}}, 409)["code"] == "item_name_in_use"


def test_names_of_copies_are_not_cleaned(box, place):
    source = box.folder("source", place)
    answer = box.post(f"/folders/{source}/copy", {"parent": {"id": place}, "name": "tw/in"}, 400)

    assert answer["code"] == "item_name_invalid"


def test_who_may_not_view_collaborators_may_not_invite(box, place):
    view, invite = "can_non_owners_view_collaborators", "can_non_owners_invite"
    fields = f"?fields={view},{invite}"

    both = box.put(f"/folders/{place}{fields}", {view: False, invite: False})
    assert (both[view], both[invite]) == (False, False)
    box.put(f"/folders/{place}", {view: True, invite: True})
    box.put(f"/folders/{place}", {invite: False})
    assert box.put(f"/folders/{place}{fields}", {view: False})[view] is False


def test_refused_settings_change_nothing(box, place):
    box.put(f"/folders/{place}", {"name": "other", "sync_state": "half"}, 400, check_request=False)
    body = {"name": "new", "parent": {"id": place}, "sync_state": "half"}
    box.post("/folders", body, 400, check_request=False)

    assert box.get(f"/folders/{place}")["name"] != "other"
    assert box.get(f"/folders/{place}/items")["total_count"] == 0


def test_a_new_folder_is_set_up(box, place):
    body = {"name": "new", "parent": {"id": place}, "sync_state": "synced", "folder_upload_email": {"access": "open"}}
    folder = box.post("/folders?fields=sync_state,folder_upload_email", body)

    assert (folder["sync_state"], folder["folder_upload_email"]["access"]) == ("synced", "open")


def test_a_parent_by_a_user_is_the_root(box, place):
    moved = box.folder("moved", place)
    target = box.folder("target", place)
    owner = box.ready["admin_user_id"]

    refused = box.put(f"/folders/{moved}", {"parent": {"id": target, "user_id": owner}}, 400)
    assert refused["context_info"]["errors"][0]["name"] == "user_id"
    assert box.get(f"/folders/{moved}")["parent"]["id"] == place


def test_root_cannot_be_shared(box, place):
    levels = "allowed_shared_link_access_levels"

    assert box.get(f"/folders/0?fields={levels}")[levels] == []
    assert box.get(f"/folders/{place}?fields={levels}")[levels] == ["open", "company", "collaborators"]


@pytest.mark.parametrize(
    ("size", "written"), [(9_999_999_999, "9999999999"), (10**10, "1E+10"), (12_345_678_901, "1.2345678901E+10")]
)
def test_large_sizes_have_exponents(start, size, written):
    with start(synthetic=1) as box:
        folder = box.folder("large")
        kept = box.store.items["folder"][folder]
        box.store.add_file("large.bin", kept, PatternContent("x", size), kept.owned_by)
        # The checker of schemas takes no number with an exponent for an integer.
        told = box.call("GET", f"/folders/{folder}?fields=size", documented=False)

    assert f'"size":{written}}}' in told.text
    assert told.json()["size"] == size


def test_sizes_add_up_to_the_root(box, place):
    before = box.get("/folders/0?fields=size")["size"]
    inner = box.folder("inner", place)
    file = box.upload("ten", b"0123456789", inner)["entries"][0]["id"]
    assert box.get(f"/folders/{place}?fields=size")["size"] == 10
    assert box.get("/folders/0?fields=size")["size"] == before + 10
    box.delete(f"/files/{file}")

    assert box.get(f"/folders/{place}?fields=size")["size"] == 0


def test_settings(box, place):
    body = {"sync_state": "synced", "can_non_owners_invite": False, "folder_upload_email": {"access": "collaborators"}}
    answer = box.put(f"/folders/{place}?fields=sync_state,can_non_owners_invite,folder_upload_email", body)

    assert (answer["sync_state"], answer["can_non_owners_invite"]) == ("synced", False)
    assert answer["folder_upload_email"]["access"] == "collaborators"
    assert box.put(f"/folders/{place}", {"folder_upload_email": None})["folder_upload_email"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"tags": "a"},
        {"tags": ["a"] * 101},
        {"description": "x" * 257},
        {"description": 5},
        {"sync_state": "half"},
        {"can_non_owners_invite": "yes"},
        {"is_collaboration_restricted_to_enterprise": None},
        {"folder_upload_email": {"access": "company"}},
        {"folder_upload_email": "open"},
        {"can_non_owners_view_collaborators": False},
    ],
    ids=str,
)
def test_refused_changes(box, place, change):
    answer = box.put(f"/folders/{place}", change, 400, check_request=False)

    assert answer["context_info"]["errors"][0]["name"].partition(".")[0] in change


def test_body_that_is_no_json_object(box, place):
    answer = box.call("PUT", f"/folders/{place}", 400, content=b"[1", check_request=False)

    assert answer.json()["code"] == "bad_request"
