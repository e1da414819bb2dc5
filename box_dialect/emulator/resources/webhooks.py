"""Serve webhooks. None is ever called: their addresses are not this machine's.

Source: https://developer.box.com/reference/resources/webhook
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict
from urllib.parse import urlsplit

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.model import File, Folder, User
    from box_dialect.emulator.routing import Call

MANY, HTTPS_PORT = 1000, 443
Trigger: TypeAlias = Literal[
    "FILE.UPLOADED", "FILE.PREVIEWED", "FILE.DOWNLOADED", "FILE.TRASHED", "FILE.DELETED", "FILE.RESTORED",
    "FILE.COPIED", "FILE.MOVED", "FILE.LOCKED", "FILE.UNLOCKED", "FILE.RENAMED", "COMMENT.CREATED", "COMMENT.UPDATED",
    "COMMENT.DELETED", "TASK_ASSIGNMENT.CREATED", "TASK_ASSIGNMENT.UPDATED", "METADATA_INSTANCE.CREATED",
    "METADATA_INSTANCE.UPDATED", "METADATA_INSTANCE.DELETED", "FOLDER.CREATED", "FOLDER.RENAMED", "FOLDER.DOWNLOADED",
    "FOLDER.RESTORED", "FOLDER.DELETED", "FOLDER.COPIED", "FOLDER.MOVED", "FOLDER.TRASHED", "WEBHOOK.DELETED",
    "COLLABORATION.CREATED", "COLLABORATION.ACCEPTED", "COLLABORATION.REJECTED", "COLLABORATION.REMOVED",
    "COLLABORATION.UPDATED", "SHARED_LINK.DELETED", "SHARED_LINK.CREATED", "SHARED_LINK.UPDATED",
    "SIGN_REQUEST.COMPLETED", "SIGN_REQUEST.DECLINED", "SIGN_REQUEST.EXPIRED", "SIGN_REQUEST.SIGNER_EMAIL_BOUNCED",
    "SIGN_REQUEST.SIGN_SIGNER_SIGNED", "SIGN_REQUEST.SIGN_DOCUMENT_CREATED", "SIGN_REQUEST.SIGN_ERROR_FINALIZING",
]  # fmt: skip


@dataclass(slots=True, eq=False, kw_only=True)
class Webhook(Entity):
    """What is to be called when something happens to a file, or to a folder or below it; a user has one for each."""

    type, table, first_id = "webhook", "webhooks", 5_114_000_001
    owners, unique = ("target", "created_by"), ("target", "created_by")
    target: File | Folder
    address: str
    triggers: list[str]
    created_by: User


class _Target(TypedDict, total=False):
    id: str
    type: Literal["file", "folder"]


class UpdateWebhook(TypedDict, total=False):
    """What changes a webhook."""

    target: _Target
    address: str
    triggers: list[Trigger]


class NewWebhook(TypedDict):
    """What a webhook is made of."""

    target: _Target
    address: str
    triggers: list[Trigger]


def _manages(call: Call) -> None:
    call.require_scope("manage_webhook")


def _check_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_fine = parts.scheme == "https" and bool(parts.hostname) and parts.port in (None, HTTPS_PORT)
    except ValueError:
        is_fine = False
    if not is_fine:
        raise errors.invalid_parameter("address", address, f"The address must be https, at port {HTTPS_PORT}")


def _told(call: Call) -> dict[str, Any]:
    """Return what the body says, with the target, which must not be the root folder, in place of its id."""
    changes = dict(call.json)
    if "address" in changes:
        _check_address(changes["address"])
    if "target" in changes:
        changes["target"] = call.item(changes["target"])
        if changes["target"].id == "0":
            raise errors.invalid_parameter("target.id", "0", "The root folder cannot have a webhook")
    return changes


def _changes(call: Call, _webhook: Webhook) -> dict[str, Any]:
    return _told(call)


def _make(call: Call) -> Webhook:
    told = _told(call)
    if len(call.user.of(Webhook)) >= MANY:
        raise errors.bad_request("bad_request", f"An application has {MANY} webhooks for each user at most")
    return Webhook(created_by=call.user, **told)


def _rows(call: Call) -> Iterable[Webhook]:
    """Return those that who is signed in made, or that are about what they own, as far as they see it."""
    webhooks = call.store.of(Webhook).values()
    return [
        each for each in webhooks if call.user in (each.created_by, each.target.owned_by) and call.sees(each.target)
    ]


def _conflict() -> BoxError:
    return errors.conflict("conflict", "There is a webhook for this target, application and user already")


WEBHOOKS = Resource(
    Webhook,
    List("/webhooks", rows=_rows, page=marker_page),
    Get("/webhooks/{webhook_id}"),
    Create("/webhooks", NewWebhook, make=_make),
    Update("/webhooks/{webhook_id}", UpdateWebhook, changes=_changes),
    Delete("/webhooks/{webhook_id}"),
    mini=("target",),
    standard=("created_by", "created_at", "address", "triggers"),
    computed={"target": lambda webhook: reference(webhook.target)},
    permission=_manages,
    conflict=_conflict,
    takes_fields=False,
)
