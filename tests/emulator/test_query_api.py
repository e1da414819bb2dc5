"""The Query API: items by their fields and the values of several templates, from an index that may lag behind."""

import itertools

import pytest

NUMBERS = itertools.count(1)
VERSION = {"box-version": "2026.0"}
OPTIONS = {"options": [{"key": f"o{number:02}"} for number in range(12)]}


@pytest.fixture(scope="module")
def scope(box):
    """Return the scope of the enterprise, with instances of two templates on files of a folder."""
    store = box.store
    deal = store.add_template(
        "deal", {"type": "float", "key": "amount"}, {"type": "enum", "key": "status", **OPTIONS},
        {"type": "string", "key": "name"},
    )  # fmt: skip
    check = store.add_template("check-up", {"type": "date", "key": "due"}, {"type": "string", "key": "who"})
    folder = store.folders[box.folder("deals")]
    for number in range(6):
        file = store.files[box.upload(f"deal{number}.txt", b"x", folder.id)["entries"][0]["id"]]
        status = {"status": f"o{number // 2:02}"}
        store.add_instance(file, deal, {"amount": number * 10.0, **status} if number else {"name": "no amount"})
        if number % 2:
            store.add_instance(file, check, {"who": f"w{number}", "due": f"2020-01-0{number}T00:00:00Z"})
    return deal.scope


@pytest.fixture
def ask(box):
    """Return a function that sends a query."""

    def asking(predicate, parameters=None, status=200, ancestors=None, **more):
        query = {"predicate": predicate, "params": parameters or {}, **({"ancestors": ancestors} if ancestors else {})}
        return box.post("/query", {"query": query, **more}, status, headers=VERSION, check_request=status == 200)

    return asking


@pytest.fixture
def names(ask):
    """Return a function that tells the names of what a query finds, in order."""

    def naming(*arguments, **more):
        order = [{"field_key": "box:item:name", "direction": "asc"}]
        page = ask(*arguments, **{"order_by": order, "fields": ["box:item:name"], **more})
        return [entry["name"] for entry in page["entries"]]

    return naming


@pytest.fixture
def tell(box):
    """Return a function that asks for insights."""

    def telling(predicate, parameters=None, status=200, metrics=None, **more):
        body = {"query": {"predicate": predicate, "params": parameters or {}, **more}, "metrics": metrics or {}}
        return box.post("/query_insights", body, status, headers=VERSION, check_request=status == 200)

    return telling


def test_by_fields_of_items(box, names):
    folder = box.folder(f"unique name {next(NUMBERS)}")
    box.post("/web_links", {"url": "https://example.com", "name": "unique link", "parent": {"id": folder}}, 200)

    assert names("box:item:name LIKE :p", {"p": "unique%"})[-1].startswith("unique name")
    assert names("box:item:type = 'web_link' AND box:item:name = :p", {"p": "unique link"}) == ["unique link"]
    assert names("box:item:extension = :x", {"x": "txt"}, ancestors=[{"id": folder, "type": "folder"}]) == []


def test_by_values_of_several_templates(names, scope):
    both = {"d": f"{scope}:deal", "c": f"{scope}:check-up"}
    assert names("EXISTS(:d)", both) == [f"deal{number}.txt" for number in range(6)]
    assert names("EXISTS(:d) AND NOT EXISTS(:c)", both) == ["deal0.txt", "deal2.txt", "deal4.txt"]
    joined = f'{scope}:deal:amount > :a AND metadata.{scope}."check-up".who <> :w AND box:item:name LIKE :n'
    assert names(joined, {"a": 10, "w": "w5", "n": "deal_.txt"}) == ["deal3.txt"]
    assert names(f"{scope}:check-up:due >= :d", {"d": "2020-01-03T00:00:00Z"}) == ["deal3.txt", "deal5.txt"]
    assert names(f"EXISTS(:d) AND {scope}:deal:amount IS NULL", both) == ["deal0.txt"]


def test_orders_need_not_agree(names, scope):
    order = [
        {"field_key": f"{scope}:deal:amount", "direction": "desc"},
        {"field_key": "box:item:name", "direction": "asc"},
    ]
    found = names("EXISTS(:d)", {"d": f"{scope}:deal"}, order_by=order)
    assert found == [f"deal{number}.txt" for number in (5, 4, 3, 2, 1, 0)]


def test_fields(ask, scope):
    def entry(*fields):
        (found,) = ask(f"{scope}:deal:amount = :a", {"a": 30}, fields=list(fields))["entries"]
        return found

    assert entry().keys() == {"type", "id"}
    found = entry("box:item:name", f"{scope}:check-up:who", f"{scope}:deal")
    assert found.keys() == {"type", "id", "name", "metadata"}
    instances = found["metadata"][scope]
    assert instances["check-up"].keys() == {"$parent", "$scope", "$template", "$version", "who"}
    assert instances["deal"].items() >= {"amount": 30.0, "status": "o01"}.items()
    assert "$id" in instances["deal"]
    both = entry(f"{scope}:check-up", f"{scope}:check-up:who")["metadata"][scope]["check-up"]
    assert both.items() >= instances["check-up"].items()
    assert "due" in both
    ask("EXISTS(:d)", {"d": f"{scope}:deal"}, 400, fields=[f"{scope}:deal:none"])


def test_pages(ask, scope):
    body = {"order_by": [{"field_key": "box:item:name", "direction": "asc"}], "limit": 4}
    first = ask("EXISTS(:d)", {"d": f"{scope}:deal"}, **body)
    second = ask("EXISTS(:d)", {"d": f"{scope}:deal"}, **body, marker=first["next_marker"])

    assert [len(page["entries"]) for page in (first, second)] == [4, 2]
    assert (first["limit"], second["next_marker"]) == (4, None)
    assert ask("EXISTS(:d)", {"d": f"{scope}:deal"})["limit"] == 50
    ask("EXISTS(:d)", {"d": f"{scope}:check-up"}, 400, **body, marker=first["next_marker"])


@pytest.mark.parametrize(
    ("predicate", "parameters", "status", "code"),
    [
        ("", {}, 400, "BAD_REQUEST"),
        ("box:item:name =", {}, 400, "BAD_REQUEST"),
        ("box:item:name = :p", {}, 400, "BAD_REQUEST"),
        ("box:item:name = :p", {"p": 5}, 400, "BAD_REQUEST"),
        ("box:item:size = :p", {"p": 5}, 400, "BAD_REQUEST"),
        ("item.name = 'x'", {}, 400, "BAD_REQUEST"),
        ("amount = 5", {}, 400, "BAD_REQUEST"),
        ("enterprise_491291:deal:none = 5", {}, 400, "BAD_REQUEST"),
        ("enterprise_491291:none:amount = 5", {}, 404, "INSTANCE_NOT_FOUND"),
        ("EXISTS('enterprise_491291:none')", {}, 404, "INSTANCE_NOT_FOUND"),
        ("EXISTS('enterprise_7:deal')", {}, 403, "FORBIDDEN"),
        ("EXISTS('deal')", {}, 400, "BAD_REQUEST"),
        ("EXISTS('global:properties')", {}, 403, "FORBIDDEN"),
    ],
)
@pytest.mark.usefixtures("scope")
def test_what_is_refused(ask, tell, predicate, parameters, status, code):
    assert ask(predicate, parameters, status)["code"] == code
    assert tell(predicate, parameters, status)["code"] == code


def test_ancestors(box, ask, scope):
    folders = {folder.name: folder.id for folder in box.store.folders.values()}
    asked = "EXISTS(:d)", {"d": f"{scope}:deal"}
    of_deals, elsewhere = ({"id": folders[name], "type": "folder"} for name in ("deals", "Contracts"))
    assert len(ask(*asked, ancestors=[elsewhere, of_deals])["entries"]) == 6
    assert ask(*asked, ancestors=[elsewhere])["entries"] == []
    assert ask(*asked, 403, ancestors=[of_deals, {"id": "7", "type": "folder"}])["code"] == "FORBIDDEN"
    with box.signed_in(box.ready["user_id"]) as other:
        body = {"query": {"predicate": asked[0], "params": asked[1]}}
        assert other.post("/query", body, 200, headers=VERSION)["entries"] == []


def test_it_has_a_version_of_its_own(box):
    body = {"query": {"predicate": "box:item:name = 'x'"}}
    for headers in ({}, {"box-version": "2024.0"}, {"box-version": "2025.0"}):
        error = box.post("/query", body, 400, headers=headers, check_request=False)
        assert error["code"] == "invalid_api_version"


def test_insights_of_all(tell, scope):
    asked, amount = ("EXISTS(:d)", {"d": f"{scope}:deal"}), f"{scope}:deal:amount"
    (overall,) = tell(*asked)["insights"]
    assert overall == {
        "type": "overall", "key": [], "metrics": {"totalResultCount": {"type": "count", "values": {"count": 6}}},
    }  # fmt: skip
    kinds = ("sum", "avg", "min", "max", "count")
    metrics = {f"the_{kind}": {"type": kind, "field": amount} for kind in kinds}
    (overall,) = tell(*asked, metrics=metrics)["insights"]
    told = {kind: overall["metrics"][f"the_{kind}"]["values"][kind] for kind in kinds}
    assert told == {"sum": 150.0, "avg": 30.0, "min": 10.0, "max": 50.0, "count": 5}
    quoted = f'metadata.{scope}."deal".amount'
    (none,) = tell("box:item:name = 'none'", metrics={"a": {"type": "avg", "field": quoted}})["insights"]
    assert none["metrics"]["a"] == {"type": "avg", "values": {}}


def test_insights_of_groups(tell, scope):
    grouping = [{"field": f"{scope}:deal:status"}]
    asked = "EXISTS(:d)", {"d": f"{scope}:deal"}
    metrics = {"most": {"type": "max", "field": f"{scope}:deal:amount"}}
    groups = tell(*asked, group_by=grouping, metrics=metrics)["insights"]
    assert [(group["type"], group["key"], group["metrics"]["most"]["values"]["max"]) for group in groups] == [
        ("group", ["o01"], 30.0), ("group", ["o02"], 50.0), ("group", ["o00"], 10.0),
    ]  # fmt: skip
    first, second, other = tell(*asked, group_by=[grouping[0] | {"bucket_limit": 2}])["insights"]
    assert [first["key"], second["key"]] == [["o01"], ["o02"]]
    counted = {"type": "count", "values": {"count": 1}}
    assert other == {"type": "other", "key": [], "metrics": {"totalCountBeyondTopGroups": counted}}


@pytest.mark.parametrize(
    "more",
    [
        {"group_by": [{"field": "box:item:name"}]},
        {"group_by": [{"field": "enterprise_491291:deal:name"}]},
        {"group_by": [{"field": "enterprise_491291:deal:status"}] * 2},
        {"group_by": [{"field": "enterprise_491291:deal:status", "bucket_limit": 11}]},
        {"metrics": {"a": {"type": "sum", "field": "enterprise_491291:deal:name"}}},
        {"metrics": {"a": {"type": "median", "field": "enterprise_491291:deal:amount"}}},
        {"metrics": {f"a{number}": {"type": "sum", "field": "enterprise_491291:deal:amount"} for number in range(11)}},
        *(
            {"metrics": {alias: {"type": "sum", "field": "enterprise_491291:deal:amount"}}}
            for alias in ("", "1a", "_a", "a b", "a" * 257)
        ),
    ],
    ids=str,
)
@pytest.mark.usefixtures("scope")
def test_refused_insights(tell, more):
    assert tell("EXISTS('enterprise_491291:deal')", status=400, **more)["code"].lower() == "bad_request"


def test_the_index_lags(start):
    with start(index_lag=60) as box:
        scope = box.store.add_template("late", {"type": "float", "key": "n"}).scope
        folder = box.folder("late folder")
        path = f"/folders/{folder}/metadata/enterprise/late"
        box.post(path, {"n": 1})

        def count(predicate):
            query = {"query": {"predicate": predicate}}
            found = box.post("/query", query, 200, headers=VERSION)["entries"]
            told = box.post("/query_insights", query | {"metrics": {}}, 200, headers=VERSION)["insights"][0]
            assert told["metrics"]["totalResultCount"]["values"]["count"] == len(found)
            return len(found)

        def execute(value):
            body = {"from": f"{scope}.late", "ancestor_folder_id": "0", "query": "n = :n", "query_params": {"n": value}}
            return len(box.post("/metadata_queries/execute_read", body, 200)["entries"])

        assert (count(f"{scope}:late:n = 1"), execute(1)) == (0, 1)
        assert count("box:item:name = 'late folder'") == 0
        assert count("box:item:name = 'Contracts'") == 1
        with box.clock(61):
            assert (count(f"{scope}:late:n = 1"), count("box:item:name = 'late folder'")) == (1, 1)
            box.json_patch(path, [{"op": "replace", "path": "/n", "value": 2}])
            assert (count(f"{scope}:late:n = 1"), count(f"{scope}:late:n = 2"), execute(2)) == (1, 0, 1)
            assert box.control("POST", "/index", json={"lag": 0}).status_code == 204
            assert (count(f"{scope}:late:n = 1"), count(f"{scope}:late:n = 2")) == (0, 1)
            assert box.control("POST", "/index", json={"lag": 60}).status_code == 204
            box.delete(f"/folders/{folder}")
            assert count(f"{scope}:late:n = 2") == 0


def test_each_state_is_found_when_its_time_has_come(start):
    """Also where nobody asked in between."""
    with start() as box:
        scope = box.store.add_template("late", {"type": "float", "key": "n"}).scope
        path = f"/folders/{box.folder('late folder')}/metadata/enterprise/late"
        box.post(path, {"n": 1})
        box.control("POST", "/index", json={"lag": 60})

        def change(number):
            box.json_patch(path, [{"op": "replace", "path": "/n", "value": number}])

        def found():
            predicates = {number: f"{scope}:late:n = {number}" for number in (1, 2, 3)}
            asked = {number: {"query": {"predicate": predicate}} for number, predicate in predicates.items()}
            return [
                number for number, body in asked.items() if box.post("/query", body, 200, headers=VERSION)["entries"]
            ]

        change(2)
        with box.clock(30):
            change(3)
            assert found() == [1]
        with box.clock(75):
            assert found() == [2]
        with box.clock(95):
            assert found() == [3]
