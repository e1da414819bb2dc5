"""Retention policies and legal holds: what keeps content from being deleted for good."""
