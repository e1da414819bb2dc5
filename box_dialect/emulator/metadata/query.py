"""Run queries: which of the items that a condition finds who asks may see, in what order, and page by page.

Source: https://developer.box.com/guides/metadata/queries
"""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from box_dialect.emulator import access, errors
from box_dialect.emulator.paging import marker_after, position_after

from .evaluation import SORTABLE
from .predicate import PredicateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from box_dialect.emulator.model import Folder, Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

    from .evaluation import Document, Reference


def sees(call: Call, item: Item) -> bool:
    """Tell whether who is signed in may preview an item that is not in the trash, which queries ask for."""
    if item.is_trashed or "can_preview" not in call.session.permitted or not call.session.reaches(item):
        return False
    return item.owned_by is call.user or "can_preview" in access.permissions(call.user, item)


def is_below(item: Item, folders: Sequence[Folder]) -> bool:
    """Tell whether an item lies below one of some folders, of which the root folder holds all."""
    if any(folder.id == "0" for folder in folders):
        return True
    step = item.parent
    while step is not None and step not in folders:
        step = step.parent
    return step is not None


def check_sortable(reference: Reference) -> Reference:
    """Return a reference that an order may name; raise PredicateError for any other."""
    if reference.kind not in SORTABLE:
        raise PredicateError(f"Nothing can be sorted by a field of the type {reference.kind}")
    return reference


def ordered(documents: Iterable[Document], orders: Sequence[tuple[Reference, bool]]) -> list[Document]:
    """Sort by some references, each in descending order or not; what has no value comes last in either."""
    documents = list(documents)
    for reference, descends in reversed(orders):
        read = reference.read
        known = [document for document in documents if read(document) is not None]
        unknown = [document for document in documents if read(document) is None]
        documents = [*sorted(known, key=read, reverse=descends), *unknown]
    return documents


def page(
    items: Sequence[Item], is_wanted: Callable[[Item], bool], limit: int, body: Json
) -> tuple[list[Item], str | None]:
    """Return the page of wanted items after the marker of a query's body, and the marker of the next one.

    Raises BoxError, HTTP 400, for a marker of a query whose body is another one but for its marker.
    """
    marker, query = body.get("marker"), {name: value for name, value in body.items() if name != "marker"}
    digest = hashlib.sha256(msgspec.json.encode(query, order="deterministic")).hexdigest()[:16]
    of_query, _, place = (marker or f"{digest}.").partition(".")
    if of_query != digest:
        raise errors.invalid_parameter("marker", marker, "The marker is of another query")
    start = position_after(place, items)
    wanted = (index for index in range(start, len(items)) if is_wanted(items[index]))
    found = list(islice(wanted, limit))
    is_last = not found or next(wanted, None) is None
    next_marker = None if is_last else f"{digest}.{marker_after(found[-1], items[found[-1]].id)}"
    return [items[index] for index in found], next_marker


def ancestor(call: Call, identity: Any) -> Folder:
    """Return the folder that a query looks below; one that who is signed in may not see is a 404."""
    folder: Any = call.find("folder", identity)
    if folder is None or folder.is_trashed:
        raise errors.not_found("folder", identity)
    return folder  # type: ignore[no-any-return]  # the table of a kind holds that kind only
