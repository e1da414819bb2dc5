"""What is done with users besides changing them: pictures, sessions, transfers, aliases, invitations, removals."""

import struct

import pytest

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 8, 8) + b"\x08\x06\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 8, 16) + b"\x03"
LARGE = PNG[:16] + struct.pack(">II", 1025, 8) + PNG[24:]


@pytest.fixture
def user(box, place):
    """Return a user of the test's own."""
    return box.store.add_user(f"User {place}", f"user{place}@example.com")


def send(box, user, name, data, status, field="pic"):
    path, files = f"/users/{user.id}/avatar", {field: (name, data)}
    return box.call("POST", path, status, check_request=False, files=files)


def picture(box, user):
    answer = box.call("GET", f"/users/{user.id}/avatar", documented=False)
    return answer.headers["content-type"], answer.content


def test_a_picture_is_set_replaced_and_removed(box, user):
    assert box.get(f"/users/{user.id}/avatar", 404)["code"] == "not_found"
    urls = send(box, user, "me.png", PNG, 201).json()["pic_urls"]
    assert urls.keys() == {"small", "large", "preview"}
    assert picture(box, user) == ("image/png", PNG)
    send(box, user, "me.JPG", JPEG, 200)
    assert picture(box, user) == ("image/jpeg", JPEG)
    box.delete(f"/users/{user.id}/avatar")
    assert box.delete(f"/users/{user.id}/avatar", 404)["code"] == "not_found"


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("a.gif", PNG, "pic"), ("a", PNG, "pic"), ("a.png", b"", "pic"), ("a.png", b"text", "pic"),
        ("a.png", LARGE, "pic"), ("a.png", PNG + bytes(1 << 20), "pic"), ("a.jpg", JPEG[:9], "pic"),
        ("a.png", PNG, "file"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused(box, user, name, data, field):
    error = send(box, user, name, data, 400, field).json()
    assert (error["code"], error["context_info"]["errors"][0]["name"]) == ("bad_request", "pic")
    box.get(f"/users/{user.id}/avatar", 404)


def test_whose_picture_it_is(box, user):
    other = box.store.users[box.ready["user_id"]]
    with box.signed_in(user.id) as own:
        send(own, user, "me.png", PNG, 201)
        send(own, other, "me.png", PNG, 403)
        user.status = "inactive"
        assert own.delete(f"/users/{user.id}/avatar", 403)["code"] == "forbidden"
    box.call("POST", "/users/1/avatar", 404, check_request=False, files={"pic": ("a.png", PNG)})


def test_sessions_of_users_are_ended(box, user):
    other = box.store.add_user("Other", f"other.{user.login}")
    with box.signed_in(user.id) as first, box.signed_in(other.id) as second:
        ended = box.post("/users/terminate_sessions", {"user_ids": [user.id], "user_logins": [other.login]}, 202)
        assert ended == {"message": "Request is successful, please check the admin events for the status of the job"}
        for each in (first, second):
            assert each.call("GET", "/users/me", 401).content == b""
    with box.signed_in(user.id) as again:
        assert again.get("/users/me")["id"] == user.id
        again.post("/users/terminate_sessions", {"user_ids": [user.id], "user_logins": []}, 403)


def test_sessions_of_groups_are_ended(box, user):
    group = box.store.add_group(f"Group of {user.login}")
    with box.signed_in(user.id) as member:
        box.post("/groups/terminate_sessions", {"group_ids": [group.id]}, 202)
        member.get("/users/me")
        box.store.add_membership(user, group)
        box.post("/groups/terminate_sessions", {"group_ids": [group.id]}, 202)
        member.call("GET", "/users/me", 401)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("users", {"user_ids": [], "user_logins": []}, 400), ("groups", {"group_ids": []}, 400),
        ("users", {"user_ids": ["1"], "user_logins": []}, 404), ("groups", {"group_ids": ["1"]}, 404),
        ("users", {"user_ids": [], "user_logins": ["nobody@example.com"]}, 404),
    ],
)  # fmt: skip
def test_whose_sessions_must_be_named(box, path, body, status):
    error = box.post(f"/{path}/terminate_sessions", body, status)
    if status == 400:
        assert "can not be NULL or EMPTY" in error["context_info"]["errors"][0]["message"]


def transfer(box, user, heir, status=200):
    return box.put(f"/users/{user}/folders/0", {"owned_by": {"id": heir}}, status)


def test_all_that_a_user_owns_is_transferred(box, user, place):
    heir = box.store.add_user("Heir", f"heir.{user.login}")
    with box.signed_in(user.id) as own:
        folder = own.folder("mine")
        file = own.upload("a.txt", b"12345", folder)["entries"][0]["id"]
    elsewhere = box.upload("b.txt", b"1", place)["entries"][0]["id"]
    box.store.own(box.store.files[elsewhere], user)

    made = transfer(box, user.id, heir.id)
    assert (made["name"], made["owned_by"]["id"]) == (f"{user.name}'s Files and Folders", heir.id)
    with box.signed_in(heir.id) as other:
        assert other.get(f"/folders/{folder}")["parent"]["id"] == made["id"]
        assert [other.get(f"/files/{each}")["owned_by"]["id"] for each in (file, elsewhere)] == [heir.id] * 2
    assert (user.owned, user.space_used, heir.space_used) == ({}, 0, 6)
    assert transfer(box, user.id, heir.id)["name"] == f"{user.name}'s Files and Folders (1)"
    box.delete(f"/users/{user.id}")


def test_between_whom_content_is_transferred(box, user):
    external = next(each for each in box.store.users.values() if each.enterprise is None)
    admin = box.ready["admin_user_id"]
    assert [
        transfer(box, *pair)["status"]
        for pair in (
            ("1", admin, 404), (user.id, "1", 404), (user.id, external.id, 403), (external.id, admin, 403),
            (user.id, user.id, 403),
        )
    ] == [404, 404, 403, 403, 403]  # fmt: skip
    with box.signed_in(user.id) as other:
        transfer(other, user.id, admin, 403)


def test_the_service_account_is_a_user_too(box, user):
    account = box.store.service_account
    send(box, account, "me.png", PNG, 201)
    assert transfer(box, user.id, account.id)["owned_by"]["id"] == account.id
    policy = {"type": "storage_policy", "id": next(iter(box.store.storage_policies))}
    body = {"storage_policy": policy, "assigned_to": {"type": "user", "id": account.id}}
    assert box.post("/storage_policy_assignments", body, 200)["id"] == f"user_{account.id}"
    box.post("/users/terminate_sessions", {"user_ids": [account.id], "user_logins": []}, 202)


def test_an_alias_is_nobody_elses_address(box, user):
    path = f"/users/{user.id}/email_aliases"
    made = box.post(path, {"email": f"alias{user.id}@example.com"})
    assert (made["type"], made["is_confirmed"]) == ("email_alias", False)
    other = box.store.users[box.ready["user_id"]]
    assert box.post(path, {"email": other.login.upper()}, 409)["code"] == "user_login_already_used"
    assert box.post(f"/users/{other.id}/email_aliases", {"email": made["email"]}, 409)["status"] == 409
    box.delete(f"/users/{other.id}/email_aliases/{made['id']}", 404)
    assert box.get(path)["total_count"] == 1


def invite(box, login, status=200, enterprise=None):
    body = {"enterprise": {"id": enterprise or box.ready["enterprise_id"]}, "actionable_by": {"login": login}}
    return box.call("POST", "/invites", status, json=body).json()


def test_who_is_of_no_enterprise_is_invited(box, user):
    external = box.store.add_user("Guest", f"guest.{user.login}", managed=False)
    made = invite(box, external.login)
    assert (made["status"], made["actionable_by"]["login"]) == ("pending", external.login)
    assert (made["invited_to"], made["invited_by"]["id"]) == (box.store.enterprise, box.ready["admin_user_id"])
    assert box.get(f"/invites/{made['id']}") == made
    assert box.get(f"/invites/{made['id']}?fields=status").keys() == {"type", "id", "status"}
    assert invite(box, external.login, 409)["status"] == 409
    assert invite(box, user.login, 400)["context_info"]["errors"][0]["name"] == "actionable_by.login"
    assert invite(box, "nobody@example.com", 404)["code"] == "not_found"
    assert invite(box, external.login, 404, "1")["context_info"]["errors"][0]["name"] == "enterprise"
    with box.signed_in(user.id) as other:
        invite(other, external.login, 403)
        other.get(f"/invites/{made['id']}", 403)


def test_external_users_are_removed_from_what_they_collaborate_on(box, user, place):
    external = box.store.add_user("Partner", f"partner.{user.login}", managed=False)
    theirs = box.store.add_folder("theirs", external.root, external)
    box.store.add_collaboration(box.store.folders[place], external, "editor", box.store.admin)
    kept = box.store.add_collaboration(theirs, external, "co-owner", external)
    body = {"external_users": [{"type": "user", "id": each} for each in (external.id, user.id, "1")]}

    newer = {"headers": {"box-version": "2025.0"}, "check_request": False}
    entries = box.post("/external_users/submit_delete_job", body, 207, **newer)["entries"]
    assert [(each["user_id"], each["status"]) for each in entries] == [(external.id, 202), (user.id, 404), ("1", 404)]
    assert ["detail" in each for each in entries] == [False, True, True]
    assert list(external.collaborations.values()) == [kept]
    assert box.get(f"/folders/{place}/collaborations")["entries"] == []
    older = box.post("/external_users/submit_delete_job", body, 400, documented=False)
    assert older["code"] == "invalid_api_version"
    with box.signed_in(user.id) as other:
        other.post("/external_users/submit_delete_job", body, 404, **newer)
