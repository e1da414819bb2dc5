"""The JWT grant: assertions, the forms of a private key, a clock that is off."""

import base64
import datetime as dt
import json
import logging
import re
import time
import traceback

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from box_dialect.auth import jwt_grant, private_key
from box_dialect.auth.jwt_grant import JWTGrant
from box_dialect.errors import OperationalError, ProgrammingError
from box_dialect.token_cache.memory import MemoryCache

PASSPHRASE = "kanarienvogel7"
HOUR = 3600


def pem(key, form=PrivateFormat.PKCS8, passphrase=None):
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


def certificate(key, name):
    subject = x509.Name([
        x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Example, Inc."),
    ])  # fmt: skip
    began = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 1, began, began + dt.timedelta(365))
    return builder.sign(key, hashes.SHA256())


def store(key, name="signer", passphrase=PASSPHRASE, others=()):
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    own = certificate(key, name) if key else None
    return pkcs12.serialize_key_and_certificates(name.encode(), key, own, list(others), encryption)


@pytest.fixture(scope="module")
def key(emulator):
    """Return the private key whose public key the emulator knows."""
    auth = emulator.ready["jwt_config"]["boxAppSettings"]["appAuth"]
    return load_pem_private_key(auth["privateKey"].encode(), auth["passphrase"].encode())


@pytest.fixture(scope="module")
def stranger():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def by_key(box):
    """Return the properties that belong to a key which says nothing but itself."""
    return {
        "AuthScheme": "OAuthJWT",
        "OAuthJWTPublicKeyId": box.ready["jwt_config"]["boxAppSettings"]["appAuth"]["publicKeyID"],
        "OAuthJWTSubject": box.ready["enterprise_id"],
    }


@pytest.fixture
def by_json(box):
    config = json.dumps(box.ready["jwt_config"])
    return {"AuthScheme": "OAuthJWT", "OAuthJWTCertType": "BOXJSONBLOB", "OAuthJWTCert": config}


def base64_of(data):
    return base64.b64encode(data).decode()


FORMS = {
    "PKCS#8": lambda key: ("PEMKEY", pem(key), None),
    "PKCS#8, encrypted": lambda key: ("PEMKEY", pem(key, passphrase=PASSPHRASE), PASSPHRASE),
    "PKCS#8 with a needless passphrase": lambda key: ("PEMKEY", pem(key), PASSPHRASE),
    "PKCS#1": lambda key: ("PEMKEY", pem(key, PrivateFormat.TraditionalOpenSSL), None),
    "PKCS#1, encrypted": lambda key: ("PEMKEY", pem(key, PrivateFormat.TraditionalOpenSSL, PASSPHRASE), PASSPHRASE),
    "PKCS#12": lambda key: ("PFX", store(key), PASSPHRASE),
    "PKCS#12 without passphrase": lambda key: ("PFX", store(key, passphrase=None), None),
    "Java key store": lambda key: ("JKS", store(key), PASSPHRASE),
}


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "blob"])
@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_key_signs_in(box, cache, run, key, by_key, tmp_path, form, is_file):
    kind, data, passphrase = FORMS[form](key)
    if is_file:
        path = tmp_path / "key"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        cert, suffix = str(path), "_FILE" if kind == "PEMKEY" else "FILE"
    else:
        cert, suffix = (data, "_BLOB") if kind == "PEMKEY" else (base64_of(data), "BLOB")
    given = {"OAuthJWTCertType": kind + suffix, "OAuthJWTCert": cert, "OAuthJWTCertPassword": passphrase}
    assert box.accepts(run(box.provider(cache, **by_key, **given).access_token()))
    assert (box.asked, list(box.grants)) == (1, [jwt_grant._GRANT_TYPE])


def as_in_a_url(text):
    """Return a text as it comes out of a URL that was written by hand."""
    return text.replace("+", " ")


@pytest.mark.long
@pytest.mark.parametrize("spelled", [str, as_in_a_url], ids=["as it is", "+ as a blank"])
@pytest.mark.parametrize("form", ["PEM", "PEM, encrypted", "PEM in Base64", "store", "Box JSON", "Box JSON in Base64"])
def test_a_text_may_be_in_base64_and_out_of_a_url(box, cache, run, key, by_key, form, spelled):
    config = json.dumps({**box.ready["jwt_config"], "note": "~~~" * 9}).encode()
    kind, text = {
        "PEM": ("PEMKEY_BLOB", spelled(pem(key))),
        "PEM, encrypted": ("PEMKEY_BLOB", spelled(pem(key, PrivateFormat.TraditionalOpenSSL, PASSPHRASE))),
        "PEM in Base64": ("PEMKEY_BLOB", spelled(base64_of(pem(key).encode()))),
        "store": ("PFXBLOB", spelled(base64_of(store(key)))),
        "Box JSON": ("BOXJSONBLOB", spelled(config.decode())),
        "Box JSON in Base64": ("BOXJSONBLOB", spelled(base64_of(config))),
    }[form]
    given = {"OAuthJWTCertType": kind, "OAuthJWTCert": text, "OAuthJWTCertPassword": PASSPHRASE}
    if kind == "BOXJSONBLOB":
        given["OAuthJWTCertPassword"] = ""
    assert box.accepts(run(box.provider(cache, **by_key, **given).access_token()))


@pytest.mark.parametrize("separator", ["\n", " "])
def test_base64_may_be_in_lines(box, cache, run, key, by_key, separator):
    text = base64_of(store(key))
    lines = separator.join(text[place : place + 64] for place in range(0, len(text), 64))
    given = {"OAuthJWTCertType": "PFXBLOB", "OAuthJWTCert": lines, "OAuthJWTCertPassword": PASSPHRASE}
    assert box.accepts(run(box.provider(cache, **by_key, **given).access_token()))


def test_a_pem_whose_line_breaks_are_written_out_signs_in(box, cache, run, key, by_key):
    given = {"OAuthJWTCertType": "PEMKEY_BLOB", "OAuthJWTCert": pem(key).replace("\n", r"\n")}
    assert box.accepts(run(box.provider(cache, **by_key, **given).access_token()))


@pytest.mark.parametrize("is_file", [True, False], ids=["file", "blob"])
def test_a_box_json_says_all_that_is_needed(box, cache, run, tmp_path, is_file):
    path, text = tmp_path / "box.json", json.dumps(box.ready["jwt_config"])
    path.write_text(text)
    given = {"OAuthJWTCertType": "BOXJSON" if is_file else "BOXJSONBLOB", "OAuthJWTCert": path if is_file else text}
    given = {**given, "OAuthJWTCert": str(given["OAuthJWTCert"]), "OAuthClientId": None, "OAuthClientSecret": None}
    provider = box.provider(cache, AuthScheme="OAuthJWT", **given)
    assert box.accepts(run(provider.access_token()))


@pytest.mark.parametrize("where", ["property", "Box JSON"])
def test_a_user_can_be_the_subject(box, cache, run, where):
    config, given = {**box.ready["jwt_config"]}, {}
    if where == "property":
        given = {"OAuthJWTSubject": box.ready["user_id"]}
    else:
        config["userID"] = box.ready["user_id"]
    given = {**given, "OAuthJWTCert": json.dumps(config), "OAuthJWTSubjectType": "user"}
    provider = box.provider(cache, AuthScheme="OAuthJWT", OAuthJWTCertType="BOXJSONBLOB", **given)
    assert (
        box.emulator._server.config.app.authority.session_of(run(provider.access_token())).user.id
        == box.ready["user_id"]
    )


def test_an_assertion_says_what_box_asks_for_and_is_never_said_twice(box, by_json, key, clock):
    properties = box.properties(**by_json)
    grant, signer = JWTGrant(properties, clock), private_key.signer(properties)
    before = int(time.time())
    assertions = [grant.assertion(signer) for _ in range(50)]
    how = {"audience": "https://api.box.com/oauth2/token", "options": {"verify_exp": False}}  # they take a while
    claims = [jwt.decode(a, key.public_key(), ["RS256"], **how) for a in assertions]
    assert len({claim["jti"] for claim in claims}) == 50
    for assertion, claim in zip(assertions, claims, strict=True):
        assert jwt.get_unverified_header(assertion) == {"alg": "RS256", "typ": "JWT", "kid": signer.key_id}
        assert 16 <= len(claim["jti"]) <= 128
        assert before < claim["exp"] <= time.time() + 60
        assert (claim["iss"], claim["box_sub_type"]) == (box.ready["client_id"], "enterprise")
        assert claim["sub"] == box.ready["enterprise_id"]


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_each_algorithm_that_box_takes_signs_in(box, cache, run, by_json, algorithm):
    given = {**by_json, "OAuthJWTAlgorithm": algorithm}
    assert box.accepts(run(box.provider(cache, **given).access_token()))
    properties = box.properties(**given)
    assertion = JWTGrant(properties).assertion(private_key.signer(properties))
    assert jwt.get_unverified_header(assertion)["alg"] == algorithm


def test_the_issuer_can_be_another(box, by_json):
    assert private_key.signer(box.properties(**by_json, OAuthJWTIssuer="me")).issuer == "me"


def test_a_new_assertion_follows_when_the_token_expires_and_the_set_is_kept(box, cache, clock, run, by_json):
    provider = box.provider(cache, **by_json)

    async def use():
        first = await provider.access_token()
        clock.ahead += HOUR
        box.control("clock", {"offset": HOUR})
        return first, await provider.access_token()

    first, second = run(use())
    assert first != second
    assert cache.entry.tokens.access_token == second
    assert run(box.provider(cache, **by_json).access_token()) == second
    assert box.asked == 2


# A clock that is off


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_off_is_corrected_once_by_the_servers(box, cache, run, by_json, minutes):
    box.control("clock", {"offset": 60 * minutes})
    provider = box.provider(cache, **by_json)

    async def use():
        first = await provider.access_token()
        assert box.accepts(first)
        assert (box.asked, sum(box.grants.values())) == (2, 1)
        return await provider.replace(first)

    assert box.accepts(run(use()))
    assert (box.asked, sum(box.grants.values())) == (3, 2)


def test_a_clock_that_stays_off_is_an_error_after_one_correction(box, cache, run, by_json):
    refusal = {"error": "invalid_grant", "error_description": "Please check the 'exp' claim."}
    box.fault(status=400, body=refusal, headers={"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}, times=10)
    with pytest.raises(OperationalError, match="Please check the 'exp' claim"):
        run(box.provider(cache, **by_json).access_token())
    assert box.asked == 2


def test_a_jti_that_is_refused_is_replaced_once(box, cache, run, by_json):
    refusal = {"error": "invalid_grant", "error_description": "Please check the 'jti' claim. A unique 'jti' value …"}
    box.fault(status=400, body=refusal)
    assert box.accepts(run(box.provider(cache, **by_json).access_token()))
    assert box.asked == 2


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"OAuthJWTSubject": "1"}, r"'sub' specified is invalid \(invalid_grant\); check OAuthJWTSubjectType"),
        (
            {"OAuthJWTIssuer": "somebody"},
            r"check the 'iss' claim.*OAuthJWTIssuer, or else OAuthClientId, is",
        ),
        ({"OAuthJWTPublicKeyId": "other"}, r"'kid' invalid.*OAuthJWTPublicKeyId is the id that the developer console"),
        ({"OAuthClientSecret": PASSPHRASE}, "check OAuthClientId and OAuthClientSecret"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_refused_assertion_is_a_clear_error_after_one_attempt(box, cache, run, by_json, wrong, problem):
    with pytest.raises(OperationalError, match=problem) as caught:
        run(box.provider(cache, **by_json, **wrong).access_token())
    assert (box.asked, caught.value.diag.retryable) == (1, False)
    assert PASSPHRASE not in str(caught.value)


def test_a_key_that_is_anothers_is_a_clear_error(box, cache, run, by_key, stranger):
    given = {"OAuthJWTCertType": "PEMKEY_BLOB", "OAuthJWTCert": pem(stranger)}
    with pytest.raises(OperationalError, match="Signature verification error"):
        run(box.provider(cache, **by_key, **given).access_token())
    assert box.asked == 1


# Keys that cannot be used


def spoilt(text):
    return text.replace(text[400:440], text[400:440][::-1])


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        (lambda key: ("PEMKEY_BLOB", pem(key, passphrase=PASSPHRASE), "wrong"), "OAuthJWTCertPassword is wrong"),
        (lambda key: ("PEMKEY_BLOB", pem(key, passphrase=PASSPHRASE), None), "is encrypted: set OAuthJWTCertPassword"),
        (lambda key: ("PEMKEY_BLOB", spoilt(pem(key)), None), r"is damaged, or no PEM$"),
        (lambda _: ("PEMKEY_BLOB", PASSPHRASE, None), r"is damaged, or no PEM$"),
        (lambda key: ("PFXBLOB", base64_of(store(key)), "wrong"), "OAuthJWTCertPassword is wrong, or the PKCS#12"),
        (lambda key: ("PFXBLOB", base64_of(store(key)), None), "OAuthJWTCertPassword is wrong, or the PKCS#12"),
        (lambda key: ("PFXBLOB", base64_of(store(key)[:500]), PASSPHRASE), "or the PKCS#12 store is damaged"),
        (lambda _: ("PFXBLOB", f"{PASSPHRASE}!", None), "is not in Base64"),
        (lambda key: ("PFXBLOB", base64_of(store(None, others=[certificate(key, "a")])), PASSPHRASE), "certificates"),
        (lambda _: ("JKSBLOB", base64_of(b"\xfe\xed\xfe\xed old"), PASSPHRASE), "before Java 9.*keytool -import"),
        (lambda _: ("PEMKEY_BLOB", pem(ec.generate_private_key(ec.SECP256R1())), None), "takes RSA keys of 2048 bits"),
        (lambda _: ("PEMKEY_BLOB", pem(rsa.generate_private_key(65537, 1024)), None), "takes RSA keys of 2048 bits"),
        (lambda _: ("BOXJSONBLOB", f'{{"clientSecret": "{PASSPHRASE}"', None), "not the JSON that Box's"),
        (lambda _: ("BOXJSONBLOB", f'{{"boxAppSettings": "{PASSPHRASE}"}}', None), "not the JSON that Box's"),
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_opened_is_a_clear_error_without_a_call(box, cache, run, key, by_key, form, problem):
    kind, cert, passphrase = form(key)
    given = {"OAuthJWTCertType": kind, "OAuthJWTCert": cert, "OAuthJWTCertPassword": passphrase}
    with pytest.raises(ProgrammingError, match=problem) as caught:
        run(box.provider(cache, **by_key, **given).access_token())
    assert box.asked == 0
    assert caught.value.__context__ is None
    for secret in (PASSPHRASE, *re.findall(r"\S{40,}", cert)):
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "blob"), [("PEMKEY_FILE", "PEMKEY_BLOB"), ("PFXFILE", "PFXBLOB"), ("BOXJSON", "BOXJSONBLOB")]
)
@pytest.mark.parametrize("cert", ["missing", "folder", "text"])
def test_a_file_that_cannot_be_read_is_a_clear_error(box, cache, run, by_key, tmp_path, kind, blob, cert):
    value = {"missing": str(tmp_path / "missing"), "folder": str(tmp_path), "text": f"-----BEGIN {PASSPHRASE}" * 500}
    given = {"OAuthJWTCertType": kind, "OAuthJWTCert": value[cert]}
    with pytest.raises(ProgrammingError, match=f"cannot be read: .* set it to {blob}$") as caught:
        run(box.provider(cache, **by_key, **given).access_token())
    assert PASSPHRASE not in str(caught.value)


def test_a_box_json_without_subject_names_the_missing_property(box, cache, run, by_json):
    with pytest.raises(ProgrammingError, match="OAuthJWTSubject is missing: the id of the user"):
        run(box.provider(cache, **by_json, OAuthJWTSubjectType="user").access_token())


@pytest.mark.parametrize(
    "subject", ["*", "signer", "CN=signer", "cn=SIGNER", "Example, Inc.", r"CN=signer,O=Example\, Inc."]
)
def test_a_store_is_taken_by_its_subject(box, cache, run, key, by_key, stranger, subject):
    given = {"OAuthJWTCertType": "PFXBLOB", "OAuthJWTCertPassword": PASSPHRASE, "OAuthJWTCertSubject": subject}
    cert = base64_of(store(key, others=[certificate(stranger, "another")]))
    assert box.accepts(run(box.provider(cache, **by_key, **given, OAuthJWTCert=cert).access_token()))


@pytest.mark.parametrize("subject", ["CN=another", "CN=sign", "signer,Inc.", "O=Example", "N=signer"])
def test_a_store_of_another_subject_is_a_clear_error(box, cache, run, key, by_key, subject):
    given = {"OAuthJWTCertType": "PFXBLOB", "OAuthJWTCertPassword": PASSPHRASE, "OAuthJWTCertSubject": subject}
    with pytest.raises(ProgrammingError, match=r"is the one of .*CN=signer.* OAuthJWTCertSubject asks for another"):
        run(box.provider(cache, **by_key, **given, OAuthJWTCert=base64_of(store(key))).access_token())


def test_no_log_and_no_failure_holds_a_secret(box, cache, run, by_json, caplog, monkeypatch):
    assertions = []
    sign = JWTGrant.assertion
    monkeypatch.setattr(JWTGrant, "assertion", lambda *given: assertions.append(sign(*given)) or assertions[-1])
    caplog.set_level(logging.DEBUG)
    provider = box.provider(cache, **by_json)
    secrets = [run(provider.access_token()), box.ready["client_secret"]]
    box.fault(status=400, body={"error": "invalid_grant", "error_description": "no"})
    with pytest.raises(OperationalError) as caught:
        run(box.provider(MemoryCache("another"), **by_json).access_token())
    secrets += [*assertions, *re.findall(r"\w{40,}", by_json["OAuthJWTCert"])]
    secrets.append(box.ready["jwt_config"]["boxAppSettings"]["appAuth"]["passphrase"])
    shown = "".join(traceback.format_exception(caught.value))
    shown += repr([caught.value.__context__, caught.value.__cause__, provider, provider._source])
    shown += "".join(f"{record.getMessage()} {record.args!r} {record.__dict__!r}" for record in caplog.records)
    assert len(assertions) == 2
    assert not [secret for secret in secrets if secret in shown]


def test_no_text_form_of_a_signer_holds_a_secret(box, by_json):
    signer = private_key.signer(box.properties(**by_json))
    assert box.ready["client_secret"] not in repr(signer)
    assert "rsa" not in repr(signer).lower()
