"""Seeds: the same content each time, and what a directory becomes."""

import hashlib
import itertools
import os
import sys
from pathlib import Path

import pytest

from box_dialect.emulator.seeds import plant
from box_dialect.emulator.store import Store


def summary(store):
    """Return what a client can see of a store, in the order in which it came."""
    items = [
        (item.type, item.id, item.name, item.parent and item.parent.id, item.size, item.created_at, item.owned_by.id)
        for table in store.items.values()
        for item in table.values()
    ]
    comments = [(comment.id, comment.message, comment.created_by.id) for comment in store.comments.values()]
    collaborations = [(entry.id, entry.item.id, entry.role, entry.status) for entry in store.collaborations.values()]
    people = [(user.id, user.login) for user in store.users.values()]
    groups = [(entry.id, entry.user.id, entry.group.id) for entry in store.memberships.values()]
    return items, comments, collaborations, people, groups


def planted(**options):
    store = Store()
    plant(store, **options)
    return store


def managed(store):
    return [user for user in store.users.values() if user.enterprise is not None]


def files_in(folder):
    return [child for child in folder.children.values() if child.type == "file"]


@pytest.fixture
def directory(tmp_path):
    root = tmp_path / "root"
    for number in range(120):
        path = root / f"dir {number % 7}" / f"file {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * number)
        os.utime(path, (1_600_000_000, 1_500_000_000 + number))
    return root


def test_seeds_are_deterministic(directory):
    for options in ({}, {"synthetic": 200}, {"load": directory}):
        assert summary(planted(**options)) == summary(planted(**options))


def test_a_directory_is_served_without_what_is_excluded(directory):
    store = planted(load=directory, exclude=("dir [0-4]", "*9.txt"))
    assert {item.name for item in store.items["folder"].values()} >= {"dir 5", "dir 6"}
    paths = [(file.parent.name, file.name) for file in store.items["file"].values()]
    assert {parent for parent, _ in paths} == {"dir 5", "dir 6"}
    assert not any(name.endswith("9.txt") for _, name in paths)
    assert ("dir 5", "file 5.txt") in paths


def test_default_has_all_sorts_of_things():
    store = planted()
    names = [item.name for table in store.items.values() for item in table.values()]
    statuses = {collaboration.status for collaboration in store.collaborations.values()}

    assert 40 <= len(names) <= 60
    for part in ("%", "_", "'", '"', "日", ";", ","):
        assert any(part in name for name in names), part
    assert any(name.startswith(" ") for name in names)
    assert statuses == {"accepted", "pending", "rejected"}
    assert any(comment.reply_to for comment in store.comments.values())
    assert {item.type for item in store.trash.values()} == {"file", "folder"}


HELD = {"avatars", "locks", "file_versions", "upload_sessions", "zip_downloads"}
"""Kinds whose entities stand in others, or last only while something is done."""


@pytest.mark.parametrize("seed", ["default", "synthetic", "load"])
def test_a_seed_has_some_of_each_kind_and_in_each_state(seed, directory):
    store = planted(**{"default": {}, "synthetic": {"synthetic": 100}, "load": {"load": directory}}[seed])
    kinds = [resource.entity for resource in store.resources if resource.entity is not None]
    files = [file for file in store.items["file"].values() if not file.is_trashed]

    assert [kind.table for kind in kinds if not store.of(kind) and kind.table not in HELD] == []
    assert any(len(file.versions) > 1 for file in files)
    assert store.trash
    for items in (files, store.items["folder"].values()):
        assert any(item.shared_link for item in items)
    access = [entry for entry in store.collaborations.values() if not entry.item.is_trashed]
    assert {"accepted", "pending"} <= {entry.status for entry in access}
    assert {user.enterprise is None for user in store.users.values()} == {True, False}


def test_files_in_the_root_keep_nothing_from_being_planted(directory):
    for number in range(200):
        (directory / f"{number}.txt").write_bytes(b"")
    store = planted(load=directory)
    kinds = [resource.entity for resource in store.resources if resource.entity is not None]

    assert [kind.table for kind in kinds if not store.of(kind) and kind.table not in HELD] == []
    held = [entry.target for entry in store.legal_hold_policy_assignments.values() if entry.kind == "file"]
    assert [len(file.versions) for file in held] == [2]


@pytest.mark.parametrize("count", [0, 1, 20, 1000])
def test_synthetic_shape(count):
    store = planted(synthetic=count)
    folders = [folder for folder in store.items["folder"].values() if folder is not store.root]

    assert len(store.items["file"]) == count
    assert len(folders) == -(-count // 20)
    assert all(folder.parent is store.root and len(files_in(folder)) <= 20 for folder in folders)
    assert (len(managed(store)), len(store.groups)) == (26, 5)
    assert bool(store.comments) == bool(count)


def test_synthetic_content_takes_another_shape():
    store = planted(synthetic=50, shape={"folder_size": 7, "people": 4, "comments": 2})
    sizes = [len(files_in(folder)) for folder in store.root.children.values()]

    assert sizes == [7] * 7 + [1]
    assert [len(file.comments) for file in store.items["file"].values()] == [2] * 50
    assert len(managed(store)) - 1 == len(store.groups) == 4
    assert all(len(group.memberships) == 3 for group in store.groups.values())
    assert all(len(user.memberships) == 3 for user in managed(store) if user is not store.admin)


@pytest.mark.parametrize("people", [1, 2])
def test_a_circle_of_fewer_than_three_names_nobody_twice(people):
    store = planted(synthetic=1, shape={"people": people})
    assert {len(group.memberships) for group in store.groups.values()} == {people}


def test_served_content_takes_the_shape_of_the_options(start):
    with start(synthetic=6, synthetic_folder_size=3, synthetic_people=2, synthetic_comments=1) as box:
        assert len(box.get("/folders/0/items")["entries"]) == 2
        assert box.get("/groups")["total_count"] == 2
        assert box.get("/files/1200000000001/comments")["total_count"] == 1


def work(action):
    """Count the functions that are called meanwhile."""
    calls = itertools.count()
    sys.setprofile(lambda *_: next(calls))
    try:
        action()
    finally:
        sys.setprofile(None)
    return next(calls)


def test_the_work_of_loading_grows_with_the_number_of_files_only(tmp_path):
    needed = []
    for count in (100, 1000):
        for number in range(count):
            path = tmp_path / str(count) / str(number % 30) / str(number)
            path.parent.mkdir(exist_ok=True, parents=True)
            path.touch()
        needed.append(work(lambda root=tmp_path / str(count): planted(load=root)))

    assert needed[1] < 11 * needed[0]


def test_directory_is_served(start, directory):
    with start(load=directory) as box:
        top = box.get("/folders/0/items")["entries"]
        assert [entry["name"] for entry in top] == [f"dir {number}" for number in range(7)]
        names = "/items?fields=name,size,sha1,created_at,modified_at,content_modified_at&limit=1"
        file = box.get(f"/folders/{top[1]['id']}{names}")["entries"][0]
        content = box.call("GET", f"/files/{file['id']}/content", 302).headers["location"]
        assert (file["name"], file["size"], file["sha1"]) == ("file 1.txt", 1, hashlib.sha1(b"x").hexdigest())
        assert file["created_at"] == file["modified_at"] == "2017-07-13T19:40:01-07:00"
        assert box.http.get(content).content == b"x"
        assert box.get("/folders/0?fields=size")["size"] == sum(range(120))


def test_comments_and_shares_of_a_directory(directory):
    store = planted(load=directory)

    assert len({comment.file for comment in store.comments.values()}) == 3
    assert len({comment.created_by for comment in store.comments.values()}) > 1
    assert store.collaborations


def test_links_are_not_followed(directory):
    (directory / "link to file").symlink_to(directory / "dir 0" / "file 0.txt")
    (directory / "link to itself").symlink_to(directory)

    assert not [name for name in planted(load=directory).root.children if name.startswith("link")]


def test_file_that_is_gone_since(start, directory):
    with start(load=directory) as box:
        file = next(iter(box.store.items["file"]))
        for path in directory.rglob("*.txt"):
            path.unlink()
        answer = box.get(f"/files/{file}", 503)

    assert answer["code"] == "unavailable"


def test_what_may_not_be_read_is_left_out(directory, monkeypatch):
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **at: "dir 3" not in str(path) and allowed(path, mode, **at))

    assert [folder.name for folder in planted(load=directory).root.children.values()] == [
        f"dir {number}" for number in range(7) if number != 3
    ]


def test_names_that_box_refuses_are_made_fit(tmp_path):
    made = ["a\\b", "trailing ", "tab\t", "Case.txt", "case.txt", "CASE.txt", "x" * 255]
    for name in made:
        (tmp_path / name).write_bytes(b"")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin\xe9")).touch()

    names = {item.name for item in planted(load=tmp_path).root.children.values()}
    assert names == {
        "a_b", "trailing_", "tab_", "CASE.txt", "Case (2).txt", "case (3).txt", "x" * 255,
        "latin\N{REPLACEMENT CHARACTER}",
    }  # fmt: skip


PEOPLE = ("email_alias", "device_pinner", "terms_of_service", "terms_of_service_user_status",
    "collaboration_whitelist_entry", "collaboration_whitelist_exempt_target", "storage_policy",
    "storage_policy_assignment")  # fmt: skip
MARKS = ("task", "task_assignment", "recent_item", "file_request", "folder_lock", "watermark", "app_item_association",
    "webhook")  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "kinds"),
    [("default", (*PEOPLE, *MARKS, "invite")), ("synthetic", (*PEOPLE, *MARKS)), ("directory", (*PEOPLE, *MARKS))],
)
def test_there_are_rows_of_each_kind(directory, seed, kinds):
    store = planted(**{"default": {}, "synthetic": {"synthetic": 60}, "directory": {"load": directory}}[seed])
    counts = {resource.entity.type: len(store.of(resource.entity)) for resource in store.resources if resource.entity}
    assert [kind for kind in kinds if not counts[kind]] == []


@pytest.mark.parametrize("options", [{"synthetic": 0}, {"synthetic": 1, "shape": {"people": 1}}])
def test_where_there_is_next_to_nothing_there_are_settings(options):
    store = planted(**options)
    assert (len(store.storage_policies), len(store.terms_of_services), len(store.tasks)) == (
        2, 1, 2 * options["synthetic"],
    )  # fmt: skip
