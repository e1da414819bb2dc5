"""How the enterprise is set up.

Source: https://developer.box.com/reference/v2025.0/resources/enterprise-configuration/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.enterprise import ENTERPRISE
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Type


def _configuration(of: str) -> Endpoint:
    return Endpoint(
        path=f"/enterprise_configurations/{{{of}}}",
        parameters={"categories": "security,content_and_sharing,user_settings,shield"},
        headers=V2025_0,
        takes_fields=False,
        advice=needs("the API of enterprise configurations"),
    )


enterprise_configurations: Final = Table(
    name="enterprise_configurations",
    doc="How the enterprise of the signed-in user is set up, one row. Each setting is an object with its `value`, and "
    "`is_used`.",
    reference="https://developer.box.com/reference/v2025.0/resources/enterprise-configuration/",
    columns=(
        Column("id", nullable=False, doc="Id of the enterprise."),
        Column("type", doc="Always `enterprise_configuration`."),
        Column("security", Type.JSON, doc="Sign-in, passwords and sessions."),
        Column("content_and_sharing", Type.JSON, doc="Shared links, collaboration, uploads and the trash."),
        Column("user_settings", Type.JSON, doc="What users may do, and what new ones begin with."),
        Column("shield", Type.JSON, doc="The rules of Box Shield."),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(_configuration("id"),), keys=("id",), unique=True),
        AccessPath(
            name="of the enterprise",
            endpoints=(_configuration("enterprise_id"),),
            fan_out=ENTERPRISE,
            calls=2,
        ),
    ),
)
