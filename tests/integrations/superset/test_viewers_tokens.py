"""Box's refresh tokens are good for one use, and Superset's workers hand in whichever one they have kept."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import plain_http
import pytest
from conftest import Box

from box_dialect.emulator import Options
from box_dialect.errors import OperationalError, SignInNeededError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from integrations.superset.viewing import Superset

    from box_dialect.emulator import Emulator

THREADS, PROCESSES = 10, 3
WORKER = Path(__file__).parent / "refreshing.py"


@pytest.fixture
def aging(
    serving: Callable[[Options], AbstractContextManager[Emulator]], superset_at: Callable[..., Superset]
) -> Iterator[Superset]:
    """An application at a Box whose access tokens expire at once."""
    with serving(Options(token_ttl=0)) as emulator:
        yield superset_at(Box(emulator))


@pytest.fixture
def one(fresh: Box, superset_at: Callable[..., Superset]) -> Superset:
    return superset_at(fresh)


def accepted(superset: Superset, kept: dict[str, Any]) -> bool:
    url = f"{superset.ready['api_base_url']}/users/me"
    return plain_http.get(url, headers={"Authorization": f"Bearer {kept['access_token']}"}).status_code == 200


def refreshed(superset: Superset) -> int:
    """Return how often Box has taken a refresh token."""
    grants: Any = superset.box.stats()["grants"]
    return int(grants.get("refresh_token", 0))


@pytest.mark.parametrize("stores_rotated", [False, True], ids=["6.0", "6.1"])
def test_a_sign_in_lasts_whichever_token_is_kept(aging: Superset, stores_rotated: bool) -> None:
    kept = aging.sign_in(aging.login("user_id"))["refresh_token"]
    seen = set()
    for _ in range(4):
        answer = aging.refresh(kept)
        seen.add(answer["access_token"])
        kept = answer["refresh_token"] if stores_rotated else kept
    assert len(seen) == 4
    assert refreshed(aging) == 4


def test_each_token_that_was_ever_kept_leads_to_the_newest(one: Superset) -> None:
    first = one.sign_in(one.login("user_id"))["refresh_token"]
    second = one.refresh(first)["refresh_token"]
    newest = one.refresh(second)
    assert one.refresh(first)["access_token"] == newest["access_token"]
    assert refreshed(one) == 1
    assert accepted(one, newest)


def test_of_all_threads_one_refreshes(one: Superset) -> None:
    kept = one.sign_in(one.login("user_id"))["refresh_token"]
    with ThreadPoolExecutor(THREADS) as pool:
        given = {answer["access_token"] for answer in pool.map(one.refresh, [kept] * THREADS)}
    assert len(given) == 1
    assert refreshed(one) == 1


@pytest.mark.long
def test_of_all_processes_one_refreshes(one: Superset) -> None:
    kept = one.sign_in(one.login("user_id"))["refresh_token"]
    command = [sys.executable, str(WORKER), json.dumps(one.client()), one.app.config["DATA_DIR"], kept]
    with ExitStack() as stack:
        workers = [
            stack.enter_context(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            for _ in range(PROCESSES)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("\n")
            worker.stdin.flush()
        given = {worker.communicate()[0] for worker in workers}
    assert len(given) == 1
    assert refreshed(one) == 1


def test_hosts_that_share_a_token_cache_refresh_once(
    fresh: Box, superset_at: Callable[..., Superset], tmp_path: Any
) -> None:
    hosts = [superset_at(fresh), superset_at(fresh)]
    for number, host in enumerate(hosts):
        cache = {"TokenCache": f"sqlite:///{tmp_path}/tokens.db", "TokenCacheKey": "a passphrase"}
        host.app.config.update(DATA_DIR=str(tmp_path / str(number)), BOX_DIALECT=cache)
    kept = hosts[0].sign_in(hosts[0].login("user_id"))["refresh_token"]
    assert len({host.refresh(kept)["access_token"] for host in hosts}) == 1
    assert refreshed(hosts[0]) == 1
    assert b"refresh_token" not in (tmp_path / "tokens.db").read_bytes()


def test_where_each_host_has_a_cache_of_its_own_6_1_goes_on(aging: Superset, tmp_path: Any) -> None:
    kept = aging.sign_in(aging.login("user_id"))["refresh_token"]
    for number in (1, 2, 1, 2):
        aging.app.config["DATA_DIR"] = str(tmp_path / str(number))
        kept = aging.refresh(kept)["refresh_token"]
    assert refreshed(aging) == 4


def test_a_sign_in_that_is_over_asks_for_another(one: Superset) -> None:
    login = one.login("user_id")
    over, other = one.sign_in(login), one.sign_in(one.login("admin_user_id"))
    other = one.refresh(other["refresh_token"])
    client = {"client_id": one.ready["client_id"], "client_secret": one.ready["client_secret"]}
    plain_http.post(one.ready["revoke_url"], data={**client, "token": over["access_token"]}).raise_for_status()
    with pytest.raises(SignInNeededError, match="invalid_grant"):
        one.refresh(over["refresh_token"])
    again = one.sign_in(login)
    assert accepted(one, one.refresh(again["refresh_token"]))
    assert one.refresh(other["refresh_token"])["access_token"] == other["access_token"]


def test_what_may_pass_asks_for_no_sign_in(one: Superset) -> None:
    kept = one.sign_in(one.login("user_id"))["refresh_token"]
    one.box.faults({"operation": "post_oauth2_token", "status": 503, "times": 10})
    with pytest.raises(OperationalError, match="try again later") as caught:
        one.refresh(kept)
    assert not isinstance(caught.value, SignInNeededError)
    one.box.reset()
    assert accepted(one, one.refresh(kept))
