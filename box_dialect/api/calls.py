"""A call to Box's API, and the count of calls."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from box_dialect.api.path import ApiPath
from box_dialect.errors import LimitExceededError, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from contextlib import AbstractContextManager

    from box_dialect._http import httpx
    from box_dialect.api.source import Buffer, Source


class CallLimitError(LimitExceededError):
    """A statement needs more calls than it may make."""


class EndOfPreviewError(CallLimitError):
    """A preview has made its calls: what is to be read by more is left out."""


class CallCount(Struct, eq=False):
    """Count the calls that one statement makes; each attempt is a call, sign-in is not.

    `most` is how many it may make, 0 is no limit, and `most_ai` how many of Box AI, 0 is none. Those of a preview are
    no more than `most` either, but what it would take more for is left out: `is_cut` tells that something was.
    """

    calls: int = 0
    most: int = 0
    is_preview: bool = False
    is_cut: bool = False
    most_ai: int = 0
    ai_calls: int = 0
    _begun: int = 0

    def begin(self) -> None:
        """Take note of what is going to be called for; raises EndOfPreviewError where a preview has enough of that.

        So nothing waits for the rate limit that is not going to be sent.
        """
        if self.is_preview and max(self._begun, self.calls) >= self.most:
            raise self._cut()
        self._begun += 1

    def add_ai(self) -> None:
        """Count a call of Box AI, however often it is sent; raises CallLimitError for one too many."""
        if self.ai_calls >= self.most_ai:
            raise CallLimitError(
                f"the statement needs more than the {self.most_ai} calls of Box AI that MaxAICalls allows it, since "
                "they are charged for; ask for fewer rows, or raise the property MaxAICalls"
            )
        self.ai_calls += 1

    def give_back(self) -> None:
        """Take note that what was begun was cancelled; the call may have been made."""
        self._begun -= 1

    def add(self) -> None:
        """Count a call that is about to be made; raises CallLimitError where the statement may make no more."""
        if self.most and self.calls >= self.most:
            if self.is_preview:
                raise self._cut()
            raise CallLimitError(
                f"the statement needs more than the {self.most} API calls that MaxApiCalls allows it; "
                "narrow it, or raise the property MaxApiCalls"
            )
        self.calls += 1

    def _cut(self) -> EndOfPreviewError:
        self.is_cut = True
        return EndOfPreviewError(
            f"the statement needs more than the {self.most} API calls that PreviewCalls allows it; narrow it, or raise "
            "the property PreviewCalls"
        )


MOST_BYTES_OF_JSON: Final = 64 << 20
"""Bytes of an answer of JSON: 64 KiB, more than all that Box takes for one item, for each of the 1,000 in a page."""

_AI: Final = "/ai/"
"""How the paths of Box AI begin. Source: https://developer.box.com/reference/post-ai-ask/"""


class Host(enum.Enum):
    """Which of Box's hosts a call goes to, by the connection property that has its base URL."""

    API = "api_base_url"
    UPLOAD = "upload_base_url"


AS_USER_HEADER: Final = "as-user"
"""The header that names the user as whom a call is made, by id.

Source: https://developer.box.com/guides/authentication/jwt/as-user/
"""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a body that is `multipart/form-data`; one with a `file_name` is a file (RFC 7578)."""

    name: str
    content: Buffer | Source = field(repr=False)
    content_type: str
    file_name: str | None = None


class Receiver(Protocol):
    """What takes the content of a download as it comes, over as many attempts as there are."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What the next attempt asks for, as by Range: what has not come yet."""

    async def receive(self, response: httpx.Response, paused: Callable[[], AbstractContextManager[None]]) -> None:
        """Take the body of an answer of HTTP 200 or 206; time spent `paused` is not that of the answer.

        Raises httpx.TransportError for one that is not what was asked for, so that it may be asked for again.
        """


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call: `path` follows the base URL of the `host`.

    It sends `body` as JSON, or `content` as it is, or `parts` as a form. One with another method than GET changes
    something at Box, unless `reads` says that it only reads. The `decoder`, where there is one, decodes an answer of
    the form that is expected. The answer of a download is bytes, which Box may redirect to, and which the `receiver`
    takes, where there is one. An answer has `most_bytes` at most. One that `waits` is sent again where HTTP 202 says
    that Box is still at it, and one that `repeats` also where its answer is lost, whatever its method: what it makes
    twice does no harm. A download that does not follow fails by HTTP 302, where that leads to something else.
    """

    method: str
    path: ApiPath
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    decoder: msgspec.json.Decoder[Any] | None = field(default=None, compare=False, repr=False)
    is_download: bool = False
    receiver: Receiver | None = field(default=None, compare=False, repr=False)
    most_bytes: int = MOST_BYTES_OF_JSON
    reads: bool = False
    host: Host = Host.API
    parts: tuple[Part, ...] = ()
    content: Source | None = field(default=None, repr=False)
    waits: bool = False
    repeats: bool = False
    follows: bool = True

    def __post_init__(self) -> None:
        if not isinstance(self.path, ApiPath):
            raise TypeError("the path of a call is an ApiPath, which quotes the values in it")

    @property
    def is_safe(self) -> bool:
        """Whether it changes nothing (RFC 9110, section 9.2.1): it is shared in flight, and may be sent again."""
        return self.reads or self.method == "GET"

    @property
    def is_upload(self) -> bool:
        """Whether it sends content, which may take longer than an answer."""
        return self.content is not None or bool(self.parts)

    @property
    def is_ai(self) -> bool:
        """Whether Box AI answers it, which is charged for."""
        return self.path.text.lower().startswith(_AI)

    @property
    def repeated_as(self) -> str:
        """The method by whose rules it is sent again.

        What Box AI has answered is charged for, and what a signed address gives is good for one use, though the answer
        was lost.
        """
        if self.is_ai or self.path.is_signed:
            return "POST"
        return "GET" if self.is_safe or self.repeats else self.method

    @property
    def user(self) -> str | None:
        """The id of the user as whom it is made, None for the one who is signed in."""
        return self.headers.get(AS_USER_HEADER)

    @property
    def key(self) -> Hashable:
        """What two calls that get the same answer have in common."""
        content = None if self.body is None else msgspec.json.encode(self.body)
        return self.path.base or self.host, self.method, self.target, frozenset(self.headers.items()), content

    @property
    def target(self) -> str:
        """ApiPath and query."""
        return f"{self.path.text}?{urlencode(self.parameters)}" if self.parameters else self.path.text

    @property
    def shown(self) -> str:
        """What is logged of the target."""
        return self.path.shown if self.path.base is not None else self.target

    @property
    def operation(self) -> str:
        """Method and path, as errors and logs name the call; what is long in the path is shortened."""
        return f"{self.method} {'/'.join(map(printable, self.path.shown.split('/')))}"

    @property
    def route(self) -> str:
        """Method and path with the names of the values in it, as Box's API reference has them."""
        return f"{self.method} {self.path.template}"
