"""Serve users.

Source: https://developer.box.com/reference/resources/user
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator import clock, errors
from box_dialect.emulator.paging import ABSENT, marker_page, offset_page
from box_dialect.emulator.representations import render, render_all
from box_dialect.emulator.routing import Call, Reply, operation

if TYPE_CHECKING:
    from box_dialect.emulator.model import User
    from box_dialect.emulator.representations import Json

SCOPES = ("manage_managed_users", "manage_app_users")
USER_TYPES = ("all", "managed", "external")
_TEXTS = {"job_title": 100, "phone": 100, "address": 255, "language": 10, "timezone": 64, "external_app_user_id": 255}
_FLAGS = ("is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted", "is_exempt_from_device_limits",
    "is_exempt_from_login_verification")  # fmt: skip
_STATUSES = ("active", "inactive", "cannot_delete_edit", "cannot_delete_edit_upload")
MAX_NAME, MAX_LOGIN = 50, 254


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


@operation("POST", "/users", "post_users")
def create_user(call: Call) -> Reply:
    """Create a managed user, or with is_platform_access_only one for the application alone."""
    call.require_administrator(*SCOPES)
    is_app_user = call.json.get("is_platform_access_only") is True
    call.require("name", *(() if is_app_user else ("login",)))
    name, login = _name(call), _login(call) or f"AppUser_{call.store.next_id('lock')}@boxdevedition.com"
    if login.casefold() in call.store.logins:
        raise errors.conflict("user_login_already_used", "User with the specified login already exists")
    changes = _changes(call)
    user = call.store.add_user(name, login)
    user.is_platform_access_only = is_app_user
    _apply(user, changes)
    call.store.record("NEW_USER", call.user, user)
    return Reply(201, render(user, "standard", call.fields))


@operation("PUT", "/users/{user_id}", "put_users_id")
def update_user(call: Call) -> Json:
    """Change a user, or with enterprise=null roll one out of the enterprise."""
    call.require_administrator(*SCOPES)
    user, changes = _found(call), _changes(call)
    if "name" in call.json:
        changes["name"] = _name(call)
    login = _login(call)
    if login and call.store.logins.get(login.casefold(), user) is not user:
        raise errors.conflict("user_login_already_used", "User with the specified login already exists")
    if login:
        call.store.rename_login(user, login)
    if "enterprise" in call.json and call.json["enterprise"] is None:
        changes["enterprise"] = None
    if "notification_email" in call.json:
        email = call.dig("notification_email.email")
        changes["notification_email"] = {"email": email, "is_confirmed": False} if email else None
    _apply(user, changes)
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


def _name(call: Call) -> str:
    name = call.json["name"]
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise errors.invalid_parameter("name", name, f"'name' must have 1 to {MAX_NAME} characters")
    return name


def _login(call: Call) -> str:
    return call.text("login", MAX_LOGIN) if "login" in call.json else ""


def _changes(call: Call) -> dict[str, Any]:
    """Read what a body says of a user beyond name and login; what it lacks stays."""
    body = call.json
    changes = {name: call.text(name, maximum) for name, maximum in _TEXTS.items() if name in body}
    changes |= {flag: body[flag] for flag in _FLAGS if isinstance(body.get(flag), bool)}
    for name, choices in (("role", ("coadmin", "user")), ("status", _STATUSES)):
        if name in body:
            changes[name] = call.one_of(name, choices)
    if isinstance(body.get("space_amount"), int):
        changes["space_amount"] = body["space_amount"]
    if isinstance(body.get("tracking_codes"), list):
        changes["tracking_codes"] = body["tracking_codes"]
    return changes


def _apply(user: User, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(user, name, value)
