"""`box-dialect whoami`: tell who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from box_dialect.cli.account import takes_account
from box_dialect.cli.records import human, json_option, print_json, print_pairs, shown
from box_dialect.cli.signed_in import NO_FILES, kind_of, scopes_of, sign_in_of

if TYPE_CHECKING:
    from box_dialect.cli.account import Account

_QUERY: Final = """
    SELECT id, name, login, role, status, enterprise_id, enterprise_name, space_used, space_amount, max_upload_size
    FROM users WHERE id = 'me'
"""


@click.command()
@json_option
@takes_account()
def whoami(account: Account, as_json: bool) -> None:
    """Show who is signed in, and by what.

    A service account is told that it sees no files before it is invited to a folder.
    """
    with account.connect() as connection:
        cursor = connection.cursor().execute(_QUERY)
        names = [column[0] for column in cursor.description or ()]
        user = dict(zip(names, cursor.fetchall()[0], strict=True))
        properties = connection.properties
    kind = kind_of(str(user["login"]))
    sign_in = {"account": kind, "sign_in": sign_in_of(properties), "scopes": scopes_of(properties)}
    if as_json:
        print_json(user | sign_in)
        return
    enterprise = f"{shown(user['enterprise_name'])} ({user['enterprise_id']})" if user["enterprise_id"] else "none"
    print_pairs(
        [
            ("name", user["name"]),
            ("login", user["login"]),
            ("id", user["id"]),
            ("account", kind),
            ("role", user["role"]),
            ("status", user["status"]),
            ("enterprise", enterprise),
            ("space", _space(user["space_used"], user["space_amount"])),
            ("sign-in", sign_in["sign_in"]),
            ("scopes", sign_in["scopes"]),
        ]
    )
    if kind == "service account":
        click.echo(f"\n{NO_FILES}")


def _space(used: int | None, amount: int | None) -> str:
    """Return how much is used; Box gives an amount of -1, or a huge one, where there is no limit."""
    if used is None:
        return ""
    return f"{human(used)} used of {human(amount)}" if amount is not None and 0 < amount < 10**15 else human(used)
