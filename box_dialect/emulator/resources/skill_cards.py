"""Serve the cards that Box Skills put on files, and what skills tell of their invocations.

Source: https://developer.box.com/reference/resources/skill-cards-metadata/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired, TypedDict

from box_dialect.emulator import access, errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.errors import BoxError, MetadataError
from box_dialect.emulator.features import Feature
from box_dialect.emulator.metadata.instances import reader_of
from box_dialect.emulator.metadata.json_patch import patched
from box_dialect.emulator.metadata.taxonomies import identify
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import File
    from box_dialect.emulator.representations import Json, Reader
    from box_dialect.emulator.routing import Call

_TEMPLATE: Final = "boxSkillsCards"
_PATH: Final = f"/files/{{file_id}}/metadata/global/{_TEMPLATE}"
_NEEDS: Final = {
    "keyword": ("skill", "invocation", "entries"),
    "timeline": ("skill", "invocation", "entries"),
    "transcript": ("skill", "invocation", "entries"),
    "status": ("skill", "invocation", "status"),
}
"""What a card of each kind must have."""


@dataclass(slots=True, eq=False, kw_only=True)
class SkillCards(Entity):
    """The cards on a file; `version` counts their changes."""

    type, table, first_id, owners = "skill_cards", "skill_cards", 2_010_000_001, ("file",)
    file: File
    cards: list[Json]
    version: int = 0

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    def written(self) -> Json:
        """Write the cards as metadata."""
        user = access.reader.get()
        return {
            "cards": self.cards, "$id": self.id, "$parent": f"file_{self.file.id}", "$scope": "global",
            "$template": _TEMPLATE, "$type": f"{_TEMPLATE}-{identify(_TEMPLATE)}", "$typeVersion": 1,
            "$version": self.version, "$canEdit": user is None or "can_rename" in access.permissions(user, self.file),
        }  # fmt: skip


class NewCards(TypedDict):
    """The cards that a file gets."""

    cards: list[dict[str, Any]]


class CardOperation(TypedDict, total=False):
    """The replacement of a card, at a path such as `/cards/0`."""

    op: Literal["replace"]
    path: str
    value: dict[str, Any]


class _Cards(TypedDict, total=False):
    cards: list[dict[str, Any]]


class _File(TypedDict, total=False):
    type: Literal["file"]
    id: str


class _Version(TypedDict, total=False):
    type: Literal["file_version"]
    id: str


class _Usage(TypedDict, total=False):
    unit: str
    value: float


class Invocation(TypedDict):
    """What a skill tells of an invocation."""

    status: Literal["invoked", "processing", "success", "transient_failure", "permanent_failure"]
    metadata: _Cards
    file: _File
    file_version: NotRequired[_Version]
    usage: NotRequired[_Usage]


SKILL_CARDS = Resource(SkillCards, base=("id",), takes_fields=False, feature=Feature("skills"))


def cards_of(file: File) -> SkillCards | None:
    """Return the cards on a file."""
    return next(iter(file.of(SkillCards).values()), None)


def metadata_reader(paths: Sequence[str]) -> Reader:
    """Return what reads the metadata of a file that some paths name: instances of templates, and the cards."""
    instances, has_cards = reader_of(paths), f"global.{_TEMPLATE}" in paths

    def read(file: Any) -> Json:
        found: Json = instances(file)
        cards = cards_of(file) if has_cards else None
        if cards is not None:
            found.setdefault("global", {})[_TEMPLATE] = cards.written()
        return found

    return read


def _checked(cards: Any) -> list[Json]:
    """Return cards; raise the 400 for what is none."""
    if not isinstance(cards, list) or not all(map(_is_card, cards)):
        raise MetadataError(400, "schema_validation_failed", "There is something that is no skill card")
    return cards


def _is_card(card: Any) -> bool:
    needed = _NEEDS.get(str(card.get("skill_card_type"))) if isinstance(card, dict) else None
    return needed is not None and card.get("type") == "skill_card" and card.keys() >= set(needed)


def _file(call: Call) -> File:
    file = call.file()
    if file.is_trashed:
        raise errors.trashed()
    return file


def _found(call: Call) -> SkillCards:
    cards = cards_of(_file(call))
    if cards is None:
        raise BoxError(404, "instance_not_found", "Instance not found")
    return cards


@SKILL_CARDS.operation("GET", _PATH)
def get_cards(call: Call) -> Json:
    """Get the cards on a file."""
    return _found(call).written()


@SKILL_CARDS.operation("POST", _PATH, NewCards, needs=("can_rename",))
def create_cards(call: Call) -> Reply:
    """Put cards on a file that has none."""
    file, cards = _file(call), _checked(call.json["cards"])
    if cards_of(file) is not None:
        raise MetadataError(409, "tuple_already_exists", "There are cards on the file already")
    return Reply(201, call.store.add(SkillCards(file=file, cards=cards)).written())


@SKILL_CARDS.operation("PUT", _PATH, list[CardOperation], needs=("can_rename",))
def update_cards(call: Call) -> Json:
    """Replace cards."""
    cards = _found(call)
    after = patched({"cards": cards.cards}, call.json_patch)["cards"]
    call.store.change(cards, {"cards": _checked(after), "version": cards.version + 1})
    return cards.written()


@SKILL_CARDS.operation("DELETE", _PATH, needs=("can_rename",))
def delete_cards(call: Call) -> Reply:
    """Take the cards off a file."""
    call.store.remove(_found(call))
    return Reply(204)


@SKILL_CARDS.operation("PUT", "/skill_invocations/{skill_id}", Invocation)
def update_invocation(call: Call) -> Reply:
    """Put cards on a file, in the place of those that it has."""
    file: Any = call.item({"type": "file", **call.json["file"]})
    call.check_permissions(file, "can_rename")
    asked = call.json.get("file_version", {}).get("id")
    if asked is not None and asked not in {version.id for version in file.versions}:
        raise errors.not_found("file_version", asked)
    given, cards = _checked(call.json["metadata"].get("cards", [])), cards_of(file)
    if cards is None:
        call.store.add(SkillCards(file=file, cards=given))
    else:
        call.store.change(cards, {"cards": given, "version": cards.version + 1})
    return Reply(200)
