from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from patience import wait_until_quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Box

    import box_dialect


@pytest.fixture
def cursor(fresh: Box) -> Iterator[box_dialect.Cursor]:
    with fresh.connect() as connection, connection.cursor() as cursor:
        yield cursor
        connection.commit()


class Calls:
    """The calls to Box, as the driver logs them."""

    def __init__(self, log: pytest.LogCaptureFixture) -> None:
        self._log = log

    def forget(self) -> None:
        self._log.clear()

    @property
    def made(self) -> list[str]:
        """Method and path of each call, in the order of their answers."""
        return [f"{method} {urlsplit(target).path}" for method, target in self._calls]

    @property
    def fields(self) -> list[set[str]]:
        """What each call asked Box to answer."""
        asked = [parse_qs(urlsplit(target).query).get("fields", [""]) for _, target in self._calls]
        return [set(each[0].split(",")) for each in asked]

    @property
    def _calls(self) -> list[tuple[str, str]]:
        logged = [record.getMessage().split(" ") for record in self._log.records if record.levelno == logging.DEBUG]
        return [(words[0], words[1].removesuffix(":")) for words in logged if words[2] == "HTTP"]


@pytest.fixture
def calls(caplog: pytest.LogCaptureFixture) -> Calls:
    wait_until_quiet()
    caplog.set_level(logging.DEBUG, logger="box_dialect")
    return Calls(caplog)
