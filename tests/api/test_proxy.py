"""Which proxy a call goes through, by the environment."""

from __future__ import annotations

import pytest

from box_dialect.api.connections import _proxy

pytestmark = pytest.mark.usefixtures("no_network")

BOX = "https://api.box.com/2.0"
PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_there_is_none_by_default() -> None:
    assert _proxy(BOX) is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy"])
def test_the_environment_names_one(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, PROXY)
    assert _proxy(BOX) == PROXY
    assert _proxy("http://127.0.0.1:8080/2.0") is None, "nor before this machine"
    assert _proxy("http://localhost:8080/2.0") is None


def test_the_environment_names_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("no_proxy", "example.org, .box.com")
    assert _proxy(BOX) is None
    assert _proxy("https://box.example.com/2.0") == PROXY


def test_another_scheme_has_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", PROXY)
    assert _proxy(BOX) is None
