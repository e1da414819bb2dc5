"""The bench is no part of what is installed: its tests import it from the repository, and nothing else from there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))
