"""Box AI without a model: what it answers is found in the text of the files, always the same."""
