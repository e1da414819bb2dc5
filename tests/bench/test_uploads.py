"""The lines that upload: both ways leave behind what they were given."""

from __future__ import annotations

import pytest

from bench import uploads
from bench.contest import Settings


@pytest.mark.long
def test_the_driver_and_the_bare_loops_upload_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "BYTES_OF_FILE", 1_000)
    settings = Settings(scale=0.001, latency_ms=0, concurrency=4, runs=1, sdk=False)
    (small,), (large,) = uploads.small_files(settings), uploads.large_file(settings)
    assert (small.calls, small.least) == (4, 4)
    assert large.calls == 7  # a check, a session, four parts and a commit
