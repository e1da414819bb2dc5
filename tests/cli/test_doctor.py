import socket

import pytest

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
    assert checks["host"][0]["told"] == "127.0.0.1 answers"


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


def test_a_host_that_does_not_answer_is_a_failure(small, command):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    base = f"http://127.0.0.1:{port}/2.0"
    result = command(small.url, "doctor", "-p", f"APIBaseURL={base}", "-p", "MaxRetries=0", COLUMNS="200")
    assert result.exit_code in {1, 3}
    assert "127.0.0.1 does not answer (ConnectError)" in result.stdout


def test_lines_fit_the_terminal(small, command):
    for columns in (80, 200):
        lines = command(small.url, "doctor", COLUMNS=str(columns)).stdout.splitlines()
        assert max(map(len, lines)) <= columns


@pytest.mark.parametrize(
    ("value", "shown"),
    [("http://ada:secret@proxy:8080", "http://***@proxy:8080"), ("http://proxy:8080", "http://proxy:8080")],
)
def test_proxies_are_shown_without_their_passwords(value, shown):
    assert _masked(value) == shown


def test_a_proxy_of_the_environment_is_shown_masked(small, command, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:swordfish@proxy.example:8080")
    result = command(small.url, "doctor", COLUMNS="200")
    assert "HTTPS_PROXY=http://***@proxy.example:8080" in result.stdout
    assert "swordfish" not in result.output


def test_tables_that_box_refuses_are_told_with_the_scopes_that_they_need(fresh, records):
    fresh.faults({"operation": "get_groups", "status": 403, "times": 1})
    (told,) = found(records, fresh.url)["scopes"]
    assert (told["status"], told["told"]) == ("warning", "Box refuses groups")
    assert told["advice"].endswith("Manage groups")
