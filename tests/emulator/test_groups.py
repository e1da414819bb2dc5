"""Groups and their members."""

import itertools

import pytest

NUMBERS = itertools.count()


@pytest.fixture
def group(box):
    return box.post("/groups", {"name": f"Group {next(NUMBERS)}"})["id"]


def test_list(box):
    page = box.get("/groups")

    assert page["total_count"] == len(page["entries"]) > 5
    assert page["entries"][0].keys() == {"type", "id", "name", "group_type"}
    assert [entry["name"] for entry in box.get("/groups?filter_term=leg")["entries"]] == ["Legal"]
    assert [entry["name"] for entry in box.get("/groups?filter_term=100%25 _")["entries"]] == ["100% _special_ 'group'"]


def test_offset_pages(box):
    everything = [entry["id"] for entry in box.get("/groups")["entries"]]
    pages = [box.get(f"/groups?limit=2&offset={offset}")["entries"] for offset in range(0, len(everything), 2)]

    assert [entry["id"] for page in pages for entry in page] == everything


def test_create_update_delete(box):
    body = {"name": "Testers", "description": "d", "provenance": "p", "invitability_level": "admins_only"}
    fields = "?fields=name,description,provenance,invitability_level,member_viewability_level"
    group = box.post(f"/groups{fields}", body)
    assert group | body == group
    changed = box.put(f"/groups/{group['id']}{fields}", {"name": "Checkers", "description": "e"})
    assert (changed["name"], changed["description"], changed["provenance"]) == ("Checkers", "e", "p")
    assert "description" not in box.get(f"/groups/{group['id']}")
    box.delete(f"/groups/{group['id']}")

    box.get(f"/groups/{group['id']}", 404)


def test_name_is_taken(box, group):
    assert box.post("/groups", {"name": "LEGAL"}, 409)["code"] == "invalid_parameter"
    assert box.put(f"/groups/{group}", {"name": "Legal"}, 409)["code"] == "invalid_parameter"


def test_refused_groups(box, group):
    box.post("/groups", {}, 400, check_request=False)
    box.put(f"/groups/{group}", {"invitability_level": "nobody"}, 400, check_request=False)
    box.get("/groups/999", 404)


def test_memberships(box, group):
    user = box.ready["user_id"]
    before = box.get(f"/users/{user}/memberships")["total_count"]
    made = box.post("/group_memberships", {"user": {"id": user}, "group": {"id": group}})
    assert (made["role"], made["user"]["id"], made["group"]["id"]) == ("member", user, group)
    of_group, of_user = box.get(f"/groups/{group}/memberships"), box.get(f"/users/{user}/memberships")
    assert of_group["entries"] == [made]
    assert of_user["entries"][-1] == made
    assert of_user["total_count"] == before + 1

    path = f"/group_memberships/{made['id']}"
    body = {"role": "admin", "configurable_permissions": {"can_run_reports": True}}
    assert box.put(path, body)["role"] == "admin"
    assert box.get(f"{path}?fields=configurable_permissions")["configurable_permissions"] == {"can_run_reports": True}
    box.delete(path)
    box.get(path, 404)
    assert box.get(f"/groups/{group}/memberships")["entries"] == []


def test_refused_memberships(box, group):
    user = {"id": box.ready["user_id"]}
    box.post("/group_memberships", {"user": user, "group": {"id": group}})

    assert box.post("/group_memberships", {"user": user, "group": {"id": group}}, 409)["code"] == "conflict"
    box.post("/group_memberships", {"user": {"id": "1"}, "group": {"id": group}}, 404)
    box.post("/group_memberships", {"user": user, "group": {"id": "1"}}, 404)
    box.post("/group_memberships", {"user": user}, 400, check_request=False)
    box.get("/users/1/memberships", 404)
    box.get("/groups/1/memberships", 404)


def test_deleting_a_group_ends_what_it_had(box, group, place):
    membership = box.post("/group_memberships", {"user": {"id": box.ready["user_id"]}, "group": {"id": group}})["id"]
    body = {"item": {"type": "folder", "id": place}, "accessible_by": {"type": "group", "id": group}, "role": "viewer"}
    collaboration = box.post("/collaborations", body)["id"]
    box.delete(f"/groups/{group}")

    box.get(f"/group_memberships/{membership}", 404)
    box.get(f"/collaborations/{collaboration}", 404)
    assert box.get(f"/folders/{place}/collaborations")["entries"] == []
