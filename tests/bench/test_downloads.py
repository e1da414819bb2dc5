"""The line that downloads: the driver and the SDK's loop give what lies there."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from bench import downloads
from bench.contest import Settings


@pytest.mark.long
def test_what_is_downloaded_is_what_lies_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "BYTES_OF_FILE", 1_000)
    has_sdk = find_spec("box_sdk_gen") is not None
    (found,) = downloads.run(Settings(scale=0.001, latency_ms=0, concurrency=4, runs=1, sdk=has_sdk))
    assert (found.calls, found.least) == (5, 5)
    assert (found.sdk is not None) == has_sdk
