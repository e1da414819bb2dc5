"""What the driver asks SQLite about a statement holds for the tables as they are now."""

from __future__ import annotations

import box_dialect


def test_a_table_that_is_made_anew_is_explained_anew() -> None:
    """SQLite keeps no EXPLAIN up to date: a kept one names tables and values whose memory is free by now."""
    with box_dialect.connect("box://?OAuthAccessToken=none") as connection, connection.cursor() as cursor:
        listed = set()
        for number in range(200):
            cursor.execute(f"CREATE TABLE again (a, b{number}, c DEFAULT 'a value of some length')")
            cursor.execute("INSERT INTO again (a) VALUES (?)", (1,))
            listed.add(repr(cursor.execute("EXPLAIN INSERT INTO again (a) VALUES (2)").fetchall()).count("some length"))
            assert cursor.execute("DELETE FROM again").rowcount == 1
            cursor.execute("DROP TABLE again")
        assert listed == {1}
