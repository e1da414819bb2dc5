"""The devices by which users sign in.

Source: https://developer.box.com/reference/resources/device-pinner/
"""

from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.columns import user
from box_dialect.catalog.enterprise import ENTERPRISE, enterprise_id
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, Table, Write

_PINS: Final = 1_000
_OF_ENTERPRISE: Final = Endpoint(
    path="/enterprises/{enterprise_id}/device_pinners",
    paging=Paging.MARKER,
    takes_fields=False,
    known=frozenset({"enterprise_id"}),
    advice=needs("device pinning"),
)

device_pinners: Final = Table(
    name="device_pinners",
    doc="The devices by which users sign in (device pins); without a key, those of the signed-in user's enterprise. "
    "DELETE signs the device out.",
    reference="https://developer.box.com/reference/resources/device-pinner/",
    columns=(
        enterprise_id("device pins"),
        Column("id", nullable=False, doc="Box's id of the pin."),
        Column("type", nullable=False, doc="Always `device_pinner`."),
        *user("owned_by", "the user whose device it is"),
        Column("product_name", doc="What signs in, such as `iPhone`."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(Endpoint(path="/device_pinners/{id}", takes_fields=False),),
            keys=("id",),
            unique=True,
        ),
        AccessPath(
            name="of the enterprise",
            endpoints=(_OF_ENTERPRISE,),
            fan_out=ENTERPRISE,
            calls=2,
            rows=_PINS,
        ),
    ),
    delete=Write(method="DELETE", path="/device_pinners/{id}"),
)
