"""The planner: from the catalog and what SQLite asks to a plan. Pure functions; nothing here does I/O."""
