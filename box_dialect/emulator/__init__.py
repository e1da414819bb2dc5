"""Stand in for Box on this machine: an HTTP server that answers as Box documents, over a tree held in memory."""

from .oauth.application import is_redirect_uri
from .server import Emulator, Options, serve

__all__ = ["Emulator", "Options", "is_redirect_uri", "serve"]
