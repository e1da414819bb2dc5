"""Every table is found where it is declared, and a slip of its declaration is told when the package is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from box_dialect.catalog import TABLES
from box_dialect.catalog.declarations import declarations
from box_dialect.catalog.model import Table
from box_dialect.catalog.model.procedure import Procedure
from box_dialect.catalog.references import check_names, check_targets
from box_dialect.errors import ProgrammingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Declared = Callable[..., Mapping[str, Table]]

HEAD = "from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table\n"
TABLE = """
{variable} = Table(
    name="{name}",
    doc="Things.",
    columns=(Column("id"), Column("of_id", references={references!r}, reverse={reverse!r})),
    paths=(AccessPath(name="all", endpoints=(Endpoint(path="/things"),)),),
)
"""


def table(name: str, variable: str = "", references: str | None = None, reverse: str | None = None) -> str:
    return TABLE.format(name=name, variable=variable or name, references=references, reverse=reverse)


@pytest.fixture
def declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Declared:
    """Return what finds the tables of a package with these modules."""
    package = f"families_{abs(hash(request.node.nodeid))}"
    (tmp_path / package).mkdir()
    (tmp_path / package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    def find(first: Sequence[str] = (), **modules: str) -> Mapping[str, Table]:
        for name, text in modules.items():
            (tmp_path / package / f"{name}.py").write_text(HEAD + text.replace("PACKAGE", package), encoding="utf-8")
        return declarations(package, [str(tmp_path / package)], Table, first)

    return find


def test_the_tables_of_all_modules_are_found_in_their_order(declared: Declared) -> None:
    found = declared(
        ("wheels",),
        bolts=f"from PACKAGE.wheels import wheels\n{table('nuts')}{table('bolts')}",
        wheels=table("wheels") + table("hidden", "_hidden"),
        axles=table("axles"),
        _shared="SIZE = 7",
    )
    assert list(found) == ["wheels", "axles", "nuts", "bolts"]


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        ({"bolts": "TABLES = []"}, r"families_\d+.bolts declares no Table"),
        ({"bolts": table("bolts", "bolt")}, r"families_\d+.bolts.bolt declares bolts: call it bolts"),
        ({"bolts": table("bolts"), "more": table("bolts")}, r"more declares bolts, which another module declares too"),
        ({"bolts": table("bolts").replace('"of_id"', '"id"')}, "bolts declares id more than once"),
    ],
)
def test_a_slip_is_told(declared: Declared, modules: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declared(**modules)


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"bolts": table("bolts", references="nut.id")}, "bolts.of_id refers to nut.id, which is the key of no table"),
        (
            {"bolts": table("bolts", references="bolts.of_id")},
            "bolts.of_id refers to bolts.of_id, which is the key of no",
        ),
        (
            {"bolts": table("bolts", references="nuts.id", reverse="of_id"), "nuts": table("nuts")},
            "nuts has the column of_id called of_id: give bolts.of_id another reverse",
        ),
        (
            {
                "bolts": table("bolts", references="nuts.id", reverse="uses"),
                "nuts": table("nuts", references="nuts.id", reverse="uses"),
            },
            "nuts has the reverse of bolts.of_id called uses: give nuts.of_id another reverse",
        ),
    ],
)
def test_a_wrong_reference_is_told(declared: Declared, tables: dict[str, str], message: str) -> None:
    found = declared(**tables)
    with pytest.raises(ProgrammingError, match=message):
        check(found)


def check(tables: Mapping[str, Table]) -> None:
    check_targets(tables)
    check_names(tables)


def test_the_package_itself_holds_to_it() -> None:
    check(TABLES)


def test_a_procedure_stands_in_a_variable_of_its_name_in_snake_case() -> None:
    async def run(_context: object) -> list[tuple[str]]:
        return []

    copy = Procedure(name="CopyFolder", doc="", inputs=(), outputs=(), side_effect=True, run=run)
    assert copy.variable == "copy_folder"
