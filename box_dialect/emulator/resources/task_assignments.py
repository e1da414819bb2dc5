"""Serve whom tasks are assigned to.

Source: https://developer.box.com/reference/resources/task-assignment
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from box_dialect.emulator import access, clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import whole_page
from box_dialect.emulator.representations import mini
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, who_sees_the_item

from .tasks import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.routing import Call

_STATES = {"complete": ("incomplete", "completed"), "review": ("incomplete", "approved", "rejected")}


@dataclass(slots=True, eq=False, kw_only=True)
class TaskAssignment(Entity):
    """A user's part in a task; `completed_at` is when it was done last."""

    type, table, first_id = "task_assignment", "task_assignments", 5_102_000_001
    owners = ("task", "assigned_to")
    task: Task
    assigned_to: User
    assigned_by: User
    message: str = ""
    resolution_state: str = "incomplete"
    completed_at: int | None = None
    reminded_at: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether the user completed the task, or approved or rejected what it is about."""
        return self.resolution_state != "incomplete"


class _Task(TypedDict):
    id: str
    type: Literal["task"]


class _Assignee(TypedDict, total=False):
    id: str
    login: str


class NewTaskAssignment(TypedDict):
    """What an assignment is made of."""

    task: _Task
    assign_to: _Assignee


class UpdateTaskAssignment(TypedDict, total=False):
    """What changes an assignment."""

    message: str
    resolution_state: Literal["completed", "incomplete", "approved", "rejected"]


def _task(call: Call, identity: str) -> Task:
    task = call.found(Task, identity)
    who_sees_the_item(call, task)
    return task


def _rows(call: Call) -> Iterable[TaskAssignment]:
    return _task(call, call.id).assignments.values()


def _assignee(call: Call) -> User:
    asked = call.json["assign_to"]
    if "id" in asked:
        return call.found(User, asked["id"])
    if "login" not in asked:
        raise errors.missing_parameter("assign_to.id")
    user: User | None = call.store.account_of(asked["login"])
    if user is None:
        raise errors.not_found("user", asked["login"])
    return user


def _make(call: Call) -> TaskAssignment:
    """Return an assignment of a task that is not completed to somebody who sees the file."""
    task = _task(call, call.json["task"]["id"])
    call.check_permissions(task.item, "can_comment")
    if task.is_completed:
        raise errors.forbidden("The task is completed")
    user = _assignee(call)
    if not access.may_see(user, task.item):
        raise errors.bad_request("task_assignee_not_allowed", "The user does not have access to the file")
    return TaskAssignment(task=task, assigned_to=user, assigned_by=call.user)


def _takes_part(call: Call, assignment: TaskAssignment) -> None:
    """Refuse who is neither the one whom the task is assigned to nor the one who assigned it."""
    who_sees_the_item(call, assignment)
    call.check_permissions(assignment.task.item, "can_comment")
    if call.user not in (assignment.assigned_to, assignment.assigned_by):
        raise errors.forbidden()


def _may_delete(call: Call, assignment: TaskAssignment) -> None:
    _takes_part(call, assignment)
    if assignment.is_done:
        raise errors.forbidden("A completed assignment cannot be deleted")


def _changes(call: Call, assignment: TaskAssignment) -> dict[str, Any]:
    """Return what changes: a state that the action of the task has, and since when it is done."""
    state = call.json.get("resolution_state", assignment.resolution_state)
    if "resolution_state" in call.json and state not in _STATES[assignment.task.action]:
        raise errors.invalid_parameter(
            "resolution_state", state, f"A task to {assignment.task.action} has no such state"
        )
    if state == assignment.resolution_state:
        return {**call.json}
    return {**call.json, "completed_at": None if state == "incomplete" else clock.now()}


TASK_ASSIGNMENTS = Resource(
    TaskAssignment,
    List("/tasks/{task_id}/assignments", rows=_rows, page=whole_page, level="standard"),
    Get("/task_assignments/{task_assignment_id}"),
    Create("/task_assignments", NewTaskAssignment, make=_make, event="TASK_ASSIGNMENT_CREATE"),
    Update(
        "/task_assignments/{task_assignment_id}",
        UpdateTaskAssignment,
        changes=_changes,
        entity_permission=_takes_part,
        event="TASK_ASSIGNMENT_UPDATE",
    ),
    Delete("/task_assignments/{task_assignment_id}", entity_permission=_may_delete, event="TASK_ASSIGNMENT_DELETE"),
    mini=("item", "assigned_to"),
    standard=("message", "completed_at", "assigned_at", "reminded_at", "resolution_state", "assigned_by"),
    computed={
        "item": lambda assignment: mini(assignment.task.item),
        "assigned_at": lambda assignment: clock.stamp(assignment.created_at),
    },
    takes_fields=False,
)
