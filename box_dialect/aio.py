"""The driver for asyncio: `async with await box_dialect.aio.connect("box://…") as connection`.

It is `box_dialect` with `await`; exceptions and types are the same. See docs/async.md.
"""

from box_dialect.dbapi.aio.driver import Connection, Cursor, connect

__all__ = ["Connection", "Cursor", "connect"]
