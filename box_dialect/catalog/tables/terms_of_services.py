"""What users are to accept, and who did.

Sources: https://developer.box.com/reference/resources/terms-of-service/ and …/terms-of-service-user-status/
"""

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog import filters
from box_dialect.catalog.columns import user
from box_dialect.catalog.enterprise import USERS_COUNT
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type, Write

_TERMS: Final = "/terms_of_services"
_STATUSES: Final = "/terms_of_service_user_statuses"
_TYPES: Final = ("external", "managed")
_ALL: Final = Endpoint(path=_TERMS, paging=Paging.ALL, takes_fields=False, advice=needs("terms of service of its own"))

terms_of_services: Final = Table(
    name="terms_of_services",
    doc="The terms of service of the enterprise, one for managed users and one for external ones. Box deletes none: "
    "they are disabled.",
    reference="https://developer.box.com/reference/resources/terms-of-service/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `terms_of_service`."),
        Column(
            "status",
            insert="status",
            update="status",
            doc="`enabled`, or `disabled`.",
        ),
        Column("enterprise_id", source="enterprise.id", doc="Id of the enterprise."),
        Column("enterprise_name", source="enterprise.name", doc="Name of the enterprise."),
        Column(
            "tos_type",
            insert="tos_type",
            doc="Whom they are for, `managed` users, as INSERT takes it, or `external` ones.",
        ),
        Column("text", insert="text", update="text", doc="The text; it may be empty where they are disabled."),
        Column("created_at", Type.TIMESTAMP, doc="When they were made."),
        Column("modified_at", Type.TIMESTAMP, doc="When they were last changed."),
    ),
    paths=(
        AccessPath(
            name="by id", endpoints=(Endpoint(path=f"{_TERMS}/{{id}}", takes_fields=False),), keys=("id",), unique=True
        ),
        AccessPath(
            name="all",
            endpoints=(_ALL,),
            filters=(filters.equals("tos_type", accepts="|".join(_TYPES)),),
            rows=len(_TYPES),
        ),
    ),
    insert=Write(method="POST", path=_TERMS, required=("status", "text"), takes_fields=False),
    update=Write(method="PUT", path=f"{_TERMS}/{{id}}", whole=(("status", "text"),), takes_fields=False),
)

_OF_TERMS: Final = Endpoint(
    path=_STATUSES,
    paging=Paging.ALL,
    parameters={"tos_id": "{tos_id}"},
    takes_fields=False,
    known=frozenset({"tos_id"}),
)
_BY_USER: Final = filters.equals("user_id", accepts="[0-9]+")

terms_of_service_user_statuses: Final = Table(
    name="terms_of_service_user_statuses",
    doc="Who accepted which terms of service, and who refused. Without a key, those of all terms. Box deletes none.",
    reference="https://developer.box.com/reference/resources/terms-of-service-user-status/",
    columns=(
        Column("id", nullable=False, doc="Box's id."),
        Column("type", nullable=False, doc="Always `terms_of_service_user_status`."),
        Column(
            "tos_id",
            source="tos.id",
            references="terms_of_services.id",
            relation="terms_of_service",
            reverse="user_statuses",
            insert="tos.id",
            doc="Id of the terms.",
        ),
        *user("user", "the user", insert={"id": "user.id"}),
        Column("is_accepted", Type.BOOLEAN, insert="is_accepted", update="is_accepted", doc="Whether the user did."),
        Column("created_at", Type.TIMESTAMP, doc="When it was told first."),
        Column("modified_at", Type.TIMESTAMP, doc="When it was last changed."),
    ),
    paths=(
        AccessPath(name="by terms", endpoints=(_OF_TERMS,), keys=("tos_id",), filters=(_BY_USER,), rows=USERS_COUNT),
        AccessPath(
            name="of all terms",
            endpoints=(_OF_TERMS,),
            fan_out=FanOut(key="tos_id", parents=_ALL),
            filters=(_BY_USER,),
            calls=1 + len(_TYPES),
            rows=USERS_COUNT * len(_TYPES),
        ),
    ),
    insert=Write(
        method="POST",
        path=_STATUSES,
        required=("tos_id", "user_id", "is_accepted"),
        body={"tos": {"type": "terms_of_service"}, "user": {"type": "user"}},
        takes_fields=False,
    ),
    update=Write(method="PUT", path=f"{_STATUSES}/{{id}}", takes_fields=False),
)
