"""The warning of a database whose statements are not bounded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from box_dialect.integrations.superset import bounds

if TYPE_CHECKING:
    import pytest


def test_what_is_not_bounded() -> None:
    assert bounds.missing({}, {}) == ("MaxApiCalls", "Timeout")
    assert bounds.missing({"max_api_calls": "5"}, {"TIMEOUT": 0}) == ()
    assert bounds.missing({"Timeout": "5"}, {"Readonly": True}) == ("MaxApiCalls",)


def test_each_database_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "box_dialect")
    for name in ("Sales", "Legal") * 3:
        bounds.warn(name, {"SubjectId": "1"}, {"OAuthAccessToken": "t0ken"})
    bounds.warn("Finance", {}, {"MaxApiCalls": 5, "Timeout": 5})
    assert len(caplog.messages) == 2
    for name, said in zip(("Sales", "Legal"), caplog.messages, strict=True):
        assert f"the database {name} of Superset has no MaxApiCalls and no Timeout" in said
        assert said.endswith(": MaxApiCalls=10000&Timeout=300")
        assert "t0ken" not in said
