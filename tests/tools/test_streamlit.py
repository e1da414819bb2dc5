"""Streamlit's SQL connection, in the app of the page and in others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import streamlit as st
from docs.pages import TOOLS, adapted, blocks
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Box


@pytest.fixture(autouse=True)
def new() -> Iterator[None]:
    """Have Streamlit forget the connections, the rows and the secrets of other tests."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
    secrets_singleton._reset()


def of_page(language: str, box: Box) -> str:
    (found,) = (block.text for block in blocks(TOOLS, "Streamlit") if block.language == language)
    return adapted(found, box.emulator.ready)


def querying(statement: str) -> AppTest:
    app = f"""
import os
import streamlit as st

st.connection("box", type="sql", url=os.environ["BOX_URL"]).query("{statement}", ttl=0)
"""
    return AppTest.from_string(app, default_timeout=60)


def test_the_page(fresh: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(of_page("toml", fresh), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    app = AppTest.from_string(of_page("python", fresh), default_timeout=60).run()
    assert not app.exception
    shown = app.dataframe[0].value
    assert shown["name"].tolist() == [".gitignore", "Notes.txt", "notes"]
    assert str(shown["modified_at"].dtype).endswith(", UTC]")
    calls = fresh.stats()["calls"]
    app.run()
    assert not app.exception
    assert fresh.stats()["calls"] == calls  # the rows stay
    (folder,) = app.selectbox
    folder.select("/Contracts").run()
    assert app.dataframe[0].value["name"].tolist() == ["README"]


def test_a_query_that_fails_is_tried_once_and_tells_why(fresh: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOX_URL", f"{fresh.url}&Readonly=true&MaxApiCalls=3")
    (failure,) = querying("SELECT count(*) FROM files").run().exception
    assert "MaxApiCalls" in failure.message
    assert fresh.emulator.ready["client_secret"] not in f"{failure.message}{failure.stack_trace}"
    assert fresh.stats()["calls"] == 3
    (failure,) = querying("SELECT nam FROM files").run().exception
    assert "did you mean name?" in failure.message
