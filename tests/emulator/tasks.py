"""Serve tasks: a resource of a module of its own, which the emulator does not ship.

Source: https://developer.box.com/reference/resources/task
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import File, User
from box_dialect.emulator.resource import Create, Delete, Get, Resource, Update


@dataclass(slots=True, eq=False, kw_only=True)
class Task(Entity):
    type, table, first_id, owners = "task", "tasks", 870_000_001, ("item",)
    item: File
    created_by: User
    message: str = ""
    due_at: int | None = None
    action: str = "review"
    completion_rule: str = "all_assignees"


class TaskTarget(TypedDict, total=False):
    type: Literal["file"]
    id: str


class UpdateTask(TypedDict, total=False):
    message: str
    due_at: Moment
    action: Literal["review", "complete"]
    completion_rule: Literal["all_assignees", "any_assignee"]


class NewTask(UpdateTask):
    item: TaskTarget


def make(call):
    return Task(**{**call.json, "item": call.item(call.json["item"]), "created_by": call.user})


def seed(store, planted):
    for file in planted.files[:1]:
        store.add(Task(item=file, created_by=store.admin), file.created_at)


TASKS = Resource(
    Task,
    Get("/tasks/{task_id}"),
    Create("/tasks", NewTask, make=make),
    Update("/tasks/{task_id}", UpdateTask),
    Delete("/tasks/{task_id}"),
    mini=("item", "due_at"),
    standard=("action", "message", "created_by", "created_at", "completion_rule"),
    takes_fields=False,
    seed=seed,
)
