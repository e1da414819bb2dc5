"""Box (box.com) as a SQL database."""

__version__ = "0.1.0.dev0"
