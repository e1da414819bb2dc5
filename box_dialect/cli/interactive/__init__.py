"""The rooms of `box-dialect shell`."""
