"""Search for items by words and by what is known of them.

The words are those of the index, which may lag behind; all else is as it is at the moment.

Source: https://developer.box.com/reference/get-search
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from box_dialect.emulator import clock, errors
from box_dialect.emulator.metadata.filters import MetadataFilter  # noqa: TC001 - msgspec reads it
from box_dialect.emulator.model import File, Folder
from box_dialect.emulator.paging import offset_page, whole
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.search_index import CONTENT_TYPES, words
from box_dialect.emulator.tree import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_dialect.emulator.model import Item
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.search_index import SearchIndex

DEFAULT_LIMIT, MAX_LIMIT = 30, 200
RECENT_VERSIONS = 10
_TOKEN = re.compile(r'"([^"]*)"|(\S+)')
SEARCH = Resource[Any]()


class _MetadataFilters(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    only: MetadataFilter


@SEARCH.operation("GET", "/search")
def search(call: Call) -> Json:
    """Search, by default for any of the words of `query`; the result is in the standard representation."""
    query, metadata = call.query.get("query", ""), call.query.get("mdfilters", "")
    if not query and not metadata:
        raise errors.missing_parameter("to_search")
    scope = call.choice("scope", ("user_content", "enterprise_content"), "user_content")
    if scope == "enterprise_content":
        call.require_administrator("root_readonly", "root_readwrite")
    kinds = _contents(call)
    sort = call.choice("sort", ("relevance", "modified_at"), "relevance")
    direction = call.choice("direction", ("DESC", "ASC"), "DESC")
    with_links = call.flag("include_recent_shared_links")
    filters = list(_filters(call))
    call.store.index.refresh()
    tagged = _metadata_filter(metadata).items(call.store) if metadata else None
    scores = _matches(call.store.index, query, kinds) if query else dict.fromkeys(tagged or (), 1)
    known = call.store.items
    found = [
        item
        for item in scores
        if item.id != "0"
        and (tagged is None or item in tagged)
        and item.id in known[item.type]
        and all(is_wanted(item) for is_wanted in filters)
        and (scope == "enterprise_content" or call.sees(item))
    ]
    if sort == "relevance":
        found.sort(key=lambda item: (-scores[item], item.id))
    else:
        found.sort(key=lambda item: (item.modified_at or 0, item.id), reverse=direction == "DESC")
    page, counters = offset_page(call.query, found, DEFAULT_LIMIT, MAX_LIMIT)
    entries = render_all(page, "standard", call.fields)
    if not with_links:
        return {"type": "search_results_items", **counters, "entries": entries}
    # That somebody opened a shared link is not known here, so that no item is found for that reason alone.
    results = [{"type": "search_result", "accessible_via_shared_link": None, "item": entry} for entry in entries]
    return {"type": "search_results_with_shared_links", **counters, "entries": results}


def _metadata_filter(text: str) -> MetadataFilter:
    """Return the metadata filter of a query, or refuse one that is not well-formed."""
    try:
        return msgspec.json.decode(text, type=_MetadataFilters).only
    except msgspec.DecodeError as error:
        raise errors.invalid_parameter("mdfilters", text, f"It must hold one filter of one template: {error}") from None


def _list(call: Call, name: str) -> list[str]:
    return [value.strip() for value in call.query.get(name, "").split(",") if value.strip()]


def _contents(call: Call) -> list[str]:
    """Return where to search."""
    asked = _list(call, "content_types")
    for kind in asked:
        if kind not in CONTENT_TYPES:
            raise errors.invalid_parameter("content_types", kind, "There is no such content type")
    return [kind for kind in CONTENT_TYPES if not asked or kind in asked]


def _matches(index: SearchIndex, query: str, kinds: list[str]) -> dict[Item, int]:
    """Return the items that match, each with the number of terms that it has.

    A query is a row of alternatives, which words side by side or OR part; AND binds to what came before, and NOT
    takes away from it.
    """
    alternatives: list[set[Item]] = []
    operator = ""
    for phrase, word in _TOKEN.findall(query):
        if word in ("AND", "OR", "NOT"):
            operator = "AND NOT" if (operator, word) == ("AND", "NOT") else word
            continue
        term = words(phrase or word)
        found = index.phrase(term, kinds) if term else set()
        if operator == "AND" and alternatives:
            alternatives[-1] &= found
        elif operator in ("NOT", "AND NOT"):
            alternatives = [former - found for former in alternatives] or [set(index.all()) - found]
        else:
            alternatives.append(found)
        operator = ""
    scores: dict[Item, int] = {}
    for alternative in alternatives:
        for item in alternative:
            scores[item] = scores.get(item, 0) + 1
    return scores


def _filters(call: Call) -> Iterator[Callable[[Item], bool]]:
    trash = call.choice("trash_content", ("non_trashed_only", "trashed_only", "all_items"), "non_trashed_only")
    if trash != "all_items":
        yield lambda item: item.is_trashed is (trash == "trashed_only")
    if call.query.get("type"):
        kind = call.choice("type", KINDS, "")
        yield lambda item: item.type == kind
    extensions = {extension.lstrip(".").casefold() for extension in _list(call, "file_extensions")}
    if extensions:
        yield lambda item: isinstance(item, File) and item.name.casefold().rpartition(".")[2] in extensions
    owners, updaters = _list(call, "owner_user_ids"), _list(call, "recent_updater_user_ids")
    if owners:
        yield lambda item: item.owned_by.id in owners
    if updaters:
        yield lambda item: not _updaters(item).isdisjoint(updaters)
    yield from _ranges(call)
    yield from _deletions(call, trash)
    ancestors = [_ancestor(call, identity) for identity in _list(call, "ancestor_folder_ids")]
    if ancestors:
        yield lambda item: any(step in ancestors for step in _above(item))


def _updaters(item: Item) -> set[str]:
    """Return who made one of the last versions of an item, or changed it otherwise last."""
    versions = item.versions[-RECENT_VERSIONS:] if isinstance(item, File) else []
    return {item.modified_by.id, *(version.modified_by.id for version in versions)}


def _deletions(call: Call, trash: str) -> Iterator[Callable[[Item], bool]]:
    """Filter by who deleted what, and when; outside the trash nothing is found so."""
    users, times = _list(call, "deleted_user_ids"), call.query.get("deleted_at_range")
    if users:
        yield lambda item: (root := _trashed(item)) is not None and getattr(root.trashed_by, "id", None) in users
    if times:
        yield _within("deleted_at_range", times, _time, lambda item: getattr(_trashed(item), "trashed_at", None))
    if (users or times) and trash != "trashed_only":
        yield lambda _: False


def _trashed(item: Item) -> Item | None:
    """Return the item itself or the folder above it that was moved to the trash."""
    return next((step for step in (item, *_above(item)) if step.trashed_at is not None), None)


def _ancestor(call: Call, identity: str) -> Item:
    folder = call.find("folder", identity)
    if folder is None:
        raise errors.not_found("folder", identity)
    return folder


def _above(item: Item) -> Iterator[Item]:
    step = item.parent
    while step is not None:
        yield step
        step = step.parent


def _ranges(call: Call) -> Iterator[Callable[[Item], bool]]:
    readers: dict[str, tuple[Callable[[str], int], Callable[[Item], int | None]]] = {
        "created_at_range": (_time, lambda item: item.created_at),
        "updated_at_range": (_time, lambda item: item.modified_at),
        "size_range": (
            lambda text: whole(text.strip()),
            lambda item: item.size if isinstance(item, File | Folder) else None,
        ),
    }
    for name, (parse, read) in readers.items():
        text = call.query.get(name)
        if text:
            yield _within(name, text, parse, read)


def _within(
    name: str, text: str, parse: Callable[[str], int], read: Callable[[Item], int | None]
) -> Callable[[Item], bool]:
    """Make the filter for a range `low,high`, whose bounds count as inside and may both be left out."""
    try:
        low_text, high_text = text.split(",")
        low = parse(low_text) if low_text.strip() else None
        high = parse(high_text) if high_text.strip() else None
    except ValueError:
        raise errors.invalid_parameter(name, text, f"'{name}' must be two values with a comma between") from None

    def is_wanted(item: Item) -> bool:
        value = read(item)
        return value is not None and (low is None or value >= low) and (high is None or value <= high)

    return is_wanted


def _time(text: str) -> int:
    return clock.parse(text.strip().replace(" ", "+"))  # a plus sign that was not escaped
