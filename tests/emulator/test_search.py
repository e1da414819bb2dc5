"""Search by words and by what is known of items."""

import pytest


@pytest.fixture(scope="module")
def corpus(box):
    """Return the id of a folder whose items are searched."""
    folder = box.folder("corpus")
    inner = box.folder("deep quartz", folder)
    for parent, name, size in (
        (folder, "alpha beta.txt", 10),
        (folder, "beta gamma.pdf", 20),
        (inner, "alphabet gamma.TXT", 30),
        (inner, "delta.txt", 40),
    ):
        box.upload(name, b"x" * size, parent)
    delta = box.get(f"/folders/{inner}/items")["entries"][1]["id"]
    box.put(f"/files/{delta}", {"description": "about zirconium", "tags": ["opal"]})
    box.post("/comments", {"message": "mentions tourmaline", "item": {"type": "file", "id": delta}})
    box.post("/web_links", {"url": "https://example.com", "name": "gamma link", "parent": {"id": folder}}, 200)
    return folder


def found(box, corpus, query):
    page = box.get(f"/search?{query}&ancestor_folder_ids={corpus}&limit=200", check_request=False)
    assert page["type"] == "search_results_items"
    return sorted(entry["name"] for entry in page["entries"])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("delta", ["delta.txt"]),
        ("alpha", ["alpha beta.txt", "alphabet gamma.TXT"]),
        ("DELTA", ["delta.txt"]),
        ("alpha delta", ["alpha beta.txt", "alphabet gamma.TXT", "delta.txt"]),
        ("alpha OR delta", ["alpha beta.txt", "alphabet gamma.TXT", "delta.txt"]),
        ("gamma AND beta", ["beta gamma.pdf"]),
        ("gamma AND NOT beta", ["alphabet gamma.TXT", "gamma link"]),
        ("gamma NOT beta", ["alphabet gamma.TXT", "gamma link"]),
        ('"beta gamma"', ["beta gamma.pdf"]),
        ('"gamma beta"', []),
        ("lpha", []),
        ("zirconium", ["delta.txt"]),
        ("zircon", []),
        ("opal", ["delta.txt"]),
        ("tourmaline", ["delta.txt"]),
        ("quartz", ["deep quartz"]),
        ("zirconium&content_types=name", []),
        ("zirconium&content_types=name,description", ["delta.txt"]),
        ("tourmaline&content_types=comments", ["delta.txt"]),
        ("delta&content_types=file_content", []),
        ("gamma&type=web_link", ["gamma link"]),
        ("gamma&type=file", ["alphabet gamma.TXT", "beta gamma.pdf"]),
        ("quartz&type=folder", ["deep quartz"]),
        ("gamma&file_extensions=txt", ["alphabet gamma.TXT"]),
        ("gamma&file_extensions=txt,.pdf", ["alphabet gamma.TXT", "beta gamma.pdf"]),
        ("gamma&size_range=20,20", ["beta gamma.pdf"]),
        ("gamma&size_range=21,", ["alphabet gamma.TXT"]),
        ("gamma&size_range=,20", ["beta gamma.pdf"]),
        ("gamma&created_at_range=2099-01-01T00:00:00Z,", []),
        ("gamma&created_at_range=,2099-01-01T00:00:00%2B02:00&type=web_link", ["gamma link"]),
        ("gamma&updated_at_range=2001-01-01T00:00:00-08:00,2099-01-01&type=web_link", ["gamma link"]),
        ("delta&owner_user_ids=19999999001", ["delta.txt"]),
        ("delta&owner_user_ids=1", []),
        ("delta&recent_updater_user_ids=1", []),
    ],
)
def test_queries(box, corpus, query, names):
    assert found(box, corpus, f"query={query}") == names


def test_results_are_standard_and_paged(box, corpus):
    page = box.get(f"/search?query=gamma&ancestor_folder_ids={corpus}&limit=1&offset=1")

    assert (page["total_count"], page["limit"], page["offset"], len(page["entries"])) == (3, 1, 1, 1)
    assert {"size", "created_at", "owned_by"} <= page["entries"][0].keys() or "url" in page["entries"][0]
    fields = box.get(f"/search?query=gamma&ancestor_folder_ids={corpus}&fields=name")
    assert {frozenset(entry) for entry in fields["entries"]} == {frozenset({"type", "id", "etag", "name"})}


def test_limits(box):
    assert box.get("/search?query=x")["limit"] == 30
    assert box.get("/search?query=x&limit=1000", check_request=False)["limit"] == 200
    box.get("/search?query=x&offset=10001", 400, check_request=False)


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
def test_sort_by_time(start, direction):
    with start(synthetic=100) as box:
        query = f"/search?query=report&sort=modified_at&direction={direction}&fields=content_modified_at,id"
        times = [box.store.items["file"][entry["id"]].modified_at for entry in box.get(query)["entries"]]

    assert times == sorted(times, reverse=direction == "DESC")
    assert len(times) == 13


def test_trash(box, place):
    file = box.upload("rubbishword.txt", b"", place)["entries"][0]["id"]
    box.delete(f"/files/{file}")

    counts = [
        box.get(f"/search?query=rubbishword{more}")["total_count"]
        for more in ("", "&trash_content=trashed_only", "&trash_content=all_items")
    ]
    assert counts == [0, 1, 1]


def test_changes_are_found(box, place):
    folder = box.folder("wordbefore", place)
    box.put(f"/folders/{folder}", {"name": "wordafter"})

    assert box.get("/search?query=wordbefore")["total_count"] == 0
    assert box.get("/search?query=wordafter")["total_count"] == 1


def test_refusals(box):
    error = box.get("/search", 400)["context_info"]["errors"][0]
    assert error == {"reason": "missing_parameter", "name": "to_search", "message": "'to_search' is required"}
    box.get("/search?query=x&ancestor_folder_ids=999", 404)
    for more in ("type=user", "size_range=a,b", "created_at_range=soon,", "sort=name", "content_types=sound"):
        box.get(f"/search?query=x&{more}", 400, check_request=False)
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/search?query=x&scope=enterprise_content", 403)
