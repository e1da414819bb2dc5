"""Serve the templates of sign requests, which only Box's own pages write.

Source: https://developer.box.com/reference/resources/sign-template/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator import errors
from box_dialect.emulator.metadata.taxonomies import identify
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Get, List, Resource
from box_dialect.emulator.signing import SignTemplate

from .sign_requests import FEATURE, SCOPE

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

_LOCKS = ("are_fields_locked", "are_options_locked", "are_recipients_locked", "are_email_settings_locked",
    "are_files_locked")  # fmt: skip


def _own(call: Call) -> list[SignTemplate]:
    return [template for template in call.store.of(SignTemplate).values() if template.created_by is call.user]


def _is_own(call: Call, template: SignTemplate) -> None:
    if template.created_by is not call.user:
        raise errors.not_found(template.type, template.id)


def _signers(template: SignTemplate) -> list[Json]:
    return [
        {
            "email": None, "role": "signer", "is_in_person": False, "order": place, "signer_group_id": None,
            "label": None, "is_password_required": False, "is_phone_number_required": False, "login_required": False,
            "inputs": [], "public_id": identify(template.id, place), **signer,
        }
        for place, signer in enumerate(template.signers)
    ]  # fmt: skip


def _ready_sign_link(template: SignTemplate) -> Json:
    return {
        "url": f"https://app.box.com/sign/ready-sign-link/{template.id}", "name": template.name, "instructions": None,
        "folder_id": template.parent_folder.id, "is_notification_disabled": False, "is_active": True,
    }  # fmt: skip


SIGN_TEMPLATES = Resource(
    SignTemplate,
    List("/sign_templates", rows=_own, page=marker_page, level="standard"),
    Get("/sign_templates/{template_id}"),
    standard=("name", "email_subject", "email_message", "days_valid", "parent_folder", "source_files", *_LOCKS,
        "signers", "additional_info", "ready_sign_link", "custom_branding", "request_flow"),
    computed={
        **dict.fromkeys(_LOCKS, lambda _: False),
        "source_files": lambda template: [mini(file) for file in template.source_files],
        "signers": _signers,
        "additional_info": lambda template: {
            "non_editable": [], "required": {"signers": [["email"] for _ in template.signers]},
        },
        "ready_sign_link": _ready_sign_link,
        "custom_branding": lambda _: None,
        "request_flow": lambda _: "standard",
    },
    permission=lambda call: call.require_scope(SCOPE),
    entity_permission=_is_own,
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip
