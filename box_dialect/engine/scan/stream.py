"""Stream: where each event stands in a stream, so that a statement can continue behind it.

The position of an event is what continues the stream right behind it: that of the next page behind the last one of a
page, and elsewhere that of the page with the event's id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.api import Paging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.api import ApiCall
    from box_dialect.catalog.model import Endpoint, JsonObject
    from box_dialect.engine.scan.listing import Listing

_BEGINNING: Final = "0"
_POSITION: Final = "stream_position"
_WITHIN: Final = ":"


def continued(listing: Listing, selecting: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return what a call sends to select, and the event of its page behind which a statement continues, if any."""
    position = selecting.get(_POSITION)
    if listing.endpoint.paging is not Paging.STREAM_POSITION or position is None:
        return {**selecting}, ""
    page, _, event = position.partition(_WITHIN)
    return {**selecting, _POSITION: page}, event if listing.is_beginning else ""


def positioned(
    call: ApiCall, endpoint: Endpoint, entries: list[JsonObject], body: Any, behind: str
) -> list[JsonObject]:
    """Return the events of a page with their positions, those only that come behind one; all where it is not there.

    The objects of a page that is of no stream are as they are.
    """
    if endpoint.paging is not Paging.STREAM_POSITION:
        return entries
    page, ids = call.parameters.get(_POSITION, _BEGINNING), [entry["event_id"] for entry in entries]
    coming = entries[ids.index(behind) + 1 :] if behind in ids else entries
    for entry in coming:
        entry[_POSITION] = f"{page}{_WITHIN}{entry['event_id']}"
    if coming and body.get(f"next_{_POSITION}") is not None:
        coming[-1][_POSITION] = str(body[f"next_{_POSITION}"])
    return coming
