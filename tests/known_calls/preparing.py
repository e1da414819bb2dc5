"""What calls need that the emulator's default data have not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from box_dialect.emulator.metadata.classifications import LABEL, add_classifications, classifications

if TYPE_CHECKING:
    from box_dialect.emulator.store import Store


def label(store: Store) -> None:
    """Let there be the classifications `Public` and `Secret`."""
    if classifications(store) is None:
        options = [{"key": "Public"}, {"key": "Secret"}]
        field = {"type": "enum", "key": LABEL, "displayName": "Classification", "options": options}
        add_classifications(store, {"displayName": "Classification", "fields": [field]})


def law(store: Store) -> None:
    """Add a taxonomy of two levels, and no nodes."""
    store.add_taxonomy("law", "Field", "Subject")
