"""What a user may see and do: an own root for each, and collaborations with their roles."""

import itertools
import json

import pytest

from box_dialect.emulator.access import PERMISSIONS, ROLES

NUMBERS = itertools.count(1)


def names(page):
    return [entry["name"] for entry in page["entries"]]


@pytest.fixture
def guest(box):
    """Return a client of a new user, who has nothing yet."""
    number = next(NUMBERS)
    user = box.post("/users", {"name": f"Guest {number}", "login": f"guest{number}@example.com"})
    with box.signed_in(user["id"]) as client:
        client.id = user["id"]
        yield client


def test_a_new_user_has_an_empty_root_of_their_own(box, guest):
    root = guest.get("/folders/0")

    assert (root["id"], root["name"], root["owned_by"]["id"], root["parent"]) == ("0", "All Files", guest.id, None)
    assert guest.get("/folders/0/items")["total_count"] == 0
    mine = guest.folder("mine")
    assert names(guest.get("/folders/0/items")) == ["mine"]
    assert guest.get(f"/folders/{mine}")["owned_by"]["id"] == guest.id
    box.get(f"/folders/{mine}", 404)


def test_the_root_of_the_service_account_is_empty(box):
    form = {"box_subject_type": "enterprise", "box_subject_id": box.ready["enterprise_id"]}
    token = box.token(grant_type="client_credentials", **form)["access_token"]
    service = type(box)(box.emulator, box.contract, token)
    with service.http:
        assert service.get("/folders/0/items")["entries"] == []
        assert service.get("/search?query=pdf")["total_count"] == 0
        seen = {"as-user": box.ready["admin_user_id"]}
        assert service.get("/folders/0/items", headers=seen) == box.get("/folders/0/items")


def test_the_administrator_sees_the_whole_seed(box):
    assert {"Contracts", "Photos", "Notes.txt"} <= set(names(box.get("/folders/0/items")))
    assert box.get("/search?query=ACME&content_types=name")["total_count"] == 1


def test_what_a_user_owns_lies_in_their_root_unless_above_it_lies_what_they_see(box):
    owned = [item for kind in box.store.items.values() for item in kind.values()]
    owned = [item for item in owned if item.owned_by.id == box.ready["user_id"] and not item.is_trashed]
    with box.signed_in(box.ready["user_id"]) as user:
        listed = user.get("/folders/0/items?limit=1000&fields=parent,path_collection,owned_by")["entries"]

        assert listed
        collaborated = {entry.item.id for entry in box.store.accounts[box.ready["user_id"]].collaborations.values()}
        for entry in listed:
            assert entry["owned_by"]["id"] == box.ready["user_id"] or entry["id"] in collaborated
            assert entry["parent"]["id"] == "0"
            assert [step["id"] for step in entry["path_collection"]["entries"]] == ["0"]
        for item in owned:
            path = user.get(f"/{item.type}s/{item.id}")["path_collection"]["entries"]
            assert path[0]["id"] == "0"
            top = path[1]["id"] if len(path) > 1 else item.id
            assert top in {entry["id"] for entry in listed}


def test_what_others_own_is_as_if_it_were_not_there(box, guest, place):
    file = box.upload("secret plan.txt", b"x", place)["entries"][0]["id"]
    link = box.post("/web_links", {"url": "https://example.com", "parent": {"id": place}}, 200)["id"]
    comment = box.post("/comments", {"message": "hush", "item": {"type": "file", "id": file}})["id"]
    missing = {"parent": {"id": place}}

    for path in (
        f"/folders/{place}", f"/folders/{place}/items", f"/folders/{place}/collaborations", f"/files/{file}",
        f"/files/{file}/content", f"/files/{file}/versions", f"/files/{file}/comments", f"/web_links/{link}",
        f"/comments/{comment}",
    ):  # fmt: skip
        assert guest.get(path, 404)["code"] == "not_found"
    assert guest.put(f"/files/{file}", {"name": "mine"}, 404)["code"] == "not_found"
    guest.delete(f"/folders/{place}", 404)
    guest.post("/folders", {"name": "in there", **missing}, 404)
    guest.upload("in there", b"x", place, 404)
    guest.post(f"/files/{file}/copy", {"parent": {"id": "0"}}, 404)
    guest.post("/comments", {"message": "me too", "item": {"type": "file", "id": file}}, 404)
    assert guest.get("/search?query=secret")["total_count"] == 0
    assert guest.get(f"/search?query=secret&ancestor_folder_ids={place}", 404)["code"] == "not_found"
    assert guest.get("/events")["entries"] == []


def test_an_unseen_item_is_told_like_a_missing_one(guest, place):
    unseen, missing = guest.get(f"/folders/{place}", 404), guest.get("/folders/999999", 404)

    told = unseen["context_info"]["errors"][0]["message"].replace(place, "999999")
    assert told == missing["context_info"]["errors"][0]["message"]


def test_the_trash_of_others_is_not_seen(box, guest, place):
    gone = box.folder("gone", place)
    box.delete(f"/folders/{gone}")

    assert guest.get("/folders/trash/items")["total_count"] == 0
    guest.get(f"/folders/{gone}/trash", 404)
    guest.delete(f"/folders/{gone}/trash", 404)


def test_a_collaborated_folder_lies_in_the_collaborators_root(box, guest, place):
    inner = box.folder("inner", place)
    file = box.upload("in it.txt", b"x", inner)["entries"][0]["id"]
    collaboration = box.share(inner, guest.id)

    assert names(guest.get("/folders/0/items")) == names(guest.get("/folders/0")["item_collection"]) == ["inner"]
    folder = guest.get(f"/folders/{inner}")
    assert (folder["parent"]["id"], folder["owned_by"]["id"]) == ("0", box.ready["admin_user_id"])
    assert [step["id"] for step in guest.get(f"/files/{file}")["path_collection"]["entries"]] == ["0", inner]
    assert [step["id"] for step in box.get(f"/files/{file}")["path_collection"]["entries"]] == ["0", place, inner]
    assert guest.get("/search?query=it.txt")["entries"][0]["path_collection"]["entries"][0]["id"] == "0"
    guest.get(f"/folders/{place}", 404)

    box.delete(f"/collaborations/{collaboration}")
    assert guest.get("/folders/0/items")["entries"] == []
    guest.get(f"/files/{file}", 404)


def test_a_collaborated_folder_below_another_is_listed_once(box, guest, place):
    inner = box.folder("inner", place)
    box.share(inner, guest.id, "viewer")
    box.share(place, guest.id, "viewer")

    assert [entry["id"] for entry in guest.get("/folders/0/items")["entries"]] == [place]
    assert [entry["id"] for entry in guest.get(f"/folders/{place}/items")["entries"]] == [inner]


def test_collaboration_by_a_group(box, guest, place):
    group = box.post("/groups", {"name": f"Team of {guest.id}"})["id"]
    membership = box.post("/group_memberships", {"user": {"id": guest.id}, "group": {"id": group}})["id"]
    body = {"item": {"type": "folder", "id": place}, "accessible_by": {"type": "group", "id": group}, "role": "viewer"}
    box.post("/collaborations", body)

    assert [entry["id"] for entry in guest.get("/folders/0/items")["entries"]] == [place]
    box.delete(f"/group_memberships/{membership}")
    guest.get(f"/folders/{place}", 404)


def test_access_only_collaborations_are_not_listed(box, guest, place):
    box.share(place, guest.id, "viewer", is_access_only=True)

    assert guest.get("/folders/0/items")["entries"] == []
    folder = guest.get(f"/folders/{place}")
    assert (folder["parent"], folder["path_collection"]["total_count"]) == (None, 0)


def test_the_path_is_seen_where_the_collaboration_says_so(box, guest, place):
    inner = box.folder("inner", place)
    box.share(inner, guest.id, "viewer", can_view_path=True)

    path = guest.get(f"/folders/{inner}")["path_collection"]["entries"]
    assert [step["id"] for step in path] == ["0", place]
    guest.get(f"/folders/{place}", 404)


def test_a_collaboration_ends_when_it_expires(box, guest, place):
    collaboration = box.share(place, guest.id)
    body = {"role": "editor", "expires_at": "2100-01-01T00:00:00Z"}
    box.put(f"/collaborations/{collaboration}", body)
    guest.get(f"/folders/{place}")
    box.put(f"/collaborations/{collaboration}", body | {"expires_at": "2020-01-01T00:00:00Z"})

    guest.get(f"/folders/{place}", 404)


def test_a_pending_collaboration_gives_nothing(box):
    external = next(user for user in box.store.users.values() if user.enterprise is None)
    place = box.folder("for a partner")
    body = {"type": "user", "login": external.login}
    shared = {"item": {"type": "folder", "id": place}, "accessible_by": body, "role": "viewer"}
    assert box.post("/collaborations", shared)["status"] == "pending"

    token = box.emulator._server.config.app.authority.issue(external, 60)
    partner = type(box)(box.emulator, box.contract, token)
    with partner.http:
        partner.get(f"/folders/{place}", 404)
        invitation = partner.get("/collaborations?status=pending")["entries"][0]["id"]
        partner.put(f"/collaborations/{invitation}", {"role": "viewer", "status": "accepted"})
        assert names(partner.get("/folders/0/items")) == ["for a partner"]


# What each call needs of the role, on a file in a shared folder.
CALLS = {
    "can_download": ("GET", "/files/{file}/content", None, 302),
    "can_comment": ("POST", "/comments", {"message": "m", "item": {"type": "file", "id": "{file}"}}, 201),
    "can_share": ("PUT", "/files/{file}", {"shared_link": {}}, 200),
    "can_rename": ("PUT", "/files/{file}", {"description": "d"}, 200),
    "can_upload": ("POST", "/folders", {"name": "new", "parent": {"id": "{folder}"}}, 201),
    "can_delete": ("DELETE", "/files/{file}", None, 204),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_says_what_may_be_done(box, guest, place, role):
    file = box.upload("f.txt", b"x", place)["entries"][0]["id"]
    box.share(place, guest.id, role)
    told = guest.get(f"/files/{file}?fields=permissions")["permissions"]

    assert {name for name, granted in told.items() if granted} == PERMISSIONS[role]
    for permission, (method, path, body, status) in CALLS.items():
        filled = json.loads(json.dumps(body).replace("{file}", file).replace("{folder}", place))
        path = path.format(file=file)
        if told[permission]:
            guest.call(method, path, status, json=filled)
        else:
            refused = guest.call(method, path, 403, json=filled).json()
            assert refused["code"] == "access_denied_insufficient_permissions"


def test_only_owners_hand_over_and_only_who_may_invites(box, guest, place):
    admin = {"type": "user", "id": box.ready["user_id"]}
    own = box.share(place, guest.id, "viewer")
    body = {"item": {"type": "folder", "id": place}, "accessible_by": admin, "role": "viewer"}

    assert guest.post("/collaborations", body, 403)["code"] == "access_denied_insufficient_permissions"
    guest.put(f"/collaborations/{own}", {"role": "editor"}, 403)
    box.put(f"/collaborations/{own}", {"role": "editor"})
    other = guest.post("/collaborations", body)["id"]
    guest.put(f"/collaborations/{own}", {"role": "owner"}, 403)
    box.put(f"/folders/{place}", {"can_non_owners_invite": False, "can_non_owners_view_collaborators": False})
    guest.delete(f"/collaborations/{other}", 403)
    guest.get(f"/folders/{place}/collaborations", 403)
    guest.delete(f"/collaborations/{own}")
    guest.get(f"/folders/{place}", 404)


def test_collaborations_of_others_are_not_seen(box, guest, place):
    collaboration = box.share(place, box.ready["user_id"])

    guest.get(f"/collaborations/{collaboration}", 404)
    guest.put(f"/collaborations/{collaboration}", {"role": "viewer"}, 404)
    guest.delete(f"/collaborations/{collaboration}", 404)


def test_an_enterprises_folder_takes_no_strangers(box, place):
    box.put(f"/folders/{place}", {"is_collaboration_restricted_to_enterprise": True})
    stranger = {"type": "user", "login": "stranger@example.org"}
    body = {"item": {"type": "folder", "id": place}, "accessible_by": stranger, "role": "viewer"}

    assert box.post("/collaborations", body, 403)["code"] == "forbidden_by_policy"


def test_what_is_put_into_a_folder_belongs_to_its_owner(box, guest, place):
    box.share(place, guest.id)
    file = guest.upload("theirs.txt", b"x", place)["entries"][0]
    mine = guest.folder("mine")

    assert (file["created_by"]["id"], file["owned_by"]["id"]) == (guest.id, box.ready["admin_user_id"])
    moved = guest.put(f"/files/{file['id']}", {"parent": {"id": mine}})
    assert moved["owned_by"]["id"] == guest.id
    box.get(f"/files/{file['id']}", 404)


def test_ownership_changes_hands(box, guest, place):
    inner = box.folder("inner", place)
    box.put(f"/collaborations/{box.share(place, guest.id)}", {"role": "owner"}, 204)

    assert guest.get(f"/folders/{inner}")["owned_by"]["id"] == guest.id
    assert [entry["id"] for entry in guest.get("/folders/0/items")["entries"]] == [place]


def test_a_deleted_users_content_goes_to_the_administrator(box, guest):
    mine = guest.folder("mine")
    assert box.delete(f"/users/{guest.id}", 409)["code"] == "conflict"
    box.delete(f"/users/{guest.id}?force=true")

    assert box.get(f"/folders/{mine}")["owned_by"]["id"] == box.ready["admin_user_id"]


def test_an_event_is_in_the_streams_of_those_who_see_its_item(box, guest, place):
    box.share(place, guest.id)
    since = guest.get("/events?stream_position=now")["next_stream_position"]
    file = box.upload("news.txt", b"x", place)["entries"][0]["id"]
    box.upload("no news.txt", b"x", box.folder("elsewhere", box.folder(f"not for {guest.id}")))

    entries = guest.get(f"/events?stream_position={since}")["entries"]
    assert [(entry["event_type"], entry["source"]["id"]) for entry in entries] == [("ITEM_UPLOAD", file)]


def test_users_and_groups_are_for_administrators_and_members(box, guest):
    group = box.post("/groups", {"name": f"Group of {guest.id}"})["id"]

    for path in ("/users", "/groups", f"/users/{box.ready['admin_user_id']}", f"/groups/{group}",
                 f"/groups/{group}/memberships", f"/groups/{group}/collaborations",
                 f"/users/{box.ready['admin_user_id']}/memberships"):  # fmt: skip
        assert guest.get(path, 403)["code"] == "access_denied_insufficient_permissions"
    assert guest.get(f"/users/{guest.id}")["id"] == guest.get("/users/me")["id"] == guest.id
    assert guest.get(f"/users/{guest.id}/memberships")["entries"] == []

    member = box.post("/group_memberships", {"user": {"id": guest.id}, "group": {"id": group}})["id"]
    assert guest.get(f"/groups/{group}")["id"] == group
    assert guest.get(f"/groups/{group}/memberships")["total_count"] == 1
    guest.get(f"/group_memberships/{member}", 403)
    box.put(f"/group_memberships/{member}", {"role": "admin"})
    assert guest.get(f"/group_memberships/{member}")["role"] == "admin"
