"""Have fsspec know the file system as it does where the package is installed."""

from __future__ import annotations

import contextlib

with contextlib.suppress(ImportError):
    import fsspec

    fsspec.register_implementation("box-dialect", "box_dialect.content.filesystem.BoxFileSystem", clobber=True)
