"""The loops that users of the official SDK write for the same work, one call after another.

Each takes the SDK's client and a sample of the content, and returns the rows that the statement gives.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box_sdk_gen import BoxClient

    from bench.servers import Sample

Rows = list[tuple[Any, ...]]

PAGE = 1000


def pages(listing: Callable[..., Any], *arguments: str, **options: Any) -> Iterator[Any]:
    """Yield the entries of all pages of a listing."""
    offset, total = 0, 1
    while offset < total:
        page = listing(*arguments, limit=PAGE, offset=offset, **options)
        yield from page.entries
        offset, total = offset + PAGE, page.total_count


def files(client: BoxClient, folder_id: str, fields: list[str]) -> Iterator[Any]:
    """Yield the files below a folder."""
    for item in pages(client.folders.get_folder_items, folder_id, fields=fields):
        if item.type == "folder":
            yield from files(client, item.id, fields)
        elif item.type == "file":
            yield item


def inventory(client: BoxClient, _: Sample) -> Rows:
    """Count the files and add up their sizes, by extension."""
    count: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for file in files(client, "0", ["type", "extension", "size"]):
        count[file.extension] += 1
        size[file.extension] += file.size
    return [(extension, count[extension], size[extension]) for extension in count]


def comments(client: BoxClient, _: Sample) -> Rows:
    """Return each comment with the name of its file."""
    return [
        (file.name, comment.message)
        for file in files(client, "0", ["type", "name"])
        for comment in pages(client.comments.get_file_comments, file.id)
    ]


def memberships(client: BoxClient, _: Sample) -> Rows:
    """Return each user's login with the names of the groups and the role in each."""
    return [
        (user.login, membership.role.value, membership.group.name)
        for user in pages(client.users.get_users)
        for membership in pages(client.memberships.get_user_memberships, user.id)
    ]


def some_files(client: BoxClient, _: Sample) -> Rows:
    """Return ten files, whichever come first."""
    found = files(client, "0", ["type", "name"])
    return [(next(found).name,) for _ in range(10)]


def largest_files(client: BoxClient, sample: Sample) -> Rows:
    """Return the ten largest files of a folder."""
    listed = list(files(client, sample.folder_id, ["type", "name", "size"]))
    listed.sort(key=lambda file: -file.size)
    return [(file.name, file.size) for file in listed[:10]]


def file_by_id(client: BoxClient, sample: Sample) -> Rows:
    """Return one file."""
    file = client.files.get_file_by_id(sample.file_id, fields=["name", "size"])
    return [(file.name, file.size)]


def file_by_path(client: BoxClient, sample: Sample) -> Rows:
    """Return one file, found by the names on its path."""
    folders = pages(client.folders.get_folder_items, "0", fields=["type", "name"])
    folder = next(item for item in folders if item.name == sample.folder_name)
    listed = pages(client.folders.get_folder_items, folder.id, fields=["type", "name", "size"])
    file = next(item for item in listed if item.name == sample.file_name)
    return [(file.id, file.size)]


def folder_count(client: BoxClient, _: Sample) -> Rows:
    """Return how many items a folder holds."""
    return [(client.folders.get_folder_items("0", limit=1).total_count,)]


def write_comments(client: BoxClient, sample: Sample) -> Rows:
    """Comment on a file."""
    from box_sdk_gen import CreateCommentItem, CreateCommentItemTypeField

    item = CreateCommentItem(sample.file_id, CreateCommentItemTypeField.FILE)
    for message in sample.messages:
        client.comments.create_comment(message, item)
    return []


def rename_folders(client: BoxClient, _: Sample) -> Rows:
    """Give the folders of the root other names."""
    for folder in list(pages(client.folders.get_folder_items, "0", fields=["type"])):
        client.folders.update_folder_by_id(folder.id, name=f"Renamed {folder.id}")
    return []


def delete_comments(client: BoxClient, sample: Sample) -> Rows:
    """Delete the comments on a file."""
    for comment in list(pages(client.comments.get_file_comments, sample.file_id)):
        client.comments.delete_comment_by_id(comment.id)
    return []


def messages_of(client: BoxClient, sample: Sample) -> Rows:
    """Return the comments on a file."""
    return [(comment.message,) for comment in pages(client.comments.get_file_comments, sample.file_id)]


def names_in_root(client: BoxClient, _: Sample) -> Rows:
    """Return the names in the root folder."""
    return [(folder.name,) for folder in pages(client.folders.get_folder_items, "0", fields=["type", "name"])]
