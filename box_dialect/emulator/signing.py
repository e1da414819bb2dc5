"""Keep sign requests, their signers, and the templates that requests are made from.

Sources: https://developer.box.com/reference/resources/sign-request/ and
https://developer.box.com/reference/resources/sign-template/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from . import clock
from .entities import Entity
from .metadata.taxonomies import identify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import File, Folder, User
    from .representations import Json
    from .state import State

MAX_SIGNERS: Final = 35
PENDING: Final = ("converting", "created", "sent", "viewed")
"""What a request is while somebody has still to sign."""


@dataclass(slots=True, kw_only=True)
class Signer:
    """Who has to sign, to approve, or to get what was signed; `given` is what the request says of them."""

    given: Json
    decision: Json | None = None
    has_viewed_document: bool = False

    @property
    def email(self) -> str:
        """The address, in lower case."""
        return (self.given.get("email") or "").casefold()

    @property
    def decides(self) -> bool:
        """Whether the request waits for them."""
        return bool(self.given.get("role", "signer") != "final_copy_reader")

    def written(self) -> Json:
        """Write the signer."""
        address = f"https://app.box.com/sign/document/{identify(self.email)}"
        is_embedded = self.given.get("embed_url_external_user_id") is not None
        return {
            "email": None, "role": "signer", "is_in_person": False, "order": 0, "embed_url_external_user_id": None,
            "redirect_url": None, "declined_redirect_url": None, "login_required": False,
            "verification_phone_number": None, "signer_group_id": None, "suppress_notifications": False,
            **self.given,
            "has_viewed_document": self.has_viewed_document, "signer_decision": self.decision, "inputs": [],
            "embed_url": address if is_embedded else None, "iframeable_embed_url": address if is_embedded else None,
            "attachments": [],
        }  # fmt: skip


@dataclass(slots=True, eq=False, kw_only=True)
class SignRequest(Entity):
    """Documents that people are asked to sign: copies of the source files in a folder; `given` is what the body said.

    `progress` is what the request is, unless it has expired by now.
    """

    type, table, first_id = "sign-request", "sign_requests", 2_110_000_001
    owners = ("parent_folder", "sender")
    parent_folder: Folder
    sender: User
    given: Json
    source_files: Sequence[File]
    sign_files: Sequence[File]
    signers: list[Signer]
    progress: str = "sent"
    finished_at: int | None = None
    cancel_reason: str | None = None

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    @property
    def auto_expire_at(self) -> int | None:
        """When the request expires."""
        days = self.given.get("days_valid")
        return None if not days else (self.created_at or 0) + days * 86400

    @property
    def status(self) -> str:
        """What the request is."""
        end = self.auto_expire_at
        return "expired" if self.progress in PENDING and end is not None and end <= clock.now() else self.progress

    @property
    def is_there(self) -> bool:
        """Whether the folder and the documents are still there."""
        return not self.parent_folder.is_trashed and not any(file.is_trashed for file in self.sign_files)


@dataclass(slots=True, eq=False, kw_only=True)
class SignTemplate(Entity):
    """What requests are made from: files, and who has to sign them."""

    type, table, first_id = "sign-template", "sign_templates", 2_120_000_001
    owners = ("parent_folder", "created_by")
    parent_folder: Folder
    created_by: User
    name: str
    source_files: Sequence[File]
    signers: list[Json] = field(default_factory=list)
    email_subject: str | None = None
    email_message: str | None = None
    days_valid: int | None = None

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)


def decide(store: State, request: SignRequest, email: str, decision: Literal["signed", "declined"]) -> None:
    """Let a signer sign or decline, for which Box has a page and no call; the last one who signs ends the request."""
    signer = next(each for each in request.signers if each.email == email.casefold())
    now = clock.now()
    signer.has_viewed_document = True
    signer.decision = {"type": decision, "finalized_at": clock.stamp(now), "additional_info": None}
    is_last = all(each.decision is not None for each in request.signers if each.decides)
    progress: Any = decision if decision == "declined" or is_last else "viewed"
    finished = {} if progress == "viewed" else {"finished_at": now}
    store.change(request, {"progress": progress, **finished})
