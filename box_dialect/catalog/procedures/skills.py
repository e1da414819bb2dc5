"""The procedure by which a custom skill tells what it found.

Source: https://developer.box.com/guides/skills/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import SUCCESS, reference

update_skill_invocation: Final = Procedure(
    name="UpdateSkillInvocation",
    doc="Put the cards of a skill on a file, in the place of those that it has.",
    reference="https://developer.box.com/reference/put-skill-invocations-id/",
    inputs=(
        Input(name="SkillId", required=True, doc="Id of the skill."),
        Input(name="FileId", required=True, body="file.id", doc="Id of the file."),
        Input(
            name="Status",
            choices=("invoked", "processing", "success", "transient_failure", "permanent_failure"),
            default="success",
            body="status",
            doc="How far the skill is.",
        ),
        Input(
            name="Cards",
            type=Type.JSON,
            form=OBJECTS,
            required=True,
            body="metadata.cards",
            doc="The cards, a list of objects of Box's reference.",
        ),
        Input(
            name="FileVersionId",
            body="file_version",
            sent=reference("file_version"),
            doc="Id of the version that they are about.",
        ),
        Input(name="UsageUnit", body="usage.unit", doc="What the use of the skill is counted in, as `file`."),
        Input(name="UsageValue", type=Type.REAL, body="usage.value", doc="How many of these."),
    ),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="PUT", path="/skill_invocations/{skill_id}", body={"file": {"type": "file"}}),
)
