"""Profiles, and the account that a command works with."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
from typing import TYPE_CHECKING, Any

import click
import click.testing
import pytest
from docs.pages import PAGES

import box_dialect
from box_dialect import profiles
from box_dialect.cli.account import Account, ExitCode, takes_account
from box_dialect.cli.commands import cli
from box_dialect.errors import OperationalError, ProgrammingError

if TYPE_CHECKING:
    from pathlib import Path

keyring = pytest.importorskip("keyring.core")

URL = "box://cid:hush@/?AuthScheme=OAuthClient&SubjectId=7"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep profiles in a folder of the test's, and their secrets in another."""
    from token_cache.folder_keyring import FolderKeyring

    monkeypatch.setattr(profiles, "profiles_file", lambda: tmp_path / "config" / "profiles.json")
    monkeypatch.setenv("FOLDER_KEYRING", str(tmp_path / "keyring"))
    monkeypatch.setattr(keyring, "_keyring_backend", FolderKeyring())
    monkeypatch.delenv("BOX_URL", raising=False)


ADDED = re.compile(r"^ *box-dialect (profile add .+)$", re.MULTILINE)
"""The commands of pages that keep a profile."""


@pytest.mark.parametrize("page", [page for page in PAGES if ADDED.search(page.read_text(encoding="utf-8"))], ids=str)
def test_the_profiles_of_pages_are_kept_with_what_is_typed(page: Path, tmp_path: Path) -> None:
    for command in ADDED.findall(page.read_text(encoding="utf-8")):
        result = run(*shlex.split(command), input="hush\n")
        assert (result.exit_code, result.stdout.count("in the keyring: OAuthClientSecret")) == (0, 1), result.stderr
        assert "AuthScheme=OAuthClient\n" in run("profile", "show", "work").stdout
    assert "hush" in "".join(kept_secrets(tmp_path))


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    from keyring.backends.fail import Keyring

    monkeypatch.setattr(keyring, "_keyring_backend", Keyring())


def run(*arguments: str, command: click.Command = cli, **given: Any) -> click.testing.Result:
    return click.testing.CliRunner().invoke(command, arguments, prog_name="box-dialect", **given)


def kept_secrets(tmp_path: Path) -> list[str]:
    return sorted(file.read_text() for file in (tmp_path / "keyring").iterdir())


def test_a_profile_keeps_properties_in_a_file_and_secrets_in_the_keyring(tmp_path: Path) -> None:
    result = run("profile", "add", "work", URL, "-p", "readonly=true")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "in the keyring: OAuthClientSecret" in result.stdout
    file = tmp_path / "config" / "profiles.json"
    assert "hush" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept_secrets(tmp_path) == ["hush"]
    assert profiles.load("work") == {
        "OAuthClientId": "cid",
        "OAuthClientSecret": "hush",
        "AuthScheme": "OAuthClient",
        "SubjectId": "7",
        "Readonly": "true",
    }
    with box_dialect.connect(**profiles.load("work")) as connection:
        assert connection.properties.client_secret == "hush"
        assert connection.properties.readonly


def test_a_profile_is_shown_without_its_secrets() -> None:
    run("profile", "add", "work", URL)
    run("profile", "add", "home", "-p", "OAuthAccessToken=token")
    assert run("profile", "list").stdout == "home\nwork\n"
    shown = run("profile", "show", "work").stdout
    assert "SubjectId=7" in shown
    assert "OAuthClientSecret is in the keyring" in shown
    assert "hush" not in shown


def test_a_profile_that_is_made_anew_leaves_no_secret_behind(tmp_path: Path) -> None:
    run("profile", "add", "work", URL)
    run("profile", "add", "work", "-p", "OAuthAccessToken=token")
    assert kept_secrets(tmp_path) == ["token"]
    assert run("profile", "remove", "work").exit_code == 0
    assert kept_secrets(tmp_path) == []
    assert profiles.names() == []


def test_a_secret_is_asked_for() -> None:
    asked = "OAuthClientSecret"
    result = run("profile", "add", "work", "box://cid@/?AuthScheme=OAuthClient", "--ask", asked, input="hush\n")
    assert result.exit_code == 0
    assert "hush" not in result.output
    assert profiles.load("work")[asked] == "hush"


def test_a_profile_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", URL)
    run("profile", "add", "work", "-p", "OAuthAccessToken=token")
    assert profiles.load("work") == {"OAuthAccessToken": "token"}


@pytest.mark.usefixtures("no_keyring")
@pytest.mark.parametrize("reference", ["env:BOX_SECRET", "file:/run/secrets/box"])
def test_a_reference_to_a_secret_needs_no_keyring_and_is_not_followed_yet(reference: str) -> None:
    assert run("profile", "add", "work", "box://cid@", "-p", f"OAuthClientSecret={reference}").exit_code == 0
    assert profiles.load("work")["OAuthClientSecret"] == reference


@pytest.mark.usefixtures("no_keyring")
def test_a_secret_without_a_keyring_is_refused_and_says_what_to_do() -> None:
    result = run("profile", "add", "work", URL)
    assert result.exit_code == ExitCode.USAGE
    assert "no keyring that keeps it" in result.stderr
    assert "OAuthClientSecret=env:NAME" in result.stderr
    assert "hush" not in result.output
    assert profiles.names() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a/b", URL], "'a/b' is no name of a profile"),
        ([".hidden", URL], "is no name of a profile"),
        (["x" * 65, URL], "is no name of a profile"),
        (["work", "-p", "Readnly=true"], "unknown connection property 'Readnly'; did you mean Readonly"),
        (["work", "-p", "Readonly=perhaps"], "property Readonly"),
        (["work", "-p", "Readonly"], "not of the form NAME=VALUE"),
        (["work", "https://app.box.com"], "the connection URL has the form"),
        (["work", URL, "-p", "Timeout=1", "-p", "timeout=2"], "property Timeout is given twice"),
    ],
)
def test_a_wrong_profile_is_a_usage_error(arguments: list[str], said: str) -> None:
    result = run("profile", "add", *arguments)
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr
    assert profiles.names() == []


def test_a_missing_profile_is_told_with_a_near_one() -> None:
    run("profile", "add", "work", URL)
    for command in (("show", "wrok"), ("remove", "wrok")):
        result = run("profile", *command)
        assert result.exit_code == ExitCode.USAGE
        assert "there is no profile 'wrok'; did you mean work?" in result.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is damaged"),
        ('{"version": 2}', "a later version of box-dialect wrote"),
        ('{"profiles": {"work": 7}}', "is damaged"),
    ],
)
def test_a_damaged_file_is_told_and_stays(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "config" / "profiles.json"
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(OperationalError, match=said):
        profiles.load("work")
    with pytest.raises(OperationalError, match=said):
        profiles.add("work", {})
    assert file.read_text() == content


def test_a_file_that_others_may_change_is_refused(tmp_path: Path) -> None:
    profiles.add("work", {"APIBaseURL": "https://api.box.com/2.0"})
    os.chmod(tmp_path / "config" / "profiles.json", 0o666)  # noqa: PTH101 - as a program would
    with pytest.raises(OperationalError, match="cannot read"):
        profiles.load("work")


def test_a_secret_that_the_keyring_lost_is_told(tmp_path: Path) -> None:
    profiles.add("work", {"OAuthClientSecret": "hush"})
    for file in (tmp_path / "keyring").iterdir():
        file.unlink()
    with pytest.raises(OperationalError, match="no longer holds OAuthClientSecret of the profile work"):
        profiles.load("work")


def test_a_locked_keyring_is_a_sign_in_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.add("work", {"OAuthClientSecret": "hush"})
    monkeypatch.setattr(type(keyring.get_keyring()), "locked", True)
    result = run("login", "work")
    assert result.exit_code == ExitCode.SIGN_IN
    assert "the keyring refused" in result.stderr


def seen_by(*operands: str) -> click.Command:
    """Return a command that shows what it works with."""

    @click.command()
    @takes_account(*operands)
    def show(account: Account, *rest: str) -> None:
        click.echo(json.dumps([account.raw.get("SubjectId"), *rest]))

    return show


@pytest.mark.parametrize(
    ("operands", "words", "seen"),
    [
        (("SQL",), ["box://?SubjectId=1", "SELECT 1"], ["1", "SELECT 1"]),
        (("SQL",), ["work", "SELECT 1"], ["7", "SELECT 1"]),
        (("SQL",), ["SELECT 1"], ["9", "SELECT 1"]),
        (("SQL",), ["SELECT 'box://'"], ["9", "SELECT 'box://'"]),
        (("TABLE",), ["work"], ["9", "work"]),
        (("[PATH]",), ["work"], ["7"]),
        (("[PATH]",), ["/work"], ["9", "/work"]),
        (("[PATH]",), ["work", "/work"], ["7", "/work"]),
        (("SOURCE…", "TARGET"), ["a", "b"], ["9", "a", "b"]),
        (("SOURCE…", "TARGET"), ["work", "a", "b", "c"], ["7", "a", "b", "c"]),
        (("[PATH]",), ["-p", "SubjectId=8"], ["8"]),
        (("[PATH]",), ["work", "-p", "SubjectId=8"], ["8"]),
    ],
)
def test_the_account_is_a_url_a_profile_or_the_variable(
    monkeypatch: pytest.MonkeyPatch, operands: tuple[str, ...], words: list[str], seen: list[str]
) -> None:
    monkeypatch.setenv("BOX_URL", "box://?SubjectId=9")
    profiles.add("work", {"SubjectId": "7"})
    result = run(*words, command=seen_by(*operands))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == seen


def test_the_variable_may_name_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", "work")
    profiles.add("work", {"SubjectId": "7"})
    assert json.loads(run(command=seen_by("[PATH]")).stdout) == ["7"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Missing argument 'SQL'"),
        (["SELECT 1"], "No account is named"),
        (["wrok", "SELECT 1"], "there is no profile 'wrok'; did you mean work?"),
        (["work", "SELECT", "1"], "unexpected extra argument (1)"),
        (["box://?Nonsense=1", "SELECT 1"], "unknown connection property 'Nonsense'"),
    ],
)
def test_a_wrong_account_is_a_usage_error(words: list[str], said: str) -> None:
    profiles.add("work", {"SubjectId": "7"})
    result = run(*words, command=seen_by("SQL"))
    assert result.exit_code == ExitCode.USAGE
    assert said in result.stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProgrammingError("wrong"), ExitCode.STATEMENT),
        (box_dialect.SignInError("refused"), ExitCode.SIGN_IN),
        (box_dialect.SignInNeededError("sign in"), ExitCode.SIGN_IN),
        (box_dialect.LimitExceededError("too much"), ExitCode.LIMIT),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED),
        (click.Abort(), ExitCode.INTERRUPTED),  # Ctrl-C where something is asked for
    ],
)
def test_the_exit_code_tells_what_failed(monkeypatch: pytest.MonkeyPatch, error: BaseException, code: ExitCode) -> None:
    @click.command()
    @takes_account(is_required=False)
    def fail(account: Account) -> None:  # noqa: ARG001 - it fails whatever it is
        raise error

    monkeypatch.setattr(type(cli), "get_command", lambda *_: fail)
    result = run("fail")
    assert result.exit_code == code
    assert result.stderr == ("" if code == ExitCode.INTERRUPTED else f"Error: {error}\n")


def test_an_empty_variable_names_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", "")
    result = run("SELECT 1", command=seen_by("SQL"))
    assert result.exit_code == ExitCode.USAGE
    assert "No account is named" in result.stderr


def test_a_property_that_is_wrong_when_the_command_connects_is_a_usage_error() -> None:
    @click.command()
    @takes_account()
    def opened(account: Account) -> None:
        account.given(max_api_calls=5, Timeout=None).connect().close()

    assert run("box://?OAuthAccessToken=t", command=opened).exit_code == 0
    result = run("box://?OAuthAccessToken=t&Timeout=long", command=opened)
    assert result.exit_code == ExitCode.USAGE
    assert "property Timeout" in result.stderr
