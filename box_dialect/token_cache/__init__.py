"""Where tokens live between runs: one protocol, and a module for each place."""
