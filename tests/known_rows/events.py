"""What happened."""

ROWS = {
    "events": ("SELECT count(*) FROM events WHERE event_type = 'ITEM_UPLOAD'", [(29,)]),
    "event_positions": (
        "SELECT stream_type, CAST(stream_position AS INTEGER) >= 29 FROM event_positions",  # tests make events, too
        [("all", 1), ("changes", 1), ("sync", 1)],
    ),
}

CALLS = {
    "events": 2,
    "event_positions": 3,
}
