"""Signing in with a signed assertion."""

import secrets
import time
from email.utils import parsedate_to_datetime

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from patience import PATIENCE_SECONDS

AUDIENCE = "https://api.box.com/oauth2/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JTI = "Please check the 'jti' claim. A unique 'jti' value is required."
EXP = "Current date time must be before the expiration date time listed in the 'exp' claim."
SUB = "Please check the 'sub' claim. The 'sub' specified is invalid."
KID = "'kid' invalid, unable to lookup correct key."
SIGNATURE = (
    "Signature verification error. "
    "The public key identified by 'kid' must correspond to the private key used for signing."
)


def assertion(box, headers=None, key=None, algorithm="RS256", now=None, **claims):
    settings = box.ready["jwt_config"]["boxAppSettings"]
    app = settings["appAuth"]
    key = key or load_pem_private_key(app["privateKey"].encode(), app["passphrase"].encode())
    claims = {
        "iss": settings["clientID"],
        "sub": box.ready["enterprise_id"],
        "box_sub_type": "enterprise",
        "aud": AUDIENCE,
        "jti": secrets.token_hex(16),
        "exp": int(now or time.time()) + 50,
        **claims,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    headers = {"kid": app["publicKeyID"], **(headers or {})}
    return jwt.encode(claims, key, algorithm, {name: value for name, value in headers.items() if value is not None})


def sign_in(box, status=200, **changes):
    return box.token(status, grant_type=GRANT, assertion=assertion(box, **changes))


def who(box, answer):
    return box.get("/users/me", headers={"authorization": f"Bearer {answer['access_token']}"})


def test_for_the_service_account_and_for_a_user(box):
    service, user = sign_in(box), sign_in(box, sub=box.ready["user_id"], box_sub_type="user")

    assert "refresh_token" not in service
    assert service["expires_in"] == 3600
    assert who(box, service)["login"].startswith("AutomationUser_")
    assert who(box, user)["id"] == box.ready["user_id"]


def test_its_access_token_expires(start):
    with start(token_ttl=600) as box:
        answer = sign_in(box)
        with box.clock(600):
            box.get("/users/me", 401, headers={"authorization": f"Bearer {answer['access_token']}"})

    assert answer["expires_in"] == 600


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_algorithms(box, algorithm):
    sign_in(box, algorithm=algorithm)


@pytest.mark.parametrize(
    ("changes", "description"),
    [
        ({"iss": "other"}, "Please check the 'iss' claim."),
        ({"iss": None}, "Please check the 'iss' claim."),
        ({"sub": "1"}, SUB),
        ({"sub": None}, SUB),
        ({"box_sub_type": "user"}, SUB),
        ({"box_sub_type": "external"}, SUB),
        ({"aud": "https://example.com"}, "Please check the 'aud' claim."),
        ({"aud": None}, "Please check the 'aud' claim."),
        ({"jti": "x" * 15}, JTI),
        ({"jti": "x" * 129}, JTI),
        ({"jti": None}, JTI),
        ({"exp": 1}, EXP),
        ({"exp": 4_000_000_000}, EXP),
        ({"exp": float("nan")}, EXP),
        ({"exp": None}, EXP),
        ({"exp": "soon"}, EXP),
        ({"headers": {"kid": "other"}}, KID),
        ({"key": rsa.generate_private_key(65537, 2048)}, SIGNATURE),
        ({"key": "s" * 64, "algorithm": "HS256"}, SIGNATURE),
        ({"algorithm": "PS256"}, SIGNATURE),
    ],
    ids=lambda value: str(value)[:24],
)
def test_refusals(box, changes, description):
    assert sign_in(box, 400, **changes) == {"error": "invalid_grant", "error_description": description}


def test_the_key_needs_no_name_where_it_is_the_only_one(box):
    token = assertion(box, headers={"kid": None})

    assert "kid" not in jwt.get_unverified_header(token)
    box.token(grant_type=GRANT, assertion=token)
    other = rsa.generate_private_key(65537, 2048)
    assert sign_in(box, 400, headers={"kid": None}, key=other)["error_description"] == SIGNATURE


def test_a_minute_counts_from_when_it_was_issued(box):
    now = int(time.time())
    sign_in(box, iat=now, nbf=now)

    assert sign_in(box, 400, iat=now - 30, exp=now + 50)["error_description"] == EXP
    assert sign_in(box, 400, iat="then")["error_description"] == EXP


@pytest.mark.parametrize("length", [16, 128])
def test_lengths_of_the_jti(box, length):
    sign_in(box, jti=secrets.token_hex(length // 2))


def test_an_hour_is_too_long(box):
    assert sign_in(box, 400, exp=int(time.time()) + 3600)["error_description"] == EXP


def test_a_jti_is_good_once(box):
    jti = secrets.token_hex(16)
    sign_in(box, jti=jti)

    assert sign_in(box, 400, jti=jti)["error_description"] == JTI
    with box.clock(600):
        sign_in(box, jti=jti, now=time.time() + 600)  # the first has run out by now


def test_a_refused_assertion_does_not_use_up_its_jti(box):
    jti = secrets.token_hex(16)
    sign_in(box, 400, jti=jti, sub="1")
    sign_in(box, jti=jti)


@pytest.mark.parametrize("text", ["", "a.b.c", "a.b", "\x00", "e30.e30.e30"])
def test_malformed_assertion(box, text):
    assert box.token(400, grant_type=GRANT, assertion=text)["error"] == "invalid_grant"


@pytest.mark.parametrize("offset", [-7200, 7200])
def test_the_date_header_tells_a_client_whose_clock_is_off(box, offset):
    with box.clock(offset):
        form = {"grant_type": GRANT, "assertion": assertion(box)}
        form |= {name: box.ready[name] for name in ("client_id", "client_secret")}
        refused = httpx.post(box.ready["token_url"], data=form, timeout=PATIENCE_SECONDS)
        date = parsedate_to_datetime(refused.headers["date"]).timestamp()

        assert (refused.status_code, refused.json()["error_description"]) == (400, EXP)
        assert len(refused.headers.get_list("date")) == 1
        assert abs(date - time.time() - offset) < 600
        sign_in(box, now=date)
