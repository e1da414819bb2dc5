"""Box over HTTP: calls with retries, rate limit, paging and typed failures."""

from box_dialect.api.calls import ApiCall, CallCount, CallLimitError
from box_dialect.api.paging import Paging
from box_dialect.api.portal import Portal, portal, result

__all__ = ["ApiCall", "CallCount", "CallLimitError", "Paging", "Portal", "portal", "result"]
