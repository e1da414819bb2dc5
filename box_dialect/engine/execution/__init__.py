"""One statement from begin to end: its scope, its bounds, its writes, and what SQLite is going to do for it."""
