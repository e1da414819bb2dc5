"""Serve the tasks on files.

Source: https://developer.box.com/reference/resources/task
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.bodies import Moment
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.paging import whole_page
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, who_sees_the_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.emulator.model import File, User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class Task(Entity):
    """What is to be done with a file, by those whom it is assigned to."""

    type, table, first_id = "task", "tasks", 5_101_000_001
    owners = ("item",)
    item: File
    created_by: User
    action: str = "review"
    message: str = ""
    due_at: int | None = None
    completion_rule: str = "all_assignees"

    @property
    def assignments(self) -> Mapping[str, Any]:
        """Whom it is assigned to, by id."""
        return self.tables.get("task_assignments", {})

    @property
    def is_completed(self) -> bool:
        """Whether all, or any, of those whom it is assigned to are done; of nobody it is not."""
        done = [assignment.is_done for assignment in self.assignments.values()]
        return any(done) and (self.completion_rule == "any_assignee" or all(done))


class _Target(TypedDict, total=False):
    id: str
    type: Literal["file"]


class UpdateTask(TypedDict, total=False):
    """What changes a task."""

    action: Literal["review", "complete"]
    message: str
    due_at: Moment
    completion_rule: Literal["all_assignees", "any_assignee"]


class NewTask(UpdateTask):
    """What a task is made of."""

    item: _Target


def _rows(call: Call) -> Iterable[Task]:
    return call.file().of(Task).values()


def _make(call: Call) -> Task:
    file: Any = call.item({"type": "file", **call.json["item"]})
    call.check_permissions(file, "can_comment")
    return Task(**{**call.json, "item": file, "created_by": call.user})


def _may_change(call: Call, task: Task) -> None:
    """Refuse who did not make the task and may not edit the file."""
    who_sees_the_item(call, task)
    call.check_permissions(task.item, "can_comment")
    if task.created_by is not call.user and "can_rename" not in access.permissions(call.user, task.item):
        raise errors.forbidden()


def _assignments(task: Task) -> Json:
    assignments = list(task.assignments.values())
    return {"total_count": len(assignments), "entries": render_all(assignments, "standard", None)}


TASKS = Resource(
    Task,
    List("/files/{file_id}/tasks", rows=_rows, page=whole_page, level="standard"),
    Get("/tasks/{task_id}"),
    Create("/tasks", NewTask, make=_make, event="TASK_CREATE"),
    Update("/tasks/{task_id}", UpdateTask, entity_permission=_may_change, event="TASK_UPDATE"),
    Delete("/tasks/{task_id}", entity_permission=_may_change),
    mini=("item", "due_at"),
    standard=("action", "message", "task_assignment_collection", "is_completed", "created_by", "created_at",
        "completion_rule"),
    computed={
        "due_at": lambda task: clock.stamp_in_utc(task.due_at),
        "task_assignment_collection": _assignments,
    },
    takes_fields=False,
)  # fmt: skip
