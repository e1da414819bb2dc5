"""The run of a request: its plan, and then its copies, many at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from box_dialect.api.caller import called
from box_dialect.content.concurrently import each_of
from box_dialect.content.copies.box_copies import plan_box_copies
from box_dialect.content.copies.box_folders import BoxFolders, path_of
from box_dialect.content.copies.copy import Conflict, Outcome
from box_dialect.content.copies.downloads import plan_downloads
from box_dialect.content.copies.local import reason, type_at
from box_dialect.content.copies.request import Planning
from box_dialect.content.copies.unfinished import UnfinishedUploads, remove_expired
from box_dialect.content.copies.uploads import plan_stream, plan_uploads
from box_dialect.errors import Error, LimitExceededError, ProgrammingError, SignInError, printable

if TYPE_CHECKING:
    from box_dialect.api import CallCount
    from box_dialect.api.client import BoxClient
    from box_dialect.content.account import Account
    from box_dialect.content.copies.copy import Copy, Observer, Result
    from box_dialect.content.copies.request import Operand, Request


async def copied(
    client: BoxClient, count: CallCount, account: Account, request: Request, observer: Observer, stream: Any = None
) -> None:
    """Copy files and folders, up to `MaxConcurrency` at once, and tell what becomes of each.

    A source that is `-` is the `stream`. Files whose content is at the target already are left as they are. What fails
    does not stop the others. Raises ProgrammingError for a target that cannot be one, OSError for one that cannot be
    looked at, what a call raises before the first copy, and then SignInError and LimitExceededError, for these stop all
    others, too.
    """
    planning = Planning(request, account, client, count, BoxFolders(client, count), UnfinishedUploads(client, count))
    if request.target.is_at_box and not request.dry:
        account.check_writable("Box")
        await called(remove_expired)
    into_folder = await _is_folder(planning)
    for source in request.sources:
        await _plan(planning, source, stream, into_folder=into_folder)
    for result in planning.plan.results:
        observer.ended(result, None)
    observer.planned(planning.plan.copies)

    async def run(copy: Copy) -> None:
        observer.ended(await _result(copy, request, observer), copy)

    await each_of(planning.plan.copies, run, client.properties.max_concurrency)


async def _is_folder(planning: Planning) -> bool:
    """Tell whether the target is a folder, or is going to be one."""
    request, target = planning.request, planning.request.target
    is_folder = target.names_folder or len(request.sources) > 1
    if target.is_at_box:
        entry = await planning.folders.entry(path_of(target.names))
        there = None if entry is None else entry["type"]
    else:
        there = await called(type_at, Path(target.path))
    if is_folder and there not in {None, "directory"}:
        raise ProgrammingError(f"{printable(target.text)} is no folder; name one, or a single file to copy")
    return is_folder or there == "directory"


async def _plan(planning: Planning, source: Operand, stream: Any, *, into_folder: bool) -> None:
    target = planning.request.target
    names: tuple[str, ...] = (source.name,) if source.name else ()
    if target.is_at_box:
        names = (*target.names, *names) if into_folder else target.names
    elif not into_folder:
        names = (Path(target.path).name,)
    if source.path == "-" and not source.is_at_box:
        if into_folder:
            raise ProgrammingError("what comes from the standard input needs a name: box:/FOLDER/NAME")
        await plan_stream(planning, source, stream, names)
        return
    if not source.is_at_box:
        await plan_uploads(planning, source, names, into_folder=into_folder)
        return
    entry = await planning.folders.entry(path_of(source.names))
    if entry is None:
        planning.plan.fail(source.text, "it is not there, or the signed-in user cannot see it")
    elif target.is_at_box:
        await plan_box_copies(planning, source, entry, names, into_folder=into_folder)
    else:
        folder = target.path if into_folder else str(Path(target.path).parent)
        await plan_downloads(planning, source, entry, folder, names, into_folder=into_folder)


async def _result(copy: Copy, request: Request, observer: Observer) -> Result:
    """Copy what is to be, and return what became of it."""
    try:
        if copy.is_identical is not None:
            if await copy.is_identical():
                return copy.result(Outcome.IDENTICAL)
            if request.conflict is Conflict.SKIP:
                return copy.result(Outcome.KEPT, "the target is there already, with other content")
            if request.conflict is Conflict.FAIL:
                why = "the target is there already, with other content; --overwrite copies over it, --skip keeps it"
                return copy.result(Outcome.FAILED, why)
        if not request.dry:
            await copy.transfer(partial(_report, observer, copy))
        return copy.result(Outcome.COPIED)
    except (SignInError, LimitExceededError):
        raise
    except (Error, OSError) as error:
        return copy.result(Outcome.FAILED, reason(error))


def _report(observer: Observer, copy: Copy, done: int, _size: int | None) -> None:
    observer.progress(copy, done)
