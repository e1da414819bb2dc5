"""Favorites: the only collection, of which each user has an own one."""

import pytest


@pytest.fixture
def favorites(box):
    identity = box.get("/collections")["entries"][0]["id"]
    for path in collected(box, identity):  # those of the seed
        keep(box, path)
    return identity


@pytest.fixture
def three(box, place):
    file = box.upload("file.txt", b"", place)["entries"][0]["id"]
    link = box.post("/web_links", {"url": "https://example.com", "name": "link", "parent": {"id": place}}, 200)["id"]
    return [f"/files/{file}", f"/folders/{box.folder('inner', place)}", f"/web_links/{link}"]


def collected(box, favorites, **query):
    page = box.call("GET", f"/collections/{favorites}/items", params={"limit": 1000, **query}).json()
    return [f"/{entry['type']}s/{entry['id']}" for entry in page["entries"]]


def keep(box, path, *collections):
    return box.put(f"{path}?fields=collections", {"collections": [{"id": each} for each in collections]})


def test_there_is_one(box, favorites):
    page = box.get("/collections")

    assert (page["total_count"], page["offset"], page["limit"]) == (1, 0, 100)
    assert box.get(f"/collections/{favorites}") == {
        "type": "collection", "id": favorites, "name": "Favorites", "collection_type": "favorites",
    }  # fmt: skip
    assert box.get("/collections?offset=1")["entries"] == []
    box.get("/collections/7", 404)
    box.get("/collections/7/items", 404)


def test_keep_and_remove(box, favorites, three):
    for path in three:
        assert box.get(f"{path}?fields=collections", check_request=False)["collections"] == []
        answer = keep(box, path, favorites)
        assert answer.keys() == {"type", "id", "etag", "collections"}
        assert [each["id"] for each in answer["collections"]] == [favorites]
    assert collected(box, favorites) == three
    assert collected(box, favorites, offset=1, limit=1) == three[1:2]
    keep(box, three[0])
    box.put(three[1], {"collections": None})

    assert collected(box, favorites) == three[2:]
    box.put(three[2], {"description": "still kept"})
    assert collected(box, favorites) == three[2:]
    box.delete(three[2])
    assert collected(box, favorites) == []


def test_they_are_of_who_asks(box, favorites, three):
    keep(box, three[0], favorites)
    box.share(three[0].removeprefix("/files/"), kind="file")
    with box.signed_in(box.ready["user_id"]) as other:
        assert collected(other, favorites) == []
        assert other.get(f"{three[0]}?fields=collections")["collections"] == []
    keep(box, three[0])


@pytest.mark.parametrize("asked", [[{"id": "7"}], ["405151"], "405151"])
def test_unknown_collections(box, three, asked):
    box.put(three[0], {"collections": asked}, 400, check_request=False)


def test_what_is_no_longer_shared_is_no_favorite(box, favorites, place):
    shared = box.share(place, box.ready["user_id"], "editor")
    with box.signed_in(box.ready["user_id"]) as other:
        keep(other, f"/folders/{place}", favorites)
        assert f"/folders/{place}" in collected(other, favorites)
        box.delete(f"/collaborations/{shared}")

        assert f"/folders/{place}" not in collected(other, favorites)
