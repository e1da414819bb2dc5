"""Line 18: rows of an XML document of 100 MB, its arrays joined, against lxml in a bare loop that builds them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from bench.contest import DisagreementError
from bench.outcome import Bound, Outcome
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from bench.contest import Settings

_PEOPLE: Final = 110_000
_OPTIONS: Final = Options(
    data_model="FlattenedDocuments", xpath="/root/people;/root/people/vehicles;/root/people/vehicles/maintenance"
)

Rows = list[tuple[Any, ...]]


class _File:
    """A document that lies on this machine."""

    name = "people.xml"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size

    def open(self) -> BinaryIO:
        """Return the file."""
        return self.path.open("rb")


def run(settings: Settings) -> Iterator[Outcome]:
    """Run the line; raises DisagreementError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "people.xml")
        _write(path, max(1, round(_PEOPLE * settings.scale)))
        ways: tuple[Callable[[Path], int], ...] = (
            lambda path: _count(_read(path)),
            lambda path: _count(_by_hand(path)),
        )
        if _first(_read(path)) != _first(_by_hand(path)):
            raise DisagreementError("line 18: the reader and the bare loop do not agree")
        read, hand = zip(*[[_seconds(way, path) for way in ways] for _ in range(settings.runs)], strict=True)
        yield Outcome(
            line="18",
            work=f"rows of {path.stat().st_size / 1e6:,.0f} MB of XML against a bare lxml loop",
            unit="s",
            measured=median(read),
            limit=median(hand),
            bound=Bound("<=", 2),
            runs=read,
        )


def _read(path: Path) -> Iterator[tuple[Any, ...]]:
    form, document = FORMATS["xml"], _File(path)
    (table,) = form.tables(document, _OPTIONS)
    for batch in form.rows(document, _OPTIONS, table, range(len(table.columns))):
        yield from batch


def _by_hand(path: Path) -> Iterator[tuple[Any, ...]]:
    """Yield the same tuples by code that is written for this one document."""
    with path.open("rb") as file:
        for number, (_, person) in enumerate(etree.iterparse(file, tag="people"), 1):
            parts = {part.tag: part for part in person}
            personal, name = _texts(parts["personal"]), _texts(parts["personal"][-1])
            own = (number, int(personal["age"]), personal["gender"], name["first"], name["last"], parts["source"].text)
            for vehicle in person.iterchildren("vehicles"):
                of_vehicle, insurance = _texts(vehicle), _texts(vehicle[2])
                policy = int(insurance["policy_num"])
                theirs = (*own, of_vehicle["type"], of_vehicle["model"], insurance["company"], policy)
                for each in vehicle.iterchildren("maintenance"):
                    work = _texts(each)
                    date = work["date"]
                    yield (*theirs, f"{date[6:]}-{date[:2]}-{date[3:5]}", work["desc"])
            person.clear()
            while person.getprevious() is not None:
                del person.getparent()[0]


def _texts(element: Any) -> dict[str, str]:
    return {part.tag: part.text for part in element}


def _write(path: Path, people: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("<root>\n")
        for number in range(1, people + 1):
            file.write(
                f"<people><personal><age>{20 + number % 60}</age><gender>M</gender><name><first>John {number}</first>"
                "<last>Doe</last></name></personal><source>internet</source>"
            )
            for vehicle in range(3):
                work = "".join(
                    f"<maintenance><date>07-{10 + number % 18}-2017</date><desc>new oil {each}</desc></maintenance>"
                    for each in range(2)
                )
                file.write(
                    f"<vehicles><type>car</type><model>Honda {number}</model><insurance><company>ABC</company>"
                    f"<policy_num>{number}{vehicle}</policy_num></insurance>{work}</vehicles>"
                )
            file.write("</people>\n")
        file.write("</root>\n")


def _first(rows: Iterator[tuple[Any, ...]]) -> Rows:
    return [row for _, row in zip(range(1_000), rows, strict=False)]


def _count(rows: Iterator[tuple[Any, ...]]) -> int:
    return sum(1 for _ in rows)


def _seconds(way: Callable[[Path], int], path: Path) -> float:
    began = time.process_time()
    way(path)
    return time.process_time() - began
