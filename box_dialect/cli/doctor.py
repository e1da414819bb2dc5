"""`box-dialect doctor`: tell what is installed, and whether and how a connection reaches Box."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import sqlite3
import threading
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import click

from box_dialect import Error, SignInError, connect, profiles
from box_dialect._http import httpx
from box_dialect.cli.account import ExitCode, failures, takes_account
from box_dialect.cli.records import json_option, print_json, print_table
from box_dialect.cli.signed_in import NO_FILES, kind_of, scopes_of, sign_in_of
from box_dialect.properties import check_values
from box_dialect.properties.proxies import proxy_of
from box_dialect.token_cache import open_cache
from box_dialect.token_cache.envelope import Kind, SealedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.cli.account import Account
    from box_dialect.properties import Properties
    from box_dialect.token_cache.base import TokenCache

T = TypeVar("T")

_SECONDS: Final = 10
"""Seconds that a call of a check may take."""

_MOST_SKEW: Final = 30
"""Seconds by which the clock may be wrong; Box takes a signed assertion for 60 seconds at most."""

_LIBRARIES: Final = ("apsw", "SQLAlchemy", "httpx", "httpx2", "Authlib")
_OF_EXTRA: Final = re.compile(r"([\w.-]+).*;.*\bextra == ['\"]([\w-]+)['\"]")
_SUMS_OF_EXTRAS: Final = frozenset({"all", "test"})
_SEALED: Final = {
    Kind.NONE: "not encrypted by the driver",
    Kind.PASSPHRASE: "encrypted by TokenCacheKey",
    Kind.KEYRING: "encrypted by a key in the keyring",
    Kind.KEY_FILE: "encrypted by the key file beside it",
}
_PROBE: Final = "doctor"
"""The key of an entry that is stored and removed again."""

_SCOPES: Final = {
    "users": "Manage users",
    "groups": "Manage groups",
    "webhooks": "Manage webhooks",
    "retention_policies": "Manage retention policies",
    "sign_requests": "Manage signature requests",
}
"""Tables that take one call, with the scope that each needs.

Source: https://developer.box.com/guides/api-calls/permissions-and-errors/scopes/
"""

_FORBIDDEN: Final = 403
_VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found: `ok`, `warning` or `failure`, and what to do."""

    status: str
    told: str
    advice: str = ""
    is_sign_in: bool = False


def _versions(_account: Account, _properties: Properties) -> Iterator[Finding]:
    names = ("box-dialect", *_LIBRARIES)
    found = [f"{name} {version}" for name in names if (version := _version(name)) is not None]
    yield Finding("ok", ", ".join([*found, f"Python {platform.python_version()}", f"sqlite3 {sqlite3.sqlite_version}"]))


def _extras(_account: Account, _properties: Properties) -> Iterator[Finding]:
    needed = defaultdict[str, set[str]](set)
    for requirement in importlib.metadata.requires("box-dialect") or ():
        found = _OF_EXTRA.match(requirement)
        if found is not None and found[2] not in _SUMS_OF_EXTRAS:
            needed[found[2]].add(found[1])
    missing = sorted(name for name, libraries in needed.items() if not all(map(_version, libraries)))
    yield Finding("ok", f"installed: {', '.join(sorted(needed.keys() - missing)) or 'none'}")
    if missing:
        advice = f"where one is wanted: pip install 'box-dialect[{','.join(missing)}]'"
        yield Finding("ok", f"not installed: {', '.join(missing)}", advice)


def _variables(_account: Account, _properties: Properties) -> Iterator[Finding]:
    found = [(name, os.environ.get(name) or os.environ.get(name.lower())) for name in _VARIABLES]
    yield Finding("ok", ", ".join(f"{name}={_masked(value)}" for name, value in found if value) or "none is set")


def _profiles(_account: Account, _properties: Properties) -> Iterator[Finding]:
    try:
        yield Finding("ok", f"{len(profiles.names())} in {profiles.profiles_file()}")
    except Error as error:
        yield Finding("warning", str(error))


def _cache(_account: Account, properties: Properties) -> Iterator[Finding]:
    try:
        cache = open_cache(properties)
    except Error as error:
        yield Finding("failure", str(error))
        return
    try:
        sealed = _within(_SECONDS, lambda: _stored(cache))
    except TimeoutError:
        yield Finding("failure", f"{cache} does not answer within {_SECONDS} seconds", "look at its server or its lock")
    except Error as error:
        yield Finding("failure", str(error))
    else:
        place = properties.token_cache.lower()
        is_bare = sealed is Kind.NONE and "://" in place and not place.startswith("memory:")
        advice = "set TokenCacheKey, so that whoever reads it gets no tokens" if is_bare else ""
        yield Finding("warning" if is_bare else "ok", f"{cache} can be written, {_SEALED[sealed]}", advice)


def _stored(cache: TokenCache) -> Kind:
    """Store an entry and remove it again, and return where the key is that encrypts entries; raises SignInError."""
    with cache.lock(_PROBE):
        cache.load(_PROBE)
        cache.store(_PROBE, b"")
    cache.delete(_PROBE)
    return cache.sealed_by() if isinstance(cache, SealedCache) else Kind.NONE


def _limits(_account: Account, properties: Properties) -> Iterator[Finding]:
    rate = properties.max_calls_per_minute
    told = f"{rate:,} calls a minute at most (MaxCallsPerMinute)" if rate else "no bound on calls a minute"
    yield Finding("ok", f"{told}, {properties.max_concurrency} at once (MaxConcurrency)")


def _local_database(_account: Account, properties: Properties) -> Iterator[Finding]:
    if properties.local_database == ":memory:" or "://" in properties.local_database:
        yield Finding("ok", "in memory")
        return
    path = Path(properties.local_database)
    if not path.exists():
        yield Finding("ok", f"{path} is made when it is first used")
        return
    try:
        with connect(LocalDatabase=str(path), Readonly=True, OAuthAccessToken="none") as connection:
            connection.cursor().execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except Error as error:
        yield Finding("failure", str(error))
    else:
        yield Finding("ok", f"{path}, {path.stat().st_size:,} bytes")


def _hosts(_account: Account, properties: Properties) -> Iterator[Finding]:
    urls = (f"{properties.api_base_url}/users/me", properties.token_url, properties.upload_base_url)
    for host, url in {urlsplit(url).netloc.rpartition("@")[2]: url for url in reversed(urls)}.items():
        yield from _host(host, url)


def _host(host: str, url: str) -> Iterator[Finding]:
    try:
        answer = httpx.get(  # which refuses, without a token
            url, timeout=_SECONDS, proxy=proxy_of(url), trust_env=False, verify=httpx.create_ssl_context()
        )
    except Error as error:
        yield Finding("failure", str(error))
        return
    except (httpx.HTTPError, OSError) as error:
        yield Finding("failure", f"{host} does not answer ({type(error).__name__})", "look at the network and proxies")
        return
    yield Finding("ok", f"{host} answers")
    try:
        skew = (dt.datetime.now(dt.UTC) - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds()
    except (TypeError, ValueError):
        return
    is_right = abs(skew) <= _MOST_SKEW
    advice = "" if is_right else "set the clock; Box refuses assertions of another time"
    yield Finding("ok" if is_right else "warning", f"the clock is {abs(skew):.0f} seconds from that of {host}", advice)


def _sign_in(account: Account, properties: Properties) -> Iterator[Finding]:
    if not account.raw:
        yield Finding("warning", "no account is named", "give a URL or a profile, or set BOX_URL")
        return
    yield Finding("ok", f"{sign_in_of(properties)}; scopes: {scopes_of(properties)}")
    try:
        with _probing(account, properties).connect() as connection:
            row = connection.cursor().execute("SELECT name, login FROM users WHERE id = 'me'").fetchone()
    except SignInError as error:
        yield Finding("failure", str(error), "docs/troubleshooting.md has what to do", is_sign_in=True)
    except Error as error:
        yield Finding("failure", str(error))
    except click.ClickException as error:
        yield Finding("failure", error.message, is_sign_in=True)
    else:
        name, login = row or ("nobody", "")
        is_service = kind_of(str(login)) == "service account"
        yield Finding(
            "warning" if is_service else "ok", f"signed in as {name} ({login})", NO_FILES if is_service else ""
        )


def _scopes(account: Account, properties: Properties) -> Iterator[Finding]:
    """Ask for a row of tables that need scopes of their own; nothing is told where nobody is signed in."""
    refused = []
    if not account.raw:
        return
    try:
        with _probing(account, properties).given(MaxApiCalls=2).connect() as connection:
            for table in _SCOPES:
                try:
                    connection.cursor().execute(f"SELECT id FROM {table} LIMIT 1").fetchall()  # noqa: S608 - of the names above
                except SignInError:
                    return
                except Error as error:
                    if error.diag.status == _FORBIDDEN:
                        refused.append(table)
    except (Error, click.ClickException):
        return
    needed = {_SCOPES[table] for table in refused}
    advice = f"scopes in Box's console, or rights of the user, which these need: {', '.join(sorted(needed))}"
    if refused:
        yield Finding("warning", f"Box refuses {', '.join(refused)}", advice)
    else:
        yield Finding("ok", f"Box refuses none of {', '.join(_SCOPES)}")


def _probing(account: Account, properties: Properties) -> Account:
    """Return the account as checks connect to it: for a moment, without a browser, and without making a file."""
    is_person = properties.auth_scheme == "OAuth"
    return account.given(
        RequestTimeout=_SECONDS,
        RetrySeconds=_SECONDS,
        Timeout=2 * _SECONDS,
        LocalDatabase=":memory:",
        InitiateOAuth="REFRESH" if properties.initiate_oauth == "GETANDREFRESH" else None,
        TokenCache=None if is_person else "memory",  # a kept token would say nothing of the key or the secret
    )


def _within(seconds: float, function: Callable[[], T]) -> T:
    """Return what a function returns; raises TimeoutError where that takes longer, and lets it go on."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - it is raised by whoever waits
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result(seconds)


_CHECKS: Final[dict[str, Callable[[Account, Properties], Iterator[Finding]]]] = {
    "versions": _versions,
    "extras": _extras,
    "variables": _variables,
    "profiles": _profiles,
    "token cache": _cache,
    "local database": _local_database,
    "limits": _limits,
    "hosts": _hosts,
    "sign-in": _sign_in,
    "scopes": _scopes,
}


@click.command()
@json_option
@takes_account(is_required=False)
def doctor(account: Account, as_json: bool) -> None:
    """Check what is installed, the way to Box, and the sign-in.

    Exits with 0 where there are warnings, 3 where the sign-in fails, and 1 for other failures. No secret is shown.
    """
    with failures(ExitCode.USAGE):
        properties = check_values(dict(account.raw))  # what signing in lacks is a finding
    found = [(name, finding) for name, check in _CHECKS.items() for finding in check(account, properties)]
    if as_json:
        for name, each in found:
            print_json({"check": name, "status": each.status, "told": each.told, "advice": each.advice})
    else:
        told = [(name, each.status, f"{each.told}; {each.advice}".removesuffix("; ")) for name, each in found]
        print_table(("check", "status", "found"), told)
    if any(each.is_sign_in for _, each in found):
        raise click.exceptions.Exit(ExitCode.SIGN_IN)
    if any(each.status == "failure" for _, each in found):
        raise click.exceptions.Exit(ExitCode.STATEMENT)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _masked(value: str) -> str:
    """Return the value of a variable without a user and a password."""
    before, at, after = value.rpartition("@")
    scheme, separator, _ = before.partition("://")
    return f"{scheme + separator if separator else ''}***@{after}" if at else value
