"""The driver for asyncio: the same connection and cursor, each with a thread of its own."""
