"""Serve users.

Source: https://developer.box.com/reference/resources/user
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import access, errors
from box_dialect.emulator.model import User
from box_dialect.emulator.paging import ABSENT, marker_page, offset_page
from box_dialect.emulator.representations import attribute, render, render_all
from box_dialect.emulator.resource import Create, Delete, Get, Resource, Update, anybody

if TYPE_CHECKING:
    from box_dialect.emulator.errors import BoxError
    from box_dialect.emulator.representations import Json, Reader
    from box_dialect.emulator.routing import Call

SCOPES = ("manage_managed_users", "manage_app_users")
USER_TYPES = ("all", "managed", "external")


class _TrackingCode(TypedDict, total=False):
    type: Literal["tracking_code"]
    name: str
    value: str


class _Person(TypedDict, total=False):
    login: str
    role: Literal["coadmin", "user"]
    language: str
    is_sync_enabled: bool
    job_title: Annotated[str, Meta(max_length=100)]
    phone: Annotated[str, Meta(max_length=100)]
    address: Annotated[str, Meta(max_length=255)]
    space_amount: int
    tracking_codes: list[_TrackingCode]
    can_see_managed_users: bool
    timezone: str
    is_external_collab_restricted: bool
    is_exempt_from_device_limits: bool
    is_exempt_from_login_verification: bool
    status: Literal["active", "inactive", "cannot_delete_edit", "cannot_delete_edit_upload"]
    external_app_user_id: str


Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=50)]


class NewUser(_Person):
    """What a user is made of."""

    name: Name
    is_platform_access_only: NotRequired[bool]


class _NotificationEmail(TypedDict, total=False):
    email: str


class UpdateUser(_Person, total=False):
    """What changes a user."""

    name: Name
    enterprise: str | None
    notify: bool
    is_password_reset_required: bool
    notification_email: _NotificationEmail | None


_ORDERS = ("notify", "is_password_reset_required")  # what is to be done, and is kept nowhere
_STANDARD = ("created_at", "modified_at", "language", "timezone", "space_amount", "space_used", "max_upload_size",
    "status", "job_title", "phone", "address", "avatar_url", "notification_email")  # fmt: skip
_FULL = ("role", "tracking_codes", "can_see_managed_users", "is_sync_enabled", "enterprise", "my_tags",
    "is_external_collab_restricted", "is_exempt_from_device_limits", "is_exempt_from_login_verification",
    "hostname", "is_platform_access_only", "external_app_user_id")  # fmt: skip
_COMPUTED: dict[str, Reader] = {
    "avatar_url": lambda user: f"https://app.box.com/api/avatar/large/{user.id}",
    "my_tags": lambda _: [],
    "hostname": lambda _: "https://app.box.com/",
}


def _of_enterprise(read: Reader) -> Reader:
    """Hide from the enterprise what is known of an external user beyond name and login."""
    return lambda user: read(user) if user.enterprise is not None or user is access.reader.get() else None


def _administers(call: Call) -> None:
    call.require_administrator(*SCOPES)


def _may_read(call: Call, user: User) -> None:
    """Refuse who may not administer users, unless it is themselves whom they read."""
    if user is not call.user:
        call.require_administrator(*SCOPES)


def _may_delete(call: Call, user: User) -> None:
    """Refuse to delete who is needed, and who owns anything unless force=true."""
    if user in (call.store.admin, call.store.service_account):
        raise errors.forbidden()
    if user.owned and not call.flag("force"):
        raise errors.conflict("conflict", "The user still owns content")


def _conflict() -> BoxError:
    return errors.conflict("user_login_already_used", "User with the specified login already exists")


def _make(call: Call) -> User:
    """Return a managed user, or with is_platform_access_only one for the application alone."""
    login, is_app_user = call.json.get("login"), bool(call.json.get("is_platform_access_only"))
    if not login and not is_app_user:
        raise errors.missing_parameter("login")
    login = login or f"AppUser_{secrets.token_hex(8)}@boxdevedition.com"
    told = {**call.json, "login": login, "is_platform_access_only": is_app_user}
    return User(enterprise=call.store.enterprise, **told)


def _changes(call: Call, user: User) -> Json:
    """Return what changes of a user, whom enterprise=null rolls out of the enterprise."""
    changes = {name: value for name, value in call.json.items() if name not in _ORDERS}
    changes["login"] = changes.get("login") or user.login
    if changes.get("enterprise") is not None:
        del changes["enterprise"]
    if "notification_email" in changes:
        email = (changes["notification_email"] or {}).get("email")
        changes["notification_email"] = {"email": email, "is_confirmed": False} if email else None
    return changes


USERS = Resource(
    User,
    Get("/users/{user_id}", permission=anybody, entity_permission=_may_read),
    Create("/users", NewUser, make=_make, event="NEW_USER"),
    Update("/users/{user_id}", UpdateUser, changes=_changes, event="EDIT_USER"),
    Delete("/users/{user_id}", entity_permission=_may_delete, event="DELETE_USER"),
    mini=("name", "login"),
    standard=_STANDARD,
    full=_FULL,
    computed={name: _of_enterprise(_COMPUTED.get(name) or attribute(User, name)) for name in (*_STANDARD, *_FULL)},
    permission=_administers,
    conflict=_conflict,
)


@USERS.operation("GET", "/users")
def list_users(call: Call) -> Json:
    """List the users of the enterprise, whose name or login starts with filter_term."""
    _administers(call)
    kind = call.choice("user_type", USER_TYPES, "managed")
    term, app_id = call.query.get("filter_term", "").casefold(), call.query.get("external_app_user_id", "")
    users = [
        user
        for user in call.store.users.values()
        if _is_listed(user, kind, term) and app_id in ("", user.external_app_user_id)
    ]
    users.sort(key=lambda user: (user.name.casefold(), user.id))
    if call.flag("usemarker"):
        page, counters = marker_page(call.query, users, end=ABSENT)
    else:
        page, counters = offset_page(call.query, users)
    return {"entries": render_all(page, "mini", call.fields), **counters}


def _is_listed(user: User, kind: str, term: str) -> bool:
    """Tell whether a user is listed: an external one only by the complete login."""
    login = user.login.casefold()
    if user.enterprise is None:
        return kind != "managed" and login == term
    return kind != "external" and (user.name.casefold().startswith(term) or login.startswith(term))


@USERS.operation("GET", "/users/me")
def get_me(call: Call) -> Json:
    """Get who is signed in."""
    return render(call.user, "standard", call.fields)
