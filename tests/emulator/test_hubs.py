"""Hubs: who may do what with them, their items and their documents."""

import pytest

V25 = {"headers": {"box-version": "2025.0"}}


@pytest.fixture
def hub(box, place):
    return box.post("/hubs", {"title": f"Hub {place}", "description": "Of all"}, **V25)


@pytest.fixture
def file(box, place):
    return box.upload("a.txt", b"x", place)["entries"][0]["id"]


@pytest.fixture
def invite(box, hub):
    """Return a function that lets a user collaborate on the hub."""

    def inviting(role="viewer", status=201, client=box, **grantee):
        grantee = grantee or {"id": box.ready["user_id"]}
        body = {"hub": {"type": "hubs", "id": hub["id"]}, "accessible_by": {"type": "user", **grantee}, "role": role}
        return client.post("/hub_collaborations", body, status, **V25)

    return inviting


def manage(box, hub, *operations, status=207):
    done = [{"action": action, "item": {"type": kind, "id": identity}} for action, kind, identity in operations]
    return box.post(f"/hubs/{hub['id']}/manage_items", {"operations": done}, status, **V25)


def listed(box, path):
    return [entry["id"] for entry in box.get(path, **V25)["entries"]]


def test_a_hub(box, hub):
    assert (hub["type"], hub["description"], hub["copy_hub_access"]) == ("hubs", "Of all", "all")
    path = f"/hubs/{hub['id']}"
    assert box.get(path, **V25) == hub
    changed = box.put(path, {"title": "Now", "is_ai_enabled": False, "copy_hub_access": "none"}, **V25)
    assert (changed["title"], changed["is_ai_enabled"], changed["copy_hub_access"]) == ("Now", False, "none")
    for body in ({"title": ""}, {"title": " "}, {"title": "x" * 51}):
        assert box.put(path, body, 400, check_request=False, **V25)["code"] == "bad_request"
        assert box.post("/hubs", body, 400, check_request=False, **V25)["code"] == "bad_request"
    box.get(path, 400, check_request=False)


def test_lists_are_searched_and_sorted(box, place):
    made = {}
    for number, name in enumerate(("beta", "Alpha", "gamma")):
        made[name] = box.post("/hubs", {"title": f"{name} {place}"}, **V25)["id"]
        box.store.change(box.store.hubs[made[name]], {"view_count": number, "last_accessed_at": -number})
    path = f"/hubs?query={place}"
    for sort, order in {
        "name": ["Alpha", "beta", "gamma"], "view_count": ["beta", "Alpha", "gamma"],
        "last_accessed_at": ["gamma", "Alpha", "beta"],
    }.items():  # fmt: skip
        ids = [made[name] for name in order]
        assert listed(box, f"{path}&sort={sort}&direction=ASC") == ids
        assert listed(box, f"{path}&sort={sort}&direction=DESC") == ids[::-1]
    assert set(listed(box, path)) == set(made.values())
    assert listed(box, f"{path}%20alpha") == [made["Alpha"]]
    for wrong in ("sort=size", "direction=UP", "scope=mine"):
        assert box.get(f"/hubs?{wrong}", 400, check_request=False, **V25)["code"] == "bad_request"


def test_who_sees_a_hub(box, hub, invite):
    path = f"/hubs/{hub['id']}"
    with box.signed_in(box.ready["user_id"]) as other:
        for method in ("get", "delete"):
            assert getattr(other, method)(path, 404, **V25)["code"] == "not_found"
        assert other.get("/enterprise_hubs", 403, **V25)["code"] == "access_denied_insufficient_permissions"
        invite("viewer")
        assert other.get(path, **V25)["id"] == hub["id"]
        assert hub["id"] in listed(other, "/hubs?scope=view_only&limit=1000")
        assert hub["id"] not in listed(other, "/hubs?scope=editable&limit=1000")
        assert other.put(path, {"title": "x"}, 403, **V25)["code"] == "access_denied_insufficient_permissions"
        manage(other, hub, status=403)
    assert hub["id"] in listed(box, "/enterprise_hubs?limit=1000")


def test_roles(box, hub, invite):
    made, path = invite("editor"), f"/hubs/{hub['id']}"
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.put(path, {"title": "By an editor"}, **V25)["title"] == "By an editor"
        assert other.get(path, **V25)["updated_by"]["id"] == box.ready["user_id"]
        for refused in ({"is_ai_enabled": False}, {"copy_hub_access": "none"}):
            other.put(path, refused, 403, **V25)
        other.delete(path, 403, **V25)
        own = f"/hub_collaborations/{made['id']}"
        other.put(own, {"role": "co-owner"}, 403, **V25)
        assert box.put(own, {"role": "co-owner"}, **V25)["role"] == "co-owner"
        other.put(path, {"is_ai_enabled": False}, **V25)
        other.delete(own, **V25)
        other.get(path, 404, **V25)


def test_collaborations(box, hub, invite):
    made = invite()
    assert made["hub"] == {"type": "hubs", "id": hub["id"]}
    assert (made["accessible_by"]["id"], made["status"]) == (box.ready["user_id"], "accepted")
    assert invite(status=409)["code"] == "conflict"
    assert invite("owner", 400)["code"] == "bad_request"
    assert invite(status=404, login="nobody@example.net")["code"] == "not_found"
    assert invite(status=400, type="robot", id="1")["code"] == "bad_request"
    external = next(user for user in box.store.users.values() if user.enterprise is None)
    pending = invite(login=external.login)
    assert (pending["status"], pending["accessible_by"]["login"]) == ("pending", "")
    box.delete(f"/hub_collaborations/{pending['id']}", **V25)
    box.put(f"/hubs/{hub['id']}", {"is_collaboration_restricted_to_enterprise": True}, **V25)
    assert invite(status=403, login=external.login)["code"] == "forbidden_by_policy"
    with box.signed_in(box.ready["user_id"]) as other:
        group = {"type": "group", "id": next(iter(box.store.groups))}
        assert invite("editor", 403, other, **group)["code"] == "access_denied_insufficient_permissions"
        assert invite("viewer", 201, other, **group)["accessible_by"]["type"] == "group"
    box.get("/hub_collaborations", 400, check_request=False, **V25)


def test_members_of_a_group_see_what_the_group_does(box, hub, invite):
    group = next(iter(box.store.groups.values()))
    member = next(
        membership.user for membership in group.memberships.values() if membership.user is not box.store.admin
    )
    with box.signed_in(member.id) as other:
        other.get(f"/hubs/{hub['id']}", 404, **V25)
        invite(type="group", id=group.id)
        other.get(f"/hubs/{hub['id']}", **V25)


def test_items(box, hub, file, place):
    told = manage(
        box, hub, ("add", "file", file), ("add", "folder", place), ("add", "file", file), ("add", "file", "1")
    )
    assert [each["status"] for each in told["operations"]] == [201, 201, 409, 404]
    assert told["operations"][0]["item"] == {"type": "file", "id": file}
    assert told["operations"][3]["error"]
    entries = box.get(f"/hub_items?hub_id={hub['id']}", **V25)["entries"]
    assert entries[0] == {"type": "file", "id": file, "name": "a.txt"}
    assert [entry["id"] for entry in entries] == [file, place]
    block = told["operations"][0]["parent_id"]
    assert listed(box, f"/hub_items?hub_id={hub['id']}&parent_id={block}") == [file, place]
    assert listed(box, f"/hub_items?hub_id={hub['id']}&parent_id=1") == []
    told = manage(box, hub, ("remove", "folder", place), ("remove", "folder", place))
    assert [each["status"] for each in told["operations"]] == [200, 404]
    wrong = [{"action": "add", "item": {"type": "folder", "id": place}, "parent_id": "1"}]
    told = box.post(f"/hubs/{hub['id']}/manage_items", {"operations": wrong}, 207, **V25)
    assert told["operations"][0]["status"] == 404
    box.delete(f"/files/{file}")
    assert listed(box, f"/hub_items?hub_id={hub['id']}") == []


def test_items_are_seen_by_who_may_see_them(box, hub, file, invite):
    manage(box, hub, ("add", "file", file))
    invite()
    with box.signed_in(box.ready["user_id"]) as other:
        assert listed(other, f"/hub_items?hub_id={hub['id']}") == []
        box.share(file, role="viewer", kind="file")
        assert listed(other, f"/hub_items?hub_id={hub['id']}") == [file]


def test_documents(box, hub):
    pages = box.get(f"/hub_document_pages?hub_id={hub['id']}", **V25)
    (page,) = pages["entries"]
    assert (pages["type"], page["type"], page["parent_id"]) == ("document_pages", "page", None)
    path = f"/hub_document_blocks?hub_id={hub['id']}&page_id="
    blocks = box.get(f"{path}{page['id']}", **V25)
    assert blocks["type"] == "document_blocks"
    assert [(block["type"], block["parent_id"]) for block in blocks["entries"]] == [("item_list", None)]
    assert box.get(f"{path}1", 404, **V25)["code"] == "not_found"
    box.get(f"/hub_document_blocks?hub_id={hub['id']}", 400, check_request=False, **V25)


def test_a_copy(box, hub, file, invite):
    manage(box, hub, ("add", "file", file))
    path = f"/hubs/{hub['id']}/copy"
    twin = box.post(path, {"title": "Twin", "include_items": True}, **V25)
    assert (twin["title"], twin["description"]) == ("Twin", "Of all")
    assert listed(box, f"/hub_items?hub_id={twin['id']}") == [file]
    assert listed(box, f"/hub_items?hub_id={box.post(path, {}, **V25)['id']}") == []
    invite()
    with box.signed_in(box.ready["user_id"]) as other:
        box.share(file, role="viewer", kind="file")
        own = other.post(path, {"include_items": True}, **V25)
        assert own["created_by"]["id"] == box.ready["user_id"]
        assert listed(other, f"/hub_items?hub_id={own['id']}") == []
        box.put(f"/hubs/{hub['id']}", {"copy_hub_access": "none"}, **V25)
        assert other.post(path, {}, 403, **V25)["code"] == "access_denied_insufficient_permissions"
    box.post(path, {}, **V25)
