"""The client credentials grant.

Source: https://developer.box.com/guides/authentication/client-credentials/
"""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, Any

from box_dialect._http import httpx
from box_dialect.auth.tokens import TokenSet
from box_dialect.errors import Diagnostics, OperationalError
from box_dialect.properties import is_local

if TYPE_CHECKING:
    from box_dialect.properties import Properties


class ClientCredentialsGrant:
    """Sign in with client id and secret, as the application's service account or as a user."""

    def __init__(self, properties: Properties) -> None:
        self._properties = properties

    async def fetch(self) -> TokenSet:
        """Ask Box for a new token set; raises OperationalError."""
        oauth_error, session = _authlib()
        properties = self._properties
        try:
            async with session(
                client_id=properties.client_id,
                client_secret=properties.client_secret,
                # Box takes client credentials in the form body only; HTTP Basic answers invalid_client.
                token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method, no secret
                scope=properties.scope,
                timeout=properties.request_timeout,
                trust_env=not is_local(properties.token_url),
            ) as oauth:
                oauth.register_compliance_hook("access_token_response", _passing)
                answer = await oauth.fetch_token(
                    properties.token_url,
                    grant_type="client_credentials",
                    box_subject_type=properties.subject_type,
                    box_subject_id=properties.subject_id,
                )
            return TokenSet(_token(answer["access_token"]), time.time() + float(answer["expires_in"]))
        except oauth_error as error:
            raise _refused(str(error.error), error.description) from None
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            may_pass = _may_pass(status)
            advice = "try again later" if may_pass else "check the property TokenURL"
            raise OperationalError(
                f"{properties.token_url} answered HTTP {status} as Box's token endpoint; {advice}",
                # A status that Box does not answer here would be taken for one of the call: 404 for a missing item.
                Diagnostics(status=status if may_pass else None, operation="POST /oauth2/token", retryable=may_pass),
            ) from None
        except httpx.TransportError as error:
            raise OperationalError(
                f"cannot reach Box's token endpoint {properties.token_url} ({type(error).__name__}); "
                "check the network and the property TokenURL",
                Diagnostics(operation="POST /oauth2/token", retryable=True),
            ) from None
        except (httpx.DecodingError, httpx.InvalidURL, AttributeError, KeyError, TypeError, ValueError):
            raise OperationalError(
                f"{properties.token_url} did not answer as Box's token endpoint does; check the property TokenURL"
            ) from None


def _may_pass(status: int) -> bool:
    return status == 429 or status >= 500


def _passing(response: httpx.Response) -> httpx.Response:
    """Raise for an answer that says nothing of the credentials, whatever its body is."""
    return response.raise_for_status() if _may_pass(response.status_code) else response


def _token(value: Any) -> str:
    """Return an access token that fits into a header; raises ValueError."""
    if not isinstance(value, str) or not value or not (value.isascii() and value.isprintable()):
        raise ValueError("no access token")
    return value


def _authlib() -> tuple[Any, Any]:
    """Import Authlib when a token is first needed: it costs a third of a second, and a given token needs none of it."""
    import authlib.deprecate  # noqa: F401 - sets a filter that would show the warning below

    with warnings.catch_warnings():
        # Authlib warns on every import that httpx is not httpx2; which one is installed is the user's choice.
        warnings.simplefilter("ignore")
        from authlib.integrations.base_client import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client
    return OAuthError, AsyncOAuth2Client


_ADVICE = {
    "invalid_client": "check OAuthClientId and OAuthClientSecret",
    "unauthorized_client": "an administrator has to authorize the application in Box's admin console",
    "invalid_grant": "check SubjectType and SubjectId, and that the application may act for that subject",
    "invalid_request": "check that the application uses server authentication with client credentials",
}


def _refused(code: str, description: str | None) -> OperationalError:
    advice = _ADVICE.get(code, "check the application in Box's developer console")
    said = str(description or "no reason given").rstrip(".")
    return OperationalError(
        f"Box refused the sign-in: {said} ({code}); {advice}",
        Diagnostics(status=400, code=code, operation="POST /oauth2/token"),
    )
