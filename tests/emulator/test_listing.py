"""Lists of folder items: paging, sorting, representations and fields."""

import pytest

from box_dialect.emulator.resources import SHIPPED

COUNT = 25
FULL = {resource.entity.type: resource.entity.representation.full for resource in SHIPPED if resource.entity}


@pytest.fixture(scope="module")
def full(box):
    """Return the id of a folder with files of many sizes, two folders and a web link."""
    folder = box.folder("listed")
    for number in range(COUNT):
        box.upload(f"file {number:02d}.txt", b"x" * (number * 7 % 11), folder)
    box.folder("b folder", folder)
    box.folder("A folder", folder)
    box.post("/web_links", {"url": "https://example.com", "name": "a link", "parent": {"id": folder}}, 200)
    return folder


def test_offset_page(box, full):
    page = box.get(f"/folders/{full}/items?offset=20&limit=5")

    assert (page["total_count"], page["offset"], page["limit"], len(page["entries"])) == (COUNT + 3, 20, 5, 5)
    assert page["order"] == [{"by": "type", "direction": "ASC"}, {"by": "name", "direction": "ASC"}]
    assert "next_marker" not in page


@pytest.mark.parametrize(("offset", "count"), [(COUNT + 2, 1), (COUNT + 3, 0), (99_999, 0)])
def test_last_offset_pages(box, full, offset, count):
    page = box.get(f"/folders/{full}/items?offset={offset}")

    assert (len(page["entries"]), page["total_count"]) == (count, COUNT + 3)


def test_limit_is_clamped_and_told(box, full):
    assert box.get(f"/folders/{full}/items?limit=5000", check_request=False)["limit"] == 1000
    assert box.get(f"/folders/{full}/items")["limit"] == 100
    assert box.get(f"/folders/{full}/items?limit=0")["limit"] == 100


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "offset=1.5", "sort=color", "direction=UP", "marker=abc"])
def test_refused_queries(box, full, query):
    box.get(f"/folders/{full}/items?{query}", 400, check_request=False)


def test_refused_marker(box, full):
    box.get(f"/folders/{full}/items?usemarker=true&marker=nonsense", 400)


@pytest.mark.parametrize("limit", [1, 7, 28, 1000])
def test_marker_pages_are_the_whole_list(box, full, limit):
    seen, marker = [], None
    for _ in range(-(-(COUNT + 3) // limit)):
        start = f"&marker={marker}" if marker else ""
        page = box.get(f"/folders/{full}/items?usemarker=true&limit={limit}{start}")
        assert page.keys() == {"entries", "limit", "next_marker"}
        seen += [entry["id"] for entry in page["entries"]]
        marker = page["next_marker"]

    assert marker is None
    assert seen == [entry["id"] for entry in box.get(f"/folders/{full}/items")["entries"]]


def test_marker_survives_changes(box, place):
    ids = [box.folder(f"f{number}", place) for number in range(4)]
    marker = box.get(f"/folders/{place}/items?usemarker=true&limit=2")["next_marker"]
    box.delete(f"/folders/{ids[0]}")

    rest = box.get(f"/folders/{place}/items?usemarker=true&marker={marker}")
    assert [entry["id"] for entry in rest["entries"]] == ids[2:]


def test_root_has_no_sort_by_marker(box):
    box.get("/folders/0/items?usemarker=true")
    box.get("/folders/0/items?usemarker=true&sort=name", 400)


@pytest.mark.parametrize("sort", ["id", "name", "date", "size"])
def test_sort_within_kinds(box, full, sort):
    up = box.get(f"/folders/{full}/items?sort={sort}&fields=id,name,size,type,modified_at")
    down = box.get(f"/folders/{full}/items?sort={sort}&direction=DESC&fields=id")
    kinds = [entry["type"] for entry in up["entries"]]
    files = [entry for entry in up["entries"] if entry["type"] == "file"]
    keys = {"id": lambda file: int(file["id"]), "name": lambda file: file["name"], "size": lambda file: file["size"]}
    key = keys.get(sort, lambda file: file["modified_at"])

    assert kinds == ["folder"] * 2 + ["file"] * COUNT + ["web_link"]
    assert [key(file) for file in files] == sorted(key(file) for file in files)
    assert [entry["id"] for entry in down["entries"] if entry["type"] == "file"] == [file["id"] for file in files][::-1]
    assert up["order"][1] == {"by": sort, "direction": "ASC"}


def test_names_sort_regardless_of_case(box, full):
    folders = box.get(f"/folders/{full}/items?limit=2")["entries"]

    assert [folder["name"] for folder in folders] == ["A folder", "b folder"]


def test_lists_are_mini(box, full):
    keys = {entry["type"]: entry.keys() for entry in box.get(f"/folders/{full}/items")["entries"]}

    assert keys["file"] == {"type", "id", "etag", "file_version", "sequence_id", "sha1", "name"}
    assert keys["folder"] == {"type", "id", "etag", "sequence_id", "name"}
    assert keys["web_link"] == {"type", "id", "etag", "sequence_id", "name", "url"}


def test_fields_replace_the_representation(box, full):
    entries = box.get(f"/folders/{full}/items?fields=size,nonsense,comment_count")["entries"]
    keys = {entry["type"]: entry.keys() for entry in entries}

    assert keys["file"] == {"type", "id", "etag", "size", "comment_count"}
    assert keys["folder"] == {"type", "id", "etag", "size"}
    assert keys["web_link"] == {"type", "id", "etag"}


def test_item_collection_is_paged_and_left_out_unless_asked(box, full):
    collection = box.get(f"/folders/{full}?limit=3&offset=1&sort=id&direction=DESC")["item_collection"]

    assert (len(collection["entries"]), collection["offset"], collection["order"][1]["by"]) == (3, 1, "id")
    assert box.get(f"/folders/{full}?fields=name").keys() == {"type", "id", "etag", "name"}
    assert "item_collection" in box.get(f"/folders/{full}?fields=item_collection")


def test_single_items_are_standard(box, full):
    file = next(entry for entry in box.get(f"/folders/{full}/items")["entries"] if entry["type"] == "file")
    standard = box.get(f"/files/{file['id']}")

    assert standard["size"] == 0
    assert standard["owned_by"]["id"] == box.ready["admin_user_id"]
    assert not {"tags", "lock", "comment_count", "extension"} & standard.keys()


def test_all_fields_of_all_kinds(box, full):
    for entry in box.get(f"/folders/{full}/items")["entries"]:
        names = FULL[entry["type"]]
        assert box.get(f"/{entry['type']}s/{entry['id']}?fields={','.join(names)}").keys() == set(names)


def test_nulls_of_everything_are_those_of_the_document(box):
    """Each kind of thing in each state that the seed has, in all fields; what may be null is in the document."""
    seen = set()
    for kind in ("file", "folder", "web_link"):
        for item in list(box.store.items[kind].values()):
            in_trash = "/trash" if item.trashed_at is not None else ""
            marks = [
                getattr(item, name, None) for name in ("shared_link", "lock", "comments", "collaborations", "tags")
            ]
            state = (kind, in_trash, item.id == "0", len(getattr(item, "versions", ())), *map(bool, marks))
            if state in seen or (not in_trash and item.is_trashed):
                continue
            seen.add(state)
            assert box.get(f"/{kind}s/{item.id}{in_trash}")["id"] == item.id
            if not in_trash:
                box.get(f"/{kind}s/{item.id}?fields={','.join(FULL[kind])}", check_request=False)
            if kind == "file" and len(item.versions) > 1:
                box.get(f"/files/{item.id}/versions?fields={','.join(FULL['file_version'])}")
                box.get(f"/files/{item.id}/versions")
    for comment in box.store.comments:
        box.get(f"/comments/{comment}?fields={','.join(FULL['comment'])}")
    for collaboration in box.store.collaborations:
        box.get(f"/collaborations/{collaboration}?fields={','.join(FULL['collaboration'])}")


def test_times_have_offsets_that_vary(start):
    with start(synthetic=400) as box:
        names = "/folders/0/items?fields=created_at"
        offsets = {entry["created_at"][-6:] for entry in box.get(names)["entries"]}

    assert offsets == {"-07:00", "-08:00"}
