"""The page on the architecture names modules, and what is in them, as they are."""

from __future__ import annotations

import re
from typing import Final

import pytest

from docs.pages import ROOT, script

PACKAGE: Final = ROOT / "box_dialect"
PAGE: Final = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
DRAWN: Final = script("architecture")
PICTURE: Final = DRAWN.PICTURE.read_text(encoding="utf-8")


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


def test_each_module_of_the_package_is_told() -> None:
    modules = [path.name for path in PACKAGE.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) > 5
    assert [module for module in modules if f"`{module}`" not in PAGE] == []


def test_the_picture_has_the_layers_that_are_checked() -> None:
    assert DRAWN.picture() == PICTURE, "run: python docs/architecture.py"
    for package in ("box_dialect", "box_dialect.engine"):
        layers = DRAWN.contract(package)["layers"]
        assert len(layers) > 8
        assert [layer for layer in layers if f">{layer.replace(' | ', ', ')}</text>" not in PICTURE] == []
