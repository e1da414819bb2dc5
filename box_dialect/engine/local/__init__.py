"""The connection's own SQLite database; depends on nothing else of the engine."""
