"""Box's OpenAPI document, by which tests judge what is sent and what is declared.

Those of newer versions, which lie beside it, count as parts of it.

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


def whole() -> Any:
    """Return the document with the paths of those of newer versions beside it, and their schemas by file and name."""
    found, schemas = json.loads(OPENAPI.read_text(encoding="utf-8")), "#/components/schemas/"
    for file in sorted(OPENAPI.parent.glob("openapi-*.json")):
        newer = json.loads(file.read_text(encoding="utf-8").replace(f'"{schemas}', f'"{schemas}{file.stem}.'))
        components = newer["components"]
        for described in (operation for entry in newer["paths"].values() for operation in entry.values()):
            described["parameters"] = [
                components["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
                for each in described.get("parameters", ())
            ]
        found["paths"] |= newer["paths"]
        named = components["schemas"].items()
        found["components"]["schemas"] |= {f"{file.stem}.{name}": schema for name, schema in named}
    _serve_variants(found["paths"])
    invited = found["paths"]["/invites"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    invited["properties"]["actionable_by"]["required"] = ["login"]  # it asks for an id, which it does not have
    value = found["components"]["schemas"]["MetadataInstanceValue"]
    value["anyOf"] = value.pop("oneOf")  # an integer is a number, too
    return found


def _serve_variants(paths: Any) -> None:
    """Add the operations that only variants of their path describe: what a body may be is what any of these has."""
    added = set()
    for path, entry in list(paths.items()):
        plain, mark, _ = path.partition("#")
        for method, described in entry.items() if mark else ():
            known = paths.setdefault(plain, {})
            if (plain, method) in added:
                known[method]["requestBody"]["content"] |= described["requestBody"]["content"]
            elif method not in known:
                added.add((plain, method))
                name = described["operationId"].partition("#")[0]
                known[method] = {**described, "operationId": name, "requestBody": {**described["requestBody"]}}


@cache
def everything() -> Any:
    """Return all documents as one, without the variants of paths that they have for documentation."""
    if not OPENAPI.is_file():
        reason = f"Box's OpenAPI document is not at {OPENAPI}; set BOX_OPENAPI to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        missing(reason)
    found = whole()
    found["paths"] = {path: entry for path, entry in found["paths"].items() if "#" not in path}
    return found


@cache
def document() -> Any:
    """Return the document alone, likewise."""
    known = json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"] if OPENAPI.is_file() else {}
    found = everything()
    return found | {"paths": {path: entry for path, entry in found["paths"].items() if path in known}}


def resolved(entry: Any) -> Any:
    """Return what a reference of the documents refers to, and anything else as it is."""
    while "$ref" in entry:
        node = everything()
        for key in entry["$ref"].removeprefix("#/").split("/"):
            node = node[key]
        entry = node
    return entry
