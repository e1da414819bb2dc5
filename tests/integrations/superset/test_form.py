"""The form by which Superset adds a database: the URL that its fields stand for, and what it says of wrong ones."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url
from sweep import sweep

import box_dialect
from box_dialect.integrations.superset.form import OAUTH2_DEFAULTS, PLACEHOLDER, parameters_of, problem_of, url_of
from box_dialect.properties import gathered

if TYPE_CHECKING:
    from conftest import Box

BY_CREDENTIALS = {"username": "client", "password": "s3cret/@:?&", "account": "4711"}
VIEWERS = {"id": "client", "secret": "s3cret", **OAUTH2_DEFAULTS}


@pytest.fixture(autouse=True)
def restricted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_RESTRICT_URLS", "true")


def test_client_credentials() -> None:
    properties = gathered(url_of(BY_CREDENTIALS), {})
    assert (properties.auth_scheme, properties.client_id, properties.subject_id) == ("OAuthClient", "client", "4711")
    assert properties.client_secret == "s3cret/@:?&"
    assert (properties.max_api_calls, properties.timeout) == (10_000, 300)


def test_what_the_query_says_goes_before() -> None:
    query = {"max_api_calls": "0", "Timeout": "5", "SubjectType": "user", "subject_id": "1"}
    properties = gathered(url_of({**BY_CREDENTIALS, "query": query}), {})
    assert (properties.max_api_calls, properties.timeout, properties.subject_type) == (0, 5, "user")
    assert properties.subject_id == "4711", "the field of its own"


def test_a_service_account_by_jwt(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_DIALECT_ALLOWED_FOLDERS", str(tmp_path))
    key = tmp_path / "box.json"
    key.write_text("{}")
    parameters = {"account": "4711", "query": {"AuthScheme": "OAuthJWT", "OAuthJWTCert": str(key)}}
    assert problem_of(parameters) is None
    properties = gathered(url_of(parameters), {})
    assert (properties.auth_scheme, properties.jwt_subject, properties.jwt_cert) == ("OAuthJWT", "4711", str(key))


@sweep("client", [VIEWERS, json.dumps(VIEWERS)])
def test_viewers_who_sign_in_themselves(client: Any) -> None:
    parameters = {"oauth2_client_info": client}
    assert problem_of(parameters) is None
    properties = gathered(url_of(parameters), {})
    assert (properties.auth_scheme, properties.client_id, properties.client_secret) == ("OAuth", "client", "s3cret")


@sweep(
    "parameters",
    [
        BY_CREDENTIALS,
        {**BY_CREDENTIALS, "query": {"SubjectType": "user", "MaxApiCalls": "7", "Timeout": "0"}},
        {"username": "client", "password": "p", "account": "1", "query": {"AuthScheme": "OAuthJWT"}},
        {"username": "client", "password": "p", "query": {"AuthScheme": "OAuth"}},
    ],
)
def test_a_url_fills_the_form_that_stands_for_it(parameters: dict[str, Any]) -> None:
    url = url_of(parameters)
    assert url_of(parameters_of(url)) == url
    assert parameters_of(url).get("account") == parameters.get("account")


def test_a_url_with_a_host_of_its_own(small: Box) -> None:
    parameters = parameters_of(small.url)
    assert problem_of(parameters) is None
    with box_dialect.connect(url_of(parameters)) as connection:
        assert connection.cursor().execute("SELECT count(*) FROM users").fetchall()


@sweep(
    ("parameters", "names", "said"),
    [
        ({}, ["username", "password", "account"], "the client id, and the client secret, and the id of the enterprise"),
        ({"username": "client", "password": ""}, ["password", "account"], "the client secret"),
        ({**BY_CREDENTIALS, "account": None}, ["account"], "the id of the enterprise"),
        ({**BY_CREDENTIALS, "query": {"MaxApiCall": "5"}}, ["query"], "MaxApiCalls"),
        ({**BY_CREDENTIALS, "query": {"Timeout": "soon"}}, ["query"], "Timeout"),
        ({**BY_CREDENTIALS, "query": {"LocalDatabase": "/etc/passwd"}}, ["query"], "names a file"),
        ({**BY_CREDENTIALS, "query": {"Scope": "env:SECRET_KEY"}}, ["query"], "environment variable"),
        ({"query": {"AuthScheme": "OAuthJWT"}}, ["query"], "OAuthJWTCert"),
        ({"query": {"AuthScheme": "OAuth"}}, ["query"], "OAuthClientId"),
        ({"oauth2_client_info": "no JSON"}, ["username", "password", "account"], "the client id"),
    ],
)
def test_what_is_wrong(parameters: dict[str, Any], names: list[str], said: str) -> None:
    problem = problem_of(parameters)
    assert problem is not None
    assert problem[1] == names
    assert said in problem[0]
    assert "s3cret" not in problem[0]


def test_the_placeholder_is_a_url() -> None:
    assert make_url(PLACEHOLDER).get_backend_name() == "box"
    assert gathered(PLACEHOLDER, {}).subject_id == "ENTERPRISE_ID"
