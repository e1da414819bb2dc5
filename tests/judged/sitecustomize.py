"""Have the judge stand before the emulators of this process, which a test started, once they are imported."""

from __future__ import annotations

import atexit
import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_APPLICATION: Final = "box_dialect.emulator.app"


class _Finder:
    """Find the emulator's application, and have it judged."""

    def find_spec(self, name: str, _path: object, _target: object = None) -> ModuleSpec | None:
        if name != _APPLICATION:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def judged(module: ModuleType) -> None:
            execute(module)
            sys.path.append(str(Path(__file__).resolve().parents[1]))
            from judge import judge

            if (found := judge()) is not None:
                found.stand_before(module.App)
                atexit.register(found.leave)

        spec.loader.exec_module = judged  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Finder())
