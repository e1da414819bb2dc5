"""Resources of one's own: a module is all that one takes, and what is as everywhere comes with it."""

from dataclasses import dataclass
from typing import TypedDict

import pytest
from emulator.watchers import WATCHERS, Watcher

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import Folder
from box_dialect.emulator.resource import Delete, Get, Resource, Update
from box_dialect.emulator.resources import SHIPPED
from box_dialect.emulator.store import Store

HOOK = {"address": "https://example.com/called", "triggers": ["FILE.UPLOADED"]}


@dataclass(slots=True, eq=False, kw_only=True)
class Notice(Entity):
    type, table, first_id, owners = "notice", "notices", 9_800_000_001, ("folder",)
    folder: Folder
    title: str = "Please"
    status: str = "active"


class UpdateNotice(TypedDict, total=False):
    title: str


NOTICES = Resource(
    Notice,
    Get("/notices/{notice_id}"),
    Update("/notices/{notice_id}", UpdateNotice, event="EDIT"),
    Delete("/notices/{notice_id}"),
    full=("title", "status", "etag", "created_at", "updated_at", "folder", "url"),
    standard=("title", "status", "etag", "created_at", "updated_at", "folder"),
    computed={
        "updated_at": lambda request: request.modified_at,
        "folder": lambda request: {"type": "folder", "id": request.folder.id},
        "url": lambda request: f"/f/{request.id}",
    },
)


class Partly:
    """Checks what is Box's against its document, and lets pass what is not."""

    def __init__(self, contract):
        self.contract = contract

    def check(self, response, **options):
        if not response.request.url.path.startswith(("/2.0/watchers", "/2.0/notices")):
            self.contract.check(response, **options)


@pytest.fixture(scope="module")
def box(start):
    """Return a client of an emulator that serves watchers and notices too."""
    with start(resources=(WATCHERS, NOTICES), synthetic=60) as client:
        client.contract = Partly(client.contract)
        yield client


@pytest.fixture
def file(box, place):
    return box.upload("watched.txt", b"", place)["entries"][0]["id"]


def watch(box, identity, kind="file", status=201, **more):
    return box.post("/watchers", {"target": {"type": kind, "id": identity}, **HOOK, **more}, status)


def test_create_get_update_delete(box, file, place):
    hook = watch(box, file)
    assert hook.keys() == {"type", "id", "target", "created_by", "created_at", "address", "triggers"}
    assert (hook["type"], hook["target"]) == ("watcher", {"type": "file", "id": file})
    assert hook["created_by"].keys() == {"type", "id", "name", "login"}
    assert box.get(f"/watchers/{hook['id']}") == hook

    moved = box.put(f"/watchers/{hook['id']}", {"target": {"type": "folder", "id": place}})
    assert moved == {**hook, "target": {"type": "folder", "id": place}}

    box.delete(f"/watchers/{hook['id']}")
    assert box.get(f"/watchers/{hook['id']}", 404)["context_info"]["errors"][0]["name"] == "watcher"


def test_list_by_marker_in_mini(box, file, place):
    made = {watch(box, file)["id"], watch(box, place, "folder")["id"]}
    page, found = box.get("/watchers?limit=2"), []
    assert page["limit"] == 2
    while page["entries"]:
        found += page["entries"]
        assert len(found) < 100
        page = box.get(f"/watchers?limit=2&marker={page['next_marker']}") if page["next_marker"] else {"entries": []}
    assert made <= {hook["id"] for hook in found}
    assert all(hook.keys() == {"type", "id", "target"} for hook in found)


def test_what_is_refused(box, file):
    hook, other = watch(box, file), watch(box, file, address="https://example.com/other")
    assert watch(box, file, status=409, address=HOOK["address"].upper())["status"] == 409
    assert box.put(f"/watchers/{other['id']}", {"address": HOOK["address"]}, 409)["code"] == "conflict"
    assert box.get(f"/watchers/{other['id']}")["address"] == "https://example.com/other"
    assert watch(box, "1", status=404)["context_info"]["errors"][0]["name"] == "item"
    for target, names in (({"target": {"type": "file", "id": file}}, {"address", "triggers"}), (HOOK, {"target"})):
        missing = box.post("/watchers", target, 400, check_request=False)
        assert {entry["name"] for entry in missing["context_info"]["errors"]} == names
    nothing = box.post("/watchers", {**HOOK, "target": {"type": "file"}}, 400)
    assert [(each["reason"], each["name"]) for each in nothing["context_info"]["errors"]] == [
        ("missing_parameter", "id")
    ]
    assert box.get("/watchers/nonsense", 404)["code"] == "not_found"
    assert box.delete(f"/watchers/{hook['id']}") is None


def test_who_may_not_see_the_item_sees_nothing_about_it(box, file):
    hook = watch(box, file)["id"]
    with box.signed_in(box.ready["user_id"]) as other:
        other.get(f"/watchers/{hook}", 404)
        other.put(f"/watchers/{hook}", HOOK, 404)
        other.delete(f"/watchers/{hook}", 404)
        assert hook not in {entry["id"] for entry in other.get("/watchers?limit=1000")["entries"]}
        watch(other, file, status=404)
    assert box.get(f"/watchers/{hook}")["id"] == hook


def test_the_seed_and_the_store(start):
    with start(resources=(WATCHERS, NOTICES), synthetic=60) as box:
        hooks = list(box.store.watchers.values())
        assert [hook.id for hook in hooks[:2]] == ["9900000001", "9900000002"]
        assert {hook.target for hook in hooks} == {comment.file for comment in box.store.comments.values()}
        assert hooks[0].created_at == hooks[0].target.created_at


def test_what_an_entity_owns_goes_with_it(box, file):
    hook = watch(box, file)["id"]
    box.delete(f"/files/{file}")
    assert box.get(f"/watchers/{hook}")["target"]["id"] == file
    box.delete(f"/files/{file}/trash")

    box.get(f"/watchers/{hook}", 404)
    assert hook not in box.store.watchers


def test_replies_go_with_what_they_reply_to(box, file):
    def say(kind, identity):
        return box.post("/comments", {"message": f"to {identity}", "item": {"type": kind, "id": identity}})["id"]

    first = say("file", file)
    other, reply = say("file", box.upload("other.txt", b"")["entries"][0]["id"]), say("comment", first)
    answer = say("comment", reply)
    box.delete(f"/comments/{first}")

    assert [box.get(f"/comments/{gone}", 404)["code"] for gone in (first, reply, answer)] == ["not_found"] * 3
    assert box.get(f"/files/{file}/comments")["total_count"] == 0
    assert box.get(f"/comments/{other}")["id"] == other


def test_if_match_where_the_kind_shows_an_etag(box, place):
    request = box.store.add(Notice(folder=box.store.items["folder"][place])).id
    path, old, new = f"/notices/{request}", {"if-match": "0"}, {"if-match": '"1"'}
    assert box.get(path)["etag"] == "0"
    assert box.put(path, {"title": "Now"}, headers=old)["etag"] == "1"

    assert box.put(path, {"title": "Again"}, 412, headers=old)["code"] == "precondition_failed"
    assert box.delete(path, 412, headers=old)["code"] == "precondition_failed"
    assert box.get(f"{path}?fields=title,url") == {
        "type": "notice", "id": request, "title": "Now", "url": f"/f/{request}",
    }  # fmt: skip
    box.delete(path, headers=new)
    events = box.get("/events?stream_position=0&limit=500", documented=False)["entries"]
    assert [event["source"]["title"] for event in events if event["event_type"] == "EDIT"] == ["Now"]


def test_another_emulator_does_not_serve_it(start):
    assert not {WATCHERS, NOTICES} & set(SHIPPED)
    with start() as other:
        assert not hasattr(other.store, "notices")
        assert other.http.get(f"{other.ready['api_base_url']}/notices/1").status_code == 404


def test_one_that_is_given_goes_before_those_that_are_shipped(start):
    own = Resource()
    own.operation("GET", "/users/me")(lambda call: {"type": "user", "id": call.user.id, "name": "Somebody"})
    with start(resources=(own,)) as box:
        assert box.get("/users/me") == {"type": "user", "id": box.ready["admin_user_id"], "name": "Somebody"}
    with start() as box:
        assert box.get("/users/me")["name"] != "Somebody"


def test_an_entity_is_written_in_its_mini_form(box, file):
    task = box.post("/tasks", {"item": {"type": "file", "id": file}, "due_at": "2030-01-01T00:00:00Z"})
    assert (task["item"]["id"], task["item"]["name"]) == (file, "watched.txt")
    assert task["item"].keys() == {"type", "id", "etag", "sequence_id", "name", "sha1", "file_version"}
    assert task["created_by"].keys() == {"type", "id", "name", "login"}
    assert box.get(f"/tasks/{task['id']}") == task


def test_what_is_declared_wrongly_is_said_at_once():
    class Misspelt(Watcher):
        pass

    with pytest.raises(TypeError, match="Misspelt has no attribute adress, and the field is not computed"):
        Resource(Misspelt, base=("type", "id", "adress"))

    class Misnamed(Watcher):
        table = "events"

    with pytest.raises(ValueError, match="No table can be called events"):
        Store(resources=(*SHIPPED, Resource(Misnamed)))


@pytest.mark.parametrize(
    ("name", "value"), [("owners", ("taget",)), ("unique", ("taget",)), ("searched", ("comments", "taget"))]
)
def test_an_attribute_that_is_named_and_that_there_is_not_is_said_at_once(name, value):
    with pytest.raises(TypeError, match=f"Wrong has no attribute taget, which {name} names"):
        Resource(type("Wrong", (Watcher,), {name: value}))


@pytest.mark.parametrize("name", ["type", "table", "first_id"])
def test_what_every_kind_has_is_asked_for_at_once(name):
    given = {"type": "other", "table": "others", "first_id": 1}
    given.pop(name)
    with pytest.raises(TypeError, match=f"Wrong has no attribute {name}, which every kind has"):
        Resource(dataclass(type("Wrong", (Entity,), given)))


def test_an_entity_needs_no_slots():
    @dataclass(eq=False, kw_only=True)
    class Plain(Entity):
        type, table, first_id, owners = "plain", "plains", 1, ("folder",)
        folder: Folder

    store = Store(resources=(*SHIPPED, Resource(Plain, mini=("folder",))))
    assert store.add(Plain(folder=store.root)) in store.root.of(Plain).values()


@pytest.mark.parametrize(("name", "value"), [("type", "comment"), ("table", "comments"), ("first_id", 600_000_001)])
def test_what_another_kind_has_is_said_at_once(name, value):
    other = type("Other", (Watcher,), {"type": "other", "table": "others", "first_id": 9_900_000_001, name: value})
    with pytest.raises(ValueError, match=f"Comment and Other have the same {name}, {value!r}"):
        Store(resources=(*SHIPPED, Resource(other, mini=("target",))))


def test_two_resources_may_be_of_one_kind():
    assert Store(resources=(WATCHERS, *SHIPPED, WATCHERS)).watchers == {}


def test_an_entity_is_told_of_shortly():
    store = Store()
    store.add_folder("folder", store.root, store.admin)
    assert [repr(entity) for entity in (store.admin, *store.folders.values())] == [
        "<User 19999999001>", "<Folder 160000000001>",
    ]  # fmt: skip


def test_an_entity_of_several_owners_goes_once():
    store = Store()
    group, user = store.add_group("Readers"), store.add_user("Ada", "ada@example.com")
    membership = store.add_membership(user, group)
    store.remove(group)
    assert (store.memberships, dict(user.memberships)) == ({}, {})

    store.remove(user)
    assert membership.id not in store.memberships
