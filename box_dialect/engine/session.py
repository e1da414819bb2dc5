"""What the tables of one connection share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.api import Portal, portal
from box_dialect.engine.statement import Statement

if TYPE_CHECKING:
    from box_dialect.api.client import BoxClient
    from box_dialect.catalog.procedure import Procedure
    from box_dialect.properties import Properties


class Session:
    """What the tables of one connection share: the properties, the client, and the statement that runs.

    `procedures` are those that it knows, by their names in lower case.
    `may_batch` tells whether the values of IN may come all at once; `has_batched` is set where a plan makes use of it.
    """

    def __init__(self, properties: Properties) -> None:
        self.properties = properties
        self.statement = Statement()
        self.has_written = False
        self.may_batch = True
        self.has_batched = False
        self.procedures: dict[str, Procedure] = {}

    @property
    def portal(self) -> Portal:
        """The event loop of this process."""
        return portal()

    @property
    def client(self) -> BoxClient:
        """The client of this process for the properties."""
        return self.portal.client(self.properties)
