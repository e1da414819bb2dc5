"""Times as Box writes and reads them."""

import pytest

from box_dialect.emulator import clock


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2024-01-15T12:00:00Z", "2024-01-15T04:00:00-08:00"),
        ("2024-03-31T23:59:59Z", "2024-03-31T15:59:59-08:00"),
        ("2024-04-01T00:00:00Z", "2024-03-31T17:00:00-07:00"),
        ("2024-10-31T23:59:59+00:00", "2024-10-31T16:59:59-07:00"),
        ("2024-11-01T00:00:00Z", "2024-10-31T16:00:00-08:00"),
        ("2024-07-01", "2024-06-30T17:00:00-07:00"),
        ("2024-07-01T10:00:00.987-07:00", "2024-07-01T10:00:00-07:00"),
    ],
)
def test_times(text, written):
    assert clock.stamp(clock.parse(text)) == written


def test_no_time():
    assert clock.stamp(None) is None
    with pytest.raises(ValueError, match="RFC 3339"):
        clock.parse("soon")
