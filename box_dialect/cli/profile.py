"""`box-dialect profile`: keep the properties of connections under names."""

from __future__ import annotations

import click

from box_dialect import profiles
from box_dialect.cli.account import Account, ExitCode, failures, takes_account


@click.group()
def profile() -> None:
    """Keep the properties of a connection under a name.

    Commands take the name where they take a URL. Secrets are kept in the keyring of the system, never in the file.
    """


@profile.command("add")
@click.argument("name")
@click.option("--ask", "asked", multiple=True, metavar="NAME", help="A property to ask for, hidden as it is typed.")
@takes_account(is_required=False, environment=False)
def add(account: Account, name: str, asked: tuple[str, ...]) -> None:
    """Keep a URL and properties under NAME, in the place of what it stood for.

    A secret that is given as env:NAME or file:PATH stays where it is, and is read when a command connects.
    """
    prompted = {each: click.prompt(each, hide_input=True, err=True) for each in asked}
    with failures(ExitCode.USAGE):
        kept = profiles.add(name, {each: str(value) for each, value in account.given(**prompted).raw.items()})
    click.echo(f"{name} is in {profiles.profiles_file()}")
    if kept.secrets:
        click.echo(f"in the keyring: {', '.join(kept.secrets)}")


@profile.command("list")
def list_profiles() -> None:
    """Show the names of all profiles."""
    with failures(ExitCode.USAGE):
        for name in profiles.names():
            click.echo(name)


@profile.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Show the properties of a profile; of secrets, where they are."""
    with failures(ExitCode.USAGE):
        found = profiles.profile(name)
    for each, value in found.properties.items():
        click.echo(f"{each}={value}")
    for each in found.secrets:
        click.echo(f"{each} is in the keyring")


@profile.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove a profile, and its secrets from the keyring."""
    with failures(ExitCode.USAGE):
        profiles.remove(name)
