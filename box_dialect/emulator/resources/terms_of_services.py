"""Serve the terms of service of the enterprise.

Source: https://developer.box.com/reference/resources/terms-of-service
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import whole_page
from box_dialect.emulator.resource import Create, Get, List, Resource, Update, administers_the_enterprise

if TYPE_CHECKING:
    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.routing import Call

FEATURE = Feature("terms_of_service")


@dataclass(slots=True, eq=False, kw_only=True)
class TermsOfService(Entity):
    """What managed users, or external ones, are to accept; there is one for each of them at most."""

    type, table, first_id = "terms_of_service", "terms_of_services", 5_112_000_001
    unique = ("tos_type",)
    status: str
    text: str
    enterprise: dict[str, str]
    tos_type: str = "managed"


class UpdateTerms(TypedDict):
    """What changes terms of service."""

    status: Literal["enabled", "disabled"]
    text: str


class NewTerms(UpdateTerms):
    """What terms of service are made of."""

    tos_type: NotRequired[Literal["external", "managed"]]


def _changes(call: Call, _terms: TermsOfService | None = None) -> dict[str, Any]:
    """Return what the body says; of terms that are enabled the text must not be empty."""
    if call.json["status"] == "enabled" and not call.json["text"]:
        raise errors.invalid_parameter("text", "", "The text can be empty where the status is disabled")
    return call.json


def _conflict() -> BoxError:
    return errors.conflict("conflict", "There are terms of service of this type already")


TERMS_OF_SERVICES = Resource(
    TermsOfService,
    List(
        "/terms_of_services",
        filters={"tos_type": lambda terms, wanted: terms.tos_type == wanted},
        page=whole_page,
        level="standard",
    ),
    Get("/terms_of_services/{terms_of_service_id}"),
    Create(
        "/terms_of_services",
        NewTerms,
        make=lambda call: TermsOfService(enterprise=call.store.enterprise, **_changes(call)),
        status=200,
    ),
    Update("/terms_of_services/{terms_of_service_id}", UpdateTerms, changes=_changes),
    standard=("status", "enterprise", "tos_type", "text", "created_at", "modified_at"),
    permission=administers_the_enterprise,
    conflict=_conflict,
    takes_fields=False,
    feature=FEATURE,
)
