"""Serve sign requests.

Source: https://developer.box.com/reference/resources/sign-request/
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import mini, reference, render
from box_dialect.emulator.resource import Get, List, Resource
from box_dialect.emulator.signing import MAX_SIGNERS, PENDING, Signer, SignRequest, SignTemplate

from .items import check_name, check_storage, clash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import File, Folder
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

SCOPE: Final = "sign_requests.readwrite"
FEATURE: Final = Feature("sign")
_GIVEN: Final[Json] = {
    "is_document_preparation_needed": False, "redirect_url": None, "declined_redirect_url": None,
    "are_text_signatures_enabled": True, "email_subject": None, "email_message": None, "are_reminders_enabled": False,
    "name": "", "prefill_tags": [], "days_valid": 0, "external_id": None, "template_id": None,
    "external_system_name": None, "request_flow": "standard", "signature_color": None,
}  # fmt: skip
"""What a request says by default."""


class _SourceFile(TypedDict):
    id: str
    type: Literal["file"]
    etag: NotRequired[str | None]


class _PrefillTag(TypedDict, total=False):
    document_tag_id: str | None
    text_value: str | None
    checkbox_value: bool | None
    date_value: str | None


class _Signer(TypedDict, total=False):
    email: str | None
    role: Literal["signer", "approver", "final_copy_reader"]
    is_in_person: bool
    order: Annotated[int, Meta(ge=0)]
    embed_url_external_user_id: str | None
    redirect_url: str | None
    declined_redirect_url: str | None
    login_required: bool | None
    verification_phone_number: str | None
    password: str | None
    signer_group_id: str | None
    suppress_notifications: bool | None
    language: str | None


class _ParentFolder(TypedDict):
    id: str
    type: Literal["folder"]
    etag: NotRequired[str | None]
    sequence_id: NotRequired[str | None]
    name: NotRequired[str]


class NewSignRequest(TypedDict):
    """What a request is made of: source files, or a template that has them."""

    signers: list[_Signer]
    is_document_preparation_needed: NotRequired[bool]
    redirect_url: NotRequired[str | None]
    declined_redirect_url: NotRequired[str | None]
    are_text_signatures_enabled: NotRequired[bool]
    email_subject: NotRequired[str | None]
    email_message: NotRequired[str | None]
    are_reminders_enabled: NotRequired[bool]
    name: NotRequired[str]
    prefill_tags: NotRequired[list[_PrefillTag]]
    days_valid: NotRequired[Annotated[int, Meta(ge=0, le=730)] | None]
    external_id: NotRequired[str | None]
    template_id: NotRequired[str | None]
    external_system_name: NotRequired[str | None]
    request_flow: NotRequired[str | None]
    source_files: NotRequired[Annotated[list[_SourceFile], Meta(max_length=10)] | None]
    signature_color: NotRequired[Literal["blue", "black", "red"] | None]
    parent_folder: NotRequired[_ParentFolder]


class Cancellation(TypedDict, total=False):
    """Why a request is cancelled."""

    reason: str


def _has_scope(call: Call) -> None:
    call.require_scope(SCOPE)


def _shares(call: Call, request: SignRequest) -> bool:
    """Tell whether who is signed in collaborates on the documents of somebody else's request."""
    return request.sender is not call.user and any(call.sees(file) for file in request.sign_files)


def _rows(call: Call) -> list[SignRequest]:
    """Return what who is signed in sent, or with shared_requests what is shared with them."""
    senders, shared = [each.casefold() for each in call.all("senders")], call.flag("shared_requests")
    if senders and not shared:
        raise errors.invalid_parameter("senders", ",".join(senders), "'shared_requests' must be true")
    there = [request for request in call.store.of(SignRequest).values() if request.is_there]
    if not shared:
        return [request for request in there if request.sender is call.user]
    return [each for each in there if _shares(call, each) and (not senders or each.sender.login.casefold() in senders)]


def _may_see(call: Call, request: SignRequest) -> None:
    if not request.is_there or (request.sender is not call.user and not _shares(call, request)):
        raise errors.not_found(request.type, request.id)


def _given(name: str, request: SignRequest) -> Any:
    return request.given.get(name, _GIVEN[name])


def _prepare_url(request: SignRequest) -> str | None:
    is_needed = request.given.get("is_document_preparation_needed", False) and request.status == "created"
    return f"https://app.box.com/sign/document/{request.id}/prepare_doc/" if is_needed else None


SIGN_REQUESTS = Resource(
    SignRequest,
    List("/sign_requests", rows=_rows, page=marker_page, level="standard"),
    Get("/sign_requests/{sign_request_id}"),
    base=("type", "id", *_GIVEN, "short_id", "source_files", "parent_folder", "signers", "prepare_url", "signing_log",
        "status", "sign_files", "auto_expire_at", "collaborator_level", "created_at", "finished_at", "error_code",
        "sender_email", "sender_id"),
    computed={
        **{name: partial(_given, name) for name in _GIVEN},
        "short_id": lambda request: request.id.partition("-")[0],
        "source_files": lambda request: [{**reference(file), "etag": str(file.etag)} for file in request.source_files],
        "signers": lambda request: [signer.written() for signer in request.signers],
        "prepare_url": _prepare_url,
        "signing_log": lambda _: None,
        "sign_files": lambda request: {
            "files": [mini(file) for file in request.sign_files], "is_ready_for_download": True,
        },
        "collaborator_level": lambda _: "owner",
        "error_code": lambda _: None,
        "sender_email": lambda request: request.sender.login,
        "sender_id": lambda request: int(request.sender.id),
    },
    permission=_has_scope,
    entity_permission=_may_see,
    takes_fields=False,
    feature=FEATURE,
)  # fmt: skip


def _sources(call: Call, template: SignTemplate | None) -> list[File]:
    named = call.json.get("source_files") or []
    files: list[Any] = [call.item(each) for each in named] if named or template is None else [*template.source_files]
    if not files:
        raise errors.missing_parameter("source_files")
    for file in files:
        call.check_permissions(file, "can_download")
    return files


def _template(call: Call) -> SignTemplate | None:
    identity = call.json.get("template_id")
    template = None if identity is None else call.found(SignTemplate, identity)
    if template is not None and template.created_by is not call.user:
        raise errors.not_found(template.type, template.id)
    return template


def _signers(call: Call, template: SignTemplate | None) -> list[Signer]:
    """Return who signs, after the sender, who gets a copy unless the request has them among the signers.

    Nobody signs with a password here, and none is kept.
    """
    asked: Sequence[Json] = call.json["signers"] or ([] if template is None else template.signers)
    if not asked or len(asked) > MAX_SIGNERS:
        raise errors.invalid_parameter("signers", len(asked), f"There are one to {MAX_SIGNERS} signers")
    signers = [Signer(given={name: value for name, value in each.items() if name != "password"}) for each in asked]
    if any(not signer.email for signer in signers):
        raise errors.missing_parameter("signers.email")
    if any(signer.email == call.user.login.casefold() for signer in signers):
        return signers
    sender = {"email": call.user.login, "role": "final_copy_reader", "order": 0}
    return [Signer(given=sender), *signers]


def _free_name(folder: Folder, name: str) -> str:
    """Return a name that ends with .pdf and is not taken, numbered if it must be."""
    stem = check_name(name).removesuffix(".pdf")
    candidate, number = f"{stem}.pdf", 1
    while clash(folder, candidate) is not None:
        candidate, number = f"{stem} ({number}).pdf", number + 1
    return candidate


@SIGN_REQUESTS.operation("POST", "/sign_requests", NewSignRequest)
def create_request(call: Call) -> Reply:
    """Ask people to sign copies of files; the answer tells that these are still being converted."""
    _has_scope(call)
    body, template = call.json, _template(call)
    signers, sources = _signers(call, template), _sources(call, template)
    place = body.get("parent_folder") or reference(template.parent_folder if template else sources[0].parent)  # type: ignore[arg-type]  # files lie in folders
    if "parent_folder" in body and place["id"] == "0":
        raise errors.invalid_parameter("parent_folder", "0", "The root folder cannot be used")
    folder = call.parent(place)
    check_storage(folder.owned_by, sum(file.size for file in sources))
    wanted = body.get("name") or sources[0].name
    names = [wanted] if len(sources) == 1 else [file.name for file in sources]
    copies: list[Any] = [
        call.store.copy(file, folder, _free_name(folder, name), call.user)
        for file, name in zip(sources, names, strict=True)
    ]
    given = {name: body[name] for name in _GIVEN if name in body}
    request = SignRequest(
        parent_folder=folder, sender=call.user, given={**given, "name": f"{wanted.removesuffix('.pdf')}.pdf"},
        source_files=sources, sign_files=copies, signers=signers,
        progress="created" if body.get("is_document_preparation_needed") else "sent",
    )  # fmt: skip
    call.store.record("SIGN_DOCUMENT_CREATED", call.user, copies[0])
    written = render(call.store.add(request))
    return Reply(201, {**written, "status": "converting"})


def _pending(call: Call) -> SignRequest:
    """Return the request that the path names, for its sender, while it can be cancelled or sent again."""
    _has_scope(call)
    request = call.found(SignRequest, call.id)
    _may_see(call, request)
    if request.sender is not call.user:
        raise errors.forbidden()
    if request.status not in PENDING:
        raise errors.bad_request("bad_request", f"The sign request is {request.status}")
    return request


@SIGN_REQUESTS.operation("POST", "/sign_requests/{sign_request_id}/cancel", Cancellation)
def cancel_request(call: Call) -> Json:
    """Cancel a request that not all have signed."""
    request = _pending(call)
    call.store.change(request, {"progress": "cancelled", "cancel_reason": call.json.get("reason")})
    call.store.record("SIGN_DOCUMENT_CANCELLED", call.user, request.sign_files[0])
    return render(request)


@SIGN_REQUESTS.operation("POST", "/sign_requests/{sign_request_id}/resend")
def resend_request(call: Call) -> Reply:
    """Remind those who have still to sign."""
    _pending(call)
    return Reply(202)
