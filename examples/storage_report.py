"""Where the space goes: a report over all that you see at Box, with pandas.

How to run it: README.md beside this file.
"""

import os

import pandas as pd

from box_dialect.pandas import read_sql

QUERY = """
    SELECT path, extension, size, sha1, modified_at, owned_by_name AS owner
    FROM files
"""
"""One call for each folder, many at once. A WHERE such as `path LIKE '/Projects/%'` reads a branch alone."""


def summed(files: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return how many files there are of each kind, and how large they are together, the largest first."""
    groups = files.groupby(by, dropna=False)["size"].agg(files="count", bytes="sum")
    groups["percent"] = 100 * groups["bytes"] / max(files["size"].sum(), 1)
    return groups.sort_values(["bytes", "files"], ascending=False).head(10)


def duplicates(files: pd.DataFrame) -> pd.DataFrame:
    """Return what is there more than once, by one of its places, those first that waste the most."""
    same = files.groupby("sha1").agg(place=("path", "min"), copies=("path", "count"), bytes=("size", "first"))
    same["wasted"] = (same["copies"] - 1) * same["bytes"]
    return same[same["wasted"] > 0].set_index("place").sort_values("wasted", ascending=False).head(10)


def main() -> None:
    """Read once, and print each part."""
    files = read_sql(QUERY, os.environ["BOX_URL"])
    parts = files["path"].str.split("/")
    files["folder"] = parts.str[1].where(parts.str.len() > 2, "(at the top)")
    a_year_ago = pd.Timestamp.now("UTC") - pd.DateOffset(years=1)
    print(f"{len(files):,} files, {files['size'].sum():,} bytes")
    for title, table in {
        "By folder": summed(files, "folder"),
        "By kind": summed(files, "extension"),
        "Not changed for a year, by owner": summed(files[files["modified_at"] < a_year_ago], "owner"),
        "There more than once": duplicates(files),
    }.items():
        print(f"\n{title}\n")
        print(table.to_string(formatters={"percent": "{:.1f}".format}) if len(table) else "(none)")


if __name__ == "__main__":
    main()
