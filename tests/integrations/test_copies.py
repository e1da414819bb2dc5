"""The nightly copy of docs/other-bi-tools.md, into PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from docs.pages import ROOT, adapted, blocks
from docs.test_pages import skip_without_libraries

import box_dialect

if TYPE_CHECKING:
    from conftest import Box

PAGE = ROOT / "docs" / "other-bi-tools.md"
FAILURES = (sa.exc.DBAPIError, box_dialect.OperationalError)
"""SQLAlchemy's of a statement that fails at once, and the driver's, which 1.4 passes on from a fetch."""


def copy_of(box: Box) -> Any:
    """Return the function of the page that copies to a database."""
    skip_without_libraries("import pandas")
    namespace: dict[str, Any] = {}
    for block in blocks(PAGE):
        if block.language == "python" and "copy" not in namespace:
            exec(adapted(block.text, box.emulator.ready), namespace)
    return namespace["copy"]


@pytest.mark.long
def test_who_reads_a_copy_sees_the_last_whole_one(fresh: Box, postgresql_url: str) -> None:
    copy, target = copy_of(fresh), sa.create_engine(postgresql_url)

    def copied() -> list[Any]:
        with target.connect() as connection:
            files = connection.execute(sa.text("SELECT path, modified_at FROM box_files ORDER BY path")).all()
            return [*files, connection.execute(sa.text("SELECT count(*) FROM box_collaborations")).scalar()]

    copy(target)
    whole = copied()
    assert len(whole) == 28
    assert whole[-1] == 6
    assert all(modified_at.tzinfo is not None for _, modified_at in whole[:-1])
    with fresh.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE folders SET name = 'Pictures' WHERE path = '/Photos'")
    fresh.faults({"operation": "get_folders_id_collaborations", "status": 403})
    with pytest.raises(FAILURES, match="HTTP 403"):
        copy(target)
    assert copied() == whole
    copy(target)
    assert copied() != whole
    target.dispose()
