"""What SQLite's own listing of a prepared statement, by EXPLAIN, tells of it."""
