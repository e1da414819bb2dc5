"""Make the users and groups of a seed, and what they share of folders."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from box_dialect.emulator.planted import DAY, EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import File, Folder, Group, User
    from box_dialect.emulator.store import Store

FIRST_NAMES = ("Amelia", "Björn", "Chloé", "Dmitri", "Élise", "Farouk", "Greta", "Hiroshi", "Ines", "Jürgen", "Kavya",
    "Liam", "Małgorzata", "Noor", "Óscar", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wen",
    "Ximena", "Yusuf")  # fmt: skip
LAST_NAMES = ("Andersen", "Brown", "Castillo", "Dubois", "Evans", "Fischer", "Garcia")
GROUP_NAMES = ("Engineering", "Finance", "Legal", "Marketing", "Sales")
JOBS = ("Engineer", "Accountant", "Counsel", "Designer", "Sales Lead")
ROLES = ("editor", "viewer", "previewer", "uploader", "viewer uploader", "co-owner")


def add_users(store: Store, count: int) -> list[User]:
    """Add managed users with differing names, jobs and times."""
    users = []
    for number in range(count):
        first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]
        user = store.add_user(f"{first} {last}", f"user{number + 1:02d}@example.com", EPOCH + number * DAY)
        user.job_title = JOBS[number % len(JOBS)]
        user.phone = f"+1 555 01{number:02d}" if number % 3 else ""
        user.language = ("en", "de", "fr", "ja")[number % 4]
        user.status = "inactive" if number % 11 == 10 else "active"
        users.append(user)
    if len(users) > 1:
        users[1].role = "coadmin"
    return users


def add_groups(store: Store, users: Sequence[User]) -> list[Group]:
    """Add groups with overlapping members; the first member of each administers it."""
    groups = []
    for number, name in enumerate(GROUP_NAMES):
        at = EPOCH + 30 * DAY + number * DAY
        group = store.add_group(name, at)
        group.description = f"Everybody in {name}"
        for place, user in enumerate(users[number :: len(GROUP_NAMES) - 1]):
            store.add_membership(user, group, "member" if place else "admin", at + place * 60)
        groups.append(group)
    return groups


def add_circles(store: Store, users: Sequence[User]) -> list[Group]:
    """Add as many groups as there are users, each of three, so that every user is in three."""
    groups = []
    for number, first in enumerate(users):
        at = EPOCH + 30 * DAY + number * 60
        group = store.add_group(f"Circle {number + 1:05d}", at)
        members = {first: None} | {users[(number + step) % len(users)]: None for step in (1, 2)}
        for place, user in enumerate(members):
            store.add_membership(user, group, "member" if place else "admin", at + place)
        groups.append(group)
    return groups


def add_collaborations(store: Store, folders: Sequence[Folder], users: Sequence[User], groups: Sequence[Group]) -> None:
    """Share folders with a user each, and every third one also with a group."""
    for number, folder in enumerate(folders):
        at, role = (folder.created_at or EPOCH) + DAY, ROLES[number % len(ROLES)]
        store.add_collaboration(folder, users[number % len(users)], role, store.admin, at=at)
        if number % 3 == 0:
            store.add_collaboration(folder, groups[number % len(groups)], "viewer", store.admin, at=at + 60)


def record_uploads(store: Store, files: Sequence[File], maximum: int = 100) -> None:
    """Put the uploads of the first files into the event streams."""
    for file in islice(files, maximum):
        store.record("ITEM_UPLOAD", file.created_by, file, file.created_at, is_seed=True)
