"""The trash and web links, which go there too."""

import pytest


@pytest.fixture
def three(box, place):
    """Return a file, a folder that is not empty and a web link, as (kind, id)."""
    folder = box.folder("folder", place)
    box.upload("inside.txt", b"123", folder)
    link = box.post("/web_links", {"url": "https://example.com", "name": "link", "parent": {"id": place}}, 200)
    file = box.upload("file.txt", b"4567", place)["entries"][0]
    return [("files", file["id"]), ("folders", folder), ("web_links", link["id"])]


def listed(box, **query):
    names = "&".join(f"{name}={value}" for name, value in query.items())
    return [entry["id"] for entry in box.get(f"/folders/trash/items?limit=1000&{names}")["entries"]]


def test_delete_get_restore_and_purge(box, place, three):
    for kind, identity in three:
        box.delete(f"/{kind}/{identity}?recursive=true", check_request=False)
        got = box.get(f"/{kind}/{identity}/trash")
        assert (got["item_status"], got["path_collection"]["entries"][0]["id"]) == ("trashed", "1")
        assert got["trashed_at"] < got["purged_at"]
        assert identity in listed(box)
        restored = box.post(f"/{kind}/{identity}")
        assert (restored["item_status"], restored["trashed_at"], restored["parent"]["id"]) == ("active", None, place)
        assert identity not in listed(box)
        box.delete(f"/{kind}/{identity}?recursive=true", check_request=False)
        box.delete(f"/{kind}/{identity}/trash")
        box.get(f"/{kind}/{identity}", 404)


def test_links_rest_in_the_trash(box, three):
    """A shared link is null there, and in the answer that restores the item; then it is in force again."""
    box.put(f"/folders/{three[1][1]}", {"folder_upload_email": {"access": "open"}})
    for kind, identity in three:
        path = f"/{kind}/{identity}"
        link = box.put(path, {"shared_link": {}})["shared_link"]
        box.delete(f"{path}?recursive=true", check_request=False)
        trashed = [box.get(f"{path}/trash"), box.get(f"{path}/trash?fields=shared_link", documented=False)]
        if kind != "folders":
            trashed.append(box.get(path))
        restored = box.post(path)
        for answer in (*trashed, restored):
            assert (answer["shared_link"], answer.get("folder_upload_email")) == (None, None)
        assert box.get(path)["shared_link"] == link
    assert box.get(f"/folders/{three[1][1]}")["folder_upload_email"]["access"] == "open"


def test_links_below_a_trashed_folder_rest(box, three):
    folder = three[1][1]
    child = box.get(f"/folders/{folder}/items")["entries"][0]["id"]
    box.put(f"/files/{child}", {"shared_link": {}})
    box.delete(f"/folders/{folder}?recursive=true")

    got = box.get(f"/files/{child}?fields=shared_link,is_accessible_via_shared_link")
    assert (got["shared_link"], got["is_accessible_via_shared_link"]) == (None, False)


def test_trashed_file_and_link_are_still_found_but_folder_is_not(box, three):
    for kind, identity in three:
        box.delete(f"/{kind}/{identity}?recursive=true", check_request=False)

    statuses = [box.http.get(f"{box.ready['api_base_url']}/{kind}/{identity}").status_code for kind, identity in three]
    assert statuses == [200, 404, 200]


def test_children_of_a_trashed_folder(box, three):
    folder = three[1][1]
    child = box.get(f"/folders/{folder}/items")["entries"][0]["id"]
    box.delete(f"/folders/{folder}?recursive=true")

    assert child not in listed(box)
    assert box.get(f"/files/{child}/trash", 404)["code"] == "not_trashed"
    assert box.get(f"/files/{child}")["item_status"] == "trashed"
    box.post(f"/folders/{folder}")
    assert box.get(f"/files/{child}")["item_status"] == "active"


def test_what_is_not_trashed(box, three):
    for kind, identity in three:
        assert box.get(f"/{kind}/{identity}/trash", 404)["code"] == "not_trashed"
        assert box.post(f"/{kind}/{identity}", {}, 404)["code"] == "not_trashed"
        assert box.delete(f"/{kind}/{identity}/trash", 404)["code"] == "not_trashed"


def test_the_trash_is_emptied_after_thirty_days(start):
    with start() as box:
        folder = box.folder("rubbish")
        file = box.upload("inside.txt", b"12", folder)["entries"][0]["id"]
        box.delete(f"/folders/{folder}?recursive=true")
        with box.clock(29 * 86_400):
            assert box.get(f"/folders/{folder}/trash")["item_status"] == "trashed"
        with box.clock(31 * 86_400), box.signed_in(box.ready["admin_user_id"]) as later:
            assert later.get("/folders/trash/items")["total_count"] == 0
            later.get(f"/folders/{folder}/trash", 404)
            assert later.get(f"/files/{file}", 404)["code"] == "not_found"


def test_restore_when_the_name_is_taken(box, place, three):
    file = three[0][1]
    box.delete(f"/files/{file}")
    box.upload("file.txt", b"", place)

    assert box.post(f"/files/{file}", {}, 409)["code"] == "item_name_in_use"
    assert box.post(f"/files/{file}", {"name": "other.txt"})["name"] == "other.txt"


@pytest.mark.parametrize("name", [5, None, ["a"], "a/b", ""])
def test_restore_by_a_name_that_is_none(box, three, name):
    file = three[0][1]
    box.delete(f"/files/{file}")

    box.post(f"/files/{file}", {"name": name}, 400, check_request=False)
    assert box.get(f"/files/{file}/trash")["item_status"] == "trashed"


def test_restore_when_the_parent_is_gone(box, place, three):
    folder = three[1][1]
    child = box.get(f"/folders/{folder}/items")["entries"][0]["id"]
    box.delete(f"/files/{child}")
    box.delete(f"/folders/{folder}?recursive=true")

    box.post(f"/files/{child}", {}, 404)
    assert box.post(f"/files/{child}", {"parent": {"id": place}})["parent"]["id"] == place


def test_paging_and_sorting(box, three):
    for kind, identity in three:
        box.delete(f"/{kind}/{identity}?recursive=true", check_request=False)
    everything = listed(box)

    page = box.get("/folders/trash/items?limit=1&usemarker=true")
    assert page["entries"][0]["id"] == everything[0]
    rest = box.get(f"/folders/trash/items?usemarker=true&limit=1000&marker={page['next_marker']}")
    assert ([entry["id"] for entry in rest["entries"]], rest["next_marker"]) == (everything[1:], None)
    assert sorted(listed(box, sort="size", direction="DESC")) == sorted(everything)
    assert box.get("/folders/trash/items?offset=1&limit=1")["total_count"] == len(everything)


@pytest.mark.parametrize(
    "query",
    ["usemarker=true&sort=name", "usemarker=true&direction=ASC", "usemarker=true&offset=1", "marker=x", "sort=id"],
)
def test_refused_queries(box, query):
    box.get(f"/folders/trash/items?{query}", 400, check_request=False)


def test_web_link(box, place):
    link = box.post("/web_links", {"url": "https://example.com/a?b=c", "parent": {"id": place}}, 200)
    assert link["name"] == "https:__example.com_a?b=c"
    path = f"/web_links/{link['id']}"
    changes = {"name": "n", "description": "d", "url": "http://example.org", "shared_link": {}}
    changed = box.put(path, changes)

    assert (changed["name"], changed["description"], changed["url"]) == ("n", "d", "http://example.org")
    assert changed["shared_link"]["access"] == "open"
    assert box.get(path) == changed
    box.get(path, 304, headers={"if-none-match": "1"})


def test_refused_web_links(box, place):
    box.post("/web_links", {"url": "ftp://example.com", "parent": {"id": place}}, 400)
    box.post("/web_links", {"parent": {"id": place}}, 400, check_request=False)
    link = box.post("/web_links", {"url": "https://example.com", "name": "n", "parent": {"id": place}}, 200)
    box.put(f"/web_links/{link['id']}", {"url": "nonsense"}, 400)
    box.post("/web_links", {"url": "https://example.com", "name": "N", "parent": {"id": place}}, 409)
    box.get("/web_links/999", 404)


@pytest.mark.parametrize("kind", ["files", "web_links"])
def test_trashed_items_cannot_be_changed(box, three, kind):
    identity = dict(three)[kind]
    box.delete(f"/{kind}/{identity}")

    assert box.put(f"/{kind}/{identity}", {"name": "x"}, 404)["code"] == "trashed"
