"""`box-dialect emulator`: serve a local Box until interrupted."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from pathlib import Path
from typing import Any

import click

from box_dialect.emulator import FAULT_POINTS, Options, fault_named, is_redirect_uri, serve


def _rate(_context: click.Context, _parameter: click.Parameter, text: str | None) -> int | None:
    """Return the number of calls in `600` or `600/min`; any other text is a usage error."""
    if text is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]*)(/min)?", text, re.ASCII)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a number of calls a minute, such as 600 or 600/min.")
    return int(match[1])


def _loopback(_context: click.Context, _parameter: click.Parameter, host: str) -> str:
    """Return the host; one that other machines can reach is a usage error."""
    with contextlib.suppress(ValueError):
        if host == "localhost" or ipaddress.IPv4Address(host).is_loopback:
            return host
    raise click.BadParameter(
        f"{host!r} is neither localhost nor in 127.0.0.0/8; the emulator serves this machine only."
    )


def _redirect_uris(_context: click.Context, _parameter: click.Parameter, uris: tuple[str, ...]) -> tuple[str, ...]:
    """Return the URIs; one that Box's developer console would not take is a usage error."""
    for uri in uris:
        if not is_redirect_uri(uri):
            raise click.BadParameter(f"{uri!r} is neither an https URL nor an http URL of a loopback address.")
    return uris


def _faults(_context: click.Context, _parameter: click.Parameter, faults: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fault points; one that there is not, or a value that one does not take, is a usage error."""
    for fault in faults:
        try:
            fault_named(fault)
        except ValueError as error:
            raise click.BadParameter(f"{error}.") from None
    return faults


_FORMS = ", ".join(point.form for point in FAULT_POINTS.values())


@click.command()
@click.option(
    "--load",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the tree below this directory; its files are read, never changed.",
)
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out what has such a name, as in __pycache__ or *.pyc."
)
@click.option("--synthetic", type=click.IntRange(min=0), metavar="N", help="Serve N generated files.")
@click.option(
    "--synthetic-folder-size",
    type=click.IntRange(min=1),
    metavar="N",
    help="With N of them in each folder instead of 20.",
)
@click.option(
    "--synthetic-people", type=click.IntRange(min=1), metavar="N", help="With N users, and N groups of three users."
)
@click.option("--synthetic-comments", type=click.IntRange(min=0), metavar="N", help="With N comments on each file.")
@click.option("--latency-ms", type=click.FloatRange(min=0), default=0, metavar="MS", help="Delay each answer.")
@click.option(
    "--rate-limit", callback=_rate, metavar="N[/min]", help="Answer 429 to a user's further calls in a minute."
)
@click.option("--box-rates", is_flag=True, help="Answer 429 beyond Box's rates of calls, uploads and queries, too.")
@click.option(
    "--token-ttl",
    type=click.IntRange(min=1),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="Lifetime of access tokens.",
)
@click.option(
    "--clock-offset",
    type=float,
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Let the emulator's clock be ahead of this machine's, or behind it if negative.",
)
@click.option(
    "--index-lag",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Let search and the Query API find changes so much later.",
)
@click.option(
    "--cascade-lag",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="Let metadata cascade so much later.",
)
@click.option(
    "--redirect-uri",
    "redirect_uris",
    multiple=True,
    callback=_redirect_uris,
    metavar="URI",
    help="Redirect to this URI only; may be given several times.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    callback=_faults,
    metavar="NAME[=VALUE]",
    help=f"Let something go wrong; may be given several times. There are {_FORMS}.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    metavar="PORT",
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, callback=_loopback, help="Loopback address to listen on."
)
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write addresses and secrets to this file, as JSON, once the emulator answers.",
)
def emulator(ready_file: Path | None, **options: Any) -> None:
    """Serve a local Box until interrupted.

    It answers as Box documents, over a tree that is held in memory: a small one with awkward names, unless --load or
    --synthetic says otherwise. The URL that it prints connects to it: create_engine(URL).
    """
    if options["load"] is not None and options["synthetic"] is not None:
        raise click.UsageError("--load and --synthetic exclude each other.")
    shape = [name for name, value in options.items() if name.startswith("synthetic_") and value is not None]
    if shape and options["synthetic"] is None:
        raise click.UsageError(f"--{shape[0].replace('_', '-')} needs --synthetic.")
    chosen = Options(**{**options, "exclude": tuple(options["exclude"])})
    try:
        serve(chosen, ready_file, _announce)
    except OSError as error:
        subject = f"serve {error.filename or f'{chosen.host}:{chosen.port}'}"
        if ready_file is not None and error.filename == str(ready_file):
            subject = f"write {ready_file}"
        raise click.ClickException(f"cannot {subject}: {error.strerror}") from None


def _announce(ready: dict[str, Any]) -> None:
    click.echo(f"url: {ready['url']}\napi: {ready['api_base_url']}\nCtrl-C stops the emulator.")
