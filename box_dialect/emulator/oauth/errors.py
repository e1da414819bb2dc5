"""Declare how the authorization server refuses.

Source: https://developer.box.com/reference/resources/oauth2-error
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json


class OAuthError(Exception):
    """A refusal: the token endpoint answers it as JSON, the authorization page shows it; the status is mostly 400."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status

    @property
    def body(self) -> Json:
        """The JSON body, or what a redirect tells the application."""
        return {"error": self.error, "error_description": self.description}


def invalid_grant(description: str) -> OAuthError:
    """Make the refusal of a code, a token, an assertion or a subject."""
    return OAuthError("invalid_grant", description)


def invalid_client() -> OAuthError:
    """Make the refusal of an application that is unknown, or does not know its secret."""
    return OAuthError("invalid_client", "The client credentials are invalid")
