"""The call that reads a page of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.api import ApiCall, ApiPath
from box_dialect.api.template import filled, filled_headers
from box_dialect.catalog.values import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    import msgspec

    from box_dialect.engine.scan.listing import Listing


def page_call(
    listing: Listing, selecting: Mapping[str, Any], fields: str | None, decode: msgspec.json.Decoder[Any] | None
) -> ApiCall:
    """Return the call for a page, with what filters select by and the fields that are asked for, where it takes any."""
    endpoint, keys = listing.endpoint, listing.keys
    path, headers = ApiPath(endpoint.path, **keys), filled_headers(endpoint.headers, keys)
    parameters = {name: value.format_map(keys) for name, value in endpoint.parameters.items()}
    page = listing.position.parameters
    if endpoint.body is None:
        parameters |= {**selecting, **page} if fields is None else {**selecting, **page, "fields": fields}
        return ApiCall(endpoint.method, path, parameters, headers=headers, decoder=decode, host=endpoint.host)
    body = filled(dict(endpoint.body), keys)
    for place, value in {**selecting, **page}.items():
        put(body, place, int(value) if place in {"limit", "offset"} else value)
    if fields is not None:
        put(body, "fields", fields.split(","))
    return ApiCall(endpoint.method, path, parameters, body, headers, decode, reads=True, host=endpoint.host)
