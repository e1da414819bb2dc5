"""Box for assistants: a server of the Model Context Protocol (MCP), whose tools query Box with SQL.

    box_dialect.mcp.server({"OAuthAccessToken": "…"}).run()

serves over standard input and output, as the command `box-dialect mcp` does. Needs the extra `mcp`:
`pip install 'box-dialect[mcp]'`. Source: https://modelcontextprotocol.io/specification/
"""

from box_dialect.mcp.bounds import Bounds
from box_dialect.mcp.server import server

__all__ = ["Bounds", "server"]
