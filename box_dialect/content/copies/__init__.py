"""Copies of many files and folders at once: from this machine to Box, from Box to this machine, and at Box."""

from box_dialect.content.copies.copy import Conflict, Copy, Outcome, Result
from box_dialect.content.copies.request import Operand, Request
from box_dialect.content.copies.run import copied

__all__ = ["Conflict", "Copy", "Operand", "Outcome", "Request", "Result", "copied"]
