"""Procedures that put a classification on items, and take it off.

Source: https://developer.box.com/guides/security/classifications/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from box_dialect.api import ApiCall, ApiPath
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Call, Context, Input, Procedure
from box_dialect.errors import IntegrityError

from ._items import SUCCESS, one_of

if TYPE_CHECKING:
    from box_dialect.catalog.model import JsonObject

_LABEL: Final = "Box__Security__Classification__Key"
_JSON_PATCH: Final = {"Content-Type": "application/json-patch+json"}
_CONFLICT: Final = 409


async def _classified(context: Context, *, item_id: str, item_type: str, classification: str) -> list[JsonObject]:
    """Put a label on an item, or in the place of the one that it has, which takes a second call."""
    path = ApiPath(
        "/{item_type}/{item_id}/metadata/enterprise/securityClassification-6VMVochwUWo",
        item_type=f"{item_type}s",
        item_id=item_id,
    )
    try:
        return [await context.send(ApiCall("POST", path, body={_LABEL: classification}))]
    except IntegrityError as error:
        if error.diag.status != _CONFLICT:
            raise
    replaced = [{"op": "replace", "path": f"/{_LABEL}", "value": classification}]
    return [await context.send(ApiCall("PUT", path, body=replaced, headers=_JSON_PATCH))]


set_classification: Final = Procedure(
    name="SetClassification",
    doc="Classify a file or a folder, whether it has another classification or none.",
    reference="https://developer.box.com/reference/post-files-id-metadata-enterprise-securityClassification-6VMVochwUWo/",
    inputs=(
        *one_of("file", "folder"),
        Input(name="Classification", required=True, doc="The label, as the enterprise has it."),
    ),
    outputs=(
        Column("Classification", source=_LABEL, doc="The label."),
        Column("Version", Type.INTEGER, "$version", doc="Counts the changes; 0 is the first."),
    ),
    side_effect=True,
    run=_classified,
)

remove_classification: Final = Procedure(
    name="RemoveClassification",
    doc="Take the classification off a file or a folder.",
    reference="https://developer.box.com/reference/delete-files-id-metadata-enterprise-securityClassification-6VMVochwUWo/",
    inputs=one_of("file", "folder"),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="DELETE", path="/{item_type}/{item_id}/metadata/enterprise/securityClassification-6VMVochwUWo"),
)
