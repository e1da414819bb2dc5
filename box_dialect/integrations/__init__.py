"""Box in other people's tools, each by what that tool asks of a database."""
