"""The picture of the shell shows what its screen does."""

from __future__ import annotations

import re
import sys
from typing import Final

import pytest

from docs.pages import ROOT, script

if sys.platform == "win32":
    pytest.skip("there are no such terminals", allow_module_level=True)

SHELL: Final = script("shell")


@pytest.mark.long
def test_the_picture_has_the_lines_of_the_screen() -> None:
    drawn = SHELL.PICTURE.read_text(encoding="utf-8")
    assert SHELL.lines(SHELL.picture(SHELL.screen(latency_ms=0))) == SHELL.lines(drawn)
    assert "3rows,14APIcalls,…s" in SHELL.lines(drawn)
    assert re.findall(r"url\((?!#)|https?://(?!www\.w3\.org/2000/svg)", drawn) == []


def test_it_is_the_one_picture_of_the_readme() -> None:
    assert re.findall(r"!\[.*?\]\((.+?)\)", (ROOT / "README.md").read_text(encoding="utf-8")) == ["docs/shell.svg"]
