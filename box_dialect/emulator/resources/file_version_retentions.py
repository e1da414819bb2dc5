"""Serve how long each version of a file is kept.

Source: https://developer.box.com/reference/resources/file-version-retention/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.emulator import clock, errors
from box_dialect.emulator.governance.retention import VersionRetention, retentions
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource

from .retention_policies import FEATURE, SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

FILE_VERSION_RETENTIONS = Resource[Any](feature=FEATURE)
_FILTERS: Final[dict[str, Callable[[VersionRetention, str], bool]]] = {
    "file_id": lambda retention, text: retention.file.id == text,
    "file_version_id": lambda retention, text: retention.file_version.id == text,
    "policy_id": lambda retention, text: retention.winning_retention_policy.id == text,
    "disposition_action": lambda retention, text: retention.winning_retention_policy.disposition_action == text,
    "disposition_before": lambda retention, text: retention.end < _time("disposition_before", text),
    "disposition_after": lambda retention, text: retention.end > _time("disposition_after", text),
}


def _time(name: str, text: str) -> int:
    try:
        return clock.parse(text)
    except ValueError as error:
        raise errors.invalid_parameter(name, text, str(error)) from None


@FILE_VERSION_RETENTIONS.operation("GET", "/file_version_retentions")
def list_retentions(call: Call) -> Json:
    """List how long each version is kept that is kept at all."""
    call.require_administrator(SCOPE)
    actions = ("permanently_delete", "remove_retention")
    call.choice("disposition_action", actions, actions[0])
    found = list(retentions(call.store))
    for name, is_wanted in _FILTERS.items():
        if call.query.get(name):
            found = [each for each in found if is_wanted(each, call.query[name])]
    page, counters = marker_page(call.query, found)
    return {"entries": render_all(page, "mini", None), **counters}


@FILE_VERSION_RETENTIONS.operation("GET", "/file_version_retentions/{file_version_retention_id}")
def get_retention(call: Call) -> Json:
    """Get how long a version is kept."""
    call.require_administrator(SCOPE)
    found = next((each for each in retentions(call.store) if each.id == call.id), None)
    if found is None:
        raise errors.not_found(VersionRetention.type, call.id)
    return render(found, "mini")
