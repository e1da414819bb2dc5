"""Documents at Box: which files a path means, and what is in them, downloaded once in a statement."""
