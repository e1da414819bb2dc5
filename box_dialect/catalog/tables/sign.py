"""Box Sign: requests to sign documents, who signs them, and templates of requests.

Sources: https://developer.box.com/reference/resources/sign-request/ and …/sign-template/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Derived,
    Endpoint,
    JsonObject,
    Location,
    Nested,
    Table,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER

_ID: Final = re.compile("[-0-9a-fA-F]{1,64}")
_EMAIL: Final = re.compile(r"[^\s@]{1,256}@[^\s@]{1,256}")
_REQUESTS: Final = 500
_TEMPLATES: Final = 20
_SIGNERS: Final = 3
"""How many requests and templates there are thought to be, and the signers of each."""

_OWN: Final = Endpoint(path="/sign_requests", paging=Paging.MARKER, takes_fields=False, advice=needs("Box Sign"))
_ONE: Final = replace(_OWN, path="/sign_requests/{id}", paging=Paging.ONE)
_SHARED: Final = replace(_OWN, parameters={"shared_requests": "true"})
"""What the signed-in user has sent, and what others have whose documents the user shares."""


def _sender_id(entry: JsonObject, _: Location | None) -> str | None:
    """Return the id as ids of users are, which Box gives as a number here."""
    sender = entry.get("sender_id")
    return None if sender is None else str(sender)


def _given(name: str, kind: Type = Type.TEXT, doc: str = "") -> Column:
    """Return a column that an INSERT sets."""
    return Column(name, kind, insert=name, doc=doc)


sign_requests: Final = Table(
    name="sign_requests",
    doc="Requests to sign documents: those that the signed-in user has sent, and those that others have sent whose "
    "documents the user shares. Box lists none whose documents or folder are deleted.",
    reference="https://developer.box.com/reference/resources/sign-request/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `sign-request`."),
        _given("name", doc="Name of the request, with `.pdf` at its end."),
        Column(
            "status",
            doc="`converting`, `created`, `sent`, `viewed`, `signed`, `cancelled`, `declined`, `expired`, "
            "`finalizing`, or an `error`, which may name the step: `error_sending`.",
        ),
        Column("short_id", doc="The short id that users see."),
        _given("source_files", Type.JSON, 'The files to sign, ten at most: `[{"id": "12", "type": "file"}]`.'),
        _given("signers", Type.JSON, 'Who signs, 35 at most: `[{"email": "a@example.com", "role": "signer"}]`.'),
        Column(
            "parent_folder_id",
            source="parent_folder.id",
            references="folders.id",
            insert="parent_folder.id",
            doc="Id of the folder that gets the signed document and the log; not the root folder.",
        ),
        Column("parent_folder_name", source="parent_folder.name", doc="Name of that folder."),
        Column("sign_files", Type.JSON, "sign_files.files", doc="The documents that are signed, a list of files."),
        Column(
            "is_ready_for_download",
            Type.BOOLEAN,
            "sign_files.is_ready_for_download",
            doc="Whether these can be downloaded.",
        ),
        Column(
            "signing_log_id",
            source="signing_log.id",
            references="files.id",
            reverse="logged_sign_requests",
            doc="Id of the file with the log, once it is there.",
        ),
        Column("signing_log_name", source="signing_log.name", doc="Name of that file."),
        Column("created_at", Type.TIMESTAMP, doc="When it was made."),
        Column("finished_at", Type.TIMESTAMP, doc="When it ended."),
        Column("auto_expire_at", Type.TIMESTAMP, doc="When it expires."),
        _given("days_valid", Type.INTEGER, "After how many days it expires; 0 is never."),
        Column(
            "sender_id",
            derived=Derived(function=_sender_id, fields=("sender_id",)),
            references="users.id",
            doc="Id of the user who sent it.",
        ),
        Column("sender_email", doc="Address of the user who sent it."),
        Column("collaborator_level", doc="What the signed-in user may do: `owner`, `editor` or `viewer`."),
        Column("prepare_url", doc="Where the sender prepares the document, while it is to be prepared."),
        Column("error_code", doc="Why it failed."),
        Column(
            "template_id",
            references="sign_templates.id",
            insert="template_id",
            doc="Id of the template that it was made from.",
        ),
        _given("is_document_preparation_needed", Type.BOOLEAN, "Whether the sender prepares it before it is sent."),
        _given("redirect_url", doc="Where signers come after they have signed."),
        _given("declined_redirect_url", doc="Where signers come after they have declined."),
        _given("are_text_signatures_enabled", Type.BOOLEAN, "Whether signatures may be typed."),
        Column(
            "signature_color",
            insert="signature_color",
            options=("blue", "black", "red"),
            doc="The only colour of signatures: `blue`, `black` or `red`.",
        ),
        _given("email_subject", doc="Subject of the e-mail to signers."),
        _given("email_message", doc="Text of the e-mail to signers; it may have some HTML."),
        _given("are_reminders_enabled", Type.BOOLEAN, "Whether signers are reminded after 3, 8, 13 and 18 days."),
        _given("prefill_tags", Type.JSON, "What tags of the document are filled with, a list of objects."),
        _given("external_id", doc="An id of another system's."),
        _given("external_system_name", doc="Name of that system."),
        _given("request_flow", doc="Name of the process: `standard` or `cfr-part-11`."),
    ),
    paths=(
        AccessPath(name="by id", endpoints=(_ONE,), keys=("id",), accepts=_ID, unique=True),
        AccessPath(
            name="by sender",
            endpoints=(
                replace(_OWN, keep={"sender_email": "{sender_email}"}),
                replace(_SHARED, parameters={**_SHARED.parameters, "senders": "{sender_email}"}),
            ),
            keys=("sender_email",),
            accepts=_EMAIL,
            calls=2,
            rows=_REQUESTS / 5,
        ),
        AccessPath(name="all", endpoints=(_OWN, _SHARED), calls=2, rows=_REQUESTS),
    ),
    insert=Write(
        method="POST",
        path="/sign_requests",
        required=("signers",),
        objects={"parent_folder": {"type": "folder"}},
        takes_fields=False,
    ),
)

_WITHIN_REQUEST: Final = Nested("signers", "sign_request")


def _position(entry: JsonObject, _: Location | None) -> int:
    """Return the number of a signer in the list of the request."""
    own = {name: value for name, value in entry.items() if name != _WITHIN_REQUEST.outer}
    signers = entry[_WITHIN_REQUEST.outer][_WITHIN_REQUEST.place]
    return 1 + next(number for number, each in enumerate(signers) if each == own)


def _signers(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, rows=(_WITHIN_REQUEST,))


sign_request_signers: Final = Table(
    name="sign_request_signers",
    doc="Who signs, approves or gets what: the signers of sign requests, the sender among them.",
    reference="https://developer.box.com/reference/resources/sign-request/",
    key=("sign_request_id", "position"),
    fields=(),
    columns=(
        AS_USER,
        Column(
            "sign_request_id",
            source="sign_request.id",
            nullable=False,
            references="sign_requests.id",
            doc="Id of the request.",
        ),
        Column(
            "position",
            Type.INTEGER,
            derived=Derived(function=_position, fields=("sign_request",)),
            nullable=False,
            doc="Number of the signer in the request's list; 1 is the first.",
        ),
        Column("email", doc="Address of the signer."),
        Column("role", doc="`signer`, `approver`, or `final_copy_reader`, who gets the signed document alone."),
        Column("signing_order", Type.INTEGER, source="order", doc="When it is the signer's turn: the lowest is first."),
        Column("is_in_person", Type.BOOLEAN, doc="Whether they sign on the sender's device."),
        Column("has_viewed_document", Type.BOOLEAN, doc="Whether they have looked at the document."),
        Column("decision", source="signer_decision.type", doc="`signed` or `declined`; NULL as long as neither."),
        Column("decided_at", Type.TIMESTAMP, "signer_decision.finalized_at", doc="When they decided."),
        Column("decision_info", source="signer_decision.additional_info", doc="What they said to it."),
        Column("inputs", Type.JSON, doc="What they are to fill in, and have filled in, a list of objects."),
        Column("attachments", Type.JSON, doc="Files that they have added, a list of objects."),
        Column("signer_group_id", doc="Id that signers of a group have in common, of whom one decides for all."),
        Column("language", doc="Language of what they are shown."),
        Column("login_required", Type.BOOLEAN, doc="Whether they sign in to Box to sign."),
        Column("verification_phone_number", doc="Number that gets a code to sign with."),
        Column("suppress_notifications", Type.BOOLEAN, doc="Whether they get no e-mail."),
        Column("redirect_url", doc="Where they come after they have signed."),
        Column("declined_redirect_url", doc="Where they come after they have declined."),
        Column("embed_url_external_user_id", doc="Id of the signer in an application that shows the document."),
        Column("embed_url", doc="Where such an application leads to."),
        Column("iframeable_embed_url", doc="What such an application shows in a frame."),
    ),
    paths=(
        AccessPath(
            name="by request",
            endpoints=(_signers(replace(_ONE, path="/sign_requests/{sign_request_id}")),),
            keys=("sign_request_id",),
            accepts=_ID,
            rows=_SIGNERS,
        ),
        AccessPath(name="all", endpoints=(_signers(_OWN), _signers(_SHARED)), calls=2, rows=_REQUESTS * _SIGNERS),
    ),
)


def _link(name: str, kind: Type = Type.TEXT, doc: str = "") -> Column:
    return Column(f"ready_sign_link_{name}", kind, f"ready_sign_link.{name}", doc=doc)


def _branding(name: str, doc: str) -> Column:
    return Column(f"custom_branding_{name}", source=f"custom_branding.{name}", doc=doc)


sign_templates: Final = Table(
    name="sign_templates",
    doc="Templates of sign requests that the signed-in user has made, in Box's own application.",
    reference="https://developer.box.com/reference/resources/sign-template/",
    columns=(
        AS_USER,
        Column("id", nullable=False, doc="Box's id."),
        Column("type", doc="Always `sign-template`."),
        Column("name", doc="The name."),
        Column("email_subject", doc="Subject of the e-mail to signers."),
        Column("email_message", doc="Text of the e-mail to signers."),
        Column("days_valid", Type.INTEGER, doc="After how many days a request expires; 0 is never."),
        Column(
            "parent_folder_id",
            source="parent_folder.id",
            references="folders.id",
            doc="Id of the folder that gets signed documents.",
        ),
        Column("parent_folder_name", source="parent_folder.name", doc="Name of that folder."),
        Column("source_files", Type.JSON, doc="The files to sign, a list of objects."),
        Column("signers", Type.JSON, doc="Who signs, a list of objects."),
        Column("are_fields_locked", Type.BOOLEAN, doc="Whether the fields of the document stay as they are."),
        Column("are_options_locked", Type.BOOLEAN, doc="Whether the options stay as they are."),
        Column("are_recipients_locked", Type.BOOLEAN, doc="Whether the signers stay as they are."),
        Column("are_email_settings_locked", Type.BOOLEAN, doc="Whether the e-mail stays as it is."),
        Column("are_files_locked", Type.BOOLEAN, doc="Whether the files stay as they are."),
        Column("additional_info", Type.JSON, doc="What cannot be changed in a request, and what has to be given."),
        _link("url", doc="The link that lets anybody sign."),
        _link("name", doc="Name of that link."),
        _link("instructions", doc="What its signers are told."),
        _link("folder_id", doc="Id of the folder that gets what they sign."),
        _link("is_notification_disabled", Type.BOOLEAN, "Whether nobody is told when one has signed."),
        _link("is_active", Type.BOOLEAN, "Whether the link can be used."),
        _branding("company_name", "Name of the company that signers see."),
        _branding("logo_uri", "The logo that signers see, as a data URI."),
        _branding("branding_color", "The colour that signers see, as `#RRGGBB`."),
        _branding("email_footer_text", "What stands at the end of e-mails to signers."),
        Column("request_flow", doc="Name of the process: `standard` or `cfr-part-11`."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_OWN, path="/sign_templates/{id}", paging=Paging.ONE),),
            keys=("id",),
            accepts=_ID,
            unique=True,
        ),
        AccessPath(
            name="all",
            endpoints=(replace(_OWN, path="/sign_templates"),),
            rows=_TEMPLATES,
        ),
    ),
)
