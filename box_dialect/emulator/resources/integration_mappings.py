"""Serve which folders are mapped to channels of Slack, and to channels and teams of Microsoft Teams.

Sources: https://developer.box.com/reference/resources/integration-mapping/ and
https://developer.box.com/reference/resources/integration-mapping-teams/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page, unpaged
from box_dialect.emulator.representations import references
from box_dialect.emulator.resource import Create, Delete, List, Resource, Update, administrators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from box_dialect.emulator.model import Folder, User
    from box_dialect.emulator.representations import Json, Reader
    from box_dialect.emulator.routing import Call

_SLACK: Final = "/integration_mappings/slack"
_TEAMS: Final = "/integration_mappings/teams"
_FEATURE: Final = Feature("integration_mappings")


@dataclass(slots=True, eq=False, kw_only=True)
class Mapping(Entity):
    """That a folder is what a channel or a team shows; `partner_item` is as the body has it."""

    owners = ("box_item",)
    box_item: Folder
    partner_item: Json
    created_by: User
    modified_by: User


@dataclass(slots=True, eq=False, kw_only=True)
class SlackMapping(Mapping):
    """A mapping of a channel of Slack."""

    type, table, first_id = "integration_mapping_slack", "integration_mappings_slack", 2_140_000_001
    is_manually_created: bool = True
    is_access_management_disabled: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class TeamsMapping(Mapping):
    """A mapping of a channel or a team of Microsoft Teams."""

    type, table, first_id = "integration_mapping_teams", "integration_mappings_teams", 2_150_000_001
    is_overridden_by_manual_mapping: bool = False


class _Folder(TypedDict):
    id: str
    type: Literal["folder"]


class _Options(TypedDict, total=False):
    is_access_management_disabled: bool


class _SlackItem(TypedDict):
    id: str
    type: Literal["channel"]
    slack_workspace_id: NotRequired[str | None]
    slack_org_id: NotRequired[str | None]


class _TeamsItem(TypedDict):
    id: str
    type: Literal["channel", "team"]
    tenant_id: str
    team_id: str


class NewSlackMapping(TypedDict):
    """What a mapping of Slack is made of: the channel is one of a workspace, or of an organization."""

    partner_item: _SlackItem
    box_item: _Folder
    options: NotRequired[_Options]


class UpdateSlackMapping(TypedDict, total=False):
    """What changes a mapping of Slack."""

    box_item: _Folder
    options: _Options


class NewTeamsMapping(TypedDict):
    """What a mapping of Teams is made of."""

    partner_item: _TeamsItem
    box_item: _Folder


class UpdateTeamsMapping(TypedDict, total=False):
    """What changes a mapping of Teams."""

    box_item: _Folder


def _folder(call: Call) -> Folder:
    """Return the folder of the body, which must belong to the enterprise."""
    identity = call.json["box_item"]["id"]
    folder: Any = call.find("folder", identity)
    if folder is None or folder.is_trashed:
        raise errors.not_found("folder", identity)
    if folder.owned_by.enterprise is None:
        raise errors.bad_request("BOX_FOLDER_EXTERNALLY_OWNED", "The folder belongs to another enterprise")
    return folder  # type: ignore[no-any-return]  # the table of a kind holds that kind only


def _check_free(others: Iterable[Mapping], partner: Json) -> None:
    """Refuse to map a channel or a team a second time."""
    if any((each.partner_item["type"], each.partner_item["id"]) == (partner["type"], partner["id"]) for each in others):
        kind = partner["type"]
        raise errors.bad_request(f"{kind.upper()}_ALREADY_MAPPED", f"The {kind} is mapped to another folder")


def _make_slack(call: Call) -> SlackMapping:
    partner, options = call.json["partner_item"], call.json.get("options", {})
    if bool(partner.get("slack_workspace_id")) == bool(partner.get("slack_org_id")):
        why = "Either 'slack_workspace_id' or 'slack_org_id' must be there"
        raise errors.invalid_parameter("partner_item", partner["id"], why)
    folder = _folder(call)
    _check_free(call.store.of(SlackMapping).values(), partner)
    return SlackMapping(
        box_item=folder, partner_item=partner, created_by=call.user, modified_by=call.user,
        is_access_management_disabled=options.get("is_access_management_disabled", False),
    )  # fmt: skip


def _make_teams(call: Call) -> TeamsMapping:
    partner, folder = call.json["partner_item"], _folder(call)
    _check_free(call.store.of(TeamsMapping).values(), partner)
    _check_unmapped(folder)
    return TeamsMapping(box_item=folder, partner_item=partner, created_by=call.user, modified_by=call.user)


def _check_unmapped(folder: Folder, mapping: TeamsMapping | None = None) -> None:
    """Refuse to map a folder a second time."""
    if any(other is not mapping for other in folder.of(TeamsMapping).values()):
        raise errors.bad_request("FOLDER_ALREADY_MAPPED", "The folder is mapped to another integration mapping")


def _change_slack(call: Call, _mapping: SlackMapping) -> dict[str, Any]:
    moved = {"box_item": _folder(call)} if "box_item" in call.json else {}
    return {**moved, **call.json.get("options", {}), "modified_by": call.user}


def _change_teams(call: Call, mapping: TeamsMapping) -> dict[str, Any]:
    moved = {}
    if "box_item" in call.json:
        moved["box_item"] = _folder(call)
        _check_unmapped(moved["box_item"], mapping)
    return {**moved, "modified_by": call.user}


def _part(part: str, name: str) -> Callable[[Any, str], bool]:
    """Return the filter for a key of the partner's item or of the folder."""
    if part == "partner_item":
        return lambda mapping, text: bool(mapping.partner_item[name] == text)
    return lambda mapping, text: bool(getattr(mapping.box_item, name) == text)


def _manual(mapping: SlackMapping, text: str) -> bool:
    return mapping.is_manually_created == (text.lower() == "true")


_FILTERS: Final = {
    f"{part}_{name}": _part(part, name) for part in ("partner_item", "box_item") for name in ("type", "id")
}


def _common(integration: str) -> dict[str, Reader]:
    return {"type": lambda _: "integration_mapping", "integration_type": lambda _: integration}


SLACK_MAPPINGS = Resource(
    SlackMapping,
    List(_SLACK, page=marker_page, level="standard", filters={**_FILTERS, "is_manually_created": _manual},
        choices={"partner_item_type": ("channel",), "box_item_type": ("folder",)}),
    Create(_SLACK, NewSlackMapping, make=_make_slack),
    Update(f"{_SLACK}/{{integration_mapping_id}}", UpdateSlackMapping, changes=_change_slack),
    Delete(f"{_SLACK}/{{integration_mapping_id}}"),
    standard=("integration_type", "is_manually_created", "options", "created_by", "modified_by", "partner_item",
        "box_item", "created_at", "modified_at"),
    computed={
        **_common("slack"),
        "options": lambda mapping: {"is_access_management_disabled": mapping.is_access_management_disabled},
    },
    permission=administrators(),
    takes_fields=False,
    feature=_FEATURE,
)  # fmt: skip
TEAMS_MAPPINGS = Resource(
    TeamsMapping,
    List(_TEAMS, page=unpaged, level="standard", filters=_FILTERS,
        choices={"partner_item_type": ("channel", "team"), "box_item_type": ("folder",)}),
    Create(_TEAMS, NewTeamsMapping, make=_make_teams),
    Update(f"{_TEAMS}/{{integration_mapping_id}}", UpdateTeamsMapping, changes=_change_teams),
    Delete(f"{_TEAMS}/{{integration_mapping_id}}"),
    standard=("integration_type", "is_overridden_by_manual_mapping", "partner_item", "box_item", "created_at",
        "modified_at"),
    computed={
        **_common("teams"),
        "partner_item": lambda mapping: {
            name: value for name, value in mapping.partner_item.items() if name != "team_id"
        },
        **references("box_item"),
    },
    permission=administrators(),
    takes_fields=False,
    feature=_FEATURE,
)  # fmt: skip
