"""Metadata queries: items by the values of one template, in an order, page by page."""

import itertools

import pytest

NUMBERS = itertools.count(1)
QUERY = "/metadata_queries/execute_read"
OPTIONS = {"options": [{"key": each} for each in ("open", "closed")]}


@pytest.fixture(scope="module")
def deals(box):
    """Return a template with instances on a folder, four files in it, and a file of a folder below."""
    store = box.store
    template = store.add_template(
        "deal", {"type": "string", "key": "name"}, {"type": "float", "key": "amount"},
        {"type": "date", "key": "signed"}, {"type": "enum", "key": "status", **OPTIONS},
        {"type": "multiSelect", "key": "tags", **OPTIONS},
    )  # fmt: skip
    folder = store.folders[box.folder("deals")]
    inner = store.folders[box.folder("inner", folder.id)]
    values = {
        "one.pdf": {"name": "Ada", "amount": 10, "status": "open", "signed": "2020-01-01T00:00:00.000Z"},
        "two.txt": {"name": "Bob", "amount": 20, "status": "closed", "tags": ["open", "closed"]},
        "three.txt": {"name": "ada", "amount": 30, "status": "open", "tags": ["open"]},
        "four.txt": {"amount": -16777216},
        "inner.txt": {"name": "Ada", "amount": 20, "signed": "2021-01-01T00:00:00.000Z"},
    }
    for name, each in values.items():
        place = inner if name == "inner.txt" else folder
        file = store.files[box.upload(name, b"x", place.id)["entries"][0]["id"]]
        store.add_instance(file, template, each)
    store.add_instance(folder, template, {"name": "all", "amount": 0})
    box.upload("bare.txt", b"x", folder.id)
    return template


@pytest.fixture
def ask(box, deals):
    """Return a function that sends a query, by default about the deals."""

    def asking(query=None, status=200, parameters=None, **more):
        body = {"from": f"{deals.scope}.{deals.key}", "ancestor_folder_id": "0", "query": query,
            "query_params": parameters, **more}  # fmt: skip
        body = {name: value for name, value in body.items() if value is not None}
        return box.post(QUERY, body, status, check_request=status == 200)

    return asking


@pytest.fixture
def names(ask):
    """Return a function that tells the names of the items that a query finds."""

    def naming(*arguments, **more):
        return [entry["name"] for entry in ask(*arguments, fields=["name"], **more)["entries"]]

    return naming


ALL = {"deals", "one.pdf", "two.txt", "three.txt", "four.txt", "inner.txt"}


def test_without_a_condition_all_that_have_the_template(ask):
    page = ask()

    assert (len(page["entries"]), page["limit"]) == (6, 100)
    assert "next_marker" not in page
    assert all(entry.keys() == {"type", "id", "etag"} for entry in page["entries"])


@pytest.mark.parametrize(
    ("query", "parameters", "found"),
    [
        ("name = :p", {"p": "Ada"}, {"one.pdf", "inner.txt"}),
        ("name ILIKE :p", {"p": "a%"}, {"one.pdf", "three.txt", "inner.txt", "deals"}),
        ("name <> :p", {"p": "Ada"}, {"two.txt", "three.txt", "deals"}),
        ("NOT (name = :p)", {"p": "Ada"}, {"two.txt", "three.txt", "deals"}),
        ("name IS NULL", {}, {"four.txt"}),
        ("amount >= :p AND amount < :q", {"p": 10, "q": 30}, {"one.pdf", "two.txt", "inner.txt"}),
        ("amount IN (:p, :q)", {"p": 30, "q": -16777216}, {"three.txt", "four.txt"}),
        ("status = :p OR tags HASANY (:p)", {"p": "open"}, {"one.pdf", "two.txt", "three.txt"}),
        ("tags HASALL (:p, :q)", {"p": "open", "q": "closed"}, {"two.txt"}),
        ("tags = :p", {"p": ["closed", "open"]}, {"two.txt"}),
        ("signed < :p", {"p": "2020-12-31T23:59:59Z"}, {"one.pdf"}),
        ("item.type = :p", {"p": "folder"}, {"deals"}),
        ("item.name LIKE :p", {"p": "t%.txt"}, {"two.txt", "three.txt"}),
        ("item.extension = :p AND amount > :q", {"p": "txt", "q": 0}, {"two.txt", "three.txt", "inner.txt"}),
        ("item.created_at > :p", {"p": "2000-01-01T00:00:00Z"}, ALL),
        ("item.modified_at < :p", {"p": "2000-01-01T00:00:00Z"}, set()),
        ("item.quick_search_content ~ :p", {"p": "INNER txt"}, {"inner.txt"}),
    ],
)
def test_conditions(names, query, parameters, found):
    assert set(names(query, parameters=parameters)) == found


def test_the_owner_of_an_item(box, names):
    owner, enterprise = f"user_{box.ready['admin_user_id']}", box.ready["enterprise_id"]
    assert set(names("item.owned_by = :p", parameters={"p": owner})) == ALL
    assert set(names("item.owner_enterprise_id = :p", parameters={"p": enterprise})) == ALL
    assert names("item.owned_by = :p", parameters={"p": "user_1"}) == []


def test_orders(names):
    by_amount = names(order_by=[{"field_key": "amount", "direction": "asc"}])
    assert [by_amount[:3], set(by_amount[3:5]), by_amount[5]] == [
        ["four.txt", "deals", "one.pdf"], {"two.txt", "inner.txt"}, "three.txt",
    ]  # fmt: skip
    order = [{"field_key": "amount", "direction": "DESC"}, {"field_key": "name", "direction": "desc"}]
    assert names(order_by=order) == ["three.txt", "two.txt", "inner.txt", "one.pdf", "deals", "four.txt"]
    assert names(order_by=[{"field_key": "item.name", "direction": "ASC"}]) == sorted(ALL)
    for direction in ("asc", "desc"):
        order = [{"field_key": key, "direction": direction} for key in ("signed", "item.name")]
        signed = {"one.pdf", "inner.txt"}
        assert set(names(order_by=order)[:2]) == signed, "what has no value comes last"


def test_pages(ask):
    order = [{"field_key": "item.name", "direction": "asc"}]
    found, marker = [], {}
    while marker is not None:
        page = ask("amount > :p", parameters={"p": -1}, order_by=order, limit=2, fields=["name"], **marker)
        found.append([entry["name"] for entry in page["entries"]])
        marker = {"marker": page["next_marker"]} if "next_marker" in page else None

    assert found == [["deals", "inner.txt"], ["one.pdf", "three.txt"], ["two.txt"]]
    assert ask(limit=0)["entries"] == []


def test_a_marker_is_of_one_query(ask):
    asked = {"query": "amount > :p", "parameters": {"p": 1}, "limit": 1}
    marker = ask(**asked)["next_marker"]
    ask(**asked, marker=marker)
    for other in (
        {"query": "amount >= :p"}, {"parameters": {"p": 2}}, {"ancestor_folder_id": "7"}, {"fields": ["name"]},
        {"order_by": [{"field_key": "name", "direction": "asc"}]}, {"marker": "x"}, {"marker": f"{marker[:16]}.eHg="},
    ):  # fmt: skip
        status = 404 if "ancestor_folder_id" in other else 400
        ask(**{**asked, "marker": marker, **other}, status=status)


def test_a_page_goes_on_where_the_last_one_ended(box, start):
    with start() as box:
        store = box.store
        template = store.add_template("moving", {"type": "float", "key": "n"})
        files = list(store.files.values())[:6]
        for number, file in enumerate(files):
            store.add_instance(file, template, {"n": number})
        body = {"from": f"{template.scope}.moving", "ancestor_folder_id": "0", "limit": 3,
            "order_by": [{"field_key": "n", "direction": "asc"}]}  # fmt: skip
        first = box.post(QUERY, body, 200)
        box.delete(f"/files/{files[0].id}/metadata/enterprise/moving")
        second = box.post(QUERY, body | {"marker": first["next_marker"]}, 200)

    assert [entry["id"] for entry in first["entries"] + second["entries"]] == [file.id for file in files]


def test_fields(box, ask, deals):
    path = f"metadata.{deals.scope}.{deals.key}"
    base = {"$scope": deals.scope, "$template": deals.key, "$version": 0}

    def entry(*fields):
        (found,) = ask("amount = :p", parameters={"p": 30}, fields=list(fields))["entries"]
        return found

    assert entry("name", "size", "extension", "nonsense").keys() == {"type", "id", "etag", "name", "size", "extension"}
    whole = entry(path)
    assert whole["metadata"] == {deals.scope: {deals.key: {"$parent": f"file_{whole['id']}", **base}}}
    values = entry("name", f"{path}.amount", f"{path}.tags", f"{path}.signed", f"{path}.none")
    of_deal = values["metadata"][deals.scope][deals.key]
    assert of_deal == {"$parent": f"file_{whole['id']}", **base, "amount": 30, "tags": ["open"]}
    assert values["name"] == "three.txt"
    box.store.add_instance(box.store.files[whole["id"]], box.store.add_template("more"), {})
    assert entry(f"metadata.{deals.scope}.more")["metadata"][deals.scope].keys() == {"more"}


def test_below_a_folder(box, names):
    folders = {folder.name: folder.id for folder in box.store.folders.values()}
    assert set(names(ancestor_folder_id=folders["deals"])) == ALL - {"deals"}
    assert names(ancestor_folder_id=folders["inner"]) == ["inner.txt"]


def test_changes_are_found_at_once(box, names):
    folder = box.folder(f"fresh{next(NUMBERS)}")
    path = f"/folders/{folder}/metadata/enterprise/deal"
    box.post(path, {"name": "fresh"})
    assert len(names("name = :p", parameters={"p": "fresh"})) == 1
    box.json_patch(path, [{"op": "replace", "path": "/name", "value": "stale"}])
    assert names("name = :p", parameters={"p": "fresh"}) == []
    box.delete(f"/folders/{folder}")
    assert names("name = :p", parameters={"p": "stale"}) == []


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"from": None}, 400, "bad_request"),
        ({"ancestor_folder_id": None}, 400, "bad_request"),
        ({"ancestor_folder_id": "7"}, 404, "not_found"),
        ({"from": "enterprise.deal"}, 404, "instance_not_found"),
        ({"from": "enterprise_7.deal"}, 404, "instance_not_found"),
        ({"from": "enterprise_491291.none"}, 404, "instance_not_found"),
        ({"from": "global.properties"}, 400, "invalid_query"),
        ({"from": "deal"}, 400, "invalid_query"),
        ({"from": "enterprise_491291.securityClassification-6VMVochwUWo"}, 400, "invalid_query"),
        ({"query": "amount >"}, 400, "invalid_query"),
        ({"query": "other = :p", "parameters": {"p": 1}}, 400, "invalid_query"),
        ({"query": "item.size = :p", "parameters": {"p": 1}}, 400, "invalid_query"),
        ({"query": "deal.amount = :p", "parameters": {"p": 1}}, 400, "invalid_query"),
        ({"query": "tags IN (:p)", "parameters": {"p": "open"}}, 400, "invalid_query"),
        ({"query": "EXISTS(:p)", "parameters": {"p": "enterprise_491291:deal"}}, 400, "invalid_query"),
        ({"query": "amount = :p"}, 400, "unexpected_json_type"),
        ({"query": "amount = :p", "parameters": {"p": "1"}}, 400, "unexpected_json_type"),
        ({"order_by": [{"field_key": "status", "direction": "asc"}]}, 400, "invalid_query"),
        ({"order_by": [{"field_key": "tags", "direction": "asc"}]}, 400, "invalid_query"),
        ({"order_by": [{"field_key": "item.quick_search_content", "direction": "asc"}]}, 400, "invalid_query"),
        ({"order_by": [{"direction": "asc"}]}, 400, "invalid_query"),
        (
            {"order_by": [{"field_key": "amount", "direction": "asc"}, {"field_key": "name", "direction": "DESC"}]},
            400,
            "invalid_query",
        ),
        ({"limit": 101}, 400, "bad_request"),
        ({"limit": -1}, 400, "bad_request"),
    ],
    ids=str,
)
def test_what_is_refused(ask, asked, status, code):
    assert ask(**{"query": None, **asked}, status=status)["code"] == code


def test_who_may_see_what(box, deals):
    folder = next(folder for folder in box.store.folders.values() if folder.name == "inner")
    body = {"from": f"{deals.scope}.deal", "ancestor_folder_id": "0", "fields": ["name"]}
    with box.signed_in(box.ready["user_id"]) as other:
        assert other.post(QUERY, body, 200)["entries"] == []
        shared = box.share(folder.id, role="uploader")
        assert other.post(QUERY, body, 200)["entries"] == []
        box.put(f"/collaborations/{shared}", {"role": "previewer"})
        assert [entry["name"] for entry in other.post(QUERY, body, 200)["entries"]] == ["inner.txt"]
        box.delete(f"/collaborations/{shared}")


def test_large_results(start):
    with start(synthetic=2001) as box:
        store = box.store
        template = store.add_template("large", {"type": "float", "key": "n"})
        for number, file in enumerate(list(store.files.values())[:2001]):
            store.add_instance(file, template, {"n": number})
        file = next(iter(store.files.values()))
        body = {"from": f"{template.scope}.large", "ancestor_folder_id": "0", "limit": 1}
        inner = body | {"ancestor_folder_id": file.parent.id}
        fewer = {"query": "n < :n", "query_params": {"n": 2000}}
        assert len(box.post(QUERY, body, 200)["entries"]) == 1
        assert "2000 items" in box.post(QUERY, inner, 400)["message"]
        assert len(box.post(QUERY, inner | fewer, 200)["entries"]) == 1
        with box.signed_in(box.ready["user_id"]) as other:
            other.post(QUERY, body, 400)
            other.post(QUERY, body | fewer, 200)
