"""Box over HTTP: calls with retries, rate limit, paging and typed failures."""

from box_dialect.api.calls import AS_USER_HEADER, ApiCall, CallCount, CallLimitError, EndOfPreviewError, Host, Part
from box_dialect.api.error_responses import from_result, says_absent
from box_dialect.api.paging import Paging
from box_dialect.api.path import ApiPath
from box_dialect.api.portal import Portal, portal, result
from box_dialect.api.single_flight import writes

__all__ = [
    "AS_USER_HEADER",
    "ApiCall",
    "ApiPath",
    "CallCount",
    "CallLimitError",
    "EndOfPreviewError",
    "Host",
    "Paging",
    "Part",
    "Portal",
    "from_result",
    "portal",
    "result",
    "says_absent",
    "writes",
]
