"""Timestamps compare as timestamps: what the driver finds in a statement, and adds to it, for that."""
