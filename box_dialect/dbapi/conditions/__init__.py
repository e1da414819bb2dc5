"""The conditions that a statement has on tables of Box, read out of it and told to these as a whole."""
