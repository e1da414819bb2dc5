"""Metadata templates, instances, policies and taxonomies."""

CLASSIFICATIONS = "securityClassification-6VMVochwUWo"
"""The key of the template that has the labels."""

TEMPLATE_TABLES = ("enterprise_documentReview", f"enterprise_{CLASSIFICATIONS}", "global_properties")
"""The tables of the templates of the default data."""

ROWS = {
    "metadata_templates": (
        "SELECT scope, template_key, display_name, hidden, copy_instance_on_item_copy FROM metadata_templates",
        [
            ("enterprise_491291", "documentReview", "Document review", False, True),
            ("enterprise_491291", CLASSIFICATIONS, "Classification", False, True),
            ("global", "properties", "properties", False, False),
        ],
    ),
    "metadata_template_fields": (
        "SELECT key, type, position, enum_option_keys, taxonomy_key FROM metadata_template_fields WHERE key < 't'",
        [
            ("Box__Security__Classification__Key", "enum", 1, '["Public","Confidential","Secret"]', None),
            ("state", "enum", 1, '["open","done"]', None),
            ("score", "float", 3, None, None),
            ("due", "date", 4, None, None),
            ("remark", "string", 5, None, None),
            ("place", "taxonomy", 6, None, "regions"),
        ],
    ),
    "metadata_template_field_options": (
        "SELECT field_key, field_type, key, position FROM metadata_template_field_options WHERE field_key > 'a'",
        [
            ("state", "enum", "open", 1),
            ("state", "enum", "done", 2),
            ("topics", "multiSelect", "money", 1),
            ("topics", "multiSelect", "law", 2),
        ],
    ),
    "metadata_instances": (
        "SELECT item_type, template_key, version, field_values ->> '$.state' FROM metadata_instances",
        [
            ("file", "documentReview", 0, "done"),
            ("file", "documentReview", 0, "open"),
            ("file", "properties", 0, None),
            *[("file", CLASSIFICATIONS, 0, None)] * 3,
            ("folder", "documentReview", 0, None),
        ],
    ),
    "metadata_cascade_policies": (
        "SELECT f.name, p.scope, p.template_key FROM metadata_cascade_policies p JOIN folders f ON f.id = p.folder_id",
        [("Photos", "enterprise_491291", "documentReview")],
    ),
    "metadata_taxonomies": (
        "SELECT namespace, key, display_name FROM metadata_taxonomies",
        [("enterprise_491291", "regions", "Regions")],
    ),
    "metadata_taxonomy_levels": (
        "SELECT taxonomy_key, level, display_name FROM metadata_taxonomy_levels",
        [("regions", 1, "Continent"), ("regions", 2, "Country")],
    ),
    "metadata_taxonomy_nodes": (
        "SELECT display_name, level, ancestors ->> '$[0].displayName' FROM metadata_taxonomy_nodes",
        [("Europe", 1, None), ("Asia", 1, None), ("France", 2, "Europe")],
    ),
}

CALLS = {
    "metadata_templates": 2,
    "metadata_template_fields": 2,
    "metadata_template_field_options": 2,
    "metadata_instances": 54,
    "metadata_cascade_policies": 27,
    "metadata_taxonomies": 2,
    "metadata_taxonomy_levels": 2,
    "metadata_taxonomy_nodes": 3,
}
