"""Box's own SDK for Python at work with users and what they do at the emulator, which it takes for Box."""

import io
from datetime import UTC, datetime

import pytest

sdk = pytest.importorskip("box_sdk_gen", reason="Box's SDK is in the dependency group bench")
managers = sdk.managers


@pytest.fixture(scope="module")
def client(box):
    base = box.ready["api_base_url"].removesuffix("/2.0")
    urls = sdk.BaseUrls(base_url=base, upload_url=f"{base}/api", oauth_2_url=f"{base}/api/oauth2")
    return sdk.BoxClient(auth=sdk.BoxDeveloperTokenAuth(token=box.ready["developer_token"])).with_custom_base_urls(urls)


@pytest.fixture
def file(box, place):
    return box.upload("a.txt", b"", place)["entries"][0]["id"]


@pytest.fixture
def user(client, place):
    """Return the id of a user of the test's own."""
    made = client.users.create_user(f"User {place}", login=f"user{place}@example.com")
    return made.id


def status(call, *arguments, **options):
    with pytest.raises(sdk.BoxAPIError) as failure:
        call(*arguments, **options)
    return failure.value.response_info.status_code


def test_tasks_and_assignments(client, box, file):
    due = datetime(2035, 1, 1, tzinfo=UTC)
    task = client.tasks.create_task(
        sdk.CreateTaskItem(type=sdk.CreateTaskItemTypeField.FILE, id=file),
        action=sdk.CreateTaskAction.REVIEW,
        message="test message",
        due_at=due,
        completion_rule=sdk.CreateTaskCompletionRule.ALL_ASSIGNEES,
    )
    assert (task.due_at, task.item.id, task.message) == (due, file, "test message")
    assert client.tasks.get_file_tasks(file).total_count == 1
    assert client.tasks.update_task_by_id(task.id, message="updated").message == "updated"

    assignment = client.task_assignments.create_task_assignment(
        sdk.CreateTaskAssignmentTask(type=sdk.CreateTaskAssignmentTaskTypeField.TASK, id=task.id),
        sdk.CreateTaskAssignmentAssignTo(id=box.ready["admin_user_id"]),
    )
    assert client.task_assignments.get_task_assignment_by_id(assignment.id).item.id == file
    assert client.task_assignments.get_task_assignments(task.id).total_count == 1
    changed = client.task_assignments.update_task_assignment_by_id(
        assignment.id, message="done", resolution_state=sdk.UpdateTaskAssignmentByIdResolutionState.APPROVED
    )
    assert (changed.message, changed.resolution_state) == ("done", "approved")
    assert client.tasks.get_task_by_id(task.id).is_completed
    assert status(client.task_assignments.delete_task_assignment_by_id, assignment.id) == 403
    client.tasks.delete_task_by_id(task.id)
    assert status(client.tasks.get_task_by_id, task.id) == 404


def test_recent_items(client, file):
    recent = client.recent_items.get_recent_items(limit=1)
    assert [(each.item.id, each.interaction_type) for each in recent.entries] == [(file, "item_upload")]


def test_file_requests(client, box, place):
    first = next(iter(box.store.file_requests))
    assert client.file_requests.get_file_request_by_id(first).type == "file_request"
    target = sdk.CreateFileRequestCopyFolder(id=place, type=sdk.CreateFileRequestCopyFolderTypeField.FOLDER)
    twin = client.file_requests.create_file_request_copy(first, target)
    changed = client.file_requests.update_file_request_by_id(
        twin.id, title="new title", description="new", if_match=twin.etag
    )
    assert (changed.title, changed.folder.id) == ("new title", place)
    client.file_requests.delete_file_request_by_id(twin.id)


def test_folder_locks(client, place):
    assert client.folder_locks.get_folder_locks(place).entries == []
    lock = client.folder_locks.create_folder_lock(
        sdk.CreateFolderLockFolder(id=place, type="folder"),
        locked_operations=sdk.CreateFolderLockLockedOperations(move=True, delete=True),
    )
    assert (lock.folder.id, lock.locked_operations.move) == (place, True)
    client.folder_locks.delete_folder_lock_by_id(lock.id)
    assert status(client.folder_locks.delete_folder_lock_by_id, lock.id) == 404


def test_watermarks(client, file, place):
    imprint = sdk.UpdateFileWatermarkWatermarkImprintField.DEFAULT
    client.file_watermarks.update_file_watermark(file, sdk.UpdateFileWatermarkWatermark(imprint=imprint))
    assert client.file_watermarks.get_file_watermark(file).watermark.created_at
    client.file_watermarks.delete_file_watermark(file)
    assert status(client.file_watermarks.get_file_watermark, file) == 404
    imprint = sdk.UpdateFolderWatermarkWatermarkImprintField.DEFAULT
    client.folder_watermarks.update_folder_watermark(place, sdk.UpdateFolderWatermarkWatermark(imprint=imprint))
    client.folder_watermarks.delete_folder_watermark(place)
    assert status(client.folder_watermarks.get_folder_watermark, place) == 404


def test_transfer(client, box, user):
    made = client.transfer.transfer_owned_folder(
        user, sdk.TransferOwnedFolderOwnedBy(id=box.ready["admin_user_id"]), notify=False
    )
    assert made.owned_by.id == box.ready["admin_user_id"]
    client.users.delete_user_by_id(user, notify=False, force=True)


def test_avatars(client, user):
    picture = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff"
        b"\xff?\0\x05\xfe\x02\xfe\r\xefF\xb8\0\0\0\0IEND\xaeB`\x82"
    )
    made = client.avatars.create_user_avatar(
        user, io.BytesIO(picture), pic_file_name="avatar.png", pic_content_type="image/png"
    )
    assert made.pic_urls.small
    assert client.avatars.get_user_avatar(user).read() == picture
    client.avatars.delete_user_avatar(user)
    assert status(client.avatars.get_user_avatar, user) == 404


def test_email_aliases(client, user):
    alias = client.email_aliases.create_user_email_alias(user, f"alias{user}@example.com")
    assert [each.id for each in client.email_aliases.get_user_email_aliases(user).entries] == [alias.id]
    client.email_aliases.delete_user_email_alias_by_id(user, alias.id)
    assert client.email_aliases.get_user_email_aliases(user).total_count == 0


def test_invites(client, box, place):
    external = box.store.add_user("Guest", f"guest{place}@example.com", managed=False)
    made = client.invites.create_invite(
        sdk.CreateInviteEnterprise(id=box.ready["enterprise_id"]), sdk.CreateInviteActionableBy(login=external.login)
    )
    got = client.invites.get_invite_by_id(made.id)
    assert (got.invited_to.id, got.actionable_by.login) == (box.ready["enterprise_id"], external.login)


def test_device_pinners(client, box):
    enterprise, found = box.ready["enterprise_id"], client.device_pinners
    pins = found.get_enterprise_device_pinners(enterprise, limit=1)
    rest = found.get_enterprise_device_pinners(enterprise, marker=str(pins.next_marker))
    assert len(pins.entries + rest.entries) == len(box.store.device_pinners)
    pin = rest.entries[-1].id
    assert found.get_device_pinner_by_id(pin).owned_by.id
    found.delete_device_pinner_by_id(pin)
    assert status(found.get_device_pinner_by_id, pin) == 404


def test_terms_of_services(client, user):
    terms = client.terms_of_services.get_terms_of_service().entries[0]
    changed = client.terms_of_services.update_terms_of_service_by_id(
        terms.id, sdk.UpdateTermsOfServiceByIdStatus.DISABLED, "Disabled TOS"
    )
    assert client.terms_of_services.get_terms_of_service_by_id(terms.id).status == changed.status == "disabled"
    statuses = client.terms_of_service_user_statuses
    made = statuses.create_terms_of_service_status_for_user(
        sdk.CreateTermsOfServiceStatusForUserTos(id=terms.id),
        sdk.CreateTermsOfServiceStatusForUserUser(id=user),
        is_accepted=False,
    )
    assert statuses.update_terms_of_service_status_for_user_by_id(made.id, is_accepted=True).is_accepted
    listed = statuses.get_terms_of_service_user_statuses(terms.id, user_id=user)
    assert [each.user.id for each in listed.entries] == [user]


def test_webhooks(client, place):
    made = client.webhooks.create_webhook(
        sdk.CreateWebhookTarget(id=place, type=sdk.CreateWebhookTargetTypeField.FOLDER),
        "https://example.com/new-webhook",
        [sdk.CreateWebhookTriggers.FILE_UPLOADED],
    )
    assert client.webhooks.get_webhook_by_id(made.id).target.id == place
    assert made.id in {each.id for each in client.webhooks.get_webhooks(limit=1000).entries}
    changed = client.webhooks.update_webhook_by_id(made.id, address="https://example.com/updated-webhook")
    assert changed.address == "https://example.com/updated-webhook"
    client.webhooks.delete_webhook_by_id(made.id)
    assert status(client.webhooks.delete_webhook_by_id, made.id) == 404


def test_allowlists(client, user):
    entries = client.collaboration_allowlist_entries
    made = entries.create_collaboration_whitelist_entry(
        f"example{user}.com", sdk.CreateCollaborationWhitelistEntryDirection.INBOUND
    )
    assert entries.get_collaboration_whitelist_entry_by_id(made.id).domain == f"example{user}.com"
    assert made.id in {each.id for each in entries.get_collaboration_whitelist_entries().entries}
    entries.delete_collaboration_whitelist_entry_by_id(made.id)
    exempt = client.collaboration_allowlist_exempt_targets
    target = exempt.create_collaboration_whitelist_exempt_target(
        sdk.CreateCollaborationWhitelistExemptTargetUser(id=user)
    )
    assert exempt.get_collaboration_whitelist_exempt_target_by_id(target.id).user.id == user
    assert target.id in {each.id for each in exempt.get_collaboration_whitelist_exempt_targets().entries}
    exempt.delete_collaboration_whitelist_exempt_target_by_id(target.id)


def test_storage_policies(client, user):
    policies = client.storage_policies.get_storage_policies().entries
    first, second = (client.storage_policies.get_storage_policy_by_id(policy.id) for policy in policies)
    module, assignments = managers.storage_policy_assignments, client.storage_policy_assignments
    made = assignments.create_storage_policy_assignment(
        module.CreateStoragePolicyAssignmentStoragePolicy(id=first.id),
        module.CreateStoragePolicyAssignmentAssignedTo(
            type=module.CreateStoragePolicyAssignmentAssignedToTypeField.USER, id=user
        ),
    )
    changed = assignments.update_storage_policy_assignment_by_id(
        made.id, module.UpdateStoragePolicyAssignmentByIdStoragePolicy(id=second.id)
    )
    assert assignments.get_storage_policy_assignment_by_id(made.id).storage_policy.id == second.id
    kind = module.GetStoragePolicyAssignmentsResolvedForType.USER
    assert assignments.get_storage_policy_assignments(kind, user).entries[0].id == changed.id
    assignments.delete_storage_policy_assignment_by_id(made.id)


def test_external_users_and_sessions(client, box, place):
    external = box.store.add_user("Guest", f"stranger{place}@example.com", managed=False)
    reference = sdk.schemas.UserReferenceV2025R0(id=external.id)
    told = client.external_users.submit_job_to_delete_external_users_v2025_r0([reference])
    assert [(each.user_id, each.status) for each in told.entries] == [(external.id, 202)]
    user = box.store.add_user("User", f"leaving{place}@example.com")
    message = client.session_termination.terminate_users_sessions([user.id], [user.login]).message
    assert client.session_termination.terminate_groups_sessions([next(iter(box.store.groups))]).message == message


def test_app_item_associations(client, file, place):
    assert client.app_item_associations.get_file_app_item_associations(file).entries == []
    assert client.app_item_associations.get_folder_app_item_associations(place).entries == []
