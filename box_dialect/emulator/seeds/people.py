"""Make the users and groups of a seed, and what they say about files and share of folders."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_dialect.emulator.model import File, Folder, Group, User
    from box_dialect.emulator.store import Store

DAY = 86400
EPOCH = 1_420_099_200  # 2015-01-01T08:00:00Z: seeds tell the time from here and not from the clock
FIRST_NAMES = ("Amelia", "Björn", "Chloé", "Dmitri", "Élise", "Farouk", "Greta", "Hiroshi", "Ines", "Jürgen", "Kavya",
    "Liam", "Małgorzata", "Noor", "Óscar", "Priya", "Quentin", "Rosa", "Søren", "Tomás", "Uma", "Viktor", "Wen",
    "Ximena", "Yusuf")  # fmt: skip
LAST_NAMES = ("Andersen", "Brown", "Castillo", "Dubois", "Evans", "Fischer", "Garcia")
GROUP_NAMES = ("Engineering", "Finance", "Legal", "Marketing", "Sales")
JOBS = ("Engineer", "Accountant", "Counsel", "Designer", "Sales Lead")
REMARKS = ("Looks good to me.", "Please check the figures on page 2.", "Is this the latest version?", "Approved.",
    "Can we discuss this tomorrow?", "Typo in the title.", "Thanks, that helps a lot!")  # fmt: skip
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


def add_comments(store: Store, files: Sequence[File], users: Sequence[User]) -> None:
    """Comment on files, one to three times each, by users in turn; every second file also gets a reply."""
    speakers, remarks = cycle(users), cycle(REMARKS)
    for number, file in enumerate(files):
        at = (file.created_at or EPOCH) + DAY
        first = store.add_comment(file, next(remarks), next(speakers), at)
        for place in range(number % 3):
            store.add_comment(file, next(remarks), next(speakers), at + (place + 1) * 3600)
        if number % 2:
            store.add_comment(file, "Done.", next(speakers), at + DAY, reply_to=first)


def add_equal_comments(store: Store, files: Sequence[File], users: Sequence[User], count: int) -> None:
    """Comment on each file as often, by users in turn."""
    speakers, remarks = cycle(users), cycle(REMARKS)
    for file in files:
        at = (file.created_at or EPOCH) + DAY
        for place in range(count):
            store.add_comment(file, next(remarks), next(speakers), at + place * 3600)


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
