"""Serve the comments on files.

Source: https://developer.box.com/reference/resources/comment
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from box_dialect.emulator import clock, errors
from box_dialect.emulator.model import Comment, File
from box_dialect.emulator.paging import offset_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.routing import Call, Reply, operation

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json

_MENTION = re.compile(r"@\[\d+:([^\]]*)\]")


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


def _found(call: Call) -> Comment:
    return _seen(call, call.id)


def _seen(call: Call, identity: str) -> Comment:
    comment = call.store.comments.get(identity)
    if comment is None or not call.sees(comment.file):
        raise errors.not_found("comment", identity)
    return comment


@operation("GET", "/files/{file_id}/comments", "get_files_id_comments")
def list_comments(call: Call) -> Json:
    """List the comments on a file and the replies to them, oldest first."""
    page, counters = offset_page(call.query, list(call.file().comments.values()))
    return {**counters, "entries": render_all(page, "mini", call.fields)}


@operation("GET", "/comments/{comment_id}", "get_comments_id")
def get_comment(call: Call) -> Json:
    """Get a comment."""
    return render(_found(call), "standard", call.fields)


@operation("POST", "/comments", "post_comments", NewComment)
def create_comment(call: Call) -> Reply:
    """Comment on a file, or reply to a comment."""
    kind, identity = call.json["item"]["type"], call.json["item"]["id"]
    target = _seen(call, identity) if kind == "comment" else call.find("file", identity)
    if target is None:
        raise errors.not_found(kind, identity)
    file = target.file if isinstance(target, Comment) else target
    assert isinstance(file, File)  # noqa: S101 - the table of files holds files only
    call.check_permissions(file, "can_comment")
    message, tagged = _message(call)
    _refuse_twin(call, file, message)
    reply_to = target if isinstance(target, Comment) else None
    comment = call.store.add_comment(file, message, call.user, reply_to=reply_to, tagged_message=tagged)
    call.store.record("COMMENT_CREATE", call.user, comment)
    return Reply(201, render(comment, "standard", call.fields))


def _message(call: Call) -> tuple[str, str]:
    """Return the plain message and the tagged one, which is empty unless somebody is mentioned."""
    tagged = call.json.get("tagged_message", "")
    message = _MENTION.sub(r"@\1", tagged) if tagged else call.json["message"]
    if not message:
        raise errors.missing_parameter("message")
    return message, tagged


def _refuse_twin(call: Call, file: File, message: str) -> None:
    last = next(reversed(file.comments.values()), None)
    if last and (last.message, last.created_by) == (message, call.user) and clock.now() - last.created_at <= 1:
        raise errors.conflict("recent_similar_comment", "A similar comment has been made recently")


@operation("PUT", "/comments/{comment_id}", "put_comments_id", UpdateComment)
def update_comment(call: Call) -> Json:
    """Change the text of a comment."""
    comment = _found(call)
    if "message" in call.json:
        comment.message, comment.tagged_message = call.json["message"], ""
    comment.modified_at = clock.now()
    call.store.refresh(comment.file)
    call.store.record("COMMENT_EDIT", call.user, comment)
    return render(comment, "standard", call.fields)


@operation("DELETE", "/comments/{comment_id}", "delete_comments_id")
def delete_comment(call: Call) -> Reply:
    """Delete a comment with the replies to it."""
    comment = _found(call)
    call.store.remove_comment(comment)
    call.store.record("COMMENT_DELETE", call.user, comment)
    return Reply(204)
