"""The changelog has the form of Keep a Changelog: https://keepachangelog.com/en/1.1.0/."""

from __future__ import annotations

import re
from itertools import pairwise

import box_dialect
from docs.pages import ROOT

CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
VERSIONS = [re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in HEADINGS[1:]]
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_it_is_about_this_version() -> None:
    assert "## [Unreleased]" in CHANGELOG
    assert box_dialect.__version__.startswith("0.1.0")


def test_each_version_has_a_heading_with_its_day_and_the_newest_stands_first() -> None:
    assert HEADINGS[0] == "[Unreleased]"
    assert None not in VERSIONS, HEADINGS
    numbers = [tuple(map(int, version[1].split("."))) for version in VERSIONS if version]
    assert numbers == sorted(set(numbers), reverse=True)


def test_a_released_version_is_in_it() -> None:
    if ".dev" not in box_dialect.__version__:
        assert [version[1] for version in VERSIONS if version][:1] == [box_dialect.__version__]


def test_each_version_leads_to_what_changed_since_the_one_before() -> None:
    names = re.findall(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)
    tags = ["HEAD", *(f"v{name}" for name in names[1:])]
    compared = {name: f"../../compare/{old}...{new}" for name, (new, old) in zip(names, pairwise(tags), strict=False)}
    first = {names[-1]: "../../commits/main" if len(names) == 1 else f"../../releases/tag/{tags[-1]}"}
    assert dict(re.findall(r"^\[([^]]+)\]: (.+)$", CHANGELOG, re.MULTILINE)) == compared | first


def test_changes_stand_in_one_section_of_their_kind() -> None:
    for section in re.split(r"^## .+$", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]
