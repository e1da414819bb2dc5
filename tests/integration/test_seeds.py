"""Each seed has rows in each table and view, and each feature is on, so that whoever tries something finds it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from box_dialect.catalog import TABLES
from box_dialect.emulator import Emulator, Options

if TYPE_CHECKING:
    from pathlib import Path

LONG_AGO = 1_500_000_000
KEYED = {table.name for table in TABLES.values() if all(path.keys for path in table.paths)}
"""Tables that only a key leads into."""


@pytest.mark.long
@pytest.mark.parametrize("seed", ["default", "synthetic", "directory"])
def test_a_seed_has_rows_in_each_table_and_view(seed: str, tmp_path: Path) -> None:
    for number in range(150):  # twelve users own them in turn, of whom the eleventh is inactive
        folder = tmp_path / f"Folder {number % 4}"
        folder.mkdir(exist_ok=True)
        file = folder / f"{number}.txt"
        file.write_text("Dear {{customer}}" if number < 2 else str(number))
        os.utime(file, (0, LONG_AGO))
    seeds = {"default": Options(), "synthetic": Options(synthetic=100), "directory": Options(load=tmp_path)}
    with Emulator(seeds[seed]) as box:
        assert box.store.features == box.store.known_features
        engine = sa.create_engine(box.ready["url"])
        inspector = sa.inspect(engine)
        names = {*inspector.get_table_names(), *inspector.get_view_names()} - KEYED
        with engine.connect() as connection:
            rows = {each: connection.exec_driver_sql(f'SELECT 1 FROM "{each}" LIMIT 1').fetchall() for each in names}
        engine.dispose()
    assert names >= {*TABLES} - KEYED
    assert [name for name, found in rows.items() if not found] == []
