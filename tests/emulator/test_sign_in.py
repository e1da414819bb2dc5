"""Getting, using, refreshing and revoking tokens."""

import secrets
import time
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

AUDIENCE = "https://api.box.com/oauth2/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CHALLENGE = 'Bearer realm="Service", error="invalid_token", error_description="The access token provided is invalid."'


def ccg(subject_type, subject):
    return {"grant_type": "client_credentials", "box_subject_type": subject_type, "box_subject_id": subject}


def who(box, token):
    return box.get("/users/me", headers={"authorization": f"Bearer {token}"})


def test_client_credentials_for_a_user(box):
    answer = box.token(**ccg("user", box.ready["user_id"]))

    assert (answer["token_type"], answer["expires_in"], answer["restricted_to"]) == ("bearer", 3600, [])
    assert "refresh_token" not in answer
    assert who(box, answer["access_token"])["id"] == box.ready["user_id"]


def test_client_credentials_for_the_enterprise_are_for_the_service_account(box):
    answer = box.token(**ccg("enterprise", box.ready["enterprise_id"]))

    assert who(box, answer["access_token"])["login"].startswith("AutomationUser_")


@pytest.mark.parametrize(
    ("form", "error", "description"),
    [
        (ccg("user", "1"), "invalid_grant", "Grant credentials are invalid"),
        (ccg("enterprise", "1"), "invalid_grant", "Grant credentials are invalid"),
        (ccg("user", "0") | {"client_secret": "no"}, "invalid_client", "The client credentials are invalid"),
        ({"grant_type": "password"}, "invalid_request", "Invalid grant_type parameter or parameter missing"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant", "Invalid refresh token"),
        ({"grant_type": "authorization_code", "code": "x"}, "invalid_grant", "The authorization code has expired."),
    ],
)
def test_refusals(box, form, error, description):
    assert box.token(status=400, **form) == {"error": error, "error_description": description}


def test_token_answers_are_not_cached(box):
    form = ccg("user", "1")

    assert httpx.post(box.ready["token_url"], data=form).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic YTpi"])
def test_call_without_a_good_token(box, header):
    response = box.call("GET", "/users/me", 401, headers={"authorization": header})

    assert response.content == b""
    assert response.headers["www-authenticate"] == CHALLENGE


def test_tokens_expire(start):
    with start(token_ttl=1) as box:
        token = box.token(**ccg("user", box.ready["admin_user_id"]))["access_token"]
        assert who(box, token)["id"] == box.ready["admin_user_id"]
        time.sleep(1.05)

        box.get("/users/me", 401, headers={"authorization": f"Bearer {token}"})
        box.get("/users/me")


def revoke(box, token):
    form = {name: box.ready[name] for name in ("client_id", "client_secret")} | {"token": token}
    return httpx.post(box.ready["revoke_url"], data=form)


def test_revoked_token_is_refused(box):
    token = box.token(**ccg("user", box.ready["admin_user_id"]))["access_token"]

    assert (revoke(box, token).status_code, revoke(box, token).content) == (200, b"")
    box.get("/users/me", 401, headers={"authorization": f"Bearer {token}"})


def authorize(box, **changes):
    query = {"response_type": "code", "client_id": box.ready["client_id"], "redirect_uri": "http://127.0.0.1:5/back"}
    return httpx.get(box.ready["authorize_url"], params=query | changes)


def code(box, **changes):
    return dict(parse_qsl(urlsplit(authorize(box, **changes).headers["location"]).query))


def test_authorization_code_and_refresh(box):
    answer = code(box, state="a&b=c")
    assert answer["state"] == "a&b=c"
    first = box.token(grant_type="authorization_code", code=answer["code"])
    second = box.token(grant_type="refresh_token", refresh_token=first["refresh_token"])

    assert who(box, second["access_token"])["id"] == box.ready["admin_user_id"]
    assert second["refresh_token"] != first["refresh_token"]
    box.token(400, grant_type="refresh_token", refresh_token=first["refresh_token"])
    box.token(400, grant_type="authorization_code", code=answer["code"])


def test_code_is_for_its_redirect_uri(box):
    form = {"grant_type": "authorization_code", "code": code(box)["code"], "redirect_uri": "http://127.0.0.1:6/"}

    assert box.token(400, **form)["error"] == "invalid_grant"


def test_revoking_the_refresh_token_ends_the_session(box):
    tokens = box.token(grant_type="authorization_code", code=code(box)["code"])
    revoke(box, tokens["refresh_token"])

    box.get("/users/me", 401, headers={"authorization": f"Bearer {tokens['access_token']}"})
    box.token(400, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": ""}, "redirect_uri_missing"),
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri_mismatch"),
        ({"client_id": "other"}, "invalid_client"),
    ],
)
def test_authorize_refuses_without_a_redirect(box, changes, error):
    response = authorize(box, **changes)

    assert (response.status_code, response.json()["error"]) == (400, error)


def assertion(box, headers=None, key=None, **claims):
    settings = box.ready["jwt_config"]["boxAppSettings"]
    app = settings["appAuth"]
    key = key or load_pem_private_key(app["privateKey"].encode(), app["passphrase"].encode())
    claims = {
        "iss": settings["clientID"],
        "sub": box.ready["enterprise_id"],
        "box_sub_type": "enterprise",
        "aud": AUDIENCE,
        "jti": secrets.token_hex(16),
        "exp": int(time.time()) + 30,
        **claims,
    }
    return jwt.encode(claims, key, "RS256", {"kid": app["publicKeyID"], **(headers or {})})


def test_jwt_for_the_service_account_and_for_a_user(box):
    service = box.token(grant_type=GRANT, assertion=assertion(box))
    user = assertion(box, sub=box.ready["user_id"], box_sub_type="user")

    assert who(box, service["access_token"])["login"].startswith("AutomationUser_")
    assert who(box, box.token(grant_type=GRANT, assertion=user)["access_token"])["id"] == box.ready["user_id"]


@pytest.mark.parametrize(
    ("claims", "part"),
    [
        ({"iss": "other"}, "'iss'"),
        ({"sub": "1"}, "'sub'"),
        ({"aud": "https://example.com"}, "'aud'"),
        ({"jti": "short"}, "'jti'"),
        ({"exp": 1}, "'exp'"),
        ({"exp": 4_000_000_000}, "'exp'"),
        ({"headers": {"kid": "other"}}, "'kid' invalid"),
        ({"key": rsa.generate_private_key(65537, 2048)}, "Signature verification error"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_jwt_refusals(box, claims, part):
    answer = box.token(400, grant_type=GRANT, assertion=assertion(box, **claims))

    assert answer["error"] == "invalid_grant"
    assert part in answer["error_description"]


def test_jwt_is_good_once(box):
    used = assertion(box)
    box.token(grant_type=GRANT, assertion=used)

    assert "jti" in box.token(400, grant_type=GRANT, assertion=used)["error_description"]


def test_malformed_assertion(box):
    assert box.token(400, grant_type=GRANT, assertion="a.b.c")["error"] == "invalid_grant"


def test_as_user(box):
    user = box.ready["user_id"]

    assert box.get("/users/me", headers={"as-user": user})["id"] == user
    box.get("/users/me", 403, headers={"as-user": "1"})
    with box.signed_in(user) as other:
        other.get("/users/me", 403, headers={"as-user": box.ready["admin_user_id"]})


def test_unknown_api_version(box):
    box.get("/users/me", headers={"box-version": "2024.0"})

    assert box.get("/users/me", 400, headers={"box-version": "1999.0"})["code"] == "invalid_api_version"
