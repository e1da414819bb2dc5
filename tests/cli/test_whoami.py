import pytest
from sweep import sweep

from box_dialect.cli.signed_in import kind_of, sign_in_of
from box_dialect.properties import from_url, parse


def service(url):
    return url.replace("SubjectType=user&SubjectId=19999999001", "SubjectType=enterprise&SubjectId=491291")


def test_it_shows_who_is_signed_in_and_by_what(small, command):
    result = command(small.url, "whoami")
    assert result.exit_code == 0, result.output
    shown = dict(line.split("  ", 1) for line in result.stdout.splitlines())
    assert {name: value.strip() for name, value in shown.items()} == {
        "name": "Ada Admin",
        "login": "admin@example.com",
        "id": "19999999001",
        "account": "user",
        "role": "admin",
        "status": "active",
        "enterprise": "Emulated Enterprise (491291)",
        "space": "0 B used of 107.4 GB",
        "sign-in": "client credentials, for the user 19999999001",
        "scopes": "all that the application has (Box tells none of a token)",
    }


def test_a_service_account_is_told_that_it_sees_no_files(small, command):
    result = command(service(small.url), "whoami")
    assert "account     service account\n" in result.stdout
    assert "it sees no file of others until it is invited" in " ".join(result.stdout.split())


def test_programs_get_an_object(small, records):
    (user,) = records(small.url, "whoami")
    assert (user["login"], user["account"], user["space_amount"]) == ("admin@example.com", "user", 107_374_182_400)


def test_it_takes_one_call(small, command):
    command(small.url, "whoami")
    small.reset()
    command(small.url, "whoami")
    assert small.stats()["by_operation"] == {"get_users_me": 1}


def test_a_sign_in_that_fails_has_its_own_code_and_no_secret_in_its_words(small, command):
    result = command(small.url, "whoami", "-p", "OAuthClientSecret=wrong-secret-0123456789")
    assert result.exit_code == 3
    assert "wrong-secret-0123456789" not in result.output


@sweep(
    ("properties", "told"),
    [
        ({"OAuthAccessToken": "x"}, "OAuth 2.0 as a person, by a given access token"),
        ({"OAuthClientId": "i", "OAuthClientSecret": "s", "InitiateOAuth": "REFRESH"},
         "OAuth 2.0 as a person, by tokens that are kept"),
        ({"OAuthAccessToken": "x", "AsUserId": "7"},
         "OAuth 2.0 as a person, by a given access token, and calls are made as the user 7"),
    ],
)  # fmt: skip
def test_sign_ins_have_words(properties, told):
    assert sign_in_of(parse(properties)) == told


@pytest.mark.parametrize(
    ("login", "kind"),
    [
        ("ada@example.com", "user"),
        ("AppUser_12_ab@boxdevedition.com", "app user"),
        ("AutomationUser_12_ab@boxdevedition.com", "service account"),
        ("AutomationUser_12_ab@boxdevedition.com.example.com", "user"),
    ],
)
def test_the_login_tells_the_kind_of_an_account(login, kind):
    assert kind_of(login) == kind


def test_client_credentials_tell_for_whom_they_are(small):
    assert sign_in_of(parse(from_url(service(small.url)))) == (
        "client credentials, for the service account of the enterprise 491291"
    )
