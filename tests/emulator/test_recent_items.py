"""Recent items: what each user did something with lately."""

import pytest

from box_dialect.emulator.resources import recent_items


def recent(box, query=""):
    return [(each["item"]["name"], each["interaction_type"]) for each in box.get(f"/recent_items?{query}")["entries"]]


def test_the_last_comes_first_and_each_item_once(box, place):
    file, other = (box.upload(f"{name}.txt", b"", place)["entries"][0]["id"] for name in "ab")
    assert recent(box, "limit=2") == [("b.txt", "item_upload"), ("a.txt", "item_upload")]

    box.post("/comments", {"message": "m", "item": {"type": "file", "id": file}})
    box.upload("b.txt", b"x", path=f"/files/{other}/content", status=200)
    box.call("GET", f"/files/{file}/content", 302)
    folder = box.folder("folder", place)
    assert recent(box, "limit=3") == [
        ("folder", "item_modify"), ("a.txt", "item_open"), ("b.txt", "item_modify"),
    ]  # fmt: skip
    assert [name for name, _ in recent(box, "limit=1000")].count("a.txt") == 1
    entry = box.get("/recent_items?limit=1")["entries"][0]
    assert entry.keys() == {"type", "item", "interaction_type", "interacted_at", "interaction_shared_link"}
    assert (entry["type"], entry["item"]["id"]) == ("recent_item", folder)


def test_pages(box, place):
    for name in "abc":
        box.upload(name, b"", place)
    everything, found = recent(box, "limit=1000"), []
    page = box.get("/recent_items?limit=2")
    while True:
        found += [(each["item"]["name"], each["interaction_type"]) for each in page["entries"]]
        if page["next_marker"] is None:
            break
        page = box.get(f"/recent_items?limit=2&marker={page['next_marker']}")
    assert found == everything


def test_each_user_has_own_ones_of_what_is_there_for_them(box, place):
    collaboration = box.share(place)
    file = box.upload("shared.txt", b"", place)["entries"][0]["id"]
    with box.signed_in(box.ready["user_id"]) as other:
        assert ("shared.txt", "item_upload") not in recent(other)
        other.post("/comments", {"message": "m", "item": {"type": "file", "id": file}})
        assert recent(other, "limit=1") == [("shared.txt", "item_comment")]
        box.delete(f"/collaborations/{collaboration}")
        assert ("shared.txt", "item_comment") not in recent(other)
    assert recent(box, "limit=1") == [("shared.txt", "item_upload")]
    box.delete(f"/files/{file}")
    assert ("shared.txt", "item_upload") not in recent(box)


@pytest.mark.parametrize("fields", ["interaction_type", "interaction_type,nonsense"])
def test_fields(box, place, fields):
    box.folder("x", place)
    assert box.get(f"/recent_items?limit=1&fields={fields}")["entries"] == [
        {"type": "recent_item", "interaction_type": "item_modify"}
    ]


def test_so_many_are_kept(box, place, monkeypatch):
    monkeypatch.setattr(recent_items, "MANY", 3)
    user = box.store.add_user("Busy", f"busy{place}@example.com")
    for number in range(5):
        file = box.upload(f"{number}", b"", place)["entries"][0]["id"]
        recent_items.interact(box.store, user, box.store.files[file], "item_preview")
    assert [each.item.name for each in user.of(recent_items.RecentItem).values()] == ["2", "3", "4"]
