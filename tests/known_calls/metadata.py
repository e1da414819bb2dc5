"""Metadata of files, cascades and taxonomies."""

from known_calls import Called
from known_calls.preparing import law

CALLS = {
    "AddMetadataTemplatesToFile": [
        Called(
            inputs={
                "FileId": "1200000000008",
                "TemplateKey": "documentReview",
                "Scope": "enterprise_491291",
                "FieldValues": '{"state": "open"}',
            },
            sent=[("POST /files/1200000000008/metadata/enterprise_491291/documentReview", {"state": "open"})],
            rows=[("76c6a366-cee9-5ea8-ab20-9938928c7f44", "enterprise_491291", "documentReview", 0)],
        )
    ],
    "ApplyCascadePolicy": [
        Called(
            inputs={"PolicyId": "404", "ConflictResolution": "overwrite"},
            sent=[("POST /metadata_cascade_policies/404/apply", {"conflict_resolution": "overwrite"})],
            fails="Cascade policy not found",
        )
    ],
    "TrimTaxonomyLevels": [
        Called(
            inputs={"Namespace": "enterprise_491291", "TaxonomyKey": "law"},
            sent=[("POST /metadata_taxonomies/enterprise_491291/law/levels:trim", None)],
            rows=[('[{"displayName":"Field","description":"","level":1}]',)],
            prepare=law,
        )
    ],
}
