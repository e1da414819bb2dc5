"""Cascade policies: what a folder has of a template comes to what lies below it."""

import itertools

import pytest

NUMBERS = itertools.count(1)


@pytest.fixture
def key(box):
    """Return the key of a template of the test's own."""
    return box.store.add_template(f"cascade{next(NUMBERS)}", {"type": "string", "key": "name"}).key


@pytest.fixture
def value(box, key):
    """Return a function that gets the value of an item, None without an instance."""

    def getting(kind, identity):
        found = box.http.get(f"{box.ready['api_base_url']}/{kind}s/{identity}/metadata/enterprise/{key}")
        return found.json()["name"] if found.status_code == 200 else None

    return getting


def tag(box, kind, identity, key, name):
    box.post(f"/{kind}s/{identity}/metadata/enterprise/{key}", {"name": name})


def cascade(box, folder, key, status=201):
    body = {"folder_id": folder, "scope": "enterprise", "templateKey": key}
    return box.post("/metadata_cascade_policies", body, status)


def apply(box, policy, resolution="none", status=202):
    body = {"conflict_resolution": resolution}
    box.call("POST", f"/metadata_cascade_policies/{policy['id']}/apply", status, json=body)


def upload(box, name, folder):
    return box.upload(name, b"x", folder)["entries"][0]["id"]


def test_a_policy(box, place, key):
    policy = cascade(box, place, key)
    scope = f"enterprise_{box.ready['enterprise_id']}"

    assert policy == {
        "type": "metadata_cascade_policy", "id": policy["id"], "scope": scope, "templateKey": key,
        "owner_enterprise": {"type": "enterprise", "id": box.ready["enterprise_id"]},
        "parent": {"type": "folder", "id": place},
    }  # fmt: skip
    path = f"/metadata_cascade_policies/{policy['id']}"
    assert box.get(path) == policy
    listed = f"/metadata_cascade_policies?folder_id={place}"
    assert box.get(listed)["entries"] == [policy]
    assert box.get(f"{listed}&owner_enterprise_id=7")["entries"] == []
    assert box.get(f"{listed}&offset=1")["entries"] == []
    assert cascade(box, place, key, 409)["code"] == "tuple_already_exists"
    box.delete(path)
    assert box.get(path, 404)["code"] == "instance_not_found"
    assert box.get(listed)["entries"] == []


def test_what_is_refused(box, key, place):
    assert cascade(box, "0", key, 403)["code"] == "forbidden"
    assert cascade(box, "7", key, 404)["code"] == "not_found"
    assert cascade(box, place, "none", 404)["code"] == "instance_tuple_not_found"
    box.get("/metadata_cascade_policies", 400, check_request=False)
    assert box.get("/metadata_cascade_policies?folder_id=0", 403)["code"] == "forbidden"
    box.get("/metadata_cascade_policies?folder_id=7", 404)
    box.get(f"/metadata_cascade_policies?folder_id={place}&offset=10001", 400, check_request=False)
    with box.signed_in(box.ready["user_id"]) as other:
        policy = cascade(box, place, key)
        cascade(other, place, key, 404)
        box.share(place, role="viewer")
        assert other.get(f"/metadata_cascade_policies/{policy['id']}") == policy
        other.delete(f"/metadata_cascade_policies/{policy['id']}", 403)


def test_what_comes_below_the_folder_gets_what_the_folder_has(box, place, key, value):
    before = upload(box, "before.txt", place)
    tag(box, "folder", place, key, "from above")
    cascade(box, place, key)
    inner = box.folder("inner", place)
    file = upload(box, "file.txt", inner)

    assert [value("folder", inner), value("file", file)] == ["from above"] * 2
    assert value("file", before) is None


def test_what_is_moved_restored_or_copied_below_comes_there_too(box, place, key, value):
    outside, inside = box.folder("outside", place), box.folder("inside", place)
    tag(box, "folder", inside, key, "from above")
    cascade(box, inside, key)
    folder = box.folder("folder", outside)
    file = upload(box, "file.txt", folder)
    other = upload(box, "other.txt", outside)
    copy = box.post(f"/files/{other}/copy", {"parent": {"id": inside}})["id"]
    box.put(f"/folders/{folder}", {"parent": {"id": inside}})
    assert [value("folder", folder), value("file", file), value("file", copy)] == ["from above"] * 3
    box.delete(f"/files/{file}/metadata/enterprise/{key}")
    box.put(f"/files/{file}", {"name": "renamed.txt"})
    assert value("file", file) is None
    box.delete(f"/files/{file}")
    box.post(f"/files/{file}", {})
    assert value("file", file) == "from above"


@pytest.mark.parametrize(("resolution", "kept"), [("none", "own"), ("overwrite", "from above")])
def test_a_policy_is_applied_to_what_is_there(box, place, key, value, resolution, kept):
    inner = box.folder("inner", place)
    tagged, bare = upload(box, "tagged.txt", inner), upload(box, "bare.txt", inner)
    tag(box, "file", tagged, key, "own")
    tag(box, "folder", place, key, "from above")
    policy = cascade(box, place, key)
    apply(box, policy, resolution)

    assert [value("file", tagged), value("file", bare), value("folder", inner)] == [kept, "from above", "from above"]
    assert value("folder", place) == "from above"


def test_the_policy_comes_before_the_instance(box, place, key, value):
    policy = cascade(box, place, key)
    file = upload(box, "file.txt", place)
    apply(box, policy, status=404)
    assert value("file", file) is None
    tag(box, "folder", place, key, "late")
    apply(box, policy)

    assert value("file", file) == "late"


def test_what_cascaded_stays(box, place, key, value):
    tag(box, "folder", place, key, "from above")
    policy = cascade(box, place, key)
    file = upload(box, "file.txt", place)
    box.delete(f"/metadata_cascade_policies/{policy['id']}")

    assert value("file", file) == "from above"
    assert value("file", upload(box, "later.txt", place)) is None


def test_cascades_take_their_time(start):
    with start(cascade_lag=60) as box:
        before = len(box.store.metadata_instances)
        place, key = box.folder("place"), box.store.add_template("late", {"type": "string", "key": "name"}).key
        tag(box, "folder", place, key, "from above")
        policy = cascade(box, place, key)
        path, moved = (f"/files/{upload(box, name, place)}/metadata" for name in ("file.txt", "moved.txt"))
        box.put(moved.removesuffix("/metadata"), {"parent": {"id": "0"}})
        purged = f"/files/{upload(box, 'purged.txt', place)}"
        box.delete(purged)
        box.delete(f"{purged}/trash")
        assert box.get(path)["entries"] == []
        with box.clock(61):
            assert len(box.get(path)["entries"]) == 1
            assert box.get(moved)["entries"] == []
            assert len(box.store.metadata_instances) - before == 2
            box.delete(f"{path}/enterprise/{key}")
            apply(box, policy)
            assert box.get(path)["entries"] == []
            assert box.control("POST", "/cascades", json={"lag": 0}).status_code == 204
            assert len(box.get(path)["entries"]) == 1
        assert box.control("POST", "/cascades", json={"lag": -1}).status_code == 400
