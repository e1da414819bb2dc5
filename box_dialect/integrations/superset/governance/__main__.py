"""`python -m box_dialect.integrations.superset.governance FILE.zip`: write the dashboard that Superset imports."""

from __future__ import annotations

import argparse
from pathlib import Path
from uuid import UUID

from box_dialect.integrations.superset.governance import DATABASE_UUID, bundle


def main() -> None:
    """Write the ZIP to the file that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m box_dialect.integrations.superset.governance", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE.zip", help="where to write it")
    parser.add_argument("--url", default="box://", help="the database's URL; write its password XXXXXXXXXX to be asked")
    parser.add_argument(
        "--database-uuid", type=UUID, default=DATABASE_UUID, metavar="UUID", help="a database that Superset has already"
    )
    arguments = parser.parse_args()
    arguments.file.write_bytes(bundle(arguments.url, str(arguments.database_uuid)))


if __name__ == "__main__":
    main()
