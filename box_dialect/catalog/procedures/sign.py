"""Procedures that ask people to sign documents, by Box Sign.

Source: https://developer.box.com/guides/box-sign/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import SUCCESS, reference, references

_REQUEST_ID: Final = Input(name="SignRequestId", required=True, doc="Id of the request.")
_REQUEST: Final = (
    Column("Id", doc="Id of the request."),
    Column("Name", doc="Its name."),
    Column("Status", doc="How far it is: `converting` at first, then `sent`, at last `signed`, `cancelled` or others."),
    Column("Signers", Type.JSON, doc="Who signs, and how far they are, a list of objects."),
    Column("SourceFiles", Type.JSON, doc="The files that were given, a list of objects."),
    Column("ParentFolderId", source="parent_folder.id", doc="Id of the folder that gets the documents."),
    Column("PrepareURL", source="prepare_url", doc="Where the sender prepares the document, if that is asked for."),
    Column("AutoExpireAt", Type.TIMESTAMP, doc="When it expires."),
)


def _text(name: str, body: str, doc: str) -> Input:
    return Input(name=name, body=body, doc=doc)


def _flag(name: str, body: str, doc: str) -> Input:
    return Input(name=name, type=Type.BOOLEAN, body=body, doc=doc)


create_sign_request: Final = Procedure(
    name="CreateSignRequest",
    doc="Ask people to sign copies of files, or of those of a template.",
    reference="https://developer.box.com/reference/post-sign-requests/",
    inputs=(
        Input(
            name="Signers",
            type=Type.JSON,
            form=OBJECTS,
            required=True,
            secret=True,
            body="signers",
            doc='Who signs, a list of objects of Box\'s reference: `[{"email": "…", "role": "signer"}]`.',
        ),
        Input(
            name="SourceFileIds",
            several=True,
            body="source_files",
            sent=references("file"),
            doc="Ids of the files. Default: those of the template.",
        ),
        Input(
            name="ParentFolderId",
            body="parent_folder",
            sent=reference("folder"),
            doc="Id of the folder that gets the documents. Default: that of the first file.",
        ),
        _text("TemplateId", "template_id", "Id of the template, as `sign_templates` has it."),
        _text("Name", "name", "Name of the request. Default: that of the file."),
        _text("EmailSubject", "email_subject", "Subject of the message."),
        _text("EmailMessage", "email_message", "Text of the message."),
        _flag("AreRemindersEnabled", "are_reminders_enabled", "Whether signers are reminded after some days."),
        _flag("AreTextSignaturesEnabled", "are_text_signatures_enabled", "Whether signatures may be typed."),
        _flag("IsDocumentPreparationNeeded", "is_document_preparation_needed", "Whether the sender prepares it first."),
        Input(name="DaysValid", type=Type.INTEGER, body="days_valid", doc="Days after which it expires; 0 is never."),
        Input(
            name="PrefillTags",
            type=Type.JSON,
            form=OBJECTS,
            body="prefill_tags",
            doc="What fields of the document say from the start, a list of objects of Box's reference.",
        ),
        Input(name="SignatureColor", choices=("blue", "black", "red"), body="signature_color", doc="The colour."),
        _text("RedirectURL", "redirect_url", "Where signers are led afterwards."),
        _text("DeclinedRedirectURL", "declined_redirect_url", "Where signers are led who declined."),
        _text("ExternalId", "external_id", "An id of another system, for it alone."),
        _text("ExternalSystemName", "external_system_name", "The name of that system."),
        _text("RequestFlow", "request_flow", "The flow of the request."),
    ),
    outputs=_REQUEST,
    side_effect=True,
    call=Call(method="POST", path="/sign_requests"),
)

cancel_sign_request: Final = Procedure(
    name="CancelSignRequest",
    doc="Cancel a request to sign.",
    reference="https://developer.box.com/reference/post-sign-requests-id-cancel/",
    inputs=(_REQUEST_ID, Input(name="Reason", body="reason", doc="Why.")),
    outputs=_REQUEST,
    side_effect=True,
    call=Call(method="POST", path="/sign_requests/{sign_request_id}/cancel"),
)

resend_sign_request: Final = Procedure(
    name="ResendSignRequest",
    doc="Remind those who have still to sign; Box does it once in ten minutes at most.",
    reference="https://developer.box.com/reference/post-sign-requests-id-resend/",
    inputs=(_REQUEST_ID,),
    outputs=(SUCCESS,),
    side_effect=True,
    call=Call(method="POST", path="/sign_requests/{sign_request_id}/resend"),
)
