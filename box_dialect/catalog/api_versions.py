"""The header by which calls ask for a version of Box's API, where that is not the first.

Source: https://developer.box.com/guides/api-calls/api-versioning-strategy/
"""

from collections.abc import Mapping
from typing import Final

V2025_0: Final[Mapping[str, str]] = {"box-version": "2025.0"}
V2026_0: Final[Mapping[str, str]] = {"box-version": "2026.0"}
