"""Exchanging tokens for narrower ones, and what the scopes of a token let do."""

import contextlib
import json
import secrets

import jwt
import plain_http
import pytest

from .test_jwt_grant import assertion

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
CHALLENGE = (
    'Bearer realm="Service", error="insufficient_scope", '
    'error_description="The request requires higher privileges than provided by the access token."'
)


def exchange(box, scope="item_preview", status=200, subject=None, **form):
    asked = {
        "grant_type": GRANT,
        "subject_token": subject or box.ready["developer_token"],
        "subject_token_type": ACCESS_TOKEN,
        "scope": scope,
        **form,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    answer = plain_http.post(box.ready["token_url"], data=asked)
    assert answer.status_code == status, answer.text
    box.contract.check(answer, check_request=False)
    return answer.json()


@contextlib.contextmanager
def client(box, answer):
    narrow = type(box)(box.emulator, box.contract, answer["access_token"])
    with narrow.http:
        yield narrow


def refused(box, method, path, **options):
    """Make a call that the token's scopes do not let, which is told without a body."""
    response = box.call(method, path, 403, **options)
    assert (response.content, response.headers["www-authenticate"]) == (b"", CHALLENGE)


def resource(kind, identity):
    return f"https://api.box.com/2.0/{kind}s/{identity}"


@pytest.fixture
def file(box, place):
    return box.upload("f.txt", b"x", place)["entries"][0]["id"]


def test_the_answer(box, place):
    answer = exchange(box, "item_preview item_rename", resource=resource("folder", place))
    target = {name: box.get(f"/folders/{place}")[name] for name in ("type", "id", "sequence_id", "etag", "name")}

    assert answer["issued_token_type"] == ACCESS_TOKEN
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
    assert answer["restricted_to"] == [
        {"scope": "item_preview", "object": target},
        {"scope": "item_rename", "object": target},
    ]
    assert "refresh_token" not in answer


def test_scopes_say_what_may_be_done(box, file):
    with client(box, exchange(box, "item_rename item_preview")) as narrow:
        assert narrow.put(f"/files/{file}", {"name": f"{secrets.token_hex(4)}.txt"})["id"] == file
        assert narrow.get(f"/files/{file}")["id"] == file
        refused(narrow, "DELETE", f"/files/{file}")
        refused(narrow, "GET", f"/files/{file}/content")
        refused(narrow, "GET", "/users")
        refused(narrow, "GET", "/groups")
        refused(narrow, "GET", "/events?stream_type=admin_logs")
        assert narrow.get("/users/me")["id"] == box.ready["admin_user_id"]


@pytest.mark.parametrize(
    ("scope", "method", "path", "body", "status"),
    [
        ("item_delete", "DELETE", "/files/{file}", None, 204),
        ("item_download", "GET", "/files/{file}/content", None, 302),
        ("item_preview", "GET", "/files/{file}", None, 200),
        ("base_explorer", "GET", "/folders/{place}/items", None, 200),
        ("item_share", "PUT", "/files/{file}", {"shared_link": {}}, 200),
        ("item_upload", "POST", "/folders", {"name": "n", "parent": {"id": "{place}"}}, 201),
        ("base_upload", "POST", "/folders", {"name": "n", "parent": {"id": "{place}"}}, 201),
        ("root_readonly", "GET", "/files/{file}/content", None, 302),
        ("root_readwrite", "POST", "/comments", {"message": "m", "item": {"type": "file", "id": "{file}"}}, 201),
        ("manage_managed_users", "GET", "/users", None, 200),
        ("manage_groups", "GET", "/groups", None, 200),
        ("manage_enterprise_properties", "GET", "/events?stream_type=admin_logs", None, 200),
    ],
)
def test_each_scope(box, place, file, scope, method, path, body, status):
    body = json.loads(json.dumps(body).replace("{file}", file).replace("{place}", place))
    path = path.format(file=file, place=place)
    with client(box, exchange(box, "annotation_edit")) as other:
        refused(other, method, path, json=body)
    with client(box, exchange(box, scope)) as narrow:
        narrow.call(method, path, status, json=body)


def test_a_read_only_token_cannot_upload(box, place):
    code = box.consent(scope="root_readonly")["code"]
    tokens = box.token(grant_type="authorization_code", code=code)
    for _ in range(2):
        with client(box, tokens) as narrow:
            narrow.get(f"/folders/{place}/items")
            response = narrow.http.post(f"{box.ready['upload_base_url']}/files/content", files={
                "attributes": (None, json.dumps({"name": "f", "parent": {"id": place}})), "file": ("f", b"x"),
            })  # fmt: skip
            assert (response.status_code, response.headers["www-authenticate"]) == (403, CHALLENGE)
        tokens = box.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_resource_limits_a_token_to_an_item_and_what_is_below(box, place, file, kind):
    target = {"file": file, "folder": place}[kind]
    other = box.folder("other", box.folder(f"beside {secrets.token_hex(4)}"))
    with client(box, exchange(box, "base_explorer item_upload", resource=resource(kind, target))) as narrow:
        assert narrow.get(f"/files/{file}")["id"] == file
        for path in ("/folders/0", f"/folders/{other}/items"):
            refused(narrow, "GET", path)
        refused(narrow, "POST", "/folders", json={"name": "n", "parent": {"id": other}})
        assert {entry["id"] for entry in narrow.get("/search?query=f.txt")["entries"]} == {file}


def test_a_shared_link_names_the_item(box, file):
    url = box.put(f"/files/{file}", {"shared_link": {}})["shared_link"]["url"]
    answer = exchange(box, box_shared_link=url)
    assert answer["restricted_to"][0]["object"]["id"] == file
    with client(box, answer) as narrow:
        narrow.get(f"/files/{file}")
        refused(narrow, "GET", "/folders/0")
    both = {"box_shared_link": url, "resource": resource("file", file)}
    assert exchange(box, status=400, **both)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"subject_token": "nonsense"}, 400, "invalid_grant"),
        ({"subject_token": None}, 400, "invalid_grant"),
        ({"subject_token_type": None}, 400, "invalid_request"),
        ({"subject_token_type": ID_TOKEN}, 400, "invalid_request"),
        ({"scope": None}, 400, "invalid_request"),
        ({"scope": "item_preview nonsense"}, 401, "invalid_scope"),
        ({"resource": "https://api.box.com/2.0/files/1"}, 400, "invalid_resource"),
        ({"resource": "https://api.box.com/2.0/users/1"}, 400, "invalid_resource"),
        ({"resource": "/2.0/folders/0"}, 400, "invalid_resource"),
        ({"box_shared_link": "https://app.box.com/s/nonsense"}, 400, "invalid_resource"),
        ({"actor_token": "x"}, 400, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ID_TOKEN}, 400, "invalid_grant"),
        ({"client_id": "x"}, 400, "invalid_client"),
    ],
)
def test_refusals(box, form, status, error):
    answer = exchange(box, **{"status": status, **form})

    assert answer["error"] == error
    if form.get("subject_token") == "nonsense":
        assert answer["error_description"] == "The subject_token provided is invalid"


def test_a_token_gives_no_scope_that_it_lacks(box):
    first = exchange(box, "item_preview item_delete")["access_token"]

    exchange(box, "item_delete", subject=first)
    for scope in ("item_rename", "root_readonly", "manage_groups"):
        exchange(box, scope, 401, subject=first)


def test_a_token_for_one_item_gives_none_for_another(box, place, file):
    first = exchange(box, resource=resource("folder", place))["access_token"]

    exchange(box, subject=first, resource=resource("file", file))
    assert exchange(box, subject=first)["restricted_to"][0]["object"]["id"] == place
    exchange(box, status=400, subject=first, resource=resource("folder", "0"))


def test_what_the_user_may_not_see_is_no_resource(box, place):
    with box.signed_in(box.ready["user_id"]) as user:
        token = user.http.headers["authorization"].removeprefix("Bearer ")
        exchange(box, status=400, subject=token, resource=resource("folder", place))
        box.share(place, role="viewer")
        answer = exchange(box, "item_rename", subject=token, resource=resource("folder", place))
        with client(box, answer) as narrow:
            denied = narrow.put(f"/folders/{place}", {"description": "d"}, 403)
            assert denied["code"] == "access_denied_insufficient_permissions"


def test_an_assertion_is_exchanged_too(box):
    subject = assertion(box, sub=box.ready["user_id"], box_sub_type="user")
    with client(box, exchange(box, subject=subject)) as narrow:
        assert narrow.get("/users/me")["id"] == box.ready["user_id"]


def test_an_annotator_is_an_external_user(box):
    claims = {"box_sub_type": "external", "sub": "someone", "name": "Some One"}
    actor = {"actor_token": jwt.encode(claims, None, "none"), "actor_token_type": ID_TOKEN}
    exchange(box, "item_preview annotation_edit", **actor)

    actor["actor_token"] = jwt.encode(claims | {"box_sub_type": "user"}, None, "none")
    assert exchange(box, status=400, **actor)["error"] == "invalid_grant"


def test_it_ends_with_the_token_that_it_comes_from(start):
    with start(token_ttl=600) as box:
        form = {"box_subject_type": "user", "box_subject_id": box.ready["admin_user_id"]}
        subject = box.token(grant_type="client_credentials", **form)["access_token"]
        with box.clock(500):
            first = exchange(box, subject=subject)
            assert 0 < first["expires_in"] <= 100
        with client(box, exchange(box, subject=subject)) as other:
            other.get("/users/me")
            credentials = {name: box.ready[name] for name in ("client_id", "client_secret")}
            plain_http.post(box.ready["revoke_url"], data=credentials | {"token": subject})
            other.get("/users/me", 401)
        exchange(box, status=400, subject=subject)


@pytest.mark.parametrize("scope", ["item_preview", "base_explorer", "manage_groups"])
def test_events_are_not_for_tokens_of_narrow_scopes(box, place, scope):
    with client(box, exchange(box, scope, resource=resource("folder", place))) as narrow:
        refused(narrow, "GET", "/events")
        refused(narrow, "OPTIONS", "/events")
    with client(box, exchange(box, "root_readonly")) as reading:
        assert reading.get("/events")["entries"]
