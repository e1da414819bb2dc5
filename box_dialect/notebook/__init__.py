"""SQL in the cells of a notebook, and of IPython: `%load_ext box_dialect` gives `%%box` and `%box`.

Needs the extra `notebook`: `pip install 'box-dialect[notebook]'`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.extras import extra

with extra("notebook"):
    from box_dialect.notebook.magics import BoxMagics

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["BoxMagics", "load", "unload"]


def load(shell: InteractiveShell) -> None:
    """Have a shell know `%box` and `%%box`."""
    shell.register_magics(BoxMagics)


def unload(shell: InteractiveShell) -> None:
    """Have a shell know them no more, and close the connections that they made."""
    manager = shell.magics_manager
    magics = manager.registry.pop(BoxMagics.__name__, None)
    if isinstance(magics, BoxMagics):
        magics.connections.close()
    for known in manager.magics.values():
        known.pop("box", None)
