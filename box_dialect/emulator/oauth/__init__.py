"""Sign people and applications in: the authorization page, the token endpoint, and revocation."""

from .application import Application
from .authority import Authority
from .consent import answer_authorization
from .errors import OAuthError
from .session import Session
from .token_endpoint import answer_token_request

__all__ = ["Application", "Authority", "OAuthError", "Session", "answer_authorization", "answer_token_request"]
