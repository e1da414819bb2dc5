"""A user's tokens: given, exchanged, refreshed, kept, and whose they are."""

import asyncio
import dataclasses

import pytest

from box_dialect.auth import authorization_code
from box_dialect.auth.entry import MOST_USED, encoded, fingerprint
from box_dialect.errors import OperationalError, SignInNeededError

DEAD = r"Invalid refresh token \(invalid_grant\).*Sign in again: run `box-dialect login`.*GETANDREFRESH.*OAuthRefresh"
HOUR = 3600


async def token(provider):
    await provider.sign_in()
    access_token = await provider.access_token()
    await provider.aclose()
    return access_token


# Given tokens


def test_given_tokens_of_unknown_age_are_renewed_once_and_kept(box, cache, run):
    given = box.pair()
    first = run(token(box.provider(cache, **given)))
    assert first != given["OAuthAccessToken"]
    assert box.grants == {"refresh_token": 1}
    assert cache.entry.tokens.access_token == first
    assert cache.entry.lineage == (fingerprint(given["OAuthRefreshToken"]),)
    assert run(token(box.provider(cache, **given))) == first
    assert box.asked == 1


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
def test_a_given_token_of_known_age_is_used_until_it_expires(box, cache, clock, run, unit):
    given = {**box.pair(), "OAuthExpiresIn": HOUR, "OAuthTokenTimestamp": int(clock() * unit)}
    provider = box.provider(cache, **given)

    async def use():
        await provider.sign_in()
        first = await provider.access_token()
        assert (box.asked, cache.entries) == (0, [])
        clock.ahead += HOUR
        return first, await provider.access_token()

    first, second = run(use())
    assert first == given["OAuthAccessToken"] != second
    assert box.grants == {"refresh_token": 1}
    assert box.accepts(second)


def test_a_kept_set_goes_before_given_tokens_from_which_it_stems(box, cache, clock, run):
    given = box.pair()
    kept = run(token(box.provider(cache, **given)))
    aged = {**given, "OAuthExpiresIn": HOUR, "OAuthTokenTimestamp": int(clock()) - 60}
    assert run(token(box.provider(cache, **aged))) == kept
    assert box.asked == 1


def test_a_newer_access_token_goes_before_the_kept_set(box, cache, clock, run):
    run(token(box.provider(cache, **box.pair())))
    clock.ahead += 60
    given = {"OAuthAccessToken": "newer", "OAuthExpiresIn": HOUR, "OAuthTokenTimestamp": int(clock() + 1)}
    assert run(token(box.provider(cache, **given))) == "newer"


def test_a_refresh_token_alone_is_enough(box, cache, run):
    assert box.accepts(run(token(box.provider(cache, OAuthRefreshToken=box.pair()["OAuthRefreshToken"]))))


def test_an_access_token_alone_is_used_until_it_is_refused(box, cache, run):
    provider = box.provider(cache, OAuthAccessToken="given")

    async def use():
        await provider.sign_in()
        assert await provider.access_token() == "given"
        with pytest.raises(SignInNeededError, match="refused or has expired, and no refresh token came with it"):
            await provider.replace("given")

    run(use())
    assert box.asked == 0


def test_nothing_given_and_nothing_kept_says_how_to_sign_in(box, cache, run):
    with pytest.raises(
        SignInNeededError, match=r"no token is given, and the token cache holds none.*box-dialect login"
    ):
        run(token(box.provider(cache)))
    assert box.asked == 0


# The life of a set


def test_refresh_tokens_go_on_from_one_to_the_next(box, cache, clock, run):
    provider = box.provider(cache, **box.pair())

    async def use():
        seen = []
        for _ in range(4):
            seen.append(await provider.access_token())
            clock.ahead += HOUR
        return seen

    seen = run(use())
    assert len(set(seen)) == 4
    assert box.grants == {"refresh_token": 4}
    assert cache.entry.tokens.access_token == seen[-1]


def test_a_later_process_goes_on_from_what_is_kept(box, cache, clock, run):
    given = box.pair()
    for expected in range(1, 4):
        assert box.accepts(run(token(box.provider(cache, **given))))
        assert box.grants == {"refresh_token": expected}
        clock.ahead += HOUR
    assert box.accepts(run(token(box.provider(cache))))


def test_a_refused_token_is_replaced_by_what_another_process_has_got(box, cache, run):
    given = box.pair()
    one, other = box.provider(cache, **given), box.provider(cache, **given)

    async def use():
        refused = await one.access_token()
        assert await other.access_token() == refused
        replaced = await one.replace(refused)
        assert await other.replace(refused) == replaced != refused

    run(use())
    assert box.grants == {"refresh_token": 2}


@pytest.mark.parametrize("how", ["used", "expired", "revoked"])
def test_a_dead_refresh_token_says_to_sign_in_again_and_how(box, cache, clock, run, how):
    given = box.pair()
    provider = box.provider(cache, **given)

    async def use():
        await provider.sign_in()
        last = cache.entry.tokens
        if how == "used":
            await authorization_code.refresh(box.properties(), last.refresh_token)
        elif how == "expired":
            box.control("expire", {"kind": "refresh_token", "token": last.refresh_token})
        else:
            await authorization_code.revoke(box.properties(), last.access_token)
        clock.ahead += HOUR
        await provider.access_token()

    with pytest.raises(SignInNeededError, match=DEAD.replace("Invalid refresh token", ".*")) as caught:
        run(use())
    assert "leave OAuthRefreshToken out to use a later sign-in" in str(caught.value)
    assert (caught.value.diag.code, caught.value.diag.retryable) == ("invalid_grant", False)


def test_a_dead_set_is_left_for_a_given_refresh_token_that_was_never_used(box, cache, clock, run):
    given = {"OAuthVerifier": box.code(), "OAuthRefreshToken": box.pair()["OAuthRefreshToken"]}
    run(token(box.provider(cache, **given)))
    box.control("expire", {"kind": "refresh_token", "token": cache.entry.tokens.refresh_token})
    clock.ahead += HOUR
    assert box.accepts(run(token(box.provider(cache, **given))))
    assert box.grants == {"authorization_code": 1, "refresh_token": 1}
    assert fingerprint(given["OAuthRefreshToken"]) in cache.entry.lineage


def test_any_refresh_token_of_a_sign_in_leads_to_its_entry(box, cache, clock, run):
    given = box.pair()
    passed = [given["OAuthRefreshToken"]]
    for _ in range(MOST_USED + 2):
        last = run(token(box.provider(cache, **given)))
        passed.append(cache.entry.tokens.refresh_token)
        clock.ahead += HOUR
    clock.ahead -= HOUR
    asked = box.asked
    for refresh_token in (passed[0], *passed[-MOST_USED - 1 :]):
        assert run(token(box.provider(cache, OAuthRefreshToken=refresh_token))) == last
    assert (box.asked, len(cache.entries)) == (asked, 1)
    assert len(cache.entry.used) == MOST_USED


# Codes


def test_a_code_is_exchanged_once_and_its_url_works_on(box, cache, clock, run):
    code = box.code()
    first = run(token(box.provider(cache, OAuthVerifier=code)))
    assert run(token(box.provider(cache, OAuthVerifier=code))) == first
    assert run(token(box.provider(cache))) == first
    clock.ahead += HOUR
    assert box.accepts(run(token(box.provider(cache, OAuthVerifier=code))))
    assert box.grants == {"authorization_code": 1, "refresh_token": 1}


def test_a_new_code_replaces_what_is_kept(box, cache, run):
    old, new = box.code(), box.code()
    first = run(token(box.provider(cache, OAuthVerifier=old)))
    second = run(token(box.provider(cache, OAuthVerifier=new)))
    assert run(token(box.provider(cache))) == second != first
    assert len(cache.entries) == 1


def test_a_used_code_whose_sign_in_is_gone_is_a_clear_error_and_changes_nothing(box, cache, run):
    old, new = box.code(), box.code()
    run(token(box.provider(cache, OAuthVerifier=old)))
    kept = run(token(box.provider(cache, OAuthVerifier=new)))
    with pytest.raises(
        OperationalError, match=r"good for one use within 30 seconds.*leave OAuthVerifier out"
    ) as caught:
        run(token(box.provider(cache, OAuthVerifier=old)))
    assert not isinstance(caught.value, SignInNeededError)
    assert cache.entry.tokens.access_token == kept


def test_a_process_goes_on_with_its_own_grant_when_another_code_replaces_the_entry(box, cache, clock, run):
    first = box.provider(cache, OAuthVerifier=box.code())

    async def use():
        await first.sign_in()
        other = await token(box.provider(cache, OAuthVerifier=box.code()))
        clock.ahead += HOUR
        return other, await first.access_token()

    other, own = run(use())
    assert own != other
    assert box.grants == {"authorization_code": 2, "refresh_token": 1}
    assert {entry.tokens.access_token for entry in cache.entries} == {other, own}


# Whose tokens they are


def test_a_refresh_token_of_another_sign_in_has_an_entry_of_its_own(box, cache, run):
    mine, yours = box.pair(), box.pair()
    my_token = run(token(box.provider(cache, **mine)))
    your_token = run(token(box.provider(cache, **yours)))
    assert my_token != your_token
    assert {entry.tokens.access_token for entry in cache.entries} == {my_token, your_token}
    for given, expected in ((mine, my_token), (yours, your_token), ({}, my_token)):
        assert run(token(box.provider(cache, **given))) == expected
    assert box.grants == {"refresh_token": 2}


def test_a_later_sign_in_goes_before_a_given_refresh_token_that_is_dead(box, cache, clock, run, caplog):
    dead = box.pair()
    run(authorization_code.refresh(box.properties(), dead["OAuthRefreshToken"]))
    provider = box.provider(cache, **dead)

    async def use():
        with pytest.raises(SignInNeededError, match="Sign in again"):
            await provider.sign_in()
        login = box.provider(cache)._source
        await login.keep(await authorization_code.exchange(box.properties(), box.code()))
        await provider.sign_in()
        kept = await provider.access_token()
        assert kept == cache.entry.tokens.access_token
        clock.ahead += HOUR
        assert kept != await provider.access_token() == cache.entry.tokens.access_token

    run(use())
    assert run(token(box.provider(cache, **dead))) == run(token(box.provider(cache)))
    assert len([record for record in caplog.records if "later sign-in" in record.message]) == 2


def test_an_older_sign_in_is_no_stand_in_for_a_given_refresh_token_that_is_dead(box, cache, clock, run):
    run(token(box.provider(cache, OAuthVerifier=box.code())))
    clock.ahead += HOUR
    given = box.pair()
    run(token(box.provider(cache, **given)))
    (own,) = (entry for entry in cache.entries if entry.lineage == (fingerprint(given["OAuthRefreshToken"]),))
    run(authorization_code.revoke(box.properties(), own.tokens.access_token))
    clock.ahead += HOUR
    with pytest.raises(SignInNeededError, match="Sign in again"):
        run(token(box.provider(cache, **given)))


def test_an_entry_of_its_own_is_used_on_when_the_accounts_entry_is_gone(box, cache, run):
    mine, yours = box.pair(), box.pair()
    my_token = run(token(box.provider(cache, **mine)))
    your_token = run(token(box.provider(cache, **yours)))
    cache.delete(next(k for k, v in cache._entries.items() if my_token.encode() in v))
    assert run(token(box.provider(cache, **yours))) == your_token


def test_labels_and_scopes_and_clients_keep_accounts_apart(box, cache, run):
    first = run(token(box.provider(cache, OAuthVerifier=box.code())))
    for other in ({"SubjectId": "work"}, {"Scope": "root_readonly"}, {"OAuthClientId": "another"}):
        with pytest.raises(SignInNeededError):
            run(token(box.provider(cache, **other)))
    labelled = run(token(box.provider(cache, SubjectId="work", OAuthVerifier=box.code())))
    assert run(token(box.provider(cache))) == first
    assert run(token(box.provider(cache, SubjectId="work"))) == labelled != first


def test_no_key_and_no_entrys_lineage_holds_a_secret(box, cache, run):
    given = {**box.pair(), "OAuthVerifier": box.code()}
    run(token(box.provider(cache, **given)))
    shown = f"{list(cache._entries)} {cache.entry.lineage} {cache.entry!r}"
    secrets = [*given.values(), cache.entry.tokens.access_token, cache.entry.tokens.refresh_token]
    assert all(secret not in shown for secret in [*secrets, box.ready["client_secret"]])


# Entries that cannot be read


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xff", "is damaged"), (b"{}", "is damaged"), (b'{"schema": 1, "tokens": ' + b"[" * 100_000, "is damaged"),
        (b'{"schema": 1, "tokens": {"access_token": "x"}}', "is damaged"),
        (b'{"schema": 2, "sets": []}', "newer version of box-dialect"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_is_a_clear_error_and_stays_as_it_is(box, cache, run, data, problem):
    run(token(box.provider(cache, **box.pair())))
    (key,) = cache._entries
    cache.store(key, data)
    with pytest.raises(OperationalError, match=problem):
        run(token(box.provider(cache)))
    assert cache.load(key) == data


def test_an_entry_with_unknown_parts_is_read(box, cache, run):
    run(token(box.provider(cache, **box.pair())))
    (key,) = cache._entries
    cache.store(key, encoded(cache.entry).replace(b'"schema":1', b'"schema":1,"added":true'))
    assert run(token(box.provider(cache))) == cache.entry.tokens.access_token


# The browser


@pytest.mark.parametrize("dead", [False, True], ids=["nothing kept", "dead refresh token"])
def test_the_browser_is_asked_where_nothing_else_helps(box, cache, run, monkeypatch, dead):
    asked = []

    async def browser(properties):
        asked.append(properties)
        return await authorization_code.exchange(properties, box.code())

    monkeypatch.setattr("box_dialect.auth.loopback.browser_sign_in", browser)
    given = box.pair() if dead else {}
    if dead:
        box.control("expire", {"kind": "refresh_token", "token": given["OAuthRefreshToken"]})
    with pytest.raises(SignInNeededError):
        run(token(box.provider(cache, **given)))
    assert not asked
    first = run(token(box.provider(cache, InitiateOAuth="GETANDREFRESH", **given)))
    assert len(asked) == 1
    for initiate in ("REFRESH", "GETANDREFRESH"):
        assert run(token(box.provider(cache, InitiateOAuth=initiate, **given))) == first
    assert (len(asked), box.grants) == (1, {"authorization_code": 1})


def test_a_new_sign_in_is_kept_for_all_or_fails(box, cache, run):
    source = box.provider(cache)._source
    old, new = (run(authorization_code.exchange(box.properties(), box.code())) for _ in range(2))
    run(source.keep(old))
    run(source.keep(new))
    assert run(token(box.provider(cache))) == new.access_token
    cache.fails = ("store",)
    with pytest.raises(OperationalError, match=r"could not be stored: no space left.*sign in again"):
        run(source.keep(old))
    assert cache.entry.tokens == new


def test_the_browser_is_not_asked_in_the_middle_of_work(box, cache, run, monkeypatch):
    async def browser(_):
        raise AssertionError("asked")

    monkeypatch.setattr("box_dialect.auth.loopback.browser_sign_in", browser)
    provider = box.provider(cache, InitiateOAuth="GETANDREFRESH", **box.pair())

    async def use():
        await provider.sign_in()
        last = cache.entry.tokens
        box.control("expire", {"kind": "refresh_token", "token": last.refresh_token})
        await provider.replace(last.access_token)

    with pytest.raises(SignInNeededError, match="Sign in again"):
        run(use())


def test_a_code_that_fails_does_not_lead_to_the_browser(box, cache, run, monkeypatch):
    async def browser(_):
        raise AssertionError("asked")

    monkeypatch.setattr("box_dialect.auth.loopback.browser_sign_in", browser)
    with pytest.raises(OperationalError, match="authorization code is good for one use"):
        run(token(box.provider(cache, InitiateOAuth="GETANDREFRESH", OAuthVerifier="wrong")))


def test_connections_that_sign_in_at_once_ask_the_browser_once(box, cache, run, monkeypatch):
    asked = []

    async def browser(properties):
        asked.append(properties)
        return await authorization_code.exchange(properties, box.code())

    monkeypatch.setattr("box_dialect.auth.loopback.browser_sign_in", browser)
    provider = box.provider(cache, InitiateOAuth="GETANDREFRESH")

    async def use():
        await asyncio.gather(*(provider.sign_in() for _ in range(8)))

    run(use())
    assert len(asked) == 1


def test_equal_accounts_share_an_entry_whatever_else_the_properties_say(box, cache, run):
    first = run(token(box.provider(cache, **box.pair())))
    properties = dataclasses.replace(box.properties(), max_retries=1, readonly=True)
    assert properties != box.properties()
    assert run(token(box.provider(cache, MaxRetries=1, Readonly=True))) == first
