"""Getting, using, refreshing and revoking tokens."""

import concurrent.futures
import contextlib
import secrets

import httpx
import pytest
from patience import PATIENCE_SECONDS

from box_dialect.emulator import clock
from box_dialect.emulator.oauth import authority
from box_dialect.emulator.oauth.authority import CODE_TTL

REDIRECT_URI = "http://127.0.0.1:5/back"
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

    assert (
        httpx.post(box.ready["token_url"], data=form, timeout=PATIENCE_SECONDS).headers["cache-control"] == "no-store"
    )


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic YTpi"])
def test_call_without_a_good_token(box, header):
    response = box.call("GET", "/users/me", 401, headers={"authorization": header})

    assert response.content == b""
    assert response.headers["www-authenticate"] == CHALLENGE


def granted(box, kind):
    """Sign in by a grant and return the answer."""
    if kind == "client_credentials":
        return box.token(**ccg("user", box.ready["admin_user_id"]))
    first = exchange(box)
    return first if kind == "authorization_code" else refresh(box, first["refresh_token"])


def exchange(box, status=200, **form):
    return box.token(status, grant_type="authorization_code", **{"code": box.consent()["code"], **form})


def refresh(box, token, status=200):
    return box.token(status, grant_type="refresh_token", refresh_token=token)


GRANTS = ["client_credentials", "authorization_code", "refresh_token"]


@pytest.mark.parametrize("kind", GRANTS)
def test_access_tokens_expire(start, kind):
    with start(token_ttl=600) as box:
        answer = granted(box, kind)
        assert answer["expires_in"] == 600
        with box.clock(300):
            assert who(box, answer["access_token"])["id"] == box.ready["admin_user_id"]
        with box.clock(600):
            box.get("/users/me", 401, headers={"authorization": f"Bearer {answer['access_token']}"})
            box.get("/users/me")


def test_one_token_or_all_of_a_kind_can_be_made_to_expire(box):
    one, other = exchange(box), exchange(box)
    box.expire("access_token", token=one["access_token"])
    box.get("/users/me", 401, headers={"authorization": f"Bearer {one['access_token']}"})
    who(box, other["access_token"])
    box.expire("refresh_token")

    for tokens in (one, other):
        assert refresh(box, tokens["refresh_token"], 400) == {
            "error": "invalid_grant",
            "error_description": "Refresh token has expired",
        }
    who(box, other["access_token"])


def revoke(box, token):
    form = {name: box.ready[name] for name in ("client_id", "client_secret")} | {"token": token}
    return httpx.post(box.ready["revoke_url"], data=form, timeout=PATIENCE_SECONDS)


def test_revoked_token_is_refused(box):
    token = box.token(**ccg("user", box.ready["admin_user_id"]))["access_token"]

    assert (revoke(box, token).status_code, revoke(box, token).content) == (200, b"")
    box.get("/users/me", 401, headers={"authorization": f"Bearer {token}"})


@pytest.mark.long
@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_revoking_one_of_a_pair_revokes_both(box, which):
    tokens, other = exchange(box), exchange(box)
    assert revoke(box, tokens[which]).status_code == 200

    box.get("/users/me", 401, headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert refresh(box, tokens["refresh_token"], 400)["error_description"] == "Invalid refresh token"
    who(box, other["access_token"])
    refresh(box, other["refresh_token"])


def test_only_the_application_revokes(box):
    tokens = exchange(box)
    response = httpx.post(box.ready["revoke_url"], data={"token": tokens["access_token"]}, timeout=PATIENCE_SECONDS)

    assert (response.status_code, response.json()["error"]) == (400, "invalid_client")
    who(box, tokens["access_token"])


def test_a_code_is_good_once(box):
    code = box.consent()["code"]
    exchange(box, code=code)

    assert exchange(box, 400, code=code)["error"] == "invalid_grant"


def test_a_code_is_good_for_half_a_minute(box, monkeypatch):
    now = clock.exact()
    monkeypatch.setattr(clock, "exact", lambda: now + clock.offset.get())
    monkeypatch.setattr(authority, "CODE_TTL", CODE_TTL)
    early, late = box.consent()["code"], box.consent()["code"]
    with box.clock(29):
        exchange(box, code=early)
    with box.clock(30):
        assert exchange(box, 400, code=late) == {
            "error": "invalid_grant",
            "error_description": "The authorization code has expired.",
        }


def test_a_code_can_be_made_to_expire(box):
    code = box.consent()["code"]
    box.expire("code", token=code)

    assert exchange(box, 400, code=code)["error_description"] == "The authorization code has expired."


def test_a_code_is_for_its_redirect_uri(box):
    assert "redirect_uri" in exchange(box, 400, redirect_uri="http://127.0.0.1:6/")["error_description"]
    exchange(box, redirect_uri=REDIRECT_URI)


def test_a_code_is_for_its_application(box):
    assert exchange(box, 400, client_secret="other")["error"] == "invalid_client"


def test_a_refresh_token_is_good_once(box):
    first = exchange(box)
    second = refresh(box, first["refresh_token"])
    used = refresh(box, first["refresh_token"], 400)
    third = refresh(box, second["refresh_token"])

    assert used == {"error": "invalid_grant", "error_description": "Invalid refresh token"}
    assert len({tokens["refresh_token"] for tokens in (first, second, third)}) == 3
    assert who(box, third["access_token"])["id"] == box.ready["admin_user_id"]
    assert who(box, first["access_token"])["id"] == box.ready["admin_user_id"]


def test_a_refresh_token_is_good_for_sixty_days(box):
    tokens = exchange(box)
    with box.clock(60 * 86400):
        expired = refresh(box, tokens["refresh_token"], 400)
    with box.clock(60 * 86400 - 600):
        refresh(box, tokens["refresh_token"])

    assert expired == {"error": "invalid_grant", "error_description": "Refresh token has expired"}


def test_of_many_who_refresh_at_once_one_wins(box):
    tokens = exchange(box)
    form = {name: box.ready[name] for name in ("client_id", "client_secret")}
    form |= {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: httpx.post(box.ready["token_url"], data=form, timeout=PATIENCE_SECONDS).status_code, range(8)
            )
        )

    assert sorted(answers) == [200] + [400] * 7


def test_the_ready_tokens_are_the_users(start):
    with start(token_ttl=600, clock_offset=-86400) as box:
        assert who(box, box.ready["user_access_token"])["id"] == box.ready["user_id"]
        tokens = refresh(box, box.ready["user_refresh_token"])
        assert who(box, tokens["access_token"])["id"] == box.ready["user_id"]
        refresh(box, box.ready["user_refresh_token"], 400)
        with box.clock(-86400 + 600):
            box.get("/users/me", 401, headers={"authorization": f"Bearer {box.ready['user_access_token']}"})


def test_the_credentials_are_taken_from_the_body_only(box):
    credentials = (box.ready["client_id"], box.ready["client_secret"])
    response = httpx.post(
        box.ready["token_url"],
        data=ccg("enterprise", box.ready["enterprise_id"]),
        auth=credentials,
        timeout=PATIENCE_SECONDS,
    )

    assert (response.status_code, response.json()["error"]) == (400, "invalid_client")


def test_as_user_sees_and_acts_as_the_user(box):
    user, headers = box.ready["user_id"], {"as-user": box.ready["user_id"]}
    for signed_in in (contextlib.nullcontext(box), service_account(box)):
        with signed_in as client:
            name = f"made by {secrets.token_hex(4)}"
            made = client.post("/folders", {"name": name, "parent": {"id": "0"}}, headers=headers)
            fields = {"fields": "created_by,modified_by,owned_by"}
            renamed = client.get(f"/folders/{made['id']}", params=fields, headers=headers)

            assert client.get("/users/me", headers=headers)["id"] == user
            assert [renamed[name]["id"] for name in ("created_by", "modified_by", "owned_by")] == [user] * 3


def service_account(box):
    token = box.token(**ccg("enterprise", box.ready["enterprise_id"]))["access_token"]
    return contextlib.closing(type(box)(box.emulator, box.contract, token))


def test_as_user_is_for_users_of_the_enterprise(box):
    external = next(user.id for user in box.store.users.values() if user.enterprise is None)
    for user in ("1", "", "nonsense", box.store.service_account.id, external):
        refusal = box.get("/users/me", 403, headers={"as-user": user})
        assert refusal["code"] == "access_denied_insufficient_permissions"


def test_as_user_is_for_who_administers(box):
    with box.signed_in(box.ready["user_id"]) as other:
        other.get("/users/me", 403, headers={"as-user": box.ready["admin_user_id"]})
        other.get("/users/me", 403, headers={"as-user": box.ready["user_id"]})


def test_unknown_api_version(box):
    box.get("/users/me", headers={"box-version": "2024.0"})

    assert box.get("/users/me", 400, headers={"box-version": "1999.0"})["code"] == "invalid_api_version"
