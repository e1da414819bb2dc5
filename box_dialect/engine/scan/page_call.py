"""The call that reads a page of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.template import filled, filled_headers
from box_dialect.catalog.model import dig, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

    from box_dialect.catalog.model import Endpoint
    from box_dialect.engine.scan.listing import Listing


def page_call(
    listing: Listing, selecting: Mapping[str, Any], fields: str | None, decode: msgspec.json.Decoder[Any] | None
) -> ApiCall:
    """Return the call for a page, with what filters select by and the fields that are asked for, where it takes any."""
    endpoint, keys = listing.endpoint, {**listing.endpoint.constants, **listing.keys}
    path, headers = ApiPath(endpoint.path, **keys), filled_headers(endpoint.headers, keys)
    parameters = {name: value.format_map(keys) for name, value in endpoint.parameters.items()}
    page = listing.position.parameters
    if endpoint.body is None:
        asked = {} if fields is None else {"fields": ",".join(filter(None, [fields, parameters.get("fields")]))}
        parameters |= {**selecting, **page, **asked}
        return ApiCall(endpoint.method, path, parameters, headers=headers, decoder=decode, host=endpoint.host)
    body = filled(dict(endpoint.body), keys)
    for place, value in {**selecting, **page}.items():
        own = dig(body, *place.split(".")) if place in endpoint.joins else None
        text = value if own is None else f"{own}{endpoint.joins[place]}{value}"
        put(body, place, int(text) if place in {"limit", "offset"} else text)
    if fields is not None and (names := _names(fields, endpoint)):
        put(body, "fields", names)
    return ApiCall(endpoint.method, path, parameters, body, headers, decode, reads=True, host=endpoint.host)


def _names(fields: str, endpoint: Endpoint) -> list[str]:
    """Return the fields as the endpoint calls them, without those that come anyway."""
    if endpoint.spelled is None:
        return fields.split(",")
    return [name for each in fields.split(",") if (name := endpoint.spelled(each)) is not None]
