"""Serve the pins of the devices by which users sign in.

Source: https://developer.box.com/reference/resources/device-pinner
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import limit_of, number
from box_dialect.emulator.representations import render_all
from box_dialect.emulator.resource import Delete, Get, Resource, administers_the_enterprise

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


@dataclass(slots=True, eq=False, kw_only=True)
class DevicePinner(Entity):
    """That a user signs in by a device; it comes to be when the user does."""

    type, table, first_id = "device_pinner", "device_pinners", 5_111_000_001
    owners = ("owned_by",)
    owned_by: User
    product_name: str


DEVICE_PINNERS = Resource(
    DevicePinner,
    Get("/device_pinners/{device_pinner_id}"),
    Delete("/device_pinners/{device_pinner_id}", event="REMOVE_DEVICE_ASSOCIATION"),
    mini=("owned_by", "product_name"),
    permission=administers_the_enterprise,
    takes_fields=False,
    feature=Feature("device_pinning"),
)


@DEVICE_PINNERS.operation("GET", "/enterprises/{enterprise_id}/device_pinners")
def list_pins(call: Call) -> Json:
    """List the pins of the enterprise by their ids; a marker is a number here, and absent at the end."""
    administers_the_enterprise(call)
    if call.id != call.store.enterprise["id"]:
        raise errors.not_found("enterprise", call.id)
    direction, limit = call.choice("direction", ("ASC", "DESC"), "ASC"), limit_of(call.query, 100, 1000)
    pins = sorted(call.store.of(DevicePinner).values(), key=lambda pin: int(pin.id), reverse=direction == "DESC")
    after = number(call.query, "marker", 0)
    if after:
        pins = [pin for pin in pins if (int(pin.id) < after if direction == "DESC" else int(pin.id) > after)]
    page = pins[:limit]
    counters: Json = {"limit": limit, "order": [{"by": "id", "direction": direction.lower()}]}
    if len(pins) > limit:
        counters["next_marker"] = int(page[-1].id)
    return {"entries": render_all(page, "mini", None), **counters}
