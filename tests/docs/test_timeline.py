"""The picture of a join's calls shows those that are made."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import pytest

from docs.pages import script

TIMELINE: Final = script("timeline")


@pytest.mark.usefixtures("quiet")  # since it draws the calls that the driver logs, whosever they are
def test_the_picture_has_a_bar_for_each_call() -> None:
    drawn = re.findall(r'<rect class="(folder|comments)" .* rx=', TIMELINE.PICTURE.read_text(encoding="utf-8"))
    made = TIMELINE.recorded(latency_ms=0)
    assert Counter(drawn) == Counter(call.kind for call in made)
    assert re.findall(r'class="(folder|comments)" .* rx=', TIMELINE.picture(made)) == [call.kind for call in made]
