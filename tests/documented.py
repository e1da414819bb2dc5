"""Box's OpenAPI document, by which tests judge what is sent and what is declared.

It is found by the environment variable BOX_OPENAPI. Where it is missing, what needs it is skipped; with CI or
BOX_REQUIRE_SERVICES it fails.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from services import missing

OPENAPI: Final = Path(
    os.environ.get("BOX_OPENAPI") or Path(__file__).resolve().parents[2] / "shared" / "box-api" / "openapi.json"
)


@cache
def document() -> Any:
    """Return the document, without the variants of paths that it has for documentation."""
    if not OPENAPI.is_file():
        reason = f"Box's OpenAPI document is not at {OPENAPI}; set BOX_OPENAPI to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        missing(reason)
    found = json.loads(OPENAPI.read_text(encoding="utf-8"))
    found["paths"] = {path: entry for path, entry in found["paths"].items() if "#" not in path}
    return found


def resolved(entry: Any) -> Any:
    """Return what a reference of the document refers to, and anything else as it is."""
    while "$ref" in entry:
        node = document()
        for key in entry["$ref"].removeprefix("#/").split("/"):
            node = node[key]
        entry = node
    return entry
