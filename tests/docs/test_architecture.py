"""The page on the architecture names modules, and what is in them, as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "box_dialect"
PAGE: Final = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PICTURE: Final = (ROOT / "docs/architecture.svg").read_text(encoding="utf-8")


def test_each_path_of_the_page_is_there() -> None:
    paths = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", PAGE))
    assert len(paths) > 50
    missing = {path for path in paths if not (PACKAGE / path).exists()}
    assert missing - {"tables/", "procedures/", "model/"} == set()  # these are told beneath catalog/


def test_each_word_is_defined_where_the_page_says() -> None:
    words = re.findall(r"^\| [\w -]+ \| .* \| `(\w+)` in `([\w/.]+)` \|$", PAGE, re.MULTILINE)
    assert len(words) > 25
    lacking = [
        (name, path)
        for name, path in words
        if not re.search(rf"^ *(?:class |def )?{name}\b", (PACKAGE / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert lacking == []


@pytest.mark.parametrize("package", ["", "engine", "dbapi"])
def test_each_room_is_told(package: str) -> None:
    rooms = [path.name for path in (PACKAGE / package).iterdir() if (path / "__init__.py").exists()]
    told = PAGE + PICTURE
    assert [room for room in rooms if not re.search(rf"\b{room}\b", told)] == []
