"""Tokens that another program keeps: whichever refresh token of a sign-in it hands in, it gets the newest tokens."""

import asyncio
import dataclasses

import pytest

from box_dialect.auth import authorization_code
from box_dialect.auth.handed_tokens import renewed
from box_dialect.auth.tokens import ADVISORY_SECONDS
from box_dialect.errors import OperationalError, SignInNeededError

HOUR = 3600


@pytest.fixture
def hand_in(box, cache, clock, run):
    """Return a function that hands in a refresh token of a sign-in, as a process of its own."""

    def hand_in(refresh_token, sign_in="one"):
        return run(renewed(box.properties(SubjectId=sign_in, OAuthRefreshToken=refresh_token), cache, clock))

    return hand_in


def test_each_token_of_a_sign_in_leads_to_the_newest(box, clock, hand_in):
    tokens = [hand_in(box.pair()["OAuthRefreshToken"])]
    for _ in range(3):
        clock.ahead += HOUR
        tokens.append(hand_in(tokens[-1].refresh_token))
    assert box.grants == {"refresh_token": 4}
    for earlier in tokens:
        assert hand_in(earlier.refresh_token) == tokens[-1]
    assert box.accepts(tokens[-1].access_token)
    assert box.asked == 4


def test_the_first_token_is_good_for_ever(box, cache, clock, hand_in):
    first, seen = box.pair()["OAuthRefreshToken"], set()
    for _ in range(25):  # more than an entry remembers
        seen.add(hand_in(first).access_token)
        clock.ahead += HOUR
    assert len(seen) == 25
    assert box.grants == {"refresh_token": 25}
    assert cache.entry.lineage == ()


def test_a_token_is_renewed_while_the_last_one_is_still_good(box, clock, hand_in):
    first = box.pair()["OAuthRefreshToken"]
    kept = hand_in(first)
    assert 0 < kept.fresh_seconds(clock()) <= HOUR - ADVISORY_SECONDS
    clock.ahead += kept.fresh_seconds(clock()) - 60
    assert hand_in(first) == kept
    clock.ahead += 61
    assert kept.fresh_seconds(clock()) == 0
    assert hand_in(first) != kept


def test_of_ten_at_once_one_renews(box, cache, clock, run):
    properties = box.properties(SubjectId="one", OAuthRefreshToken=box.pair()["OAuthRefreshToken"])

    async def use():
        return await asyncio.gather(*(renewed(properties, cache, clock) for _ in range(10)))

    assert len({tokens.access_token for tokens in run(use())}) == 1
    assert box.grants == {"refresh_token": 1}


def test_a_token_that_another_host_has_got_is_used_where_the_kept_one_is_dead(box, cache, clock, run, hand_in):
    kept = hand_in(box.pair()["OAuthRefreshToken"])
    elsewhere = run(authorization_code.refresh(box.properties(), kept.refresh_token))
    clock.ahead += HOUR
    assert box.accepts(hand_in(elsewhere.refresh_token).access_token)
    assert cache.entry.lineage == ()


def test_no_sign_in_goes_on_with_another_ones_tokens(box, cache, clock, run, hand_in):
    tokens = hand_in(box.pair()["OAuthRefreshToken"])
    clock.ahead += HOUR
    run(authorization_code.revoke(box.properties(), tokens.refresh_token))
    other = hand_in(box.pair()["OAuthRefreshToken"], "other")
    with pytest.raises(SignInNeededError, match=r"\(invalid_grant\)") as caught:
        hand_in(tokens.refresh_token)
    assert "leave OAuthRefreshToken out" not in str(caught.value)
    assert cache.entry.tokens == other
    assert hand_in(other.refresh_token, "other") == other


def test_a_sign_in_that_is_over_leaves_nothing_behind(box, cache, clock, run, hand_in):
    tokens = hand_in(box.pair()["OAuthRefreshToken"])
    clock.ahead += HOUR
    run(authorization_code.revoke(box.properties(), tokens.access_token))
    with pytest.raises(SignInNeededError):
        hand_in(tokens.refresh_token)
    assert cache.entries == []


def test_what_cannot_be_stored_is_told_and_given_all_the_same(box, cache, caplog, hand_in):
    cache.fails = ("store",)
    assert box.accepts(hand_in(box.pair()["OAuthRefreshToken"]).access_token)
    assert "could not be stored: no space left" in caplog.text


def test_a_failure_of_box_is_no_sign_in(box, cache, clock, run):
    given = box.pair()["OAuthRefreshToken"]
    box.fault(status=503, times=10)
    properties = box.properties(SubjectId="one", OAuthRefreshToken=given)
    with pytest.raises(OperationalError) as caught:
        run(renewed(dataclasses.replace(properties, max_retries=0), cache, clock))
    assert not isinstance(caught.value, SignInNeededError)
    box.control("reset")
    assert box.accepts(run(renewed(properties, cache, clock)).access_token)
