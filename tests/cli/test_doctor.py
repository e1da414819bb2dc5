import json
import re
import socket
import threading

import pytest

import box_dialect
from box_dialect.cli.doctor import _masked


def found(records, url, *arguments):
    by_check = {}
    for each in records(url, "doctor", *arguments):
        by_check.setdefault(each["check"], []).append(each)
    return by_check


@pytest.fixture
def wrong(small):
    """A URL with another secret than that of the application."""
    secret = small.emulator.ready["client_secret"]
    return small.url.replace(secret, "wrong-secret-0123456789")


def test_all_is_well_where_the_sign_in_works(small, records):
    checks = found(records, small.url)
    assert {each["status"] for findings in checks.values() for each in findings} == {"ok"}
    assert checks["sign-in"][-1]["told"] == "signed in as Ada Admin (admin@example.com)"
    assert "apsw " in checks["versions"][0]["told"]
    assert re.fullmatch(r"127\.0\.0\.1:\d+ answers", checks["hosts"][0]["told"])
    assert "cli" in checks["extras"][0]["told"]
    assert not {"all", "test"} & set(re.findall(r"\w+", checks["extras"][0]["told"].partition(":")[2]))
    assert checks["local database"][0]["told"] == "in memory"
    assert "16 at once" in checks["limits"][0]["told"]


def test_a_sign_in_that_fails_has_its_own_code_and_no_secret_is_shown(wrong, command):
    for arguments in ((), ("--json",)):
        result = command(wrong, "doctor", *arguments)
        assert result.exit_code == 3
        assert "failure" in result.stdout
        assert "wrong-secret-0123456789" not in result.output


def test_a_service_account_is_a_warning(small, records):
    url = small.url.replace("SubjectType=user&SubjectId=19999999001", "SubjectType=enterprise&SubjectId=491291")
    last = found(records, url)["sign-in"][-1]
    assert last["status"] == "warning"
    assert "invited" in last["advice"]


def test_a_wrong_property_is_a_usage_error(small, command):
    assert command(small.url, "doctor", "-p", "AuthScheme=Nonsense").exit_code == 2


def test_without_an_account_it_tells_all_else(command):
    result = command("", "doctor", "--json", HTTPS_PROXY="http://127.0.0.1:1")
    checks = {each["check"]: each for each in map(json.loads, result.stdout.splitlines())}
    assert {"versions", "extras", "token cache", "hosts"} <= checks.keys()
    assert (checks["sign-in"]["status"], checks["sign-in"]["told"]) == ("warning", "no account is named")


def test_what_a_sign_in_lacks_is_a_finding_beside_the_others(small, command):
    result = command(small.url, "doctor", "-p", "AuthScheme=OAuthJWT", "--json")
    checks = {each["check"]: each for each in map(json.loads, result.stdout.splitlines())}
    assert result.exit_code == 3
    assert checks["hosts"]["status"] == "ok"
    assert checks["sign-in"]["told"] == "AuthScheme=OAuthJWT needs OAuthJWTCert"


def test_a_host_that_does_not_answer_is_a_failure(small, command):
    with socket.socket() as holder:  # of a port on which nobody listens, nor can meanwhile
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        dead = f"http://127.0.0.1:{port}"
        places = [f"APIBaseURL={dead}/2.0", f"TokenURL={dead}/token", f"UploadBaseURL={dead}/upload", "MaxRetries=0"]
        given = [argument for place in places for argument in ("-p", place)]
        result = command(small.url, "doctor", *given, COLUMNS="200")
    assert result.exit_code == 3
    assert f"127.0.0.1:{port} does not answer (ConnectError)" in result.stdout


def test_lines_fit_the_terminal(small, command):
    for columns in (80, 200):
        lines = command(small.url, "doctor", COLUMNS=str(columns)).stdout.splitlines()
        assert max(map(len, lines)) <= columns


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("http://ada:secret@proxy:8080", "http://***@proxy:8080"),
        ("ada:secret@proxy:8080", "***@proxy:8080"),
        ("http://proxy:8080", "http://proxy:8080"),
    ],
)
def test_proxies_are_shown_without_their_passwords(value, shown):
    assert _masked(value) == shown


def test_a_proxy_of_the_environment_is_shown_masked(small, command, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:swordfish@proxy.example:8080")
    result = command(small.url, "doctor", COLUMNS="200")
    assert "HTTPS_PROXY=http://***@proxy.example:8080" in result.stdout
    assert "swordfish" not in result.output


def test_a_proxy_that_is_none_is_a_failure(small, command, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "ftp://ada:swordfish@proxy.example")
    result = command(small.url, "doctor", "-p", "UploadBaseURL=https://upload.example.com/api", "--json")
    assert result.exit_code == 1
    assert "HTTPS_PROXY cannot be used: write it as http://HOST:PORT" in result.stdout
    assert "swordfish" not in result.output


def test_tables_that_box_refuses_are_told_with_the_scopes_that_they_need(fresh, records):
    fresh.faults({"operation": "get_groups", "status": 403, "times": 1})
    (told,) = found(records, fresh.url)["scopes"]
    assert (told["status"], told["told"]) == ("warning", "Box refuses groups")
    assert told["advice"].endswith("Manage groups")


def test_a_kept_token_does_not_hide_a_wrong_secret(small, wrong, command):
    assert command(small.url, "whoami").exit_code == 0
    assert command(wrong, "doctor").exit_code == 3


def test_a_token_cache_that_can_be_written_tells_what_encrypts_it(small, records, tmp_path):
    place = f"OAuthSettingsLocation={tmp_path / 'tokens.txt'}"
    (told,) = found(records, small.url, "-p", place)["token cache"]
    assert told["status"] == "ok"
    assert "can be written, encrypted by" in told["told"]
    (told,) = found(records, small.url, "-p", place, "-p", "TokenCacheKey=correct horse")["token cache"]
    assert told["told"].endswith("encrypted by TokenCacheKey")
    assert "correct horse" not in str(told)


def test_a_database_that_keeps_tokens_as_they_are_is_a_warning(small, records, tmp_path):
    (told,) = found(records, small.url, "-p", f"TokenCache=sqlite:///{tmp_path / 'tokens.db'}")["token cache"]
    assert (told["status"], told["advice"][:17]) == ("warning", "set TokenCacheKey")


def test_a_token_cache_that_cannot_be_written_is_a_failure(small, command, tmp_path):
    (tmp_path / "file").write_text("")
    place = f"OAuthSettingsLocation={tmp_path / 'file' / 'tokens.txt'}"
    result = command(small.url, "doctor", "-p", place, COLUMNS="200")
    assert result.exit_code == 1
    assert re.search(r"token cache +failure", result.stdout)


def test_a_token_cache_that_never_answers_is_left(small, command, monkeypatch):
    held = threading.Event()
    monkeypatch.setattr("box_dialect.cli.doctor._SECONDS", 0.2)
    monkeypatch.setattr("box_dialect.cli.doctor._stored", lambda _: held.wait())
    result = command(small.url, "doctor", COLUMNS="200")
    held.set()
    assert re.search(r"token cache +failure .* does not answer within", result.stdout)


def test_a_local_database_is_not_made(small, records, tmp_path):
    path = tmp_path / "own.db"
    (told,) = found(records, small.url, "-p", f"LocalDatabase={path}")["local database"]
    assert told["told"] == f"{path} is made when it is first used"
    assert not path.exists()
    with box_dialect.connect(small.url, LocalDatabase=str(path)) as connection:
        connection.cursor().execute("CREATE TABLE own (x)")
        connection.commit()
    (told,) = found(records, small.url, "-p", f"LocalDatabase={path}")["local database"]
    assert re.fullmatch(re.escape(str(path)) + r", [\d,]+ bytes", told["told"])


def test_a_file_that_is_no_database_is_a_failure(small, command, tmp_path):
    path = tmp_path / "own.db"
    path.write_text("no database, but long enough to be read as the beginning of one" * 20)
    result = command(small.url, "doctor", "-p", f"LocalDatabase={path}", COLUMNS="200")
    assert result.exit_code == 1
    assert re.search(r"local database +failure", result.stdout)
