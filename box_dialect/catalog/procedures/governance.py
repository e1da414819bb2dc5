"""The procedure that switches information barriers on and off.

Source: https://developer.box.com/guides/shield/information-barriers/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Call, Input, Procedure

change_information_barrier_status: Final = Procedure(
    name="ChangeInformationBarrierStatus",
    doc="Switch an information barrier on, which Box then does in its own time, or off.",
    reference="https://developer.box.com/reference/post-shield-information-barriers-change-status/",
    inputs=(
        Input(name="BarrierId", required=True, body="id", doc="Id of the barrier."),
        Input(
            name="Status",
            required=True,
            choices=("pending", "disabled"),
            body="status",
            doc="`pending` to switch it on, `disabled` to switch it off.",
        ),
    ),
    outputs=(
        Column("Id", doc="Id of the barrier."),
        Column("Status", doc="Its status."),
        Column("UpdatedAt", Type.TIMESTAMP, doc="When that was changed."),
    ),
    side_effect=True,
    call=Call(method="POST", path="/shield_information_barriers/change_status"),
)
