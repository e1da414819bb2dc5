"""What is to be done with files, and by whom.

Sources: https://developer.box.com/reference/resources/task/ and …/task-assignment/
"""

from __future__ import annotations

from typing import Any, Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import user
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Completion,
    Derived,
    Endpoint,
    FanOut,
    Fetch,
    Having,
    JsonObject,
    Table,
    Type,
    Write,
    dig,
)
from box_dialect.catalog.model.as_user import AS_USER

_TASKS: Final = 0.05
_ASSIGNMENTS: Final = 2
"""How many tasks a file is thought to have, and to how many users each is assigned."""

_OF_FILE: Final = Endpoint(
    path="/files/{item_id}/tasks",
    paging=Paging.ALL,
    takes_fields=False,
    known=frozenset({"item_id"}),
    lists={"task": "tasks"},
)
_EVERY_FILE: Final = FanOut(key="item_id", parents=FOLDER_ITEMS.keeping(type="file"), walk=True)
_ALL_TASKS: Final = FOLDERS + FILES
"""The calls that list all tasks: Box tells of no file whether it has some."""

tasks: Final = Table(
    name="tasks",
    doc="What is to be done with files. Without a key, the tasks of every file that the signed-in user sees, which "
    "takes a call for each file.",
    reference="https://developer.box.com/reference/resources/task/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `task`."),
        Column(
            "item_id",
            source="item.id",
            references="files.id",
            relation="file",
            insert="item.id",
            doc="Id of the file.",
        ),
        Column("item_name", source="item.name", doc="Name of the file."),
        Column("action", insert="action", update="action", doc="`review`, as INSERT takes it, or `complete`."),
        Column("message", insert="message", update="message", cleared="", doc="What is to be done."),
        Column("due_at", Type.TIMESTAMP, insert="due_at", update="due_at", doc="When it is to be done."),
        Column(
            "completion_rule",
            insert="completion_rule",
            update="completion_rule",
            doc="Who has to do it until it is completed: `all_assignees`, as INSERT takes it, or `any_assignee`.",
        ),
        Column("is_completed", Type.BOOLEAN, doc="Whether it is done."),
        Column(
            "task_assignment_collection", Type.JSON, doc="To whom it is assigned: an object with `entries`, a list."
        ),
        *user("created_by", "the user who made it"),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
    ),
    paths=(
        AccessPath(
            name="by id", endpoints=(Endpoint(path="/tasks/{id}", takes_fields=False),), keys=("id",), unique=True
        ),
        AccessPath(name="by file", endpoints=(_OF_FILE,), keys=("item_id",), rows=_TASKS),
        AccessPath(
            name="of every file", endpoints=(_OF_FILE,), fan_out=_EVERY_FILE, calls=_ALL_TASKS, rows=_TASKS * FILES
        ),
    ),
    insert=Write(
        method="POST", path="/tasks", required=("item_id",), body={"item": {"type": "file"}}, takes_fields=False
    ),
    update=Write(method="PUT", path="/tasks/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/tasks/{id}"),
)


async def _find_task(assignment: JsonObject, fetch: Fetch) -> None:
    """Look among the tasks of the file for the one that is assigned so; Box names only the file."""
    item = dig(assignment, "item", "id")
    found = None if item is None else await fetch(item)
    assignment["task"] = next((task for task in _entries(found) if _is_assigned(task, assignment["id"])), None)


def _is_assigned(task: JsonObject, identity: Any) -> bool:
    return any(dig(each, "id") == identity for each in _entries(dig(task, "task_assignment_collection")))


def _entries(collection: Any) -> list[JsonObject]:
    return dig(collection, "entries") or []


_OF_TASK: Final = Endpoint(
    path="/tasks/{task_id}/assignments", paging=Paging.ALL, takes_fields=False, known=frozenset({"task_id"})
)

task_assignments: Final = Table(
    name="task_assignments",
    doc="Who is to do what is to be done with files. Without a key, the assignments of all tasks, which takes what "
    "`tasks` takes, and a call for each task that is assigned.",
    reference="https://developer.box.com/reference/resources/task-assignment/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `task_assignment`."),
        Column(
            "task_id",
            derived=Derived(function=lambda entry, _: dig(entry, "task", "id"), fields=()),
            references="tasks.id",
            reverse="assignments",
            insert="task.id",
            doc="Id of the task; found by the file where the assignment is read by its id, which takes a call more.",
        ),
        Column("item_id", source="item.id", references="files.id", relation="file", doc="Id of the file."),
        Column("item_name", source="item.name", doc="Name of the file."),
        *user("assigned_to", "the user who is to do it", insert={"id": "assign_to.id", "login": "assign_to.login"}),
        *user("assigned_by", "the user who assigned it"),
        Column("message", update="message", cleared="", doc="What the user says of it."),
        Column(
            "resolution_state",
            update="resolution_state",
            doc="`incomplete`; or `completed`, or where the task is a review `approved` or `rejected`.",
        ),
        Column("assigned_at", Type.TIMESTAMP, doc="When it was assigned."),
        Column("completed_at", Type.TIMESTAMP, doc="When it was done."),
        Column("reminded_at", Type.TIMESTAMP, doc="When the user was reminded."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(
                Endpoint(
                    path="/task_assignments/{id}",
                    takes_fields=False,
                    complete=Completion(
                        columns=frozenset({"task_id"}), path="/files/{id}/tasks", takes_fields=False, add=_find_task
                    ),
                ),
            ),
            keys=("id",),
            unique=True,
        ),
        AccessPath(name="by task", endpoints=(_OF_TASK,), keys=("task_id",), rows=_ASSIGNMENTS),
        AccessPath(
            name="of every task",
            endpoints=(_OF_TASK,),
            fan_out=FanOut(
                key="task_id",
                parents=_OF_FILE,
                outer=_EVERY_FILE,
                having=Having("task_assignment_collection.total_count"),
            ),
            calls=_ALL_TASKS + _TASKS * FILES,
            rows=_ASSIGNMENTS * _TASKS * FILES,
        ),
    ),
    insert=Write(
        method="POST",
        path="/task_assignments",
        required=("task_id",),
        either=(("assigned_to_id", "assigned_to_login"),),
        body={"task": {"type": "task"}},
        takes_fields=False,
    ),
    update=Write(method="PUT", path="/task_assignments/{id}", takes_fields=False),
    delete=Write(method="DELETE", path="/task_assignments/{id}"),
)
