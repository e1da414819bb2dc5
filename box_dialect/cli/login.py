"""`box-dialect login` and `logout`: keep a person's sign-in for later connections, and end it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from box_dialect import Connection
from box_dialect.api import portal
from box_dialect.auth.loopback import browser_sign_in
from box_dialect.auth.user_tokens import UserTokens
from box_dialect.cli.account import ExitCode, Failure, failures, takes_account
from box_dialect.properties import Properties, check_values, parse
from box_dialect.token_cache import open_cache
from box_dialect.visible import visible

if TYPE_CHECKING:
    from box_dialect.cli.account import Account


def _properties(account: Account) -> Properties:
    """Return the properties of who signs in; what of the client is missing is asked for."""
    raw = dict(account.raw)
    with failures(ExitCode.USAGE):
        scheme = check_values(raw).auth_scheme
    if scheme != "OAuth":
        raise Failure(f"AuthScheme={scheme} signs in by itself, when it connects", ExitCode.USAGE)
    for name, variable, is_secret in (
        ("OAuthClientId", "BOX_CLIENT_ID", False),
        ("OAuthClientSecret", "BOX_CLIENT_SECRET", True),
    ):
        if not raw.get(name):
            raw[name] = os.environ.get(variable) or click.prompt(name, hide_input=is_secret, err=True)
    with failures(ExitCode.USAGE):
        return parse({**raw, "InitiateOAuth": "REFRESH"})


@click.command()
@click.option("--no-browser", is_flag=True, help="Print the address of Box's page, and open no browser.")
@takes_account(is_required=False)
def login(account: Account, no_browser: bool) -> None:
    """Sign in with the browser, and keep the tokens.

    URL is the one that programs connect with, box://CLIENT_ID@/?Name=value, or the name of a profile. Those with the
    same properties are then signed in, and renew the tokens by themselves. The client's id and secret are taken from
    the URL, or the variables BOX_CLIENT_ID and BOX_CLIENT_SECRET, or asked for.
    """
    properties = _properties(account)
    portal().run(_sign_in, properties, not no_browser)
    with Connection(properties) as connection:
        ((name, address),) = connection.cursor().execute("SELECT name, login FROM users WHERE id = 'me'").fetchall()
    click.echo(f"Signed in as {visible(name)} ({visible(address)}). The tokens are in {open_cache(properties)}.")


async def _sign_in(properties: Properties, open_browser: bool) -> None:
    def announce(address: str) -> None:
        unless = ", unless your browser shows it already" if open_browser else ""
        click.echo(f"Sign in at this address{unless}:\n\n  {address}\n")

    await _source(properties).keep(await browser_sign_in(properties, announce, open_browser=open_browser))


@click.command()
@takes_account(is_required=False)
def logout(account: Account) -> None:
    """Revoke the tokens that are kept, and remove them.

    URL is as for login. Programs that are signed in by the same tokens are signed out as well.
    """
    properties = _properties(account)
    was_signed_in = portal().run(_source(properties).forget)
    place = open_cache(properties)
    click.echo(f"Signed out: {place} no longer holds the tokens." if was_signed_in else f"{place} holds no tokens.")


def _source(properties: Properties) -> UserTokens:
    return UserTokens(properties, lambda: open_cache(properties))
