"""The token provider: one renewal for all who wait, in time, and after a refusal."""

import asyncio

import pytest

from box_dialect import properties
from box_dialect.auth import token_provider
from box_dialect.auth.fixed_token import FixedToken
from box_dialect.auth.granted_tokens import GrantedTokens
from box_dialect.auth.optional_cache import OptionalCache
from box_dialect.auth.provider import RETRY_SECONDS, TokenProvider
from box_dialect.auth.tokens import ADVISORY_SECONDS, MANDATORY_SECONDS, TokenSet
from box_dialect.auth.user_tokens import UserTokens
from box_dialect.errors import OperationalError, SignInNeededError

pytestmark = pytest.mark.usefixtures("no_network")

CANARY = "kanarienvogel7"
LIFE = 3600.0


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


class CountingSource:
    """A source that numbers its tokens, fails as told, and lets others run while it renews."""

    def __init__(self, clock):
        self.clock = clock
        self.count = self.asked = 0
        self.life = LIFE
        self.problems = []
        self.is_closed = False

    async def renew(self, seen):
        self.count += 1
        number = self.count
        await asyncio.sleep(0)
        if self.problems:
            raise self.problems.pop()
        assert seen is None or seen.access_token != f"token {number}"
        return TokenSet(f"token {number}", self.clock() + self.life, issued_at=self.clock())

    async def ask(self, problem):
        self.asked += 1
        return TokenSet(f"asked {problem}", None)

    async def aclose(self):
        self.is_closed = True


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(clock):
    return CountingSource(clock)


@pytest.fixture
def provider(source, clock):
    return TokenProvider(source, clock)


async def many(ask, count=50):
    return set(await asyncio.gather(*(ask() for _ in range(count))))


def test_nothing_is_fetched_before_a_token_is_needed(source, provider, run):
    assert source.count == 0
    assert run(provider.access_token()) == "token 1"


def test_one_renewal_serves_all_who_wait(source, provider, run):
    assert run(many(provider.access_token)) == {"token 1"}
    assert source.count == 1


@pytest.mark.parametrize(
    ("age", "tokens", "renewals"),
    [
        (0, {"token 1"}, 1),
        (LIFE - ADVISORY_SECONDS - 1, {"token 1"}, 1),
        (LIFE - ADVISORY_SECONDS, {"token 1"}, 2),
        (LIFE - MANDATORY_SECONDS - 1, {"token 1"}, 2),
        (LIFE - MANDATORY_SECONDS, {"token 2"}, 2),
        (LIFE, {"token 2"}, 2),
        (100_000, {"token 2"}, 2),
    ],
)
def test_a_token_is_renewed_ahead_by_one_and_before_its_end_for_all(
    source, provider, clock, run, age, tokens, renewals
):
    async def use():
        await provider.access_token()
        clock.now += age
        seen = await many(provider.access_token)
        await provider.aclose()
        assert await many(provider.access_token) == {f"token {renewals}"}
        return seen

    assert run(use()) == tokens
    assert source.count == renewals


@pytest.mark.parametrize("life", [2.0, 20.0, 300.0, 3600.0, 4175.0])
def test_the_windows_shrink_with_the_life_of_a_token(life):
    tokens = TokenSet("token", 1000 + life, issued_at=1000)
    early = min(ADVISORY_SECONDS, life / 4)
    late = min(MANDATORY_SECONDS, life / 10)
    assert not tokens.may_be_renewed(1000 + life - early - 0.01)
    assert tokens.may_be_renewed(1000 + life - early)
    assert not tokens.must_be_renewed(1000 + life - late - 0.01)
    assert tokens.must_be_renewed(1000 + life - late)


def test_a_token_of_unknown_end_is_used_on_and_one_of_unknown_begin_has_the_full_windows():
    assert not TokenSet("token", None).must_be_renewed(1e12)
    assert not TokenSet("token", None).may_be_renewed(1e12)
    assert TokenSet("token", 1000.0).must_be_renewed(1000 - MANDATORY_SECONDS)
    assert not TokenSet("token", 1000.0).must_be_renewed(999 - MANDATORY_SECONDS)


def test_a_refused_token_is_replaced_once_for_all_who_had_it(source, provider, run):
    async def use():
        refused = await provider.access_token()
        return await many(lambda: provider.replace(refused))

    assert run(use()) == {"token 2"}
    assert source.count == 2


def test_a_late_refusal_of_an_older_token_takes_the_newer_one(source, provider, run):
    async def use():
        oldest = await provider.access_token()
        await provider.replace(oldest)
        return await provider.replace(oldest), await provider.access_token()

    assert run(use()) == ("token 2", "token 2")
    assert source.count == 2


def test_a_failed_renewal_is_raised_and_the_next_one_who_asks_tries_again(source, provider, run):
    source.problems = [OperationalError("refused")]

    async def use():
        with pytest.raises(OperationalError, match="refused"):
            await provider.access_token()
        return await provider.access_token()

    assert run(use()) == "token 2"


def test_a_failed_renewal_leaves_the_provider_usable(source, provider, clock, run):
    async def use():
        await provider.access_token()
        clock.now += LIFE
        source.problems = [OperationalError("Box is down")]
        with pytest.raises(OperationalError, match="Box is down"):
            await provider.access_token()
        return await many(provider.access_token)

    assert run(use()) == {"token 3"}


@pytest.mark.parametrize(("wait", "renewals"), [(0, 2), (RETRY_SECONDS - 1, 2), (RETRY_SECONDS, 3)])
def test_a_renewal_ahead_of_time_that_failed_is_tried_again_later(source, provider, clock, run, wait, renewals):
    async def use():
        await provider.access_token()
        clock.now += LIFE - ADVISORY_SECONDS
        source.problems = [OperationalError("Box is down")]
        for pause in (0, wait):
            clock.now += pause
            assert await many(provider.access_token) == {"token 1"}
            await provider.aclose()

    run(use())
    assert source.count == renewals


def test_who_waits_goes_on_when_the_first_one_is_cancelled(source, provider, run):
    async def use():
        first = asyncio.create_task(provider.access_token())
        waiting = asyncio.create_task(provider.access_token())
        await asyncio.sleep(0)
        first.cancel()
        token = await waiting
        assert first.cancelled()
        return token

    assert run(use()) == "token 1"
    assert source.count == 1


def test_a_renewal_whose_waiter_is_cancelled_ends_before_the_provider_is_closed(source, provider, run):
    async def use():
        waiting = asyncio.create_task(provider.access_token())
        await asyncio.sleep(0)
        waiting.cancel()
        await provider.aclose()
        assert source.is_closed
        return await provider.access_token()

    assert run(use()) == "token 1"
    assert source.count == 1


def test_a_failure_that_nobody_waits_for_disturbs_nobody(source, provider, run):
    source.problems = [OperationalError("Box is down")]
    disturbances = []

    async def use():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: disturbances.append(context))
        waiting = asyncio.create_task(provider.access_token())
        await asyncio.sleep(0)
        waiting.cancel()
        await provider.aclose()

    run(use())
    assert not disturbances


def test_signing_in_gets_a_token_once(source, provider, run):
    async def use():
        await asyncio.gather(*(provider.sign_in() for _ in range(5)))
        return await provider.access_token()

    assert run(use()) == "token 1"
    assert (source.count, source.asked) == (1, 0)


def test_signing_in_asks_the_user_once_where_nothing_else_helps(source, provider, run):
    source.problems = [SignInNeededError("dead")]

    async def use():
        await asyncio.gather(*(provider.sign_in() for _ in range(5)))
        return await provider.access_token()

    assert run(use()) == "asked dead"
    assert (source.count, source.asked) == (1, 1)


def test_signing_in_asks_the_user_after_a_refusal_that_nothing_else_helped_with(source, provider, run):
    async def use():
        refused = await provider.access_token()
        source.problems = [SignInNeededError("still dead"), SignInNeededError("dead")]
        with pytest.raises(SignInNeededError, match="dead"):
            await provider.replace(refused)
        await provider.sign_in()
        return await provider.access_token()

    assert run(use()) == "asked still dead"


def test_only_signing_in_asks_the_user(source, provider, run):
    source.problems = [SignInNeededError("dead")]
    with pytest.raises(SignInNeededError, match="dead"):
        run(provider.access_token())
    assert source.asked == 0


# Fixed tokens


def provided(**raw):
    return token_provider(properties.parse({"OAuthClientId": "id", "OAuthClientSecret": "secret", **raw}))


def test_a_given_token_is_used_as_it_is_and_never_renewed(run):
    assert run(many(provided(OAuthAccessToken="given").access_token)) == {"given"}


def test_a_given_token_that_is_refused_gives_a_clear_error(run):
    provider = provided(OAuthAccessToken=CANARY)

    async def use():
        await provider.replace(await provider.access_token())

    with pytest.raises(
        OperationalError, match="Set OAuthAccessToken to a new one, or let the driver renew it"
    ) as caught:
        run(use())
    assert (caught.value.diag.status, caught.value.diag.retryable) == (401, False)
    assert CANARY not in str(caught.value)


def test_without_a_token_the_error_says_how_to_get_one(run):
    with pytest.raises(OperationalError, match=r"uses OAuthAccessToken only.*GetOAuthAuthorizationURL.*GETANDREFRESH"):
        run(provided().access_token())


def test_no_text_form_of_a_token_set_holds_the_token():
    assert CANARY not in f"{TokenSet(CANARY, 1.0, CANARY)!r}{TokenSet(CANARY, None, CANARY)}"


# Which source


JWT = {"AuthScheme": "OAuthJWT", "OAuthJWTCert": "key.json"}
CLIENT = {"AuthScheme": "OAuthClient", "SubjectId": "1"}


@pytest.mark.parametrize(
    ("raw", "source"),
    [
        ({}, FixedToken),
        ({"OAuthAccessToken": "given", "OAuthRefreshToken": "given"}, FixedToken),
        ({**JWT, "OAuthAccessToken": "given"}, FixedToken),
        ({**CLIENT, "OAuthAccessToken": "given"}, FixedToken),
        ({"InitiateOAuth": "REFRESH"}, UserTokens),
        ({"InitiateOAuth": "GETANDREFRESH"}, UserTokens),
        (JWT, GrantedTokens),
        ({**JWT, "InitiateOAuth": "REFRESH", "OAuthAccessToken": "given"}, GrantedTokens),
        (CLIENT, GrantedTokens),
    ],
)
def test_the_properties_choose_the_source(raw, source):
    assert type(provided(**raw)._source) is source


@pytest.mark.parametrize(
    ("raw", "is_optional"),
    [
        ({}, True), ({"TokenCache": "memory"}, False), ({"TokenCacheKey": "passphrase"}, False),
        ({"OAuthSettingsLocation": "settings.txt"}, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scheme", [JWT, CLIENT])
def test_only_a_cache_that_nobody_asked_for_is_optional(raw, is_optional, scheme):
    cache = provided(**scheme, **raw)._source._open_cache()
    assert isinstance(cache, OptionalCache) is is_optional
