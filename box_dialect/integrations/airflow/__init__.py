"""Box in Airflow: a connection type, which it finds by the entry point `apache_airflow_provider`, and its hook.

What Airflow reads at each start is here, and imports nothing of it; the hook is in `hook`.
Source: https://airflow.apache.org/docs/apache-airflow-providers/howto/create-custom-providers.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from box_dialect.properties import find

if TYPE_CHECKING:
    from box_dialect.properties import Property

CONNECTION_TYPE: Final = "box"
PROFILE: Final = "profile"
"""The field of a connection that names a profile."""

_FIELDS: Final = ("AuthScheme", "SubjectType", "SubjectId", "Readonly", "MaxApiCalls", "Timeout")
"""The properties that the form has a field for; its field for JSON takes all others."""

_JSON_TYPES: Final = {"boolean": "boolean", "integer": "integer"}
"""JSON Schema's types by the kinds of properties that are no texts."""


def get_provider_info() -> dict[str, Any]:
    """Return what Airflow shows of the provider, and the form of its connections."""
    return {
        "package-name": "box-dialect",
        "name": "Box",
        "description": "Box (box.com) as a SQL database.",
        "connection-types": [
            {
                "connection-type": CONNECTION_TYPE,
                "hook-name": "Box",
                "hook-class-name": "box_dialect.integrations.airflow.hook.BoxHook",
                "conn-fields": {
                    PROFILE: {
                        "label": "Profile",
                        "description": "A profile on the workers, whose properties hold where none is given.",
                        "schema": {"type": ["string", "null"]},
                    }
                }
                | {name: _form_field(find(name)) for name in _FIELDS},
                "ui-field-behaviour": {
                    "hidden-fields": ["host", "port", "schema"],
                    "relabeling": {"login": "Client id", "password": "Client secret"},
                },
            }
        ],
    }


def _form_field(declared: Property) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": [_JSON_TYPES.get(declared.kind, "string"), "null"]}
    if declared.values:
        schema["enum"] = [*declared.values, None]
    return {"label": declared.name, "description": declared.doc, "schema": schema}
