"""Procedures that put metadata on files, let that of folders cascade, and take levels off taxonomies.

Sources: https://developer.box.com/reference/post-files-id-metadata-id-id/,
…/post-metadata-cascade-policies-id-apply/ and …/post-metadata-taxonomies-id-id-levels:trim/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECT
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import FILE_ID, SUCCESS

add_metadata_templates_to_file: Final = Procedure(
    name="AddMetadataTemplatesToFile",
    doc="Give a file metadata of a template; INSERT INTO `metadata_instances` does the same, for folders too.",
    reference="https://developer.box.com/reference/post-files-id-metadata-id-id/",
    inputs=(
        FILE_ID,
        Input(name="TemplateKey", required=True, doc="Key of the template."),
        Input(name="Scope", default="enterprise", doc="`enterprise`, `enterprise_` and its id, or `global`."),
        Input(
            name="FieldValues",
            type=Type.JSON,
            form=OBJECT,
            default="{}",
            body="",
            doc="The values by the keys of the fields. Default: none.",
        ),
    ),
    outputs=(
        Column("Id", source="$id", doc="Box's id of the instance."),
        Column("Scope", source="$scope", doc="Scope of the template."),
        Column("TemplateKey", source="$template", doc="Key of the template."),
        Column("Version", Type.INTEGER, source="$version", doc="Counts the changes; 0 is the first."),
    ),
    side_effect=True,
    call=Call(method="POST", path="/files/{file_id}/metadata/{scope}/{template_key}"),
)

apply_cascade_policy: Final = Procedure(
    name="ApplyCascadePolicy",
    doc="Let what a folder has for a template come to all that lies in it already. Box does that in its own time.",
    reference="https://developer.box.com/reference/post-metadata-cascade-policies-id-apply/",
    inputs=(
        Input(name="PolicyId", required=True, doc="Id of the policy, as `metadata_cascade_policies` has it."),
        Input(
            name="ConflictResolution",
            choices=("none", "overwrite"),
            default="none",
            body="conflict_resolution",
            doc="What becomes of other values of the template that an item has: they stay, or are overwritten.",
        ),
    ),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="POST", path="/metadata_cascade_policies/{policy_id}/apply"),
)

trim_taxonomy_levels: Final = Procedure(
    name="TrimTaxonomyLevels",
    doc="Delete the last level of a taxonomy, which must have no nodes.",
    reference="https://developer.box.com/reference/post-metadata-taxonomies-id-id-levels:trim/",
    inputs=(
        Input(name="Namespace", required=True, doc="Namespace of the taxonomy."),
        Input(name="TaxonomyKey", required=True, doc="Key of the taxonomy."),
    ),
    outputs=(Column("Levels", Type.JSON, source="entries", doc="The levels that are left."),),
    side_effect=True,
    call=Call(method="POST", path="/metadata_taxonomies/{namespace}/{taxonomy_key}/levels:trim"),
)
