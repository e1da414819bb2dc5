"""`python -m box_dialect.integrations.superset.governance FILE.zip`: write the dashboard that Superset imports."""

from __future__ import annotations

import argparse
from pathlib import Path

from box_dialect.integrations.superset.governance import bundle


def main() -> None:
    """Write the ZIP to the file that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m box_dialect.integrations.superset.governance", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="where to write it")
    parser.add_argument("--url", default="box://", help="the database's URL; write its password XXXXXXXXXX to be asked")
    parser.add_argument("--database-uuid", metavar="UUID", help="the database of Superset to use, where it has one")
    arguments = parser.parse_args()
    given = {"database_uuid": arguments.database_uuid} if arguments.database_uuid else {}
    arguments.file.write_bytes(bundle(arguments.url, **given))


if __name__ == "__main__":
    main()
