"""Serve how the enterprise is set up, by categories; nothing of it can be changed by calls.

Source: https://developer.box.com/reference/v2025.0/resources/enterprise-configuration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.emulator import errors
from box_dialect.emulator.features import Feature
from box_dialect.emulator.resource import Resource
from box_dialect.emulator.tree import TRASH_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_ROLES: Final = ("co_owner", "editor", "previewer", "previewer_uploader", "uploader", "viewer", "viewer_uploader")
_SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "security": {
        "is_managed_user_signup_enabled": False,
        "is_managed_user_signup_notification_enabled": False,
        "is_managed_user_signup_corporate_email_enabled": False,
        "is_new_user_notification_daily_digest_enabled": False,
        "is_managed_user_email_change_disabled": False,
        "is_multi_factor_auth_required": False,
        "is_weak_password_prevention_enabled": True,
        "is_password_leak_detection_enabled": True,
        "last_password_reset_at": None,
        "is_password_request_notification_enabled": False,
        "is_password_change_notification_enabled": False,
        "is_strong_password_for_ext_collab_enabled": False,
        "is_managed_user_migration_disabled": False,
        "join_link": "",
        "join_url": "",
        "failed_login_attempts_to_trigger_admin_notification": 5,
        "password_min_length": 8,
        "password_min_uppercase_characters": 0,
        "password_min_numeric_characters": 1,
        "password_min_special_characters": 0,
        "password_reset_frequency": "never",
        "previous_password_reuse_limit": "unlimited",
        "session_duration": "14_days",
        "external_collab_multi_factor_auth_settings": None,
        "keysafe": None,
        "is_custom_session_duration_enabled": False,
        "custom_session_duration_value": "",
        "custom_session_duration_groups": [],
        "multi_factor_auth_type": "",
        "enforced_mfa_frequency": {},
    },
    "content_and_sharing": {
        "sharing_item_type": "files_and_folders",
        "shared_link_company_definition": "enterprise_id",
        "shared_link_access": "open",
        "shared_link_default_access": "company",
        "shared_link_default_permissions_selected": {},
        "is_open_custom_urls_disabled": False,
        "is_custom_domain_hidden_in_shared_link": False,
        "collaboration_permissions": {f"is_{role}_role_enabled": True for role in _ROLES},
        "default_collaboration_role": "editor",
        "is_invite_privilege_restricted": False,
        "collaboration_restrictions": [],
        "is_collaborator_invite_links_disabled": False,
        "is_invite_group_collaborator_disabled": False,
        "is_ownership_transfer_restricted": False,
        "external_collaboration_status": "enable_external_collaboration",
        "external_collaboration_allowlist_users": [],
        "is_watermarking_enterprise_feature_enabled": True,
        "is_root_content_creation_restricted": False,
        "is_tag_creation_restricted": False,
        "tag_creation_restriction": "",
        "is_email_uploads_enabled": True,
        "is_custom_settings_enabled": False,
        "is_forms_login_required": False,
        "is_forms_branding_default_enabled": False,
        "is_cc_free_trial_active": False,
        "is_file_request_editors_allowed": True,
        "is_file_request_branding_default_enabled": False,
        "is_file_request_login_required": False,
        "is_shared_links_expiration_enabled": False,
        "shared_links_expiration_days": 30,
        "is_public_shared_links_expiration_enabled": False,
        "public_shared_links_expiration_days": 30,
        "shared_expiration_target": "",
        "is_shared_links_expiration_notification_enabled": False,
        "shared_links_expiration_notification_days": 7,
        "is_shared_links_expiration_notification_prevented": False,
        "is_auto_delete_enabled": False,
        "auto_delete_days": 30,
        "is_auto_delete_expiration_modification_prevented": False,
        "auto_delete_target": "",
        "is_collaboration_expiration_enabled": False,
        "collaboration_expiration_days": 30,
        "is_collaboration_expiration_modification_prevented": False,
        "is_collaboration_expiration_notification_enabled": False,
        "collaboration_expiration_target": "",
        "trash_auto_clear_time": TRASH_DAYS * 86400,
        "permanent_deletion_access": "anyone",
        "permanent_deletion_allowlist_users": [],
    },
    "user_settings": {
        "user_invites_expiration_time_frame": "30_days",
        "is_username_change_restricted": False,
        "is_box_sync_restricted_for_new_users": False,
        "is_view_all_users_enabled_for_new_users": True,
        "is_device_limit_exemption_enabled_for_new_users": False,
        "is_external_collaboration_restricted_for_new_users": False,
        "is_unlimited_storage_enabled_for_new_users": False,
        "new_user_default_storage_limit": 100,
        "new_user_default_timezone": "America/Los_Angeles",
        "new_user_default_language": "en",
        "is_enterprise_sso_required": False,
        "is_enterprise_sso_in_testing": False,
        "is_sso_auto_add_groups_enabled": False,
        "is_sso_auto_add_user_to_groups_enabled": False,
        "is_sso_auto_remove_user_from_groups_enabled": False,
        "user_tracking_codes": [],
        "number_of_user_tracking_codes_remaining": 20,
        "is_instant_login_restricted": False,
    },
}
_CATEGORIES: Final = (*_SETTINGS, "shield")

ENTERPRISE_CONFIGURATIONS = Resource[Any](version="2025.0", feature=Feature("enterprise_configurations"))


def _category(name: str) -> Json:
    """Return a category: what the emulator does by itself, and what Box has by default of anything else."""
    if name == "shield":
        return {"shield_rules": []}
    settings: Json = {setting: {"is_used": True, "value": value} for setting, value in _SETTINGS[name].items()}
    return settings if name == "security" else {"enterprise_feature_settings": [], **settings}


@ENTERPRISE_CONFIGURATIONS.operation("GET", "/enterprise_configurations/{enterprise_id}")
def get_configuration(call: Call) -> Json:
    """Get the categories that the query names of how the enterprise is set up; any other one is null."""
    call.require_administrator()
    if call.id != call.store.enterprise["id"]:
        raise errors.not_found("enterprise", call.id)
    call.needed("categories")
    asked = call.all("categories")
    unknown = [name for name in asked if name not in _CATEGORIES]
    if unknown:
        why = f"'categories' must be some of {', '.join(_CATEGORIES)}"
        raise errors.invalid_parameter("categories", unknown[0], why)
    told = {name: _category(name) if name in asked else None for name in _CATEGORIES}
    return {"id": call.id, "type": "enterprise_configuration", **told}
