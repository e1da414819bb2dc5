"""Shared links: what they say, what goes together, and how they end."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def file(box, place):
    return f"/files/{box.upload('file.tar.gz', b'hello', place)['entries'][0]['id']}"


@pytest.fixture
def folder(place):
    return f"/folders/{place}"


@pytest.fixture
def web_link(box, place):
    body = {"url": "https://example.com", "name": "link", "parent": {"id": place}}
    return f"/web_links/{box.post('/web_links', body, 200)['id']}"


def share(box, path, status=200, **link):
    answer = box.put(path, {"shared_link": link}, status, check_request=status == 200)
    return answer["shared_link"] if status == 200 else answer


def test_default_link_of_a_folder(box, folder):
    link = share(box, folder)

    assert link.pop("url").startswith("https://app.box.com/s/")
    assert link == {
        "download_url": None, "vanity_url": None, "vanity_name": None, "access": "open", "effective_access": "open",
        "effective_permission": "can_download", "unshared_at": None, "is_password_enabled": False,
        "permissions": {"can_preview": True, "can_download": True, "can_edit": False},
        "download_count": 0, "preview_count": 0,
    }  # fmt: skip


def test_link_of_a_file_can_be_downloaded(box, file):
    assert share(box, file)["download_url"].endswith(".gz")


def test_what_is_left_out_stays(box, file):
    first = share(box, file, vanity_name="a-vanity-name", password="Passw0rd!", unshared_at="2099-01-01T00:00:00Z")
    assert first["vanity_url"].endswith("/v/a-vanity-name")
    assert first["unshared_at"] == "2098-12-31T16:00:00-08:00"

    assert share(box, file) == first
    changed = share(box, file, permissions={"can_download": False})
    assert changed["permissions"] == {"can_preview": True, "can_download": False, "can_edit": False}
    assert {name: value for name, value in changed.items() if name not in ("permissions", "effective_permission")} == {
        name: value for name, value in first.items() if name not in ("permissions", "effective_permission")
    }
    cleared = share(box, file, password=None)
    assert [cleared[name] for name in ("vanity_name", "is_password_enabled")] == ["a-vanity-name", False]
    for name in ("vanity_name", "unshared_at"):
        assert share(box, file, 400, **{name: None})["context_info"]["errors"][0]["name"] == f"shared_link.{name}"


def test_null_removes_the_link(box, file):
    share(box, file)

    assert box.put(file, {"shared_link": None})["shared_link"] is None
    assert box.get(file)["shared_link"] is None


@pytest.mark.parametrize(
    ("permissions", "right"),
    [
        ({"can_edit": True}, "can_edit"),
        ({"can_edit": True, "can_download": True}, "can_edit"),
        ({"can_download": False}, "can_preview"),
        ({"can_download": True}, "can_download"),
        ({"can_edit": False}, "can_download"),
        ({"can_preview": False}, "can_download"),
    ],
)
@pytest.mark.parametrize("access", ["open", "company"])
def test_permissions(box, file, access, permissions, right):
    link = share(box, file, access=access, permissions=permissions)

    assert (link["effective_permission"], link["permissions"]["can_preview"]) == (right, True)
    assert link["permissions"]["can_edit"] is (right == "can_edit")
    assert link["permissions"]["can_download"] is (right != "can_preview")


def test_downloads_denied_take_the_editing_with_them(box, file):
    share(box, file, permissions={"can_edit": True})

    assert share(box, file, permissions={"can_download": False})["effective_permission"] == "can_preview"
    share(box, file, 400, permissions={"can_edit": True})
    assert share(box, file, permissions={"can_download": True})["effective_permission"] == "can_download"


@pytest.mark.parametrize("password", ["passw0rd", "Password", "pass-word"])
def test_password(box, file, password):
    link = share(box, file, access="open", password=password)

    assert link["is_password_enabled"] is True
    assert "password" not in link


def test_password_is_lost_with_another_access(box, file):
    share(box, file, password="Passw0rd!")

    assert share(box, file, access="collaborators")["is_password_enabled"] is False
    assert share(box, file, access="open")["is_password_enabled"] is False


REFUSED = [
    {"access": "everybody"},
    {"access": "company", "password": "Passw0rd!"},
    {"access": "collaborators", "password": "Passw0rd!"},
    {"password": "weak"},
    {"password": "password"},
    {"password": 12345678},
    {"vanity_name": "short"},
    {"vanity_name": 5},
    {"unshared_at": "2001-01-01T00:00:00Z"},
    {"unshared_at": "soon"},
    {"access": "collaborators", "permissions": {"can_download": True}},
    {"access": "collaborators", "permissions": {"can_edit": False}},
    {"permissions": {"can_edit": True, "can_download": False}},
    {"permissions": {"can_download": "company"}},
    {"permissions": ["can_download"]},
]


@pytest.mark.parametrize("link", REFUSED, ids=str)
def test_refusals(box, file, link):
    share(box, file, 400, **link)
    assert box.get(file)["shared_link"] is None


@pytest.mark.parametrize("kind", ["folder", "web_link"])
def test_only_files_can_be_edited(box, kind, request):
    path = request.getfixturevalue(kind)
    error = share(box, path, 400, permissions={"can_edit": True})

    assert error["context_info"]["errors"][0]["name"] == "can_edit"
    share(box, path, permissions={"can_edit": False, "can_download": True})


def test_a_link_that_is_no_object(box, file):
    box.put(file, {"shared_link": "open"}, 400, check_request=False)


def test_a_link_ends_when_its_time_comes(box, file):
    soon = datetime.now(UTC) + timedelta(hours=1)
    share(box, file, unshared_at=soon.isoformat())
    with box.clock(2 * 3600):
        got = box.get(f"{file}?fields=shared_link,is_accessible_via_shared_link")
        assert (got["shared_link"], got["is_accessible_via_shared_link"]) == (None, False)

    assert box.get(file)["shared_link"] is not None


def test_a_link_of_a_folder_gives_access_to_what_is_below(box, place):
    inner = box.folder("inner", place)
    file = f"/files/{box.upload('deep.txt', b'', inner)['entries'][0]['id']}"
    asked = f"{file}?fields=shared_link,is_accessible_via_shared_link"
    assert box.get(asked)["is_accessible_via_shared_link"] is False
    share(box, f"/folders/{place}")

    got = box.get(asked)
    assert (got["shared_link"], got["is_accessible_via_shared_link"]) == (None, True)
