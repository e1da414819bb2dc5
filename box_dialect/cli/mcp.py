"""`box-dialect mcp`: let an assistant query Box."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import click

from box_dialect.cli.account import Account, ExitCode, failures, takes_account
from box_dialect.mcp import Bounds, server
from box_dialect.mcp.bounds import DEFAULTS
from box_dialect.mcp.http import Address, serve_http
from box_dialect.mcp.stdio import serve_stdio
from box_dialect.properties.model import Property
from box_dialect.properties.parsing import read, reference

if TYPE_CHECKING:
    from collections.abc import Callable

_BOUNDS = Bounds()
_TOKEN = Property(name="--token", secret=True, doc="The token that clients send.")


def _bound(option: str, default: int, help_text: str) -> Callable[[Any], Any]:
    return click.option(option, type=click.IntRange(min=1), metavar="N", help=f"{help_text}  [default: {default:,}]")


@click.command("mcp")
@click.option("--write", is_flag=True, help="Let statements write; else nothing is changed.")
@_bound("--max-calls", DEFAULTS["MaxApiCalls"], "Calls to Box that one statement may make.")
@_bound("--timeout", DEFAULTS["Timeout"], "Seconds that one statement may take.")
@_bound("--max-rows", _BOUNDS.rows, "Rows that one answer has at most.")
@_bound("--max-bytes", _BOUNDS.size, "Bytes that the rows of one answer have at most.")
@click.option("--http", "place", metavar="[HOST:]PORT", help="Serve over HTTP, at 127.0.0.1 by default.")
@click.option("--token", metavar="env:NAME|file:PATH", help="Where the token is that HTTP clients have to send.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A further name that clients call it by.")
@takes_account()
def mcp(
    account: Account,
    write: bool,
    max_calls: int | None,
    timeout: int | None,
    max_rows: int | None,
    max_bytes: int | None,
    place: str | None,
    token: str | None,
    hosts: tuple[str, ...],
) -> None:
    """Serve the tools by which an assistant queries Box (MCP).

    Clients start it and speak to it over standard input and output, or connect by HTTP. The tools read, and nothing
    else, unless --write is given.
    """
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    properties = account.given(MaxApiCalls=max_calls, Timeout=timeout).raw
    bounds = Bounds(rows=max_rows or _BOUNDS.rows, size=max_bytes or _BOUNDS.size)
    if place is None:
        if token is not None or hosts:
            raise click.UsageError("--token and --allow-host are of --http.")
        with failures(ExitCode.USAGE):
            served = server(properties, bounds, write=write)
        serve_stdio(served)
        return
    with failures(ExitCode.USAGE):
        serve_http(
            properties,
            Address.of(place),
            lambda url: click.echo(f"Serving at {url}", err=True),
            bounds=bounds,
            write=write,
            token=None if token is None else _secret(token),
            hosts=hosts,
        )


def _secret(given: str) -> str:
    """Return the token that a reference leads to; a token itself is a usage error, since others see command lines."""
    if not reference(given)[0]:
        raise click.UsageError("--token takes env:NAME or file:PATH: others see what a command is given.")
    return str(read(_TOKEN, given))
