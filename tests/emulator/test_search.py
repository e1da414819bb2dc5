"""Search by words and by what is known of items."""

import json

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


def text_of(box, name, data, place):
    return box.upload(name, data, place)["entries"][0]["id"]


def test_text_of_files(box, place):
    file = text_of(box, "plain.txt", "Obsidian and Ünique malachite".encode(), place)
    text_of(box, "cut.txt", b"x " * 4_996 + b"jasper \xc3\xa4", place)  # the last letter lies across the limit
    text_of(box, "late.txt", b"x " * 5_000 + b" jasper", place)
    text_of(box, "binary.bin", b"jasper\0", place)
    text_of(box, "latin.txt", b"jasper \xe4 ", place)

    assert found(box, place, "query=obsidian") == ["plain.txt"]
    assert found(box, place, "query=ünique&content_types=file_content") == ["plain.txt"]
    assert found(box, place, 'query="obsidian and"&content_types=file_content') == ["plain.txt"]
    assert found(box, place, "query=obsidia") == []
    assert found(box, place, "query=obsidian&content_types=name,description") == []
    assert found(box, place, "query=jasper") == ["cut.txt"]
    box.upload("plain.txt", b"now of garnet", status=200, path=f"/files/{file}/content")
    assert [found(box, place, f"query={word}") for word in ("obsidian", "garnet")] == [[], ["plain.txt"]]


def test_recent_updaters_are_those_of_ten_versions(box, place):
    file = text_of(box, "versions.txt", b"0", place)
    box.share(file, kind="file")
    with box.signed_in(box.ready["user_id"]) as other:
        other.upload("versions.txt", b"1", status=200, path=f"/files/{file}/content")
    asked = f"query=versions&recent_updater_user_ids={box.ready['user_id']}"
    for _ in range(9):
        box.upload("versions.txt", b"2", status=200, path=f"/files/{file}/content")

    assert found(box, place, asked) == ["versions.txt"]
    box.upload("versions.txt", b"3", status=200, path=f"/files/{file}/content")
    assert found(box, place, asked) == []


def test_deleted_by_whom_and_when(box, place):
    mine, theirs = (text_of(box, f"deletedword {who}.txt", b"", place) for who in ("mine", "theirs"))
    folder = box.folder("deletedword folder", place)
    text_of(box, "deletedword inside.txt", b"", folder)
    box.delete(f"/files/{mine}")
    box.share(place)
    with box.signed_in(box.ready["user_id"]) as other:
        other.delete(f"/files/{theirs}")
        other.delete(f"/folders/{folder}?recursive=true")
    trash = "query=deletedword&trash_content=trashed_only"
    all_theirs = ["deletedword folder", "deletedword inside.txt", "deletedword theirs.txt"]

    assert found(box, place, f"{trash}&deleted_user_ids={box.ready['admin_user_id']}") == ["deletedword mine.txt"]
    assert found(box, place, f"{trash}&deleted_user_ids={box.ready['user_id']},7") == all_theirs
    assert len(found(box, place, f"{trash}&deleted_at_range=2023-02-01T00:00:00Z,")) == 4
    assert found(box, place, f"{trash}&deleted_at_range=,2023-02-01T00:00:00Z") == []
    for outside in ("", "&trash_content=all_items"):
        assert found(box, place, f"query=deletedword{outside}&deleted_user_ids={box.ready['user_id']}") == []
        assert found(box, place, f"query=deletedword{outside}&deleted_at_range=2023-02-01T00:00:00Z,") == []


def test_recent_shared_links_change_the_form(box, corpus):
    asked = f"/search?query=delta&ancestor_folder_ids={corpus}&fields=name&include_recent_shared_links="
    page = box.get(f"{asked}true")

    assert (page["type"], page["total_count"], page["offset"], page["limit"]) == (
        "search_results_with_shared_links", 1, 0, 30,
    )  # fmt: skip
    entry = page["entries"][0]
    assert (entry["type"], entry["accessible_via_shared_link"]) == ("search_result", None)
    assert entry["item"].keys() == {"type", "id", "etag", "name"}
    assert box.get(f"{asked}false")["type"] == "search_results_items"
    box.get(f"{asked}1", 400, check_request=False)


def by_metadata(box, filters, status=200, **more):
    asked = {"mdfilters": filters if isinstance(filters, str) else json.dumps(filters), **more}
    return box.call("GET", "/search", status, params=asked, check_request=False).json()


@pytest.mark.parametrize(
    "filters",
    [
        {"category": "online"},
        {"amount": 5, "share": {"gt": 1, "lt": 2.5}},
        {"due": {"gt": "2017-08-01T00:00:00Z"}, "kinds": ["a", "b"]},
    ],
    ids=str,
)
@pytest.mark.parametrize("scope", ["global", "enterprise", "enterprise_12345"])
def test_a_template_that_there_is_not_finds_nothing(box, scope, filters):
    asked = [{"scope": scope, "templateKey": "contract", "filters": filters}]

    assert by_metadata(box, asked)["total_count"] == 0
    assert by_metadata(box, asked, query="notes")["entries"] == []


@pytest.fixture(scope="module")
def deeds(box):
    """Return the scope of a template that three files have instances of."""
    store, folder = box.store, box.folder("deeds")
    options = {"options": [{"key": each} for each in "abc"]}
    template = store.add_template(
        "deed", {"type": "string", "key": "category"}, {"type": "float", "key": "amount"},
        {"type": "date", "key": "due"}, {"type": "enum", "key": "status", **options},
        {"type": "multiSelect", "key": "kinds", **options},
    )  # fmt: skip
    for name, values in {
        "one.txt": {"category": "online", "amount": 1, "due": "2017-08-01T00:00:00Z", "kinds": ["a"]},
        "two.txt": {"category": "Online", "amount": 2.5, "due": "2018-08-01T00:00:00Z", "kinds": ["b", "c"]},
        "three.txt": {"category": "5", "amount": 5, "status": "a"},
    }.items():
        file = store.files[box.upload(name, b"", folder)["entries"][0]["id"]]
        store.add_instance(file, template, values)
    return template.scope


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"category": "online"}, {"one.txt"}),
        ({"category": "5"}, {"three.txt"}),
        ({"amount": 5}, {"three.txt"}),
        ({"amount": "5"}, set()),
        ({"amount": {"gt": 1, "lt": 2.5}}, {"one.txt", "two.txt"}),
        ({"amount": {"gt": 2}}, {"two.txt", "three.txt"}),
        ({"amount": {"gt": "2017-08-01T00:00:00Z"}}, set()),
        ({"due": {"gt": "2017-08-01T02:00:00+02:00"}}, {"one.txt", "two.txt"}),
        ({"due": {"lt": "2018-07-31T23:59:59.999Z"}}, {"one.txt"}),
        ({"due": "2017-08-01T01:00:00+01:00"}, {"one.txt"}),
        ({"status": "a"}, {"three.txt"}),
        ({"kinds": ["a", "b"]}, {"one.txt", "two.txt"}),
        ({"kinds": ["a", "b"], "amount": {"gt": 2}}, {"two.txt"}),
        ({"nonsense": "a"}, set()),
    ],
)
def test_metadata_filters(box, deeds, filters, names):
    for scope in ("enterprise", deeds):
        asked = [{"scope": scope, "templateKey": "deed", "filters": filters}]
        assert {entry["name"] for entry in by_metadata(box, asked)["entries"]} == names
        assert {entry["name"] for entry in by_metadata(box, asked, query="two three")["entries"]} == names - {"one.txt"}
        assert by_metadata(box, asked, type="folder")["entries"] == []


GOOD = {"scope": "global", "templateKey": "contract", "filters": {"a": "b"}}


@pytest.mark.parametrize(
    "filters",
    [
        "nonsense", {}, [], GOOD, [GOOD, GOOD], ["contract"], [{**GOOD, "filters": {}}], [{**GOOD, "filters": None}],
        [{**GOOD, "scope": "mine"}], [{**GOOD, "scope": "enterprise_x"}], [{"scope": "global", "filters": {"a": "b"}}],
        [{**GOOD, "filters": {"a": {"ge": 1}}}], [{**GOOD, "filters": {"a": [1]}}], [{**GOOD, "filters": {"a": True}}],
    ],
    ids=str,
)  # fmt: skip
def test_refused_metadata_filters(box, filters):
    error = by_metadata(box, filters, 400)

    assert (error["code"], error["context_info"]["errors"][0]["name"]) == ("bad_request", "mdfilters")


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
    for more in (
        "scope=everything", "direction=UP", "size_range=5", "created_at_range=2020-01-01T00:00:00Z", "size_range=1,2,3",
        "trash_content=some", "limit=x", "deleted_at_range=a,b&trash_content=trashed_only",
    ):  # fmt: skip
        box.get(f"/search?query=x&{more}", 400, check_request=False)
    for more in ("type=user", "size_range=a,b", "created_at_range=soon,", "sort=name", "content_types=sound"):
        box.get(f"/search?query=x&{more}", 400, check_request=False)
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/search?query=x&scope=enterprise_content", 403)
