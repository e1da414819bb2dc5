"""Serve webhooks: a resource of a module of its own, which the emulator does not ship.

Source: https://developer.box.com/reference/resources/webhook
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import File, Folder, User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update


@dataclass(slots=True, eq=False, kw_only=True)
class Webhook(Entity):
    type, table, first_id = "webhook", "webhooks", 800_000_001
    owners, unique = ("target",), ("target", "address", "created_by")
    target: File | Folder
    address: str
    triggers: list[str]
    created_by: User


class Target(TypedDict, total=False):
    type: Literal["file", "folder"]
    id: str


class NewWebhook(TypedDict):
    target: Target
    address: str
    triggers: list[str]


class UpdateWebhook(TypedDict, total=False):
    target: Target
    address: str
    triggers: list[str]


def changes(call, _webhook=None):
    return {name: call.item(value) if name == "target" else value for name, value in call.json.items()}


def seed(store, planted):
    for file in planted.files:
        store.add(Webhook(target=file, address="https://a.test", triggers=[], created_by=store.admin), file.created_at)


WEBHOOKS = Resource(
    Webhook,
    List("/webhooks", page=marker_page),
    Get("/webhooks/{webhook_id}"),
    Create("/webhooks", NewWebhook, make=lambda call: Webhook(created_by=call.user, **changes(call))),
    Update("/webhooks/{webhook_id}", UpdateWebhook, changes=changes),
    Delete("/webhooks/{webhook_id}"),
    mini=("target",),
    standard=("created_by", "created_at", "address", "triggers"),
    computed={"target": lambda webhook: reference(webhook.target)},
    permission=lambda call: call.require_scope("manage_webhook"),
    takes_fields=False,
    seed=seed,
)
