"""The token provider: one grant for all who wait, in time, and after a refusal."""

import asyncio
import time as real_time

import pytest

from box_dialect import properties
from box_dialect.auth import ClientCredentialsGrant, token_provider
from box_dialect.auth.provider import EXPIRY_MARGIN_SECONDS, TokenProvider
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import OperationalError

CANARY = "kanarienvogel7"


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


class CountingGrant:
    """A grant that numbers its tokens, fails as told, and lets others run while it fetches."""

    def __init__(self, clock=real_time.time, lifetime=3600.0):
        self.clock, self.lifetime = clock, lifetime
        self.count = 0
        self.problems = []

    async def fetch(self):
        self.count += 1
        number = self.count
        await asyncio.sleep(0)
        if self.problems:
            raise self.problems.pop()
        return TokenSet(f"token {number}", self.clock() + self.lifetime)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def grant(clock):
    return CountingGrant(clock)


@pytest.fixture
def provider(grant, clock):
    return TokenProvider(grant=grant, clock=clock)


async def many(ask, count=50):
    return set(await asyncio.gather(*(ask() for _ in range(count))))


def test_nothing_is_fetched_before_a_token_is_needed(grant, provider, run):
    assert grant.count == 0
    assert run(provider.access_token()) == "token 1"


def test_one_grant_serves_all_who_wait(grant, provider, run):
    assert run(many(provider.access_token)) == {"token 1"}
    assert grant.count == 1


@pytest.mark.parametrize(
    ("age", "token"),
    [
        (0, "token 1"),
        (3600 - EXPIRY_MARGIN_SECONDS - 1, "token 1"),
        (3600 - EXPIRY_MARGIN_SECONDS, "token 2"),
        (3600, "token 2"),
        (100_000, "token 2"),
    ],
)
def test_a_token_is_renewed_shortly_before_it_expires(grant, provider, clock, run, age, token):
    async def use():
        await provider.access_token()
        clock.now += age
        return await many(provider.access_token)

    assert run(use()) == {token}
    assert grant.count == int(token[-1])


def test_a_refused_token_is_replaced_once_for_all_who_had_it(grant, provider, run):
    async def use():
        refused = await provider.access_token()
        return await many(lambda: provider.replace(refused))

    assert run(use()) == {"token 2"}
    assert grant.count == 2


def test_a_late_refusal_of_an_older_token_takes_the_newer_one(grant, provider, run):
    async def use():
        oldest = await provider.access_token()
        await provider.replace(oldest)
        return await provider.replace(oldest), await provider.access_token()

    assert run(use()) == ("token 2", "token 2")
    assert grant.count == 2


def test_a_failed_grant_is_raised_and_the_next_one_who_asks_tries_again(grant, provider, run):
    grant.problems = [OperationalError("refused")]

    async def use():
        with pytest.raises(OperationalError, match="refused"):
            await provider.access_token()
        return await provider.access_token()

    assert run(use()) == "token 2"


def test_a_failed_renewal_leaves_the_provider_usable(grant, provider, clock, run):
    async def use():
        await provider.access_token()
        clock.now += 3600
        grant.problems = [OperationalError("Box is down")]
        with pytest.raises(OperationalError, match="Box is down"):
            await provider.access_token()
        return await many(provider.access_token)

    assert run(use()) == {"token 3"}


def test_who_waits_goes_on_when_the_one_who_fetches_is_cancelled(provider, run):
    async def use():
        fetching = asyncio.create_task(provider.access_token())
        waiting = asyncio.create_task(provider.access_token())
        await asyncio.sleep(0)
        fetching.cancel()
        token = await waiting
        assert fetching.cancelled()
        return token

    assert run(use()) == "token 2"


def test_a_given_token_is_used_as_it_is_and_never_renewed(run):
    provider = TokenProvider(given=TokenSet("given", None))
    assert run(many(provider.access_token)) == {"given"}


def test_a_given_token_that_is_refused_gives_a_clear_error(run):
    provider = TokenProvider(given=TokenSet(CANARY, None))
    with pytest.raises(
        OperationalError, match="Set OAuthAccessToken to a new one, or sign in with AuthScheme"
    ) as caught:
        run(provider.replace(CANARY))
    assert (caught.value.diag.status, caught.value.diag.retryable) == (401, False)
    assert CANARY not in str(caught.value)


def test_no_text_form_of_a_token_set_holds_the_token():
    assert CANARY not in f"{TokenSet(CANARY, 1.0)!r}{TokenSet(CANARY, None)}"


def test_the_properties_choose_the_provider(run):
    credentials = {"AuthScheme": "OAuthClient", "OAuthClientId": "i", "OAuthClientSecret": "s", "SubjectId": "1"}
    given = token_provider(properties.parse(credentials | {"OAuthAccessToken": "given"}))
    assert run(given.access_token()) == "given"
    granted = token_provider(properties.parse(credentials))
    assert isinstance(granted._grant, ClientCredentialsGrant)
