"""The virtual tables that SQLite calls: reading, writing, RETURNING's rows, and procedures."""
