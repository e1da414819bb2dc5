"""Box's own SDK for Python at work with the emulator, which it takes for Box: the flows of the SDK's own tests."""

import io
import zipfile

import pytest

sdk = pytest.importorskip("box_sdk_gen", reason="Box's SDK is in the dependency group bench")


@pytest.fixture(scope="module")
def client(box):
    base = box.ready["api_base_url"].removesuffix("/2.0")
    urls = sdk.BaseUrls(base_url=base, upload_url=f"{base}/api", oauth_2_url=f"{base}/api/oauth2")
    return sdk.BoxClient(auth=sdk.BoxDeveloperTokenAuth(token=box.ready["developer_token"])).with_custom_base_urls(urls)


@pytest.fixture
def file(client, place):
    return upload(client, place, "file.txt", b"the text")


def upload(client, folder, name, data):
    parent = sdk.UploadFileAttributesParentField(id=folder)
    return client.uploads.upload_file(sdk.UploadFileAttributes(name=name, parent=parent), io.BytesIO(data)).entries[0]


def upload_version(client, file, name, data):
    attributes = sdk.UploadFileVersionAttributes(name=name)
    return client.uploads.upload_file_version(file.id, attributes, io.BytesIO(data)).entries[0]


def status(call, *arguments, **options):
    with pytest.raises(sdk.BoxAPIError) as failure:
        call(*arguments, **options)
    return failure.value.response_info.status_code


def test_folders(client, place):
    made = client.folders.create_folder("made", sdk.CreateFolderParent(id=place))
    changed = client.folders.update_folder_by_id(made.id, name="changed", description="described")
    assert (changed.name, changed.description, changed.parent.id) == ("changed", "described", place)
    twin = client.folders.copy_folder(made.id, sdk.CopyFolderParent(id=place), name="twin")
    listed = client.folders.get_folder_items(place, usemarker=True, limit=1)
    rest = client.folders.get_folder_items(place, usemarker=True, marker=listed.next_marker)

    assert [entry.id for entry in listed.entries + rest.entries] == [made.id, twin.id]
    assert rest.next_marker is None
    assert status(client.folders.create_folder, "TWIN", sdk.CreateFolderParent(id=place)) == 409
    client.folders.delete_folder_by_id(place, recursive=True)
    assert status(client.folders.get_folder_by_id, place) == 404


def test_root_folder(client):
    root = client.folders.get_folder_by_id("0")

    assert (root.id, root.name, root.item_collection.total_count) == (
        "0",
        "All Files",
        len(root.item_collection.entries),
    )


def test_files(client, file, place):
    got = client.files.get_file_by_id(
        file.id, fields=["is_externally_owned", "has_collaborations", "lock", "permissions"]
    )
    assert (got.is_externally_owned, got.has_collaborations, got.lock, got.permissions.can_delete) == (
        False, False, None, True,
    )  # fmt: skip
    lock = sdk.UpdateFileByIdLock(access=sdk.UpdateFileByIdLockAccessField.LOCK, is_download_prevented=False)
    assert client.files.update_file_by_id(file.id, lock=lock, fields=["lock"]).lock.type == "lock"
    assert client.files.update_file_by_id(file.id, lock=sdk.create_null(), fields=["lock"]).lock is None
    twin = client.files.copy_file(file.id, sdk.CopyFileParent(id=place), name="twin.txt")
    assert (twin.sha_1, twin.etag) == (file.sha_1, "0")
    client.files.delete_file_by_id(file.id)

    assert client.trashed_files.get_trashed_file_by_id(file.id).item_status == "trashed"
    assert file.id in [entry.id for entry in client.trashed_items.get_trashed_items(limit=1000).entries]
    assert client.trashed_files.restore_file_from_trash(file.id).item_status == "active"
    client.files.delete_file_by_id(file.id)
    client.trashed_files.delete_trashed_file_by_id(file.id)
    assert status(client.trashed_files.get_trashed_file_by_id, file.id) == 404


def test_uploads_and_downloads(client, file, place):
    assert client.downloads.download_file(file.id).read() == b"the text"
    assert client.uploads.preflight_file_upload_check(
        name="new.txt", size=5, parent=sdk.PreflightFileUploadCheckParent(id=place)
    ).upload_url
    assert status(upload, client, place, "FILE.txt", b"") == 409
    first = file.file_version.id
    upload_version(client, file, "second.txt", b"second")

    assert client.downloads.download_file(file.id).read() == b"second"
    assert client.downloads.download_file(file.id, version=first).read() == b"the text"


def test_uploads_in_parts(client, place):
    data = bytes(20_000_001)
    made = client.chunked_uploads.upload_big_file(io.BytesIO(data), "film.mov", len(data), place)
    assert made.size == len(data)
    changed = client.chunked_uploads.upload_big_file_version(made.id, io.BytesIO(data[:-1] + b"x"), len(data))
    assert changed.sha_1 != made.sha_1
    session = client.chunked_uploads.create_file_upload_session_for_existing_file(made.id, len(data))
    assert client.chunked_uploads.get_file_upload_session_parts(session.id).entries == []
    client.chunked_uploads.delete_file_upload_session_by_id(session.id)


def test_versions(client, file):
    upload_version(client, file, "second.txt", b"second")
    listed = client.file_versions.get_file_versions(file.id)
    assert (listed.total_count, listed.entries[0].name, listed.entries[0].size) == (1, "file.txt", 8)
    old = listed.entries[0].id
    client.file_versions.delete_file_version_by_id(file.id, old)
    fields = ["trashed_at", "trashed_by", "restored_at", "restored_by"]
    deleted = client.file_versions.get_file_version_by_id(file.id, old, fields=fields)
    assert (deleted.trashed_at is not None, deleted.trashed_by.type, deleted.restored_by) == (True, "user", None)
    client.file_versions.update_file_version_by_id(file.id, old, trashed_at=sdk.create_null())
    restored = client.file_versions.get_file_version_by_id(file.id, old, fields=fields)

    assert (restored.trashed_at, restored.restored_at is not None) == (None, True)
    promoted = client.file_versions.promote_file_version(file.id, id=old, type=sdk.PromoteFileVersionType.FILE_VERSION)
    assert (promoted.id != old, promoted.size, client.files.get_file_by_id(file.id).name) == (True, 8, "file.txt")


def test_shared_links(client, file):
    links = client.shared_links_files
    access = sdk.AddShareLinkToFileSharedLinkAccessField.OPEN
    link = sdk.AddShareLinkToFileSharedLink(access=access, password="Secret123@")
    made = links.add_share_link_to_file(file.id, "shared_link", shared_link=link).shared_link
    assert (made.access, made.is_password_enabled, made.effective_permission) == ("open", True, "can_download")
    assert links.get_shared_link_for_file(file.id, "shared_link").shared_link.url == made.url
    collaborators = sdk.UpdateSharedLinkOnFileSharedLinkAccessField.COLLABORATORS
    changed = links.update_shared_link_on_file(
        file.id, "shared_link", shared_link=sdk.UpdateSharedLinkOnFileSharedLink(access=collaborators)
    )
    assert changed.shared_link.access == "collaborators"
    removed = links.remove_shared_link_from_file(file.id, "shared_link", shared_link=sdk.create_null())

    assert removed.shared_link is None


def test_search(client, place):
    file = upload(client, place, "sdkword.txt", b"it speaks of rhodonite")
    for query in ("sdkword", "rhodonite"):
        page = client.search.search_for_content(
            query=query, ancestor_folder_ids=[place], trash_content="non_trashed_only"
        )
        assert (page.type, [entry.id for entry in page.entries]) == ("search_results_items", [file.id])
    with_links = client.search.search_for_content(query="sdkword", include_recent_shared_links=True)
    assert (with_links.type, with_links.entries[0].item.id) == ("search_results_with_shared_links", file.id)
    metadata = sdk.MetadataFilter(scope="global", template_key="contract", filters={"category": "online"})

    assert client.search.search_for_content(mdfilters=[metadata]).entries == []


def test_comments(client, file):
    item = sdk.CreateCommentItem(id=file.id, type=sdk.CreateCommentItemTypeField.FILE)
    first = client.comments.create_comment("first", item)
    reply = client.comments.create_comment(
        "reply", sdk.CreateCommentItem(id=first.id, type=sdk.CreateCommentItemTypeField.COMMENT)
    )
    assert (reply.message, client.comments.get_file_comments(file.id).total_count) == ("reply", 2)
    assert client.comments.update_comment_by_id(reply.id, message="changed").message == "changed"
    client.comments.delete_comment_by_id(first.id)

    assert client.comments.get_file_comments(file.id).total_count == 0


def test_collaborations(client, box, place):
    item = sdk.CreateCollaborationItem(type=sdk.CreateCollaborationItemTypeField.FOLDER, id=place)
    grantee = sdk.CreateCollaborationAccessibleBy(
        type=sdk.CreateCollaborationAccessibleByTypeField.USER, id=box.ready["user_id"]
    )
    made = client.user_collaborations.create_collaboration(item, grantee, sdk.CreateCollaborationRole.EDITOR)
    changed = client.user_collaborations.update_collaboration_by_id(
        made.id, role=sdk.UpdateCollaborationByIdRole.VIEWER
    )
    listed = client.list_collaborations.get_folder_collaborations(place)

    assert (changed.role, [entry.id for entry in listed.entries], listed.next_marker) == ("viewer", [made.id], None)
    client.user_collaborations.delete_collaboration_by_id(made.id)
    assert status(client.user_collaborations.get_collaboration_by_id, made.id) == 404


def test_favorites(client, file):
    favorites = next(each for each in client.collections.get_collections().entries if each.name == "Favorites")
    client.files.update_file_by_id(file.id, collections=[sdk.UpdateFileByIdCollections(id=favorites.id)])
    assert file.id in [entry.id for entry in client.collections.get_collection_items(favorites.id).entries]
    client.files.update_file_by_id(file.id, collections=[])

    assert file.id not in [entry.id for entry in client.collections.get_collection_items(favorites.id).entries]


def test_web_links(client, place):
    parent = sdk.CreateWebLinkParent(id=place)
    link = client.web_links.create_web_link(
        url="https://www.box.com", parent=parent, name="link", description="weblink"
    )
    assert (link.url, link.parent.id, link.description) == ("https://www.box.com", place, "weblink")
    assert client.web_links.update_web_link_by_id(
        link.id, name="new", shared_link=sdk.UpdateWebLinkByIdSharedLink()
    ).name
    client.web_links.delete_web_link_by_id(link.id)

    assert client.web_links.get_web_link_by_id(link.id).item_status == "trashed"


def test_thumbnails(client, file):
    extension = sdk.GetFileThumbnailByIdExtension.PNG

    assert client.files.get_file_thumbnail_by_id(file.id, extension).read().startswith(b"\x89PNG")


def test_zip_archives(client, file):
    items = [sdk.CreateZipDownloadItems(id=file.id, type=sdk.CreateZipDownloadItemsTypeField.FILE)]
    data = client.zip_downloads.download_zip(items, download_file_name="all").read()

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [b"the text"]


def test_an_upload_in_parts(client, place):
    data = bytes(range(256)) * 90_000
    made = client.chunked_uploads.upload_big_file(io.BytesIO(data), "film.mov", len(data), place)

    assert (made.name, made.size) == ("film.mov", len(data))
    assert client.downloads.download_file(made.id).read() == data
