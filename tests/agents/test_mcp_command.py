"""`box-dialect mcp`, as a client starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import click.testing
import pytest
from agents_client import HELD, account, with_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from patience import PATIENCE_SECONDS

from box_dialect.cli.commands import cli

COMMAND = [sys.executable, "-m", "box_dialect.cli", "mcp"]
ANY = "box://?OAuthAccessToken=any"


def client_of(*arguments: str, **environment: str):
    started = StdioServerParameters(
        command=COMMAND[0], args=[*COMMAND[1:], *arguments], env={**os.environ, **environment}
    )
    return stdio_client(started)


def started(*arguments: str) -> subprocess.Popen[str]:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen([*COMMAND, *arguments], text=True, **pipes)


def invoke(*arguments: str, **environment: str):
    return click.testing.CliRunner().invoke(cli, ["mcp", *arguments], env={"BOX_URL": None, **environment})


def test_the_official_client_starts_it_and_queries(small, capfd):
    async def use(client):
        tools = (await client.list_tools()).tools
        return [each.name for each in tools], await client.call_tool("query", {"sql": "SELECT 1 UNION SELECT 2"})

    names, result = with_client(client_of("--max-rows", "1", BOX_URL=small.url), use)
    assert "query" in names
    assert (result.structured_content["rows"], result.structured_content["is_cut"]) == ([[1]], True)
    assert capfd.readouterr().err == ""


def test_a_client_that_goes_away_ends_it_amid_a_statement(scripted, gate):
    given = [f"--property={name}={value}" for name, value in account(scripted).items()]
    who = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"id": 1, "method": "initialize", "params": who},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call", "params": {"name": "query", "arguments": HELD}},
    ]
    with started(*given) as process:
        for each in messages:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", **each}) + "\n")
            process.stdin.flush()
        assert gate.arrived.wait(PATIENCE_SECONDS)
        process.stdin.close()
        assert process.wait(PATIENCE_SECONDS) == 0
        assert [json.loads(line)["jsonrpc"] for line in process.stdout] == ["2.0"] * 2  # that, and that it was stopped
        assert process.stderr.read() == ""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("arguments", [[], ["--http", "0"]])
def test_a_signal_ends_it_well(arguments, number):
    hello = '{"jsonrpc":"2.0","id":1,"method":"ping"}\n'
    with started(ANY, *arguments) as process:
        process.stdin.write(hello)
        process.stdin.flush()
        first = process.stderr.readline() if arguments else process.stdout.readline()
        assert "http://127.0.0.1:" in first if arguments else '"id":1' in first
        process.send_signal(number)
        process.wait(PATIENCE_SECONDS)
        assert (process.returncode, process.stdout.read(), process.stderr.read()) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "No account is named"),
        ([ANY, "-p", "MaxApiCals=1"], "did you mean MaxApiCalls?"),
        ([ANY, "--http", "nowhere"], "neither PORT nor HOST:PORT"),
        ([ANY, "--http", "0.0.0.0:0"], "give a token"),
        ([ANY, "--http", "0", "--token", "hunter2"], "--token takes env:NAME or file:PATH"),
        ([ANY, "--http", "0", "--token", "env:NO_SUCH"], "environment variable NO_SUCH, which is not set"),
        ([ANY, "--http", "0", "--token", "env:SHORT"], "24 printable ASCII characters"),
        ([ANY, "--token", "env:SHORT"], "are of --http"),
        ([ANY, "--max-rows", "0"], "--max-rows"),
    ],
)
def test_what_is_wrong_is_a_usage_error(arguments, said):
    result = invoke(*arguments, SHORT="hunter2")
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert "hunter2" not in result.output


@pytest.mark.long
def test_without_the_extra_it_says_how_to_install_it():
    code = "import sys; sys.modules['mcp'] = None; from box_dialect.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", code, "mcp", ANY], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "Error: mcp is missing; run: pip install 'box-dialect[cli,mcp]'\n"
