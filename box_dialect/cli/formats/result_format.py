"""What a format is: how the rows of a result become bytes."""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from box_dialect import ProgrammingError
from box_dialect.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from box_dialect.cli.formats.rows import Rows


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name, the extensions of its files, and what writes rows to a binary stream.

    `writer` takes the rows, the stream, and whether to begin with the names of the columns, which only a format that
    `may_lack_header` leaves out. `needs_names` is that no two columns may have one name. `is_text` tells that a
    terminal can show it, `holds_several` that one result may follow another in it; `module` is what it is written by,
    where an extra has that.
    """

    name: str
    extensions: tuple[str, ...]
    writer: Callable[[Rows, BinaryIO, bool], None]
    may_lack_header: bool = False
    needs_names: bool = False
    is_text: bool = True
    holds_several: bool = False
    module: str | None = None

    def check(self) -> None:
        """Raise ModuleNotFoundError, which says how to install it, where what the format needs is missing."""
        if self.module is not None:
            importlib.import_module(self.module)

    def write(self, rows: Rows, stream: BinaryIO, *, header: bool = True) -> None:
        """Write all rows as they come; raises ProgrammingError for columns whose names the format cannot hold."""
        twice = next((name for number, name in enumerate(rows.names) if name in rows.names[:number]), None)
        if self.needs_names and twice is not None:
            raise ProgrammingError(
                f"two columns have the name {twice}, of which {self.name} can hold one; name them apart by AS"
            )
        self.writer(rows, _Visible(stream) if self.is_text and stream.isatty() else stream, header)
        stream.flush()


class _Visible(io.BytesIO):
    """What shows text on a terminal: with escapes for what would steer it, which strangers write into names."""

    def __init__(self, terminal: BinaryIO) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        """Tell that it is a terminal, whose width is to be kept."""
        return True

    def write(self, data: Any) -> int:
        """Show whole lines of text."""
        return self._terminal.write(visible(bytes(data).decode(), is_multiline=True).encode())

    def flush(self) -> None:
        """Hand over what is not shown yet."""
        self._terminal.flush()
