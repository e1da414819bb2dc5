"""Why a call does not come through, in words for an exception."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from box_dialect._http import httpx


def reason(error: httpx.TransportError) -> str:
    """Name what has failed; of a certificate that is not trusted say why, and how an authority is trusted."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return (
                f"certificate verify failed: {cause.verify_message}; where a proxy looks into TLS, name the "
                "certificates of its authority by the environment variable SSL_CERT_FILE"
            )
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
