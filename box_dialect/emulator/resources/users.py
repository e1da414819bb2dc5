"""Serve users.

Source: https://developer.box.com/reference/resources/user
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from box_dialect.emulator import clock, errors
from box_dialect.emulator.paging import ABSENT, marker_page, offset_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.routing import Call, Reply, operation

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json

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


# What each has its own way to change.
_APART = ("login", "is_platform_access_only", "enterprise", "notify", "is_password_reset_required",
    "notification_email")  # fmt: skip


def _found(call: Call) -> User:
    user = call.store.accounts.get(call.id)
    if user is None:
        raise errors.not_found("user", call.id)
    return user


@operation("GET", "/users", "get_users")
def list_users(call: Call) -> Json:
    """List the users of the enterprise, whose name or login starts with filter_term."""
    call.require_administrator(*SCOPES)
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


@operation("GET", "/users/me", "get_users_me")
def get_me(call: Call) -> Json:
    """Get who is signed in."""
    return render(call.user, "standard", call.fields)


@operation("GET", "/users/{user_id}", "get_users_id")
def get_user(call: Call) -> Json:
    """Get a user; who may not administer users gets nobody but themselves."""
    user = _found(call)
    if user is not call.user:
        call.require_administrator(*SCOPES)
    return render(user, "standard", call.fields)


@operation("POST", "/users", "post_users", NewUser)
def create_user(call: Call) -> Reply:
    """Create a managed user, or with is_platform_access_only one for the application alone."""
    call.require_administrator(*SCOPES)
    is_app_user, login = (call.json.get(name) for name in ("is_platform_access_only", "login"))
    if not login and not is_app_user:
        raise errors.missing_parameter("login")
    login = login or f"AppUser_{call.store.next_id('lock')}@boxdevedition.com"
    if login.casefold() in call.store.logins:
        raise errors.conflict("user_login_already_used", "User with the specified login already exists")
    user = call.store.add_user(call.json["name"], login)
    user.is_platform_access_only = bool(is_app_user)
    _apply(call, user)
    call.store.record("NEW_USER", call.user, user)
    return Reply(201, render(user, "standard", call.fields))


@operation("PUT", "/users/{user_id}", "put_users_id", UpdateUser)
def update_user(call: Call) -> Json:
    """Change a user, or with enterprise=null roll one out of the enterprise."""
    call.require_administrator(*SCOPES)
    user, login = _found(call), call.json.get("login")
    if login and call.store.logins.get(login.casefold(), user) is not user:
        raise errors.conflict("user_login_already_used", "User with the specified login already exists")
    if login:
        call.store.rename_login(user, login)
    if "enterprise" in call.json and call.json["enterprise"] is None:
        user.enterprise = None
    if "notification_email" in call.json:
        email = (call.json["notification_email"] or {}).get("email")
        user.notification_email = {"email": email, "is_confirmed": False} if email else None
    _apply(call, user)
    user.modified_at = clock.now()
    call.store.record("EDIT_USER", call.user, user)
    return render(user, "standard", call.fields)


@operation("DELETE", "/users/{user_id}", "delete_users_id")
def delete_user(call: Call) -> Reply:
    """Delete a user, who must own nothing unless force=true."""
    call.require_administrator(*SCOPES)
    user = _found(call)
    if user in (call.store.admin, call.store.service_account):
        raise errors.forbidden()
    if user.owned and not call.flag("force"):
        raise errors.conflict("conflict", "The user still owns content")
    call.store.remove_user(user)
    call.store.record("DELETE_USER", call.user, user)
    return Reply(204)


def _apply(call: Call, user: User) -> None:
    """Change what a body says of a user; what it lacks stays."""
    for name in call.json.keys() - _APART:
        setattr(user, name, call.json[name])
