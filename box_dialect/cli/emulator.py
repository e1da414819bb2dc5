"""`box-dialect emulator`: serve a local Box until interrupted."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import re
import signal
import tempfile
from pathlib import Path
from typing import Any

import click

from box_dialect.emulator import Emulator, Options


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


@click.command()
@click.option(
    "--load",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Serve the tree below this directory; its files are read, never changed.",
)
@click.option("--synthetic", type=click.IntRange(min=0), metavar="N", help="Serve N generated files.")
@click.option("--latency-ms", type=click.FloatRange(min=0), default=0, metavar="MS", help="Delay each answer.")
@click.option(
    "--rate-limit", callback=_rate, metavar="N[/min]", help="Answer 429 to a user's further calls in a minute."
)
@click.option(
    "--token-ttl",
    type=click.IntRange(min=1),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="Lifetime of access tokens.",
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _serve(Options(**options), ready_file)


def _serve(options: Options, ready_file: Path | None) -> None:
    try:
        box = Emulator(options)
        box.bind()
    except OSError as error:
        subject = error.filename or f"{options.host}:{options.port}"
        raise click.ClickException(f"cannot serve {subject}: {error.strerror}") from None
    if ready_file is not None:
        _write(ready_file, box.ready)
    click.echo(f"url: {box.ready['url']}\napi: {box.ready['api_base_url']}\nCtrl-C stops the emulator.")
    box.serve()


def _write(path: Path, ready: dict[str, Any]) -> None:
    """Write the file so that a reader sees all of it or none; only its owner may read the secrets in it."""
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f"{path.name}.", delete=False) as file:
            json.dump(ready, file, indent=2)
        Path(file.name).replace(path)
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from None
