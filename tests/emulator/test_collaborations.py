"""Collaborations: access given to users, groups and addresses."""

from datetime import UTC, datetime, timedelta

import pytest


def share(box, item, grantee, status=201, role="editor", kind="folder", **options):
    body = {"item": {"type": kind, "id": item}, "accessible_by": grantee, "role": role}
    return box.post("/collaborations", body, status, **options)


def user(box):
    return {"type": "user", "id": box.ready["user_id"]}


def test_share_with_a_user(box, place):
    made = share(box, place, user(box))

    assert (made["status"], made["role"], made["item"]["id"], made["accessible_by"]["id"]) == (
        "accepted", "editor", place, box.ready["user_id"],
    )  # fmt: skip
    assert made["acknowledged_at"] == made["created_at"]
    assert box.get(f"/collaborations/{made['id']}") == made
    assert box.get(f"/folders/{place}?fields=has_collaborations")["has_collaborations"] is True


def test_share_with_a_login(box, place):
    made = share(box, place, {"type": "user", "login": "USER01@example.com"})

    assert made["accessible_by"]["id"] == box.ready["user_id"]


def test_invite_an_address(box, place):
    made = share(box, place, {"type": "user", "login": "nobody@example.net"})

    assert (made["status"], made["invite_email"], made["item"], made["accessible_by"]) == (
        "pending", "nobody@example.net", None, None,
    )  # fmt: skip


def test_share_with_a_group(box, place):
    group = box.get("/groups?filter_term=Sales")["entries"][0]["id"]
    made = share(box, place, {"type": "group", "id": group}, role="viewer")

    assert made["accessible_by"] == {"type": "group", "id": group, "name": "Sales", "group_type": "managed_group"}
    page = box.get(f"/groups/{group}/collaborations")
    assert (page["entries"], page["total_count"], page["offset"]) == ([made], 1, 0)


def test_pages_of_an_item_end_with_null(box, place):
    users = box.get("/users")["entries"][:3]
    made = [share(box, place, {"type": "user", "id": entry["id"]})["id"] for entry in users]
    first = box.get(f"/folders/{place}/collaborations?limit=2")
    last = box.get(f"/folders/{place}/collaborations?limit=2&marker={first['next_marker']}")

    assert [entry["id"] for entry in first["entries"] + last["entries"]] == made
    assert last["next_marker"] is None
    assert "total_count" not in first


def test_collaborations_of_a_file(box, place):
    file = box.upload("shared.txt", b"", place)["entries"][0]["id"]
    made = share(box, file, user(box), kind="file")

    assert box.get(f"/files/{file}/collaborations")["entries"] == [made]
    assert box.get(f"/files/{file}/collaborations?fields=role")["entries"] == [
        {"type": "collaboration", "id": made["id"], "role": "editor"}
    ]


@pytest.mark.parametrize(
    ("item", "grantee", "role", "status", "code"),
    [
        ("0", {"type": "user", "id": "x"}, "editor", 400, "collaborations_not_available_on_root_folder"),
        ("999", {"type": "user", "id": "x"}, "editor", 404, "not_found"),
        (None, {"type": "user", "id": "1"}, "editor", 404, "not_found"),
        (None, {"type": "group", "id": "1"}, "editor", 404, "not_found"),
        (None, {"type": "user", "login": "a@b.c"}, "king", 400, "bad_request"),
    ],
)
def test_refusals(box, place, item, grantee, role, status, code):
    assert share(box, item or place, grantee, status, role, check_request=False)["code"] == code


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"role": "editor", "accessible_by": {"type": "user", "id": "1"}}, "item"),
        ({"role": "editor", "item": {"type": "folder", "id": "1"}}, "accessible_by"),
        ({"item": {"type": "folder", "id": "1"}, "accessible_by": {"type": "user", "id": "1"}}, "role"),
    ],
    ids=["item", "accessible_by", "role"],
)
def test_missing_parts(box, body, name):
    error = box.post("/collaborations", body, 400, check_request=False)["context_info"]["errors"][0]

    assert error == {"reason": "missing_parameter", "name": name, "message": f"'{name}' is required"}


@pytest.mark.parametrize(
    ("grantee", "name"),
    [
        ({"type": "user"}, "accessible_by.id"),
        ({"type": "group", "login": "a@b.example"}, "accessible_by.id"),
        ({"type": "folder", "id": "1"}, "accessible_by.type"),
    ],
    ids=str,
)
def test_refused_grantees(box, place, grantee, name):
    error = share(box, place, grantee, 400, check_request=False)["context_info"]["errors"][0]

    assert error["name"] == name


def test_the_path_is_seen_from_folders_only(box, place):
    file = box.upload("a.txt", b"", place)["entries"][0]["id"]
    body = {"item": {"type": "file", "id": file}, "accessible_by": user(box), "role": "viewer", "can_view_path": True}
    assert box.post("/collaborations", body, 400)["context_info"]["errors"][0]["name"] == "can_view_path"
    path = f"/collaborations/{share(box, file, user(box), kind='file')['id']}"

    box.put(path, {"can_view_path": True}, 400)
    box.put(path, {"can_view_path": False})


def test_twice_is_refused(box, place):
    for grantee in (user(box), {"type": "user", "login": "nobody@example.net"}):
        share(box, place, grantee)
        assert share(box, place, grantee, 400)["code"] == "user_already_collaborator"


def test_web_links_have_no_collaborations(box, place):
    answer = share(box, place, user(box), 400, kind="web_link", check_request=False)

    assert answer["code"] == "invalid_collaboration_item"


def test_update_and_delete(box, place):
    path = f"/collaborations/{share(box, place, user(box))['id']}"
    changed = box.put(path, {"role": "viewer", "expires_at": "2030-01-01T00:00:00Z", "can_view_path": True})
    assert (changed["role"], changed["expires_at"]) == ("viewer", "2029-12-31T16:00:00-08:00")
    assert box.get(f"{path}?fields=can_view_path", check_request=False)["can_view_path"] is True
    box.delete(path)

    box.get(path, 404)
    assert box.get(f"/folders/{place}/collaborations")["entries"] == []


def test_access_ends_at_its_time(box, place):
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = share(box, place, user(box))
    path = f"/collaborations/{made['id']}"
    box.put(path, {"expires_at": soon})
    with box.clock(2 * 3600):
        box.get(path, 404)
        assert box.get(f"/folders/{place}/collaborations")["entries"] == []
    again = share(box, place, user(box))
    box.put(f"/collaborations/{again['id']}", {"expires_at": soon})
    box.put(f"/collaborations/{again['id']}", {"expires_at": "2099-01-01T00:00:00Z"})
    with box.clock(2 * 3600):
        assert box.get(f"/collaborations/{again['id']}")["expires_at"] == "2098-12-31T16:00:00-08:00"


def test_pending_list_is_of_who_asks(start):
    with start() as box:  # whose invitation nobody has answered
        entries = box.get("/collaborations?status=pending")["entries"]

        assert [entry["status"] for entry in entries] == ["pending"]
        assert (entries[0]["accessible_by"]["name"], entries[0]["item"]) == ("", None)
        with box.signed_in(box.ready["user_id"]) as other:
            assert other.get("/collaborations?status=pending")["total_count"] == 0
        box.get("/collaborations", 400, check_request=False)
        box.get("/collaborations?status=accepted", 400, check_request=False)


def test_answering_an_invitation(box, place):
    box.put(f"/collaborations/{share(box, place, user(box))['id']}", {"status": "rejected"}, 403)
    pending = box.get("/collaborations?status=pending")["entries"][0]["id"]
    with box.signed_in(box.ready["user_id"]) as other:
        other.put(f"/collaborations/{pending}", {"status": "accepted"}, 403)

    assert box.put(f"/collaborations/{pending}", {"status": "pending"})["acknowledged_at"] is None
    with box.clock(86_400):
        answered = box.put(f"/collaborations/{pending}", {"status": "accepted"})
    assert answered["status"] == "accepted"
    assert answered["acknowledged_at"] > answered["created_at"]
    box.put(f"/collaborations/{pending}", {"status": "rejected"}, 403)


def test_handing_over(box, place):
    inside = box.folder("inside", place)
    made = share(box, place, user(box))
    assert box.put(f"/collaborations/{made['id']}", {"role": "owner"}, 204) is None

    assert box.get(f"/folders/{place}")["owned_by"]["id"] == box.ready["user_id"]
    assert box.get(f"/folders/{inside}")["owned_by"]["id"] == box.ready["user_id"]
    box.get(f"/collaborations/{made['id']}", 404)
    former = box.get(f"/folders/{place}/collaborations")["entries"]
    assert [(entry["role"], entry["accessible_by"]["id"]) for entry in former] == [
        ("co-owner", box.ready["admin_user_id"])
    ]


def test_an_invitation_is_acknowledged_when_it_is_answered(box, place):
    with box.clock(-3600):
        made = share(box, place, {"type": "user", "login": "zoe@partner.example"})
    assert (made["status"], made["acknowledged_at"], made["accessible_by"]["name"]) == ("pending", None, "")
    zoe = made["accessible_by"]["id"]
    token = box.emulator._server.config.app.authority.issue(box.store.accounts[zoe], 600)
    headers = {"authorization": f"Bearer {token}"}
    path = f"/collaborations/{made['id']}"

    assert box.put(path, {"role": "viewer", "status": "pending"}, headers=headers)["status"] == "pending"
    accepted = box.put(path, {"role": "viewer", "status": "accepted"}, headers=headers)
    assert accepted["acknowledged_at"] == accepted["modified_at"] > accepted["created_at"]
    assert accepted["accessible_by"]["name"] == "Zoë External"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_lists_are_marked_and_clamped(box, place, kind):
    item = place if kind == "folder" else box.upload("f.txt", b"x", place)["entries"][0]["id"]
    made = share(box, item, user(box), kind=kind)
    page = box.get(f"/{kind}s/{item}/collaborations?limit=5000", check_request=False)

    assert (page["limit"], page["next_marker"]) == (1000, None)
    assert [entry["id"] for entry in page["entries"]] == [made["id"]]
    box.get(f"/{kind}s/999/collaborations", 404)


def test_who_is_invited_is_listed_with_who_has_access(box, place):
    made = [share(box, place, user(box)), share(box, place, {"type": "user", "login": "guest@example.net"})]

    listed = box.get(f"/folders/{place}/collaborations")["entries"]
    assert [entry["id"] for entry in listed] == [entry["id"] for entry in made]
    assert [entry["status"] for entry in listed] == ["accepted", "pending"]


def test_nobody_is_made_the_owner_at_once(box, place):
    assert share(box, place, user(box), 400, role="owner", check_request=False)["code"] == "bad_request"


@pytest.mark.parametrize("missing", ["item", "accessible_by", "role"])
def test_what_a_collaboration_needs(box, place, missing):
    body = {"item": {"type": "folder", "id": place}, "accessible_by": user(box), "role": "viewer"}
    answer = box.post("/collaborations", {**body, missing: None}, 400, check_request=False)

    assert answer["context_info"]["errors"][0]["reason"] == "missing_parameter"
    assert answer["context_info"]["errors"][0]["name"] == missing
