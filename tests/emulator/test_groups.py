"""Groups and their members."""

import contextlib
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
    permissions = {"configurable_permissions": {"can_run_reports": True}}
    box.put(path, permissions)
    assert box.get(f"{path}?fields=configurable_permissions")["configurable_permissions"] is None
    body = {"role": "admin", **permissions}
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


def test_the_texts_of_a_group_are_texts(box, group):
    texts = "provenance,external_sync_identifier,description"

    assert {box.get(f"/groups/{group}?fields={texts}")[name] for name in texts.split(",")} == {""}
    box.put(f"/groups/{group}", {"description": "d"})
    changed = box.put(f"/groups/{group}?fields=description", {"description": ""})
    assert changed["description"] == ""


def test_the_levels_of_a_group(box, group):
    schemas = box.contract.document["components"]["schemas"]
    standard = {"type", "id", "name", "group_type", "created_at", "modified_at"}
    full = standard | schemas["Group--Full"]["allOf"][1]["properties"].keys()

    assert box.get(f"/groups/{group}").keys() == standard
    assert box.get(f"/groups/{group}?fields=" + ",".join(full)).keys() == full


# Who of an administrator of the enterprise, one of the group, a member and another user is among those of a level.
LEVELS = {
    "admins_only": (True, True, False, False),
    "admins_and_members": (True, True, True, False),
    "all_managed_users": (True, True, True, True),
}


@pytest.fixture
def people(box, group):
    """Return clients of the administrator, of an administrator of the group, of a member, and of another user."""
    with contextlib.ExitStack() as stack:
        clients = [box]
        for place, role in enumerate(("admin", "member", None)):
            login = f"{role}{place}of{group}@example.com"
            user = box.post("/users", {"name": "Person", "login": login})["id"]
            if role is not None:
                box.post("/group_memberships", {"user": {"id": user}, "group": {"id": group}, "role": role})
            clients.append(stack.enter_context(box.signed_in(user)))
        yield clients


@pytest.mark.parametrize("level", LEVELS)
def test_who_sees_the_members(box, group, people, level):
    box.put(f"/groups/{group}", {"member_viewability_level": level})

    for client, sees in zip(people, LEVELS[level], strict=True):
        page = client.get(f"/groups/{group}/memberships", 200 if sees else 403)
        assert page["total_count"] == 2 if sees else page["code"] == "access_denied_insufficient_permissions"


@pytest.mark.parametrize("level", LEVELS)
def test_who_may_invite_the_group(box, group, people, level):
    box.put(f"/groups/{group}", {"invitability_level": level})

    for client, may in zip(people, LEVELS[level], strict=True):
        place = client.folder(f"for {group} {level}")
        body = {"item": {"type": "folder", "id": place}, "accessible_by": {"type": "group", "id": group}}
        client.post("/collaborations", body | {"role": "viewer"}, 201 if may else 403)
    for client, may in zip(people[:3], LEVELS[level], strict=False):
        told = client.get(f"/groups/{group}?fields=permissions")["permissions"]
        assert told == {"can_invite_as_collaborator": may}


def test_an_administrator_of_the_group_changes_its_memberships(box, group, people):
    member = box.get(f"/groups/{group}/memberships")["entries"][1]["id"]
    _, admin, other, stranger = people

    for client in (other, stranger):
        client.get(f"/group_memberships/{member}", 403)
        client.put(f"/group_memberships/{member}", {"role": "admin"}, 403)
        client.delete(f"/group_memberships/{member}", 403)
        client.post("/group_memberships", {"user": {"id": "1"}, "group": {"id": group}}, 403)
    assert admin.put(f"/group_memberships/{member}", {"role": "admin"})["role"] == "admin"
    admin.delete(f"/group_memberships/{member}")


@pytest.mark.parametrize("path", ["/groups", "/groups/{group}/memberships", "/users/{user}/memberships"])
def test_pages_are_by_offset_and_clamped(box, group, path):
    path = path.format(group=group, user=box.ready["user_id"])
    page = box.get(f"{path}?limit=5000&usemarker=true", check_request=False)

    assert (page["limit"], page["offset"], page["total_count"]) == (1000, 0, len(page["entries"]))
    assert "next_marker" not in page
    box.get(f"{path}?offset=10000")
    assert box.get(f"{path}?offset=10001", 400)["context_info"]["errors"][0]["name"] == "offset"


def test_what_is_told_of_a_membership(box, group):
    made = box.post("/group_memberships", {"user": {"id": box.ready["user_id"]}, "group": {"id": group}})

    assert made.keys() == {"type", "id", "user", "group", "role", "created_at", "modified_at"}
    assert (made["user"].keys(), made["group"].keys()) == (
        {"type", "id", "name", "login"}, {"type", "id", "name", "group_type"},
    )  # fmt: skip
    assert box.get(f"/groups/{group}/memberships")["entries"] == [made]
    assert box.get(f"/group_memberships/{made['id']}?fields=role").keys() == {"type", "id", "role"}
