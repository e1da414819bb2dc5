"""Users: who is listed, and what can be changed about them."""

import pytest


def told(box, method, path, body=None):
    """Return what is answered about an external user: that fields which are not allowed are null, the document's words
    say, but not its types."""
    response = box.http.request(method, box.ready["api_base_url"] + path, json=body)
    assert response.status_code == 200
    return response.json()


def names(box, query):
    return [user["name"] for user in box.get(f"/users?{query}")["entries"]]


def test_list_is_mini_and_sorted_by_name(box):
    page = box.get("/users")

    assert (page["total_count"], page["offset"], page["limit"]) == (len(page["entries"]), 0, 100)
    assert {frozenset(user) for user in page["entries"]} == {frozenset({"type", "id", "name", "login"})}
    assert [user["name"] for user in page["entries"]] == sorted(user["name"] for user in page["entries"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("filter_term=ada", ["Ada Admin"]),
        ("filter_term=admin@", ["Ada Admin"]),
        ("filter_term=dmin", []),
        ("filter_term=zoe@partner.example", []),
        ("filter_term=zoe@partner.example&user_type=all", ["Zoë External"]),
        ("filter_term=zoe@&user_type=all", []),
        ("user_type=external", []),
        ("external_app_user_id=robot-1", ["App User"]),
    ],
)
def test_filters(box, query, found):
    assert names(box, query) == found


def test_the_service_account_is_not_listed(box):
    assert names(box, "filter_term=AutomationUser") == []


def test_marker_pages(box):
    everybody, seen = names(box, "limit=1000"), []
    page = box.get("/users?usemarker=true&limit=2")
    while page.get("next_marker"):
        seen += [user["name"] for user in page["entries"]]
        page = box.get(f"/users?usemarker=true&limit=2&marker={page['next_marker']}")

    assert seen + [user["name"] for user in page["entries"]] == everybody
    assert page.keys() == {"entries", "limit"}


def test_offset_is_limited(box):
    assert box.get("/users?offset=10000")["entries"] == []
    answer = box.get("/users?offset=10001", 400)
    assert answer["context_info"]["errors"][0]["name"] == "offset"
    assert "must not exceed the maximum offset" in answer["context_info"]["errors"][0]["message"]


def test_standard_and_full_fields(box):
    user = box.get(f"/users/{box.ready['user_id']}")
    assert user["status"] == "active"
    assert not {"role", "enterprise", "is_sync_enabled"} & user.keys()

    full = box.get(f"/users/{box.ready['admin_user_id']}?fields=role,enterprise,tracking_codes")
    assert (full["role"], full["enterprise"]["id"], full["tracking_codes"]) == ("admin", box.ready["enterprise_id"], [])


def test_unconfirmed_notification_email(box):
    emails = [user["notification_email"] for user in box.get("/users?fields=notification_email")["entries"]]

    assert {"email": "elsewhere@example.org", "is_confirmed": False} in emails
    assert None in emails


def test_create_update_delete(box):
    body = {"name": "New User", "login": "new@example.com", "job_title": "Tester", "space_amount": -1}
    user = box.post("/users", body)
    assert user | body == user
    path = f"/users/{user['id']}"
    changes = {"name": "Old User", "status": "inactive", "role": "coadmin", "login": "old@example.com"}
    changed = box.put(f"{path}?fields=name,status,role,login,job_title", changes)
    assert changed | changes | {"job_title": "Tester"} == changed
    assert names(box, "filter_term=old@") == ["Old User"]
    box.delete(path)

    box.get(path, 404)
    assert names(box, "filter_term=old@") == []


def test_login_is_taken(box):
    body = {"name": "Twin", "login": "ADMIN@example.com"}

    assert box.post("/users", body, 409)["code"] == "user_login_already_used"
    assert box.put(f"/users/{box.ready['user_id']}", {"login": "admin@example.com"}, 409)["code"] == (
        "user_login_already_used"
    )


def test_app_user_needs_no_login(box):
    user = box.post("/users", {"name": "Robot", "is_platform_access_only": True})

    assert user["login"].endswith("@boxdevedition.com")
    answer = box.post("/users", {"name": "Human"}, 400)
    assert answer["context_info"]["errors"][0]["name"] == "login"


@pytest.mark.parametrize("change", [{"name": "x" * 51}, {"status": "gone"}, {"role": "king"}, {"phone": "1" * 101}])
def test_refused_changes(box, change):
    path = f"/users/{box.ready['user_id']}"
    before = box.get(path)
    box.put(path, change, 400, check_request=False)

    assert box.get(path) == before


def test_delete_of_an_owner_needs_force(box):
    owner = box.post("/users", {"name": "Owner", "login": "owner@example.com"})["id"]
    with box.signed_in(owner) as client:
        file = client.upload("owned.txt", b"x")["entries"][0]
    assert file["owned_by"]["id"] == owner
    assert box.get(f"/users/{owner}")["space_used"] == 1
    box.delete(f"/users/{owner}", 409)
    box.delete(f"/users/{owner}?force=true")

    assert box.get(f"/files/{file['id']}")["owned_by"]["id"] == box.ready["admin_user_id"]


def test_rolling_a_user_out(box):
    user = box.post("/users", {"name": "Leaver", "login": "leaver@example.com"})["id"]
    told(box, "PUT", f"/users/{user}", {"enterprise": None})

    assert names(box, "filter_term=leaver") == []
    assert names(box, "filter_term=leaver@example.com&user_type=external") == ["Leaver"]


def test_only_administrators_administer(box):
    with box.signed_in(box.ready["user_id"]) as client:
        for method, path in (("GET", "/users"), ("GET", "/groups"), ("DELETE", f"/users/{box.ready['user_id']}")):
            assert client.call(method, path, 403).json()["code"] == "access_denied_insufficient_permissions"
        client.get("/users/me")


def test_admin_cannot_be_deleted(box):
    box.delete(f"/users/{box.ready['admin_user_id']}?force=true", 403)


def test_of_an_external_user_only_name_and_login_are_told(box):
    external = box.get("/users?filter_term=zoe@partner.example&user_type=external")["entries"][0]
    fields = "name,login,status,job_title,created_at,space_used,role,enterprise,hostname"
    one = told(box, "GET", f"/users/{external['id']}")
    some = told(box, "GET", f"/users/{external['id']}?fields={fields}")

    for user in (one, some):
        assert external == {name: user.pop(name) for name in external}
        assert user
        assert set(user.values()) == {None}
    assert "status" in one
    assert "role" not in one
    assert some.keys() == set(fields.split(",")) - external.keys()


def test_what_a_user_has_no_value_for_is_an_empty_text(box):
    texts = "external_app_user_id,job_title,phone,address"
    user = box.get(f"/users/{box.ready['admin_user_id']}?fields={texts}")

    assert {user[name] for name in texts.split(",")} == {""}
    assert len(box.get("/users?external_app_user_id=&limit=1000", check_request=False)["entries"]) > 1


def test_pages_are_clamped_to_a_thousand(box):
    assert box.get("/users?limit=5000", check_request=False)["limit"] == 1000
    assert box.get("/users?limit=5000&usemarker=true", check_request=False)["limit"] == 1000


def test_fields_replace_the_standard_ones(box):
    one = box.get(f"/users/{box.ready['user_id']}?fields=phone,nonsense")

    assert one.keys() == {"type", "id", "phone"}
    assert box.get("/users/me?fields=login").keys() == {"type", "id", "login"}
    assert {frozenset(user) for user in box.get("/users?fields=role")["entries"]} == {frozenset({"type", "id", "role"})}


def test_the_levels_of_a_user(box):
    schemas = box.contract.document["components"]["schemas"]
    standard = schemas["User"]["allOf"][1]["properties"].keys() | {"type", "id", "name", "login"}
    full = standard | schemas["User--Full"]["allOf"][1]["properties"].keys()

    assert box.get("/users/me").keys() == standard
    assert box.get("/users/me?fields=" + ",".join(full)).keys() == full


def test_a_change_leaves_what_it_does_not_name_and_null_clears(box):
    user = box.post("/users", {"name": "Partial", "login": "partial@example.com", "phone": "1", "address": "a"})["id"]
    box.put(f"/users/{user}", {"phone": "2", "notification_email": {"email": "p@example.org"}})
    fields = "?fields=phone,address,notification_email"
    assert box.get(f"/users/{user}{fields}")["address"] == "a"
    assert box.get(f"/users/{user}{fields}")["notification_email"] == {"email": "p@example.org", "is_confirmed": False}
    box.put(f"/users/{user}", {"notification_email": None})

    after = box.get(f"/users/{user}{fields}")
    assert (after["notification_email"], after["phone"]) == (None, "2")


def test_a_service_account_manages_users_too(box):
    token = box.token(grant_type="client_credentials", box_subject_type="enterprise",
                      box_subject_id=box.ready["enterprise_id"])["access_token"]  # fmt: skip
    headers = {"authorization": f"Bearer {token}"}

    assert box.get("/users?limit=1", headers=headers)["total_count"] > 1
    account = box.get("/users/me", headers=headers)
    assert account["login"].startswith("AutomationUser_")
    box.get("/users/me", 403, headers={"as-user": account["id"]})


@pytest.mark.parametrize(
    "body",
    [
        {"login": "nameless@example.com"},
        {"name": "", "login": "nameless@example.com"},
        {"name": "N" * 51, "login": "long@example.com"},
        {"name": "N", "login": "l@example.com", "job_title": "j" * 101},
        {"name": "N", "login": "l@example.com", "address": "a" * 256},
        {"name": "N", "login": "l@example.com", "role": "admin"},
    ],
)
def test_refused_new_users(box, body):
    before = box.get("/users")["total_count"]

    assert box.post("/users", body, 400, check_request=False)["code"] == "bad_request"
    assert box.get("/users")["total_count"] == before
