"""Copies of many files against an emulator, and what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from box_dialect.content.account import account_of
from box_dialect.content.copies import Operand, Outcome, Request, copied

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Box

    from box_dialect.content.copies import Copy, Result


class Seen:
    """What a run tells: its results, and the copies that are on their way."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.copies: list[Copy] = []

    def planned(self, copies: list[Copy]) -> None:
        self.copies = copies

    def progress(self, _copy: Copy, _done: int) -> None:
        """Take note of nothing."""

    def ended(self, result: Result, _copy: Copy | None) -> None:
        self.results.append(result)

    def outcomes(self) -> dict[str, Outcome]:
        """The outcomes of all sources, by how they are spelled."""
        return {each.source: each.outcome for each in self.results}

    @property
    def why(self) -> str:
        """Why the only source that failed did."""
        (failed,) = [each for each in self.results if each.outcome is Outcome.FAILED]
        return failed.why


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, in the current one, with two files and an empty folder."""
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "source"
    (made / "sub" / "empty").mkdir(parents=True)
    (made / "a").write_bytes(b"first")
    (made / "sub" / "b").write_bytes(b"second")
    return made


@pytest.fixture
def copy(fresh: Box) -> Callable[..., Any]:
    """Return a function that copies sources to a target, folders too, and returns what was seen."""

    def run(*paths: str, seen: Any = None, properties: dict[str, Any] | None = None, **request: Any) -> Any:
        *sources, target = (Operand(each.removeprefix("box:"), each.startswith("box:"), each) for each in paths)
        seen = seen or Seen()
        with fresh.connect(**(properties or {})) as connection:
            account = account_of(connection)
            given = Request(sources, target, **{"recursive": True, **request})
            account.run(copied, account.client, account.count(), account, given, seen)
        return seen

    return run


@pytest.fixture
def at_box(fresh: Box) -> Callable[[], dict[str, bytes | None]]:
    """Return a function that returns what is below the folder `/t` of the root: contents, None of folders."""

    def found(folder: Any, path: str) -> dict[str, bytes | None]:
        told: dict[str, bytes | None] = {}
        for each in folder.children.values():
            name = f"{path}{each.name}"
            if each.type == "folder":
                told |= {name: None} | found(each, f"{name}/")
            else:
                told[name] = each.content.read()
        return told

    def look() -> dict[str, bytes | None]:
        (folder,) = [each for each in fresh.store.root.children.values() if each.name == "t"]
        return found(folder, "")

    return look
