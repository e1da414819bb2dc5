"""Kept tokens go to who knows the application's secret: not to who knows but its ids, nor are they lost by that."""

import dataclasses
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from box_dialect.auth.entry import MOST_PROOFS, Entry, decoded, encoded
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import OperationalError, SignInNeededError

HOUR = 3600
REFUSED = r"\(invalid_client\)"


@pytest.fixture
def rotated(box):
    """Return a function that gives the application another client secret, and returns that."""
    authority = box._authority
    before = authority.application

    def rotated():
        authority.application = dataclasses.replace(before, client_secret="rotated")
        return {"OAuthClientSecret": "rotated"}

    yield rotated
    authority.application = before


def json_of(box, **other):
    """Return the properties of a sign-in by JWT, with other settings in the JSON of the developer console."""
    config = json.loads(json.dumps(box.ready["jwt_config"]))
    settings = config["boxAppSettings"]
    settings["clientSecret"] = other.get("secret", settings["clientSecret"])
    if "key" in other:
        settings["appAuth"] |= {"privateKey": other["key"], "passphrase": None}
    return {
        "AuthScheme": "OAuthJWT",
        "OAuthJWTCertType": "BOXJSONBLOB",
        "OAuthJWTCert": json.dumps(config),
        "OAuthClientId": None,
        "OAuthClientSecret": None,
    }


def another_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def client(box, **other):
    return {"AuthScheme": "OAuthClient", "SubjectId": box.ready["enterprise_id"], **other}


@pytest.fixture(params=["client credentials", "client secret of a JWT", "private key of a JWT", "user"])
def accounts(request, box):
    """Return the properties that sign in, and those with the same ids and another secret."""
    if request.param == "client credentials":
        return client(box), client(box, OAuthClientSecret="guessed")
    if request.param == "client secret of a JWT":
        return json_of(box), json_of(box, secret="guessed")
    if request.param == "private key of a JWT":
        return json_of(box), json_of(box, key=another_key())
    return box.pair(), {"OAuthClientSecret": "guessed"}


def token(run, provider):
    async def use():
        access_token = await provider.access_token()
        await provider.aclose()
        return access_token

    return run(use())


def test_a_wrong_secret_gets_no_kept_token_and_leaves_it_to_the_right_one(box, cache, run, accounts):
    right, wrong = accounts
    kept = token(run, box.provider(cache, **right))
    before = dict(cache._entries)
    with pytest.raises(OperationalError, match=r"Box refused the sign-in.*\(invalid_(client|grant)\)"):
        token(run, box.provider(cache, **wrong))
    assert cache._entries == before
    assert token(run, box.provider(cache, **right)) == kept


def test_each_process_with_the_right_secret_shares_the_token(box, cache, run, accounts):
    right, _ = accounts
    kept = token(run, box.provider(cache, **right))
    asked = box.asked
    assert token(run, box.provider(cache, **right)) == kept
    assert box.asked == asked


def test_a_secret_that_was_rotated_goes_on_from_the_kept_refresh_token(box, cache, run, rotated):
    token(run, box.provider(cache, **box.pair()))
    new = rotated()
    renewed = token(run, box.provider(cache, **new))
    assert box.accepts(renewed)
    assert box.grants == {"refresh_token": 2}
    assert token(run, box.provider(cache, **new)) == renewed


@pytest.mark.parametrize("scheme", ["OAuthClient", "OAuth"])
def test_old_and_new_secret_share_the_entry_while_it_is_rotated(box, cache, clock, run, rotated, scheme):
    old = client(box) if scheme == "OAuthClient" else {}
    token(run, box.provider(cache, **old, **({} if old else box.pair())))
    new = old | rotated()
    renewed, asked = token(run, box.provider(cache, **new)), box.asked
    assert [token(run, box.provider(cache, **each)) for each in (old, new, old)] == [renewed] * 3
    assert box.asked == asked
    clock.ahead += HOUR  # by when Box has to take it again
    newest = token(run, box.provider(cache, **new))
    with pytest.raises(OperationalError, match=REFUSED):
        token(run, box.provider(cache, **old))
    assert token(run, box.provider(cache, **new)) == newest
    assert len(cache.entry.proofs) == 1


def test_a_wrong_secret_does_not_end_tokens_that_nothing_renews(box, cache, run):
    token(run, box.provider(cache, **box.pair()))
    (place,) = cache._entries
    entry = cache.entry
    cache._entries[place] = encoded(
        dataclasses.replace(entry, tokens=dataclasses.replace(entry.tokens, refresh_token=None))
    )
    with pytest.raises(SignInNeededError, match="no token is given"):
        token(run, box.provider(cache, OAuthClientSecret="guessed"))
    assert token(run, box.provider(cache)) == entry.tokens.access_token


def test_an_entry_of_an_older_version_is_used_and_gets_its_proof_when_it_is_renewed(box, cache, clock, run, accounts):
    right, wrong = accounts
    kept = token(run, box.provider(cache, **right))
    (place,) = cache._entries
    cache._entries[place] = encoded(dataclasses.replace(cache.entry, salt="", proofs=()))
    assert token(run, box.provider(cache, **right)) == kept
    clock.ahead += HOUR
    token(run, box.provider(cache, **right))
    with pytest.raises(OperationalError):
        token(run, box.provider(cache, **wrong))


def test_an_entry_holds_no_secret_and_not_more_than_some_proofs(box, cache, run):
    token(run, box.provider(cache, **client(box)))
    (stored,) = cache._entries.values()
    assert box.ready["client_secret"].encode() not in stored
    entry = Entry(tokens=TokenSet("access", 9e9))
    for number in range(MOST_PROOFS + 2):
        entry = entry.opened_to(b"%d" % number, 0.0)
    assert len(entry.proofs) == MOST_PROOFS
    assert decoded(encoded(entry)) == entry
    assert entry.is_open_to(b"%d" % (MOST_PROOFS + 1), 0.0)
    assert not entry.is_open_to(b"0", 0.0)
