"""Declare the scopes: those of an application, those of tokens that were exchanged for narrower ones, what they let.

Sources: https://developer.box.com/guides/api-calls/permissions-and-errors/scopes and
https://developer.box.com/guides/authentication/tokens/downscope
"""

from __future__ import annotations

from box_dialect.emulator.access import PERMISSIONS

SCOPES = {
    "root_readonly": "Read all files and folders stored in Box",
    "root_readwrite": "Read and write all files and folders stored in Box",
    "manage_managed_users": "Manage users",
    "manage_app_users": "Manage app users",
    "manage_groups": "Manage groups",
    "manage_webhook": "Manage webhooks",
    "manage_enterprise_properties": "Manage enterprise properties",
    "manage_data_retention": "Manage retention policies",
    "manage_legal_hold": "Manage legal holds",
    "sign_requests.readwrite": "Manage signature requests",
    "manage_triggers": "Manage Box Relay",
    "ai.readwrite": "Manage AI",
    "enterprise_content": "Global Content Manager",
}
"""The scopes of the application, each as the authorization page explains it."""

_READ = frozenset({"can_preview"})
_PERMITTED = {
    "root_readonly": _READ | {"can_download"},
    "root_readwrite": PERMISSIONS["owner"],
    "base_explorer": _READ,
    "base_picker": _READ,
    "base_preview": _READ,
    "base_sidebar": _READ,
    "base_upload": frozenset({"can_upload"}),
    "item_delete": frozenset({"can_delete"}),
    "item_download": _READ | {"can_download"},
    "item_preview": _READ,
    "item_read": _READ,
    "item_rename": frozenset({"can_rename"}),
    "item_share": frozenset({"can_share", "can_set_share_access"}),
    "item_upload": frozenset({"can_upload"}),
    "annotation_edit": frozenset({"can_annotate"}),
    "annotation_view_all": frozenset({"can_view_annotations_all"}),
    "annotation_view_self": frozenset({"can_view_annotations_self"}),
}
"""What tokens of a scope may do with items, in the words of their field `permissions`."""

APPLICATION = frozenset(SCOPES)
NARROWER = frozenset(_PERMITTED) - APPLICATION


def permitted(scopes: frozenset[str]) -> frozenset[str]:
    """Return what scopes let do with items, as far as the user may."""
    return frozenset[str]().union(*(_PERMITTED.get(scope, ()) for scope in scopes))
