"""Viewers: whose rows a query of Superset sees."""

from __future__ import annotations


class ViewerSignIn:
    """The part of the engine spec by which each viewer sees their own rows."""
