"""Make a small tree of about forty items, four levels deep, with names and states that trip careless clients up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from box_dialect.emulator.content import MemoryContent
from box_dialect.emulator.model import File, Folder, SharedLink
from box_dialect.emulator.planted import DAY, EPOCH, Planted

from .people import add_groups, add_users, record_uploads

if TYPE_CHECKING:
    from box_dialect.emulator.content import Content
    from box_dialect.emulator.model import User
    from box_dialect.emulator.store import Store

# A folder is a dict, a file its text, a web link an address.
TREE: dict[str, Any] = {
    "Contracts": {
        "2023": {
            "Signed": {"ACME master agreement.pdf": "{{to}} {{from}}", "O'Brien & Söhne.docx": "agreement"},
            'Draft "final" (2).docx': "draft",
            "budget 100%.xlsx": "cells",
        },
        "2024": {"Empty": {}, "under_score.txt": "snake", "underXscore.txt": "not a snake", "NDA.pdf": "%PDF-1.7 nda"},
        "README": "No extension at all.",
    },
    "Éducation": {
        "日本語の資料.txt": "こんにちは",
        "emoji 🎉.md": "# Party",
        "Ünïcödé straße.txt": "ß folds to ss",
        "عربى.txt": "مرحبا",
    },
    "Photos": {"IMG_0001.JPG": "jpeg 1", "img_0002.jpg": "jpeg 2", "archive.tar.gz": "gzip", "empty.bin": ""},
    "Quotes": {"it's.txt": "one", 'say "hi".txt': "one", "semi;colon--.txt": "drop table", "a,b.csv": "1,2"},
    "Case": {"Report.txt": "upper"},
    "case twin": {"report.txt": "lower, in another folder"},
    " leading space": {"  two leading.txt": "spaces"},
    "Empty folder": {},
    ".hidden": {".profile": "dotfile in a dot folder"},
    ".gitignore": "*.pyc",
    "Box website": "https://www.box.com/",
    "Intranet?q=1&x=%20": "https://intranet.example.com/?q=1",
    "notes": "a file without extension",
    "Notes.txt": "comments and replies are on this one",
    "old plan.txt": "bound for the trash",
    "Old folder": {"inside.txt": "goes to the trash with its folder"},
}


def plant_default(store: Store) -> None:
    """Add the tree, its people, and an example of most states that items, users and collaborations can be in."""
    users = add_users(store, 5)
    groups = add_groups(store, users)
    _people(store, users)
    found: dict[str, Any] = {}
    _grow(store, TREE, store.root, users, found)
    notes, contracts, photos = found["Notes.txt"], found["Contracts"], found["Photos"]
    at = EPOCH + 200 * DAY
    files = [item for item in found.values() if isinstance(item, File)]
    store.seed_resources(Planted(users=users, files=files, named=found))

    store.add_collaboration(contracts, users[0], "editor", store.admin, at=at)
    store.add_collaboration(contracts, groups[2], "viewer", store.admin, at=at + 60)
    store.add_collaboration(contracts, "stranger@example.net", "viewer", store.admin, "pending", at=at + 120)
    store.add_collaboration(photos, store.admin, "co-owner", users[1], "pending", at=at)
    store.add_collaboration(notes, users[3], "previewer", store.admin, at=at)
    store.add_collaboration(photos, users[2], "viewer", users[1], "rejected", at=at + 60)

    store.hand_over(found["Empty folder"], users[3])
    contracts.description, contracts.tags = "Everything that was signed, and what was not", ["legal", "2024"]
    notes.description, notes.tags = "Line one\nline two with 'quotes'", ["todo"]
    notes.shared_link = SharedLink()
    photos.shared_link = SharedLink("company")
    store.add_version(notes, MemoryContent(b"a second version"), users[1])
    notes.modified_at = notes.content_modified_at = at
    notes.versions[-1].created_at = notes.versions[-1].modified_at = at
    _revise(store, found["img_0002.jpg"])
    for name in ("ACME master agreement.pdf", "O'Brien & Söhne.docx"):
        _upload_again(store, found[name], found[name].content)
    record_uploads(store, files)
    for name in ("old plan.txt", "Old folder"):
        store.discard(found[name])


def _revise(store: Store, file: File) -> None:
    """Upload a file twice anew, at last as it was; the version between is in the trash."""
    first = file.content
    for content in (MemoryContent(first.read() + b", lighter"), first):
        _upload_again(store, file, content)
    between, at = file.versions[1], file.content_modified_at + DAY
    between.trashed_at, between.trashed_by, between.purged_at = at, file.owned_by, at + 30 * DAY


def _upload_again(store: Store, file: File, content: Content) -> None:
    """Give a file a past version, and leave it as it was otherwise."""
    told = {name: getattr(file, name) for name in ("modified_at", "modified_by", "content_modified_at")}
    store.add_version(file, content, file.owned_by)
    for name, value in told.items():
        setattr(file, name, value)
    file.versions[-1].created_at = file.versions[-1].modified_at = file.modified_at


def _people(store: Store, users: list[User]) -> None:
    users[2].notification_email = {"email": "elsewhere@example.org", "is_confirmed": False}
    users[3].status = "inactive"
    users[4].space_amount = -1
    store.add_user("Zoë External", "zoe@partner.example", EPOCH + DAY, managed=False)
    robot = store.add_user("App User", "AppUser_1000000_abcdefgh@boxdevedition.com", EPOCH + 2 * DAY)
    robot.is_platform_access_only, robot.external_app_user_id = True, "robot-1"
    store.add_user("Yannick External", "yannick@elsewhere.example", EPOCH + 3 * DAY, managed=False)
    percent = store.add_group("100% _special_ 'group'", EPOCH + 40 * DAY)
    percent.provenance, percent.external_sync_identifier = "Directory", "dir:100"


def _grow(store: Store, tree: dict[str, Any], parent: Folder, users: list[User], found: dict[str, Any]) -> None:
    for name, node in tree.items():
        owner, at = users[len(found) % 3], EPOCH + (60 + len(found)) * DAY
        if isinstance(node, dict):
            found[name] = store.add_folder(name, parent, owner, at, owner=owner)
            _grow(store, node, found[name], users, found)
        elif node.startswith("https://"):
            found[name] = store.add_web_link(name, parent, node, owner, at, owner=owner)
        else:
            found[name] = store.add_file(name, parent, MemoryContent(node.encode()), owner, at, owner=owner)
