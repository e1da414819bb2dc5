"""Procedures that give items a shared link, and take it away.

Source: https://developer.box.com/guides/shared-links/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import ANY_ITEM, SUCCESS

share_item: Final = Procedure(
    name="ShareItem",
    doc="Give an item a shared link, or change the one that it has.",
    reference="https://developer.box.com/reference/put-files-id--add-shared-link/",
    inputs=(
        *ANY_ITEM,
        Input(
            name="Access",
            choices=("open", "company", "collaborators"),
            body="shared_link.access",
            doc="Whom it lets in. Default: as the enterprise has set it.",
        ),
        Input(name="Password", secret=True, body="shared_link.password", doc="What `open` asks for."),
        Input(
            name="UnsharedAt", type=Type.TIMESTAMP, body="shared_link.unshared_at", doc="When it ends. Default: never."
        ),
        Input(
            name="CanDownload",
            type=Type.BOOLEAN,
            body="shared_link.permissions.can_download",
            doc="Whether who comes by it may download.",
        ),
        Input(
            name="CanEdit",
            type=Type.BOOLEAN,
            body="shared_link.permissions.can_edit",
            doc="Whether who comes by it may edit; a file alone.",
        ),
        Input(
            name="VanityName",
            body="shared_link.vanity_name",
            doc="The name at the end of an address that people can read, of 12 characters or more.",
        ),
    ),
    outputs=(
        Column("URL", source="shared_link.url", doc="The address."),
        Column("DownloadURL", source="shared_link.download_url", doc="The address of the content, of a file."),
        Column("VanityURL", source="shared_link.vanity_url", doc="The address with the name that was given."),
        Column("Access", source="shared_link.access", doc="Whom it lets in."),
        Column("EffectiveAccess", source="shared_link.effective_access", doc="Whom it lets in under all settings."),
        Column("UnsharedAt", Type.TIMESTAMP, "shared_link.unshared_at", doc="When it ends."),
        Column("IsPasswordEnabled", Type.BOOLEAN, "shared_link.is_password_enabled", doc="Whether it has a password."),
        Column("CanDownload", Type.BOOLEAN, "shared_link.permissions.can_download", doc="Whether it lets download."),
        Column("CanEdit", Type.BOOLEAN, "shared_link.permissions.can_edit", doc="Whether it lets edit."),
    ),
    side_effect=True,
    call=Call(method="PUT", path="/{item_type}/{item_id}", body={"shared_link": {}}),
    aliases=("ShareAnItem",),
)

unshare_item: Final = Procedure(
    name="UnshareItem",
    doc="Take the shared link off an item.",
    reference="https://developer.box.com/reference/put-files-id--remove-shared-link/",
    inputs=ANY_ITEM,
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="PUT", path="/{item_type}/{item_id}", body={"shared_link": None}),
)
