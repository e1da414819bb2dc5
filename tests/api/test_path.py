"""Values get into paths by one class, quoted, and by nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from documented import document
from hypothesis import given
from hypothesis import strategies as st
from sweep import sweep

import box_dialect
from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.path import fits, places
from box_dialect.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("no_network")

PACKAGE = Path(box_dialect.__file__).parent
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("7", "7"),
        ("a/b", "a%2Fb"),
        ("?fields=x", "%3Ffields%3Dx"),
        ("#", "%23"),
        ("%2e%2e", "%252e%252e"),
        ("..a", "..a"),
        ("…", "%E2%80%A6"),
        (" ", "%20"),
    ],
)
def test_a_value_is_one_segment(value: str, text: str) -> None:
    path = ApiPath("/files/{file_id}/content", file_id=value, other="left out")
    assert (str(path), path.template) == (f"/files/{text}/content", "/files/{file_id}/content")
    assert ApiCall("GET", path, {"a": "b"}).target == f"/files/{text}/content?a=b"
    assert ApiCall("GET", path).route == "GET /files/{file_id}/content"


def test_a_long_value_is_sent_whole_and_told_shortened() -> None:
    call = ApiCall("GET", ApiPath("/files/{file_id}/content", file_id="x" * 70_000))
    assert call.target == f"/files/{'x' * 70_000}/content"
    assert call.operation == f"GET /files/{'x' * 80}/content"


@sweep(
    "value",
    ["", ".", "..", "../files/7", "a/..", "a/./b", "..\\files\\7", "a\x00", "\n", "a\x7f", "\ud800", 7, None, b"7"],
)
def test_a_value_that_might_lead_elsewhere_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="no file_id that a path of Box's can hold"):
        ApiPath("/files/{file_id}", file_id=value)  # type: ignore[arg-type]


@given(st.text())
def test_any_value_is_refused_or_one_segment(value: str) -> None:
    if fits(value):
        segments = str(ApiPath("/files/{id}/content", id=value)).split("/")
        assert re.fullmatch(r"(?:[\w.~-]|%[0-9A-F]{2})+", segments[2], re.ASCII)
        assert (segments[1], segments[3:]) == ("files", ["content"])
        assert segments[2] not in {".", ".."}
    else:
        with pytest.raises(DataError):
            ApiPath("/files/{id}/content", id=value)


@sweep(
    "template",
    [
        "/folders/404/copy",
        "/folders/../files/7",
        "/files/",
        "/",
        "",
        "files",
        "/a//b",
        "/a b",
        "/a?b",
        "/{a}{b}",
        "/%2e",
    ],
)
def test_a_template_holds_no_value(template: str) -> None:
    with pytest.raises(ValueError, match="no template of a path"):
        ApiPath(template)


def test_a_missing_value_is_told() -> None:
    with pytest.raises(KeyError, match="id"):
        ApiPath("/files/{id}")


def test_a_call_takes_no_text_as_its_path() -> None:
    with pytest.raises(TypeError, match="ApiPath"):
        ApiCall("GET", "/folders/0")  # type: ignore[arg-type]


def test_every_path_that_box_documents_is_a_template() -> None:
    for path in document()["paths"]:
        assert places(path) == tuple(re.findall(r"{(\w+)}", path))


def sources() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each module, and of each block of Python in the pages."""
    for file in sorted(PACKAGE.rglob("*.py")):
        if "emulator" not in file.parts:
            yield str(file.relative_to(PACKAGE)), file.read_text(encoding="utf-8")
    for page in sorted(DOCS.glob("*.md")):
        for number, block in enumerate(re.findall(r"(?ms)^```python\n(.*?)^```", page.read_text(encoding="utf-8"))):
            yield f"{page.name}, block {number}", block


def test_no_template_is_made_of_values() -> None:
    """A template is a literal, or the attribute of a declaration; an f-string or a sum could hold a value."""
    found = []
    for name, text in sources():
        calls = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name))
        for call in calls:
            if call.func.id in {"ApiPath", "Write", "Endpoint", "Call", "replace"}:  # type: ignore[attr-defined]
                given = [keyword.value for keyword in call.keywords if keyword.arg == "path"]
                given += call.args[:1] if call.func.id == "ApiPath" else []
                found += [(name, call.func.id, each) for each in given]
    bad = [f"{name}: {call}({ast.unparse(given)}" for name, call, given in found if not is_declared(given)]
    assert sum(call == "ApiPath" for _, call, _ in found) > 8
    assert bad == []


def is_declared(template: ast.expr) -> bool:
    """Tell whether an expression is a literal, an attribute, or an f-string of a declaration for several kinds.

    A constant of a module is as good as the literal that it is.
    """
    if isinstance(template, ast.JoinedStr):
        values = [part.value for part in template.values if isinstance(part, ast.FormattedValue)]
        return all(isinstance(each, ast.Name) and (each.id in {"kind", "of"} or each.id.isupper()) for each in values)
    if isinstance(template, ast.Name):
        return template.id.isupper()
    return isinstance(template, ast.Attribute) or (
        isinstance(template, ast.Constant) and isinstance(template.value, str)
    )
