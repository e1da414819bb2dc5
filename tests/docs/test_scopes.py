"""The page of the scopes tells what the emulator demands."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from box_dialect.catalog import TABLES
from docs.pages import ROOT

PAGE = (ROOT / "docs" / "scopes.md").read_text(encoding="utf-8")
KEYED = {"file_requests", "invites", "upload_sessions"}
"""What Box does not list, so that nothing of it is read without a key."""


def test_each_table_has_its_scopes() -> None:
    assert set(re.findall(r"^\| \[(\w+)\]\(tables\.md#\w+\) \| `", PAGE, re.MULTILINE)) == set(TABLES) - KEYED


@pytest.mark.long
def test_the_page_is_fresh() -> None:
    script = ROOT / "docs" / "scopes.py"
    checked = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
