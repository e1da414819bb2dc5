"""Which proxy a call goes through, by the environment."""

from __future__ import annotations

import pytest

import box_dialect
from box_dialect.properties.proxies import proxy_of

pytestmark = pytest.mark.usefixtures("no_network")

BOX = "https://api.box.com/2.0"
PROXY = "http://proxy.example.com:3128"
CLIENT = {"OAuthClientId": "id", "OAuthClientSecret": "secret", "SubjectId": "1"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_there_is_none_by_default() -> None:
    assert proxy_of(BOX) is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_the_environment_names_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, PROXY)
    assert proxy_of(BOX) == PROXY
    assert proxy_of("http://127.0.0.1:8080/2.0") is None, "nor before this machine"
    assert proxy_of("http://localhost:8080/2.0") is None


def test_the_environment_names_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", "example.org, .box.com")
    assert proxy_of(BOX) is None
    assert proxy_of("https://box.example.com/2.0") == PROXY


def test_another_scheme_has_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", PROXY)
    assert proxy_of(BOX) is None


def test_one_without_a_scheme_speaks_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "ada:swordfish@proxy.example.com:3128")
    assert proxy_of(BOX) == "http://ada:swordfish@proxy.example.com:3128"


@pytest.mark.parametrize(
    ("proxy", "told"),
    [
        ("ftp://ada:swordfish@proxy.example.com", "write it as http://HOST:PORT"),
        ("http://ada:swordfish@proxy.example.com:port", "write it as http://HOST:PORT"),
        ("http://ada:swordfish@:3128", "write it as http://HOST:PORT"),
        ("http://ada:sword fish@proxy.example.com", "write it as http://HOST:PORT"),
        ("socks5://ada:swordfish@proxy.example.com", "pip install socksio"),
    ],
)
def test_one_that_cannot_be_used_is_told_without_its_password(
    proxy: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setenv("all_proxy", proxy)
    with pytest.raises(box_dialect.OperationalError, match=f"variable ALL_PROXY cannot be used: .*{told}") as caught:
        proxy_of(BOX)
    assert "fish" not in str(caught.value)


@pytest.mark.parametrize(
    ("properties", "error"),
    [
        ({"OAuthAccessToken": "given"}, box_dialect.OperationalError),
        ({"AuthScheme": "OAuthClient", **CLIENT}, box_dialect.SignInError),
    ],
)
def test_calls_and_the_sign_in_tell_of_a_proxy_that_is_none(
    properties: dict[str, str], error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "ftp://ada:swordfish@proxy.example.com")
    with (
        pytest.raises(error, match="variable HTTPS_PROXY cannot be used: write it as"),
        box_dialect.connect(**properties, TokenCache="memory", RequestTimeout=9) as connection,
    ):
        connection.cursor().execute("SELECT id FROM users").fetchall()
