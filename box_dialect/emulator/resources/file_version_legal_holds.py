"""Serve the holds on versions of files.

Source: https://developer.box.com/reference/resources/file-version-legal-hold/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import errors
from box_dialect.emulator.governance.legal_holds import LegalHoldPolicy, VersionHold, holds
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.resource import Resource

from .legal_hold_policies import FEATURE, SCOPE

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

FILE_VERSION_LEGAL_HOLDS = Resource[Any](feature=FEATURE)


@FILE_VERSION_LEGAL_HOLDS.operation("GET", "/file_version_legal_holds")
def list_holds(call: Call) -> Json:
    """List the holds on the versions that a policy holds."""
    call.require_administrator(SCOPE)
    policy = call.found(LegalHoldPolicy, call.needed("policy_id"))
    found = [hold for hold in holds(call.store) if any(each.legal_hold_policy is policy for each in hold.assignments)]
    page, counters = marker_page(call.query, found)
    return {"entries": render_all(page, "mini", None), **counters}


@FILE_VERSION_LEGAL_HOLDS.operation("GET", "/file_version_legal_holds/{file_version_legal_hold_id}")
def get_hold(call: Call) -> Json:
    """Get the hold on a version."""
    call.require_administrator(SCOPE)
    found = next((hold for hold in holds(call.store) if hold.id == call.id), None)
    if found is None:
        raise errors.not_found(VersionHold.type, call.id)
    return render(found, "mini")
