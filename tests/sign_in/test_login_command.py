"""`box-dialect login` and `logout`, and what Ctrl-C does to a sign-in."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import click.testing
import pytest
from patience import wait_until

from box_dialect.cli.account import ExitCode
from box_dialect.cli.commands import cli
from box_dialect.errors import OperationalError
from sign_in.acting import ANY_PORT, PATIENCE_SECONDS, authorize, me, sign_in_at

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sign_in.acting import Box, Browser

BROWSER = """#!{python}
import sys
import httpx
address = sys.argv[1]
with open({opened!r}, "a") as file:
    print(address, file=file)
answer = httpx.post(address, data={{"decision": "grant"}}, timeout={patience})
httpx.get(answer.headers["location"], timeout={patience})
"""


@pytest.fixture
def url(box: Box) -> str:
    """A URL to sign in with, which holds no secret."""
    return box.url(AuthScheme="OAuth", CallbackURL=ANY_PORT).replace(f":{box.ready['client_secret']}@", "@")


@pytest.fixture
def run(url: str, box: Box, monkeypatch: pytest.MonkeyPatch) -> Callable[..., click.testing.Result]:
    """Return a function that runs a command in this process."""
    monkeypatch.setenv("BOX_CLIENT_SECRET", box.ready["client_secret"])
    return lambda command, *arguments, **given: click.testing.CliRunner().invoke(
        cli, [command, url, *arguments], prog_name="box-dialect", **given
    )


@contextlib.contextmanager
def running(*arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, *arguments]
    environment = {**os.environ, **environment}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextlib.contextmanager
def logging_in(box: Box, url: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `box-dialect login --no-browser`; yield its process and the address that it prints."""
    with running(
        "-m", "box_dialect.cli", "login", url, "--no-browser", *arguments, BOX_CLIENT_SECRET=box.ready["client_secret"]
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        assert lines[0] == "Sign in at this address:\n", lines
        yield process, lines[2].strip()


@pytest.mark.long
def test_login_opens_the_browser_that_the_environment_names_and_keeps_the_tokens(
    box: Box, url: str, tmp_path: Path
) -> None:
    script, opened = tmp_path / "browser.py", tmp_path / "opened"
    text = BROWSER.format(python=sys.executable, opened=str(opened), patience=PATIENCE_SECONDS)
    script.write_text(text, encoding="utf-8")
    environment = {"BOX_CLIENT_SECRET": box.ready["client_secret"], "BROWSER": f"{sys.executable} {script} %s"}
    with running("-m", "box_dialect.cli", "login", url, **environment) as process:
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    (address,) = opened.read_text(encoding="utf-8").split()
    admin = box.emulator.store.admin
    assert (process.returncode, errors) == (0, "")
    assert output == (
        f"Sign in at this address, unless your browser shows it already:\n\n  {address}\n\n"
        f"Signed in as {admin.name} ({admin.login}). The tokens are in the settings file {box.settings}.\n"
    )
    assert me(box.connect(AuthScheme="OAuth", InitiateOAuth="REFRESH")) == admin.id
    assert box.grants == {"authorization_code": 1}


@pytest.mark.long
def test_login_without_a_browser_waits_for_one_elsewhere(box: Box, url: str) -> None:
    with logging_in(box, url) as (process, address):
        assert "You are signed in to Box" in sign_in_at(address).text
        output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (0, "")
    assert output.startswith("Signed in as ")


def test_login_asks_for_id_and_secret_and_shows_no_secret(
    box: Box, person: Browser, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BOX_CLIENT_SECRET", raising=False)
    monkeypatch.delenv("BOX_CLIENT_ID", raising=False)
    anonymous = url.replace(f"{box.ready['client_id']}@", "")
    answers = f"{box.ready['client_id']}\n{box.ready['client_secret']}\n"
    result = click.testing.CliRunner().invoke(cli, ["login", anonymous], input=answers)
    assert result.exit_code == 0, result.output
    assert "OAuthClientSecret:" in result.stderr
    assert box.ready["client_secret"] not in result.output
    assert len(person.opened) == 1


def test_login_takes_the_id_from_the_environment(
    box: Box, person: Browser, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_CLIENT_ID", box.ready["client_id"])
    monkeypatch.setenv("BOX_CLIENT_SECRET", box.ready["client_secret"])
    anonymous = url.replace(f"{box.ready['client_id']}@", "")
    result = click.testing.CliRunner().invoke(cli, ["login", anonymous])
    assert result.exit_code == 0, result.output
    assert len(person.opened) == 1


@pytest.mark.usefixtures("person")
def test_login_takes_properties_and_references(
    box: Box, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_KEY", "a passphrase")
    result = run("login", "-p", "token_cache_key=env:BOX_KEY", "--property", "SubjectId=somebody")
    assert result.exit_code == 0, result.output
    account = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH", "SubjectId": "somebody"}
    assert me(box.connect(**account, TokenCacheKey="a passphrase"))
    with pytest.raises(OperationalError, match="TokenCacheKey"):
        box.connect(**account)


def test_login_signs_in_anew_where_somebody_is_signed_in(box: Box, browser: Browser, run: Callable[..., Any]) -> None:
    browser.visit = sign_in_at
    assert (
        me(box.connect(AuthScheme="OAuth", InitiateOAuth="GETANDREFRESH", CallbackURL=ANY_PORT)) != box.ready["user_id"]
    )
    login = box.emulator.store.users[box.ready["user_id"]].login
    browser.visit = lambda address: box.get(authorize(address, login=login))
    assert login in run("login").output
    assert me(box.connect(AuthScheme="OAuth", InitiateOAuth="REFRESH")) == box.ready["user_id"]


def test_login_tells_of_a_refusal_in_one_line(box: Box, browser: Browser, run: Callable[..., Any]) -> None:
    browser.visit = lambda address: box.get(authorize(address, "deny"))
    result = run("login")
    assert result.exit_code == ExitCode.SIGN_IN
    assert result.stderr == "Error: the user refused access to Box; sign in again and grant it\n"
    assert not box.settings.exists()


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("AuthScheme=OAuthClient", "signs in by itself"),
        ("TokenCash=x", "did you mean TokenCache?"),
        ("TokenCacheKey=env:NOT_THERE", "NOT_THERE, which is not set"),
    ],
)
def test_a_wrong_property_is_told_in_one_line(argument: str, message: str, run: Callable[..., Any]) -> None:
    result = run("login", "-p", argument)
    assert result.exit_code == ExitCode.USAGE
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_property_without_a_value_is_a_usage_error(run: Callable[..., Any]) -> None:
    result = run("login", "-p", "CallbackURL")
    assert result.exit_code == ExitCode.USAGE
    assert "'CallbackURL' is not of the form NAME=VALUE." in result.stderr


@pytest.mark.parametrize("scheme", ["OAuthClient", "OAuthJWT"])
def test_login_is_for_those_who_sign_in_as_a_person_and_asks_others_nothing(scheme: str) -> None:
    result = click.testing.CliRunner().invoke(cli, ["login", f"box://?AuthScheme={scheme}"])
    assert result.exit_code == ExitCode.USAGE
    assert result.stderr == f"Error: AuthScheme={scheme} signs in by itself, when it connects\n"


@pytest.mark.usefixtures("person")
def test_logout_revokes_the_tokens_and_removes_them(box: Box, run: Callable[..., Any]) -> None:
    run("login")
    connection = box.connect(AuthScheme="OAuth", InitiateOAuth="REFRESH")
    result = run("logout")
    assert (result.exit_code, result.output) == (
        0,
        f"Signed out: the settings file {box.settings} no longer holds the tokens.\n",
    )
    with pytest.raises(OperationalError, match="Sign in again"):
        me(connection)
    with pytest.raises(OperationalError, match="the token cache holds none"):
        box.connect(AuthScheme="OAuth", InitiateOAuth="REFRESH")
    assert run("logout").output == f"the settings file {box.settings} holds no tokens.\n"


@pytest.mark.usefixtures("person")
def test_logout_that_box_does_not_answer_removes_nothing(box: Box, run: Callable[..., Any]) -> None:
    run("login")
    box.control("faults", [{"operation": "post_oauth2_revoke", "status": 503, "times": 1}])
    result = run("logout")
    assert result.exit_code == ExitCode.SIGN_IN
    assert "HTTP 503" in result.stderr
    assert run("logout").output.startswith("Signed out")


@pytest.mark.long
def test_ctrl_c_ends_the_command(box: Box, url: str) -> None:
    with logging_in(box, url) as (process, _):
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, errors) == (ExitCode.INTERRUPTED, "")


def test_an_interrupt_ends_a_connect_and_frees_the_port(
    box: Box, browser: Browser, listeners: list[socket.socket]
) -> None:
    main = threading.main_thread().ident
    assert main
    browser.visit = lambda _: signal.pthread_kill(main, signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        box.connect(AuthScheme="OAuth", InitiateOAuth="GETANDREFRESH", CallbackURL=ANY_PORT)
    assert listeners
    wait_until(lambda: all(listener.fileno() < 0 for listener in listeners))
    browser.visit = sign_in_at
    assert me(box.connect(AuthScheme="OAuth", InitiateOAuth="GETANDREFRESH", CallbackURL=ANY_PORT))
