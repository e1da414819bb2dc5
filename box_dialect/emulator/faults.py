"""Make calls fail: by scripted answers, and by fault points, which are what goes wrong with Box by its names.

Sources: https://developer.box.com/guides/api-calls/permissions-and-errors/common-errors,
https://developer.box.com/guides/uploads/chunked/ and https://developer.box.com/guides/representations/
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from . import errors
from .reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

DOWNLOAD: Final = "download"
"""What the host that gives the content of files is called in a fault."""
REPRESENTATION: Final = "representation"
"""What tells of the state of a representation is called in a fault."""
UPLOAD_SESSION: Final = "upload_session"
"""What finds an upload session is called in a fault."""
THUMBNAIL: Final = "thumbnail"
"""What gives a thumbnail is called in a fault."""
ZIP_DOWNLOAD: Final = "zip_download"
"""What writes a zip archive is called in a fault."""


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """A scripted failure: after `skip` calls of an operation, the next `times` ones are answered so.

    `operation` is an operationId, or several with commas between, "*" for every call but those for signing in, or
    "download" for what is asked of the host that calls of get_files_id_content are redirected to. Without `times` all
    further calls are; with `each` it counts for each path by itself. A `body` of text is sent as it is, with the
    content type text/html unless `headers` name another one; any other body is sent as JSON. `delay_ms` holds the
    answer back; `drop_connection` closes the connection instead of answering. A call that is `carried_out` has its
    effect before, as when only its answer is lost.

    With `cut_after`, which is a number of bytes, or `ignores`, which are names of headers of the request, the answer is
    the operation's own: it breaks off after so many bytes, and is made as if these headers had not been sent; `headers`
    are added to it. `outcome` is what comes of something, where `operation` names that: "expired" of "upload_session",
    "pending" or "error" of "representation", "pending" of "thumbnail", "failed" of "zip_download".
    """

    operation: str = "*"
    times: Annotated[int, msgspec.Meta(ge=0)] | None = 1
    skip: int = 0
    each: bool = False
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 500
    headers: dict[str, str] = {}
    body: Any = None
    delay_ms: Annotated[float, msgspec.Meta(ge=0, le=3_600_000)] = 0
    drop_connection: bool = False
    carried_out: bool = False
    cut_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    ignores: frozenset[str] = frozenset()
    outcome: str | None = None

    @property
    def alters(self) -> bool:
        """Whether the answer is the operation's own, but for what is altered."""
        return self.cut_after is not None or bool(self.ignores)

    def heard(self, headers: dict[bytes, bytes]) -> dict[bytes, bytes]:
        """Return the headers of a request without those that are passed over."""
        ignored = {name.lower().encode() for name in self.ignores}
        return {name: value for name, value in headers.items() if name not in ignored}

    def reply(self, own: Reply | None = None) -> Reply:
        """Return the answer that this fault makes, or makes of the operation's own."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.alters and own is not None:
            return Reply(own.status, own.body, {**own.headers, **headers}, self.cut_after)
        if isinstance(self.body, str):
            return Reply(self.status, self.body.encode(), {"content-type": "text/html", **headers})
        return Reply(self.status, self.body, headers)


@dataclass(slots=True)
class _Scripted:
    """A fault, and how many calls it has let pass or answered: in all, or of each path."""

    fault: Fault
    operations: frozenset[str] = field(init=False)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.operations = frozenset(self.fault.operation.split(","))

    def takes(self, path: str) -> bool:
        """Count a call, and tell whether it is to fail."""
        counted, times = path if self.fault.each else "", self.fault.times
        before = self.calls[counted]
        self.calls[counted] += 1
        return before >= self.fault.skip and (times is None or before < self.fault.skip + times)


class Faults:
    """The failures that are scripted for one emulator."""

    def __init__(self) -> None:
        self._scripted: list[_Scripted] = []

    def script(self, *faults: Fault | str) -> None:
        """Add failures: faults, or fault points as NAME or NAME=VALUE; raise ValueError for what is no point's."""
        self._scripted += [_Scripted(fault_named(each) if isinstance(each, str) else each) for each in faults]

    def clear(self) -> None:
        """Forget all failures."""
        self._scripted.clear()

    def take(self, operation: str, path: str, *, wildcard: bool = True) -> Fault | None:
        """Return the failure of this call, if it is to fail, and use it up."""
        names = {operation, "*"} if wildcard else {operation}
        for each in self._scripted:
            if not names.isdisjoint(each.operations) and each.takes(path):
                return each.fault
        return None

    def outcome(self, what: str, identity: str) -> str | None:
        """Return what comes of something, if it is not what is to come of it, and use the failure up."""
        fault = self.take(what, identity, wildcard=False)
        return None if fault is None else fault.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPoint:
    """What can go wrong with Box: `fault` makes the failure of a number, which is 1 where none is given.

    `metavar` names the number for those who give it; a point without `metavar` takes none.
    """

    name: str
    about: str
    fault: Callable[[int], Fault]
    metavar: str | None = None

    @property
    def form(self) -> str:
        """How the point is told: NAME, or NAME=METAVAR, of which the number may be left out."""
        return f"{self.name}={self.metavar}" if self.metavar else self.name


_UPLOADS = "post_files_content,post_files_id_content"
_PREFLIGHTS = "options_files_content,options_files_id_content"
_ALL_UPLOADS = f"{_PREFLIGHTS},{_UPLOADS},post_files_upload_sessions,post_files_id_upload_sessions"
_PART, _COMMIT = "put_files_upload_sessions_id", "post_files_upload_sessions_id_commit"
_WAIT = {"retry-after": "1"}


def _refusal(operation: str, error: errors.BoxError, **options: Any) -> Fault:
    """Return the fault by which an operation answers an error of Box's."""
    return Fault(operation=operation, status=error.status, body=error.body(), **options)


_CONFLICT = errors.name_in_use({"type": "file", "id": "1", "sequence_id": "0", "etag": "0", "name": "taken"})
_UNAVAILABLE = errors.BoxError(500, "internal_server_error", "Internal Server Error")

FAULT_POINTS: Final = {
    point.name: point
    for point in (
        FaultPoint(
            name="upload_breaks",
            about="The connection breaks at the N-th upload in one request.",
            fault=lambda n: Fault(operation=_UPLOADS, skip=n - 1, drop_connection=True),
            metavar="N",
        ),
        FaultPoint(
            name="upload_answer_lost",
            about="The N-th upload in one request is done, and the connection breaks before the answer.",
            fault=lambda n: Fault(operation=_UPLOADS, skip=n - 1, drop_connection=True, carried_out=True),
            metavar="N",
        ),
        FaultPoint(
            name="preflight_conflict",
            about="The next check before an upload says that the name is taken (409).",
            fault=lambda _: _refusal(_PREFLIGHTS, _CONFLICT),
        ),
        FaultPoint(
            name="quota_full",
            about="The account has no room for anything (403, storage_limit_exceeded).",
            fault=lambda _: _refusal(_ALL_UPLOADS, errors.storage_full(), times=None),
        ),
        FaultPoint(
            name="file_size_limit",
            about="Each file is too large for the account (403, file_size_limit_exceeded).",
            fault=lambda _: _refusal(_ALL_UPLOADS, errors.file_too_large(), times=None),
        ),
        FaultPoint(
            name="part_fails",
            about="The N-th part that is sent is answered by 500.",
            fault=lambda n: _refusal(_PART, _UNAVAILABLE, skip=n - 1),
            metavar="N",
        ),
        FaultPoint(
            name="part_breaks",
            about="The connection breaks at the N-th part that is sent.",
            fault=lambda n: Fault(operation=_PART, skip=n - 1, drop_connection=True),
            metavar="N",
        ),
        FaultPoint(
            name="part_answer_lost",
            about="The N-th part that is sent is kept, and the connection breaks before the answer.",
            fault=lambda n: Fault(operation=_PART, skip=n - 1, drop_connection=True, carried_out=True),
            metavar="N",
        ),
        FaultPoint(
            name="part_digest_mismatch",
            about="The N-th part that is sent arrives with other bytes than its digest says (400, bad_digest).",
            fault=lambda n: _refusal(_PART, errors.bad_digest("digest"), skip=n - 1),
            metavar="N",
        ),
        FaultPoint(
            name="commit_pending",
            about="Each upload session answers 202 with Retry-After to its first N commits.",
            fault=lambda n: Fault(operation=_COMMIT, times=n, each=True, status=202, headers=_WAIT),
            metavar="N",
        ),
        FaultPoint(
            name="session_expired",
            about="An upload session is gone at the N-th call for one.",
            fault=lambda n: Fault(operation=UPLOAD_SESSION, skip=n - 1, outcome="expired"),
            metavar="N",
        ),
        FaultPoint(
            name="download_pending",
            about="Each file answers 202 with Retry-After to its first N downloads, as right after its upload.",
            fault=lambda n: Fault(operation="get_files_id_content", times=n, each=True, status=202, headers=_WAIT),
            metavar="N",
        ),
        FaultPoint(
            name="download_breaks",
            about="The connection breaks after BYTES bytes of the next download.",
            fault=lambda n: Fault(operation=DOWNLOAD, cut_after=n),
            metavar="BYTES",
        ),
        FaultPoint(
            name="download_without_ranges",
            about="Downloads give the whole file, whatever range is asked for.",
            fault=lambda _: Fault(
                operation=DOWNLOAD, times=None, ignores=frozenset({"range"}), headers={"accept-ranges": "none"}
            ),
        ),
        FaultPoint(
            name="representation_pending",
            about="Each representation is pending the first N times that its state is told.",
            fault=lambda n: Fault(operation=REPRESENTATION, times=n, each=True, outcome="pending"),
            metavar="N",
        ),
        FaultPoint(
            name="representation_error",
            about="No representation can be made: the state is error, which Box's document does not name.",
            fault=lambda _: Fault(operation=REPRESENTATION, times=None, outcome="error"),
        ),
        FaultPoint(
            name="thumbnail_pending",
            about="Each thumbnail is answered by 202, with the Location of a placeholder, the first N times.",
            fault=lambda n: Fault(operation=THUMBNAIL, times=n, each=True, outcome="pending"),
            metavar="N",
        ),
        FaultPoint(
            name="zip_fails",
            about="The next zip archive breaks off after its first file, and its state is failed.",
            fault=lambda _: Fault(operation=ZIP_DOWNLOAD, outcome="failed"),
        ),
    )
}
"""The fault points by their names."""


def fault_named(text: str) -> Fault:
    """Return the failure of a fault point, which is told as NAME or NAME=VALUE.

    Raises ValueError for a name that no point has, and for a value that it does not take.
    """
    name, equals, value = text.partition("=")
    point = FAULT_POINTS.get(name)
    if point is None:
        raise ValueError(f"{name!r} is no fault point; there are {', '.join(FAULT_POINTS)}")
    if not equals:
        return point.fault(1)
    if point.metavar is None:
        raise ValueError(f"{name} takes no value")
    if not value.isascii() or not value.isdigit() or len(value) > 18 or int(value) < 1:
        raise ValueError(f"{name} takes a number from 1, not {value!r}")
    return point.fault(int(value))
