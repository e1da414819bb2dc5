"""Prefetching: what a statement is going to ask for, asked ahead."""
