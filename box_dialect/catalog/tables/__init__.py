"""Box's tables: one module for each family of Box's API reference."""
