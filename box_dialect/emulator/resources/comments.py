"""Serve the comments on files.

Source: https://developer.box.com/reference/resources/comment
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.planted import DAY, EPOCH
from box_dialect.emulator.representations import reference
from box_dialect.emulator.resource import Create, Delete, Get, List, Resource, Update, who_sees_the_item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.model import File, User
    from box_dialect.emulator.planted import Planted
    from box_dialect.emulator.routing import Call
    from box_dialect.emulator.state import State

_MENTION = re.compile(r"@\[\d+:([^\]]*)\]")
REMARKS = ("Looks good to me.", "Please check the figures on page 2.", "Is this the latest version?", "Approved.",
    "Can we discuss this tomorrow?", "Typo in the title.", "Thanks, that helps a lot!")  # fmt: skip


@dataclass(slots=True, eq=False, kw_only=True)
class Comment(Entity):
    """A remark on a file, or a reply to one (`reply_to`); both are listed flat on the file."""

    type, table, first_id = "comment", "comments", 600_000_001
    owners, searched = ("file", "reply_to"), ("comments", "message")
    file: File
    message: str
    created_by: User
    reply_to: Comment | None = None
    tagged_message: str = ""


class _Target(TypedDict):
    id: str
    type: Literal["file", "comment"]


class NewComment(TypedDict):
    """What a comment is made of; `tagged_message` takes the place of the message where somebody is mentioned."""

    message: str
    item: _Target
    tagged_message: NotRequired[str]


class UpdateComment(TypedDict, total=False):
    """What changes a comment."""

    message: str


def _rows(call: Call) -> Iterable[Comment]:
    return call.file().comments.values()


def _make(call: Call) -> Comment:
    """Return a comment on a file, or a reply to a comment."""
    target, reply_to = call.json["item"], None
    if target["type"] == "comment":
        reply_to = call.found(Comment, target["id"])
        who_sees_the_item(call, reply_to)
    file: Any = reply_to.file if reply_to else call.item(target)
    call.check_permissions(file, "can_comment")
    tagged = call.json.get("tagged_message", "")
    message = _MENTION.sub(r"@\1", tagged) if tagged else call.json["message"]
    if not message:
        raise errors.missing_parameter("message")
    last = next(reversed(file.comments.values()), None)
    if last and (last.message, last.created_by) == (message, call.user) and clock.now() - (last.created_at or 0) <= 1:
        raise errors.conflict("recent_similar_comment", "A similar comment has been made recently")
    return Comment(file=file, message=message, created_by=call.user, reply_to=reply_to, tagged_message=tagged)


def _changes(call: Call, _comment: Comment) -> dict[str, Any]:
    return {**call.json, "tagged_message": ""} if call.json else {}


def add_comment(
    store: State, file: File, message: str, actor: User, at: int | None = None, reply_to: Comment | None = None,
    tagged_message: str = "",
) -> Comment:  # fmt: skip
    """Comment on a file, or reply to a comment on it."""
    comment = Comment(file=file, message=message, created_by=actor, reply_to=reply_to, tagged_message=tagged_message)
    return store.add(comment, at)


def _seed(store: State, planted: Planted) -> None:
    """Comment on files as often as is asked for, or one to three times each; every second file also gets a reply."""
    if planted.named:
        _seed_named(store, planted)
        return
    speakers, remarks, count = cycle(planted.users), cycle(REMARKS), planted.counts.get("comments")
    for number, file in enumerate(planted.files):
        at = (file.created_at or EPOCH) + DAY
        of_file = [
            add_comment(store, file, next(remarks), next(speakers), at + place * 3600)
            for place in range(number % 3 + 1 if count is None else count)
        ]
        if count is None and number % 2:
            add_comment(store, file, "Done.", next(speakers), at + DAY, reply_to=of_file[0])


def _seed_named(store: State, planted: Planted) -> None:
    notes, users, at = planted.named["Notes.txt"], planted.users, EPOCH + 200 * DAY
    first = add_comment(store, notes, "Who wrote this?", users[0], at)
    add_comment(store, notes, "I did.", users[1], at + 60, reply_to=first)
    add_comment(store, notes, "Thanks & regards, 100% 🎉", users[0], at + 120, reply_to=first)
    mention = f"@[{users[0].id}:Amelia] please"
    add_comment(store, notes, "@Amelia please have a look", users[2], at + 180, tagged_message=mention)
    add_comment(store, planted.named["NDA.pdf"], 'It\'s "final".', store.admin, at)


COMMENTS = Resource(
    Comment,
    List("/files/{file_id}/comments", rows=_rows),
    Get("/comments/{comment_id}"),
    Create("/comments", NewComment, make=_make, event="COMMENT_CREATE"),
    Update("/comments/{comment_id}", UpdateComment, changes=_changes, event="COMMENT_EDIT"),
    Delete("/comments/{comment_id}", event="COMMENT_DELETE"),
    mini=("is_reply_comment", "message", "created_by", "created_at"),
    standard=("modified_at", "item"),
    full=("tagged_message",),
    computed={
        "is_reply_comment": lambda comment: comment.reply_to is not None,
        "item": lambda comment: reference(comment.reply_to or comment.file),
    },
    seed=_seed,
)
