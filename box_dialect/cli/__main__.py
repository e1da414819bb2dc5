"""Run the command line by `python -m box_dialect.cli`."""

from box_dialect.cli import main

main()
