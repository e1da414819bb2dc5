"""Stand in for Box on this machine: an HTTP server that answers as Box documents, over a tree held in memory."""

from .faults import FAULT_POINTS, Fault, fault_named
from .oauth.application import is_redirect_uri
from .server import Emulator, Options, serve

__all__ = ["FAULT_POINTS", "Emulator", "Fault", "Options", "fault_named", "is_redirect_uri", "serve"]
