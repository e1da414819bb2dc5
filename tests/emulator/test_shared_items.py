"""Items by the shared links that lead to them, and access by naming a link."""

import itertools

import pytest

from box_dialect.emulator.resources import operations

PASSWORD = "Passw0rd!"
NUMBERS = itertools.count(1)


@pytest.fixture
def file(box, place):
    return f"/files/{box.upload('shared.txt', b'', place)['entries'][0]['id']}"


def share(box, path, **link):
    return box.put(path, {"shared_link": link})["shared_link"]


def find(box, url, status=200, password=None, headers=None, query=""):
    more = "" if password is None else f"&shared_link_password={password}"
    headers = {"boxapi": f"shared_link={url}{more}", **(headers or {})}
    return box.call("GET", f"/shared_items{query}", status, headers=headers, documented=False)


def test_links_lead_to_files_folders_and_web_links(box, file, place):
    body = {"url": "https://example.com", "name": "link", "parent": {"id": place}}
    web_link = f"/web_links/{box.post('/web_links', body, 200)['id']}"
    for path in (file, f"/folders/{place}", web_link):
        found = find(box, share(box, path)["url"]).json()
        item = box.get(path)
        item.pop("item_collection", None)
        assert found == item


def test_links_by_other_addresses(box, file):
    link = share(box, file, vanity_name="a-vanity-of-its-own")

    for address in (link["url"], link["vanity_url"], link["download_url"]):
        assert find(box, address, query="?fields=name").json()["name"] == "shared.txt"


def test_a_copy_that_is_known(box, file):
    url = share(box, file)["url"]

    find(box, url, 304, headers={"if-none-match": box.get(file)["etag"]})


def test_password(box, file):
    url = share(box, file, password=PASSWORD)["url"]

    for wrong in (None, "wrong"):
        assert find(box, url, 403, wrong).json()["code"] == "incorrect_shared_item_password"
    assert find(box, url, password=PASSWORD).json()["shared_link"]["is_password_enabled"] is True


def test_what_leads_nowhere(box, file):
    url = share(box, file)["url"]
    box.put(file, {"shared_link": None})

    assert find(box, url, 404).json()["code"] == "not_found"
    find(box, "https://app.box.com/s/nonsense", 404)
    box.get("/shared_items", 400, check_request=False)
    box.get("/shared_items", 400, headers={"boxapi": url}, check_request=False)


@pytest.mark.parametrize(("access", "invited", "status"), [("collaborators", False, 404), ("collaborators", True, 200)])
def test_collaborators(box, file, place, access, invited, status):
    url = share(box, file, access=access)["url"]
    if invited:
        grantee = {"type": "user", "id": box.ready["user_id"]}
        box.post(
            "/collaborations", {"item": {"type": "folder", "id": place}, "accessible_by": grantee, "role": "viewer"}
        )
    with box.signed_in(box.ready["user_id"]) as other:
        find(other, url, status)
    find(box, url)


@pytest.mark.parametrize(("access", "status"), [("open", 200), ("company", 404)])
def test_the_company_is_the_owners(box, file, access, status):
    url = share(box, file, access=access)["url"]
    with box.signed_in(box.ready["user_id"]) as colleague:
        find(colleague, url)
        stranger = next(user for user in box.store.users.values() if user.enterprise is None)
        box.store.own(box.store.items["file"][file.removeprefix("/files/")], stranger)
        find(colleague, url, status)


def test_the_operations_that_open_links_are_documented(contract):
    documented = {
        described["operationId"].partition("#")[0]
        for entry in contract.original["paths"].values()
        for described in entry.values()
        if "boxapi" in {each["name"] for each in described.get("parameters", ())}
    }

    opening = {operation.name for operation in operations() if operation.opens_links}
    assert opening == {name for name in documented if name in {operation.name for operation in operations()}}
    assert len(opening) == 6


@pytest.fixture
def guest(box):
    """Return a client of a new user, who sees nothing of others."""
    number = next(NUMBERS)
    user = box.post("/users", {"name": f"Opener {number}", "login": f"opener{number}@example.com"})
    with box.signed_in(user["id"]) as client:
        yield client


@pytest.fixture
def tree(box, place):
    """Return the paths of a folder, and of a folder, a file and a web link below it."""
    inner = box.folder("inner", place)
    file = box.upload("below.txt", b"bytes", inner)["entries"][0]["id"]
    body = {"url": "https://example.com", "name": "link", "parent": {"id": inner}}
    link = box.post("/web_links", body, 200)["id"]
    return {
        "top": f"/folders/{place}",
        "folder": f"/folders/{inner}",
        "file": f"/files/{file}",
        "link": f"/web_links/{link}",
    }


def named(url, password=None):
    return {"boxapi": f"shared_link={url}" + (f"&shared_link_password={password}" if password else "")}


def reads(tree):
    return (tree["folder"], f"{tree['folder']}/items", tree["file"], tree["link"])


def test_a_link_gives_access_to_what_it_leads_to_and_all_below(box, guest, tree):
    headers = named(share(box, tree["top"])["url"])
    for path in (tree["top"], f"{tree['top']}/items", *reads(tree)):
        guest.get(path, 404)
        assert guest.get(path, headers=headers)
    location = guest.call("GET", f"{tree['file']}/content", 302, headers=headers).headers["location"]

    assert guest.http.get(location).content == b"bytes"
    guest.get(f"{tree['file']}/content", 404)
    listed = guest.get(f"{tree['folder']}/items", headers=headers)["entries"]
    assert [entry["name"] for entry in listed] == ["below.txt", "link"]


def test_a_link_leads_nowhere_else(box, guest, tree):
    headers = named(share(box, tree["file"])["url"])
    guest.get(tree["file"], headers=headers)

    for path in (tree["top"], tree["folder"], f"{tree['folder']}/items", tree["link"]):
        guest.get(path, 404, headers=headers)


def test_operations_that_take_no_link(box, guest, tree):
    headers = named(share(box, tree["top"])["url"])

    for path in (f"{tree['file']}/versions", f"{tree['file']}/comments", f"{tree['top']}/collaborations"):
        guest.get(path, 404, headers=headers)
    guest.put(tree["file"], {"name": "mine"}, 404, headers=headers)
    guest.delete(tree["file"], 404, headers=headers)


def test_the_path_begins_at_the_link(box, guest, tree):
    headers = named(share(box, tree["folder"])["url"])
    inner = tree["folder"].removeprefix("/folders/")

    top = guest.get(tree["folder"], headers=headers)
    assert (top["parent"], top["path_collection"]) == (None, {"total_count": 0, "entries": []})
    below = guest.get(tree["file"], headers=headers)
    assert (below["parent"]["id"], [step["id"] for step in below["path_collection"]["entries"]]) == (inner, [inner])
    assert find(guest, headers["boxapi"].removeprefix("shared_link=")).json()["parent"] is None


def test_a_link_gives_what_it_says(box, guest, tree):
    headers = named(share(box, tree["top"], permissions={"can_download": False})["url"])
    told = guest.get(f"{tree['file']}?fields=permissions", headers=headers)["permissions"]

    assert {name for name, granted in told.items() if granted} == {"can_preview"}
    guest.get(f"{tree['file']}/content", 403, headers=headers)
    share(box, tree["top"], permissions={"can_download": True})
    told = guest.get(f"{tree['file']}?fields=permissions", headers=headers)["permissions"]
    assert {name for name, granted in told.items() if granted} == {"can_preview", "can_download"}


def test_a_link_with_a_password(box, guest, tree):
    url = share(box, tree["top"], password=PASSWORD)["url"]

    for path in reads(tree):
        for wrong in (None, "wrong"):
            error = guest.get(path, 403, headers=named(url, wrong))
            assert error["code"] == "incorrect_shared_item_password"
        guest.get(path, headers=named(url, PASSWORD))


@pytest.mark.parametrize(("access", "status"), [("company", 200), ("collaborators", 404)])
def test_whom_a_link_lets_in(box, guest, tree, access, status):
    headers = named(share(box, tree["top"], access=access)["url"])

    for path in reads(tree):
        guest.get(path, status, headers=headers)


def test_a_link_that_is_over_gives_nothing(box, guest, tree):
    headers = named(share(box, tree["top"])["url"])
    box.delete(f"{tree['folder']}?recursive=true")
    guest.get(tree["top"], headers=headers)
    for path in reads(tree):  # in the trash, which is the owner's
        guest.get(path, 404, headers=headers)
    share(box, tree["top"])
    box.put(tree["top"], {"shared_link": None}, check_request=False)

    guest.get(tree["top"], 404, headers=headers)
    guest.get(tree["top"], 404, headers={"boxapi": "nonsense"})
    box.get(tree["top"], headers={"boxapi": "nonsense"})


def test_a_link_goes_no_further_than_the_token(box, guest, tree):
    headers = named(share(box, tree["top"])["url"])
    mine = guest.folder("mine")
    narrow = guest.token(
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=guest.http.headers["authorization"].removeprefix("Bearer "),
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        scope="item_preview", resource=f"https://api.box.com/2.0/folders/{mine}",
    )["access_token"]  # fmt: skip
    headers["authorization"] = f"Bearer {narrow}"

    for path in (tree["file"], "/shared_items"):
        answer = guest.http.get(guest.ready["api_base_url"] + path, headers=headers)
        assert answer.status_code == 403
        assert "insufficient_scope" in answer.headers["www-authenticate"]


def test_what_the_user_has_anyway_stays(box, guest, tree):
    box.share(tree["folder"].removeprefix("/folders/"), guest.get("/users/me")["id"], "editor")
    headers = named(share(box, tree["file"], permissions={"can_download": False})["url"])

    guest.call("GET", f"{tree['file']}/content", 302, headers=headers)
    inner = tree["folder"].removeprefix("/folders/")
    path = guest.get(tree["file"], headers=headers)["path_collection"]["entries"]
    assert [step["id"] for step in path] == ["0", inner]
