"""Serve watchers: a resource of a module of its own, which is none of Box's."""

from dataclasses import dataclass
from typing import Literal, TypedDict

from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import File, Folder, User
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update


@dataclass(slots=True, eq=False, kw_only=True)
class Watcher(Entity):
    type, table, first_id = "watcher", "watchers", 9_900_000_001
    owners, unique = ("target",), ("target", "address", "created_by")
    target: File | Folder
    address: str
    triggers: list[str]
    created_by: User


class Target(TypedDict, total=False):
    type: Literal["file", "folder"]
    id: str


class NewWatcher(TypedDict):
    target: Target
    address: str
    triggers: list[str]


class UpdateWatcher(TypedDict, total=False):
    target: Target
    address: str
    triggers: list[str]


def changes(call, _watcher=None):
    return {name: call.item(value) if name == "target" else value for name, value in call.json.items()}


def seed(store, planted):
    for file in planted.files:
        store.add(Watcher(target=file, address="https://a.test", triggers=[], created_by=store.admin), file.created_at)


WATCHERS = Resource(
    Watcher,
    List("/watchers", page=marker_page),
    Get("/watchers/{watcher_id}"),
    Create("/watchers", NewWatcher, make=lambda call: Watcher(created_by=call.user, **changes(call))),
    Update("/watchers/{watcher_id}", UpdateWatcher, changes=changes),
    Delete("/watchers/{watcher_id}"),
    mini=("target",),
    standard=("created_by", "created_at", "address", "triggers"),
    computed={"target": lambda watcher: reference(watcher.target)},
    permission=lambda call: call.require_scope("manage_webhook"),
    takes_fields=False,
    seed=seed,
)
