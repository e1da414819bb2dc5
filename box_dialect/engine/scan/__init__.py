"""From an access path to pages of rows."""
