"""What docs/agents.md shows for clients is what the command takes."""

from __future__ import annotations

import json

import click
import pytest
from docs.pages import ROOT, blocks

from box_dialect.cli.commands import cli

pytest.importorskip("mcp", reason="mcp is not installed, which brings httpx2")

from box_dialect.mcp.bounds import DEFAULTS, Bounds

PAGE = ROOT / "docs" / "agents.md"


def test_the_configurations_of_clients_start_the_command():
    found = [json.loads(block.text) for block in blocks(PAGE) if block.language == "json"]
    servers = [each for file in found for each in (file.get("mcpServers") or file["servers"]).values()]
    started = [each["args"] for each in servers if "command" in each]
    assert len(servers) > len(started) > 0
    for name, *arguments in started:
        command = cli.get_command(click.Context(cli), name)
        command.make_context(name, arguments)


def test_it_tells_the_bounds_as_they_are():
    page, bounds = PAGE.read_text(encoding="utf-8"), Bounds()
    numbers = (*DEFAULTS.values(), bounds.rows, bounds.size)
    assert all(f"| {number:,}" in page for number in numbers)
    assert f"| {bounds.value:,}; {bounds.piece:,} |" in page
    assert f"| {bounds.statements}; {bounds.waiting} |" in page
