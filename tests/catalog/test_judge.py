"""The judge finds what Box's OpenAPI document does not describe, and fails the test that sent it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import plain_http
import pytest
from complaints import Request, complaints
from documented import document
from judge import EXEMPT, is_exempt, judge
from sweep import sweep

if TYPE_CHECKING:
    from conftest import Box

JSON = {"content-type": "application/json"}
TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def needed() -> None:
    document()


def found(method: str, target: str, body: Any = None, **headers: str) -> list[str]:
    path, _, query = target.partition("?")
    content = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    given = ({} if body is None else JSON) | {name.replace("_", "-"): value for name, value in headers.items()}
    return complaints(Request(method, path, query, given, content))


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/2.0/folders/0/items?fields=id,name&usemarker=true&limit=1000&marker=abc", None),
        ("GET", "/2.0/search?query=x&type=file&size_range=1,2&sort=modified_at&direction=ASC", None),
        ("GET", "/2.0/files/7/content", None),
        ("GET", "/2.0/files/7/metadata/enterprise/a%2Fb", None),
        ("POST", "/2.0/folders?fields=id", {"name": "x", "parent": {"id": "0"}}),
        ("PUT", "/2.0/files/7", {"shared_link": {"permissions": {"can_download": True}}, "tags": ["a"]}),
        ("PUT", "/2.0/tasks/7", {"due_at": "2026-01-31T12:30:00+00:00"}),
        ("PUT", "/2.0/files/7/versions/8", {"trashed_at": None}),
        ("DELETE", "/2.0/folders/7?recursive=true", None),
    ],
)
def test_what_box_describes_is_right(method: str, target: str, body: Any) -> None:
    assert found(method, target, body) == []


def test_operations_of_newer_documents_are_known() -> None:
    body = {"query": {"predicate": "box:item:name = :name", "params": {"name": "x"}}}

    assert found("POST", "/2.0/query", body, box_version="2026.0") == []
    assert found("POST", "/2.0/query", body) == ["the header box-version is missing"]
    assert found("POST", "/2.0/query", {}, box_version="2026.0") == ["the body: 'query' is a required property"]


def test_a_value_may_be_an_integer_though_that_is_a_number_too() -> None:
    patch = [{"op": "test", "path": "/$version", "value": 0}, {"op": "add", "path": "/amount", "value": 1.5}]
    kind = {"content_type": "application/json-patch+json"}

    assert found("PUT", "/2.0/files/7/metadata/enterprise/deal", patch, **kind) == []


def test_a_header_is_right_where_the_operation_takes_it() -> None:
    assert found("DELETE", "/2.0/folders/7", if_match="1", as_user="7", authorization="Bearer x") == []
    assert found("DELETE", "/2.0/comments/7", if_match="1") == ["there is no header if-match"]


@sweep(
    ("method", "target", "body", "complaint"),
    [
        ("GET", "/2.0/nothing", None, "no operation"),
        ("POST", "/2.0/users/7", {}, "no operation"),
        ("GET", "/2.0/files/../folders/7", None, "no operation"),
        ("GET", "/2.0/files/..", None, "path parameter file_id is '..'"),
        ("GET", "/2.0/files/", None, "path parameter file_id is ''"),
        ("GET", "/2.0/files/%2e", None, "path parameter file_id is '%2e'"),
        ("GET", "/2.0/folders/0/items?color=red", None, "no query parameter color"),
        ("GET", "/2.0/folders/0/items?limit=1001", None, "parameter limit: 1001 is greater"),
        ("GET", "/2.0/folders/0/items?limit=many", None, "parameter limit: 'many' is not of type"),
        ("GET", "/2.0/folders/0/items?usemarker=1", None, "parameter usemarker: '1' is not of type"),
        ("GET", "/2.0/folders/0/items?sort=color", None, "parameter sort: 'color' is not one of"),
        ("GET", "/2.0/folders/0/items?limit=1&limit=2", None, "parameter limit is given twice"),
        ("GET", "/2.0/metadata_templates", None, "parameter metadata_instance_id is missing"),
        ("GET", "/2.0/search?content_types=name,colour", None, "content_types.1: 'colour' is not one of"),
        ("GET", "/2.0/folders/0", {"a": 1}, "takes no body"),
        ("POST", "/2.0/folders", None, "its body is missing"),
        ("POST", "/2.0/folders", b"{", "no JSON"),
        ("POST", "/2.0/folders", {"name": "x"}, "'parent' is a required property"),
        ("POST", "/2.0/folders", {"name": "x", "parent": {"id": 0}}, "body.parent.id: 0 is not of type 'string'"),
        ("POST", "/2.0/folders", {"name": "x", "parent": {"id": "0", "a": 1}}, "the body has no parent.a"),
        ("PUT", "/2.0/folders/7", {"collections": [{"id": "1", "a": 1}]}, "the body has no collections[].a"),
        ("PUT", "/2.0/folders/7", {"tags": '["a"]'}, "body.tags: '[\"a\"]' is not of type 'array'"),
        ("PUT", "/2.0/folders/7", {"description": "x" * 1000}, "body.description: 'xxx"),
        ("PUT", "/2.0/folders/7", {"description": "x" * 1000}, "x' is too long"),
        ("PUT", "/2.0/folders/7", {"description": None}, "body.description: None is not of type 'string'"),
        ("PUT", "/2.0/tasks/7", {"due_at": "2026-01-31 12:30:00"}, "is not a 'date-time'"),
    ],
)
def test_what_box_does_not_describe_is_wrong(method: str, target: str, body: Any, complaint: str) -> None:
    assert any(complaint in each for each in found(method, target, body)), found(method, target, body)


def test_the_judge_hears_what_an_emulator_is_asked(small: Box) -> None:
    heard = judge()
    assert heard is not None
    for number in ("1", "22", "1"):  # the same but for the digits of the path, again and again
        plain_http.get(f"{small.emulator.ready['api_base_url']}/folders/{number}?color=red")
        assert [each.partition(": ")[2] for each in heard.take()] == ["there is no query parameter color"]
    plain_http.get(f"{small.emulator.ready['api_base_url']}/folders/0?fields=id")
    assert heard.take() == []


@pytest.mark.long
def test_the_judge_hears_what_an_emulator_of_another_process_is_asked(tmp_path: Path) -> None:
    heard = judge()
    assert heard is not None
    program = (
        "import httpx\nfrom box_dialect.emulator import Emulator\nwith Emulator() as emulator:\n"
        " httpx.get(emulator.ready['api_base_url'] + '/folders/0?color=red')"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, env=os.environ)
    assert heard.take() == ["GET /2.0/folders/0: there is no query parameter color"]


@pytest.mark.long
def test_the_test_that_sent_it_fails(tmp_path: Path) -> None:
    (tmp_path / "test_wrong.py").write_text(
        "import plain_http\n"
        "def test_right(small): plain_http.get(small.emulator.ready['api_base_url'] + '/folders/0')\n"
        "def test_wrong(small): plain_http.get(small.emulator.ready['api_base_url'] + '/folders/0?color=red')\n"
    )
    (tmp_path / "conftest.py").symlink_to(TESTS / "conftest.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", f"pythonpath={TESTS}", tmp_path]
    # The outer run's options, such as one for coverage, are its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))}
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert "2 passed, 1 error" in run.stdout
    assert "ERROR at teardown of test_wrong" in run.stdout
    assert "GET /2.0/folders/0: there is no query parameter color" in run.stdout


def test_each_exemption_has_a_reason() -> None:
    assert all(each.reason.endswith(".") for each in EXEMPT)
    assert is_exempt("tests/emulator/test_files.py::test_refusals", "GET /2.0/x: it is no operation of the document")
    assert not is_exempt("tests/integration/test_x.py::test_y", "GET /2.0/x: it is no operation of the document")
