"""The server: the tools of an account, whatever way clients reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.extras import extra
from box_dialect.mcp import teaching
from box_dialect.mcp.bounds import Bounds, bounded
from box_dialect.mcp.statements import Statements
from box_dialect.mcp.tools import tools_of

with extra("mcp"):
    from mcp.server.mcpserver import MCPServer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp.server.auth.provider import TokenVerifier
    from mcp.server.auth.settings import AuthSettings


def server(
    properties: Mapping[str, Any],
    bounds: Bounds | None = None,
    *,
    write: bool = False,
    auth: AuthSettings | None = None,
    token_verifier: TokenVerifier | None = None,
) -> MCPServer[Any]:
    """Return a server of the tools, for the raw properties of an account.

    Without `write` nothing is written. `auth` and `token_verifier` are those of MCPServer. Raises ProgrammingError for
    a property that is wrong.
    """
    from box_dialect import __version__

    statements = Statements(bounded(properties, write=write), bounds or Bounds())
    return MCPServer(
        "box-dialect",
        title="Box",
        version=__version__,
        instructions=teaching.INSTRUCTIONS,
        tools=tools_of(statements, write=write),
        log_level="WARNING",
        auth=auth,
        token_verifier=token_verifier,
    )
