"""Which paths a pattern means, against a plain matcher."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from box_dialect.catalog.model import Op
from box_dialect.engine.documents.path_pattern import PathPattern
from box_dialect.errors import ProgrammingError


@pytest.mark.parametrize(
    ("pattern", "paths", "others"),
    [
        ("/a/b.csv", ["/a/b.csv"], ["/a/b.csvx", "/b.csv", "/A/b.csv"]),
        ("/a/*.csv", ["/a/b.csv", "/a/.csv"], ["/a/b/c.csv", "/a/b.csv.gz", "/b.csv"]),
        ("/a/**/*.csv", ["/a/b.csv", "/a/b/c.csv", "/a/b/c/d.csv"], ["/b.csv", "/ab/c.csv"]),
        ("/**/x", ["/x", "/a/x", "/a/b/x"], ["/ax", "/x/a"]),
        ("/a/**", ["/a/b", "/a/b/c"], ["/a", "/ab"]),
        ("/a?.csv", ["/ab.csv"], ["/a.csv", "/a/.csv", "/abc.csv"]),
        ("/[ab]*", ["/a", "/bcd"], ["/c", "/a/b"]),
        ("/[!ab]", ["/c"], ["/a", "/b", "//"]),
        ("/[]x]", ["/]", "/x"], ["/["]),
        ("/[a-c]", ["/b"], ["/d", "/-"]),
        ("/a[.csv*", ["/a[.csv"], ["/a.csv"]),
        ("/2026.*", ["/2026.csv"], ["/2026-csv"]),
        (r"/a\d*", [r"/a\d", r"/a\dx"], ["/a1"]),
        ("/a/", ["/a/x", "/a/y.csv"], ["/a", "/a/b/c"]),
        ("/", ["/x"], ["/a/x"]),
    ],
)
def test_paths(pattern: str, paths: list[str], others: list[str]) -> None:
    read = PathPattern.read(pattern)
    assert [path for path in [*paths, *others] if read.matches(path)] == paths


@pytest.mark.parametrize("text", ["", "a.csv", "a/*.csv", "/a\0"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ProgrammingError, match="begins with /"):
        PathPattern.read(text)


def test_long_patterns_are_refused() -> None:
    with pytest.raises(ProgrammingError, match="1,000 characters"):
        PathPattern.read("/" + "*a" * 600)


def test_time_does_not_grow_with_the_powers_of_a_text() -> None:
    assert not PathPattern.read("/" + "*a" * 400 + "b").matches("/" + "a" * 5_000)


@given(st.lists(st.sampled_from(["*", "?", "**", "a", "b", "a*", "*b", "ab"]), min_size=1, max_size=4), st.data())
def test_as_a_plain_matcher(segments: list[str], data: st.DataObject) -> None:
    path = "/" + "/".join(data.draw(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=4)))
    pattern = "/" + "/".join(segments)
    read = PathPattern.read(pattern)
    assert read.matches(path) == _matches(segments, path[1:].split("/"))
    if read.matches(path) and read.has_wildcards:  # what is asked of Box leaves none out
        compared = {column: value for column, _, value in read.comparisons}
        assert path.startswith(compared["path"].removesuffix("*"))
        assert compared.get("depth") in {None, path.count("/")}


def _matches(segments: list[str], names: list[str]) -> bool:
    if not segments:
        return not names
    first, *others = segments
    if first == "**":
        if not others:
            return bool(names)
        return any(_matches(others, names[place:]) for place in range(len(names)))
    expression = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in first)
    return bool(names) and re.fullmatch(expression, names[0]) is not None and _matches(others, names[1:])


def test_a_path_leads_straight_to_its_file() -> None:
    assert PathPattern("/a/b.csv").comparisons == (("path", Op.EQ, "/a/b.csv"),)
    assert PathPattern("/a/b/").comparisons == (("parent_path", Op.EQ, "/a/b"),)
    assert PathPattern("/").comparisons == (("parent_path", Op.EQ, "/"),)
