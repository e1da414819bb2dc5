"""Items by the shared links that lead to them."""

import pytest

PASSWORD = "Passw0rd!"


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
