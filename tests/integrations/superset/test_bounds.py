"""The warning of a database whose statements are not bounded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from box_dialect.integrations.superset import bounds

if TYPE_CHECKING:
    import pytest


def test_what_is_not_bounded() -> None:
    assert bounds.missing({}, {}) == ("MaxApiCalls", "Timeout")
    assert bounds.missing({"max_api_calls": "5"}, {"TIMEOUT": 0}) == ()
    assert bounds.missing({"Timeout": "5"}, {"Readonly": True}) == ("MaxApiCalls",)


def test_each_database_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "box_dialect")
    urls = [make_url(f"box://client:hunter2@/?SubjectId={number}") for number in (1, 2)]
    for url in urls * 3:
        bounds.warn(url, {"OAuthAccessToken": "t0ken"})
    bounds.warn(urls[0], {"MaxApiCalls": 5, "Timeout": 5})
    assert len(caplog.messages) == 2
    for said in caplog.messages:
        assert "the client client has no MaxApiCalls and no Timeout" in said
        assert "box://…?MaxApiCalls=10000&Timeout=300" in said
        assert "hunter2" not in said
        assert "t0ken" not in said
