"""What an enterprise may lack at Box, by its plan or by what its administrators set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSALS: Final = (
    "forbidden",
    "access_denied_insufficient_permissions",
    "not_found",
    "insufficient_scope",
    "missing_relay_full_access",
)
"""Box's codes for a listing of what the enterprise lacks; its reference does not tell them all."""


def needs(feature: str, scope: str | None = None) -> Mapping[str, str]:
    """Return what to do where Box refuses to list something, as the advice of an endpoint.

    `scope` is the one that the application needs for it.
    """
    application = "" if scope is None else f", and that the application has the scope {scope}"
    advice = f"check that the enterprise has {feature}, and that the signed-in user may use it{application}"
    return dict.fromkeys(_REFUSALS, advice)
