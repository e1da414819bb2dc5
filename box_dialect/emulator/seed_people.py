"""Plant what seeds have of users and what they do: tasks, requests, locks, policies, terms, pins and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .planted import DAY, EPOCH
from .resources.app_item_associations import AppItemAssociation
from .resources.collaboration_allowlist_entries import AllowlistEntry
from .resources.collaboration_allowlist_exempt_targets import AllowlistExemptTarget
from .resources.device_pinners import DevicePinner
from .resources.file_requests import FileRequest
from .resources.folder_locks import FolderLock
from .resources.invites import Invite
from .resources.recent_items import interact
from .resources.storage_policies import StoragePolicy
from .resources.storage_policy_assignments import StoragePolicyAssignment
from .resources.task_assignments import TaskAssignment
from .resources.tasks import Task
from .resources.terms_of_service_user_statuses import TermsOfServiceUserStatus
from .resources.terms_of_services import TermsOfService
from .resources.watermarks import Watermark
from .resources.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import File, Folder, User
    from .planted import Planted
    from .state import State

AT = EPOCH + 300 * DAY
FEW = 3  # files, of however many


def plant_people(store: State, planted: Planted) -> None:
    """Plant rows of each kind: of users, of the first few files, and of folders with files, where there are any."""
    _plant_settings(store, planted.users)
    _plant_users(store, planted.users)
    files = planted.files[:FEW]
    for file, user in zip(files, (store.admin, *planted.users), strict=False):
        _plant_tasks(store, file, user)
        interact(store, store.admin, file, "item_preview", AT)
    folders = list(dict.fromkeys(folder for _, folder in planted.filed[:FEW]))
    for folder in folders:
        _plant_about(store, folder)
    for folder in folders[-1:]:
        store.add(FolderLock(folder=folder, created_by=folder.owned_by), AT)
    for file in files[-1:]:
        store.add(Watermark(item=file), AT)
    for item in (*folders[:1], *files[:1]):
        store.admin.favorites[item] = None


def _plant_settings(store: State, users: Sequence[User]) -> None:
    """Plant what administrators set for the enterprise."""
    enterprise = store.enterprise
    for domain, direction in (("partner.example", "both"), ("supplier.example", "inbound")):
        store.add(AllowlistEntry(domain=domain, direction=direction, enterprise=enterprise), AT)
    for user in users[:2]:
        store.add(AllowlistExemptTarget(user=user, enterprise=enterprise), AT)
    here, elsewhere = (store.add(StoragePolicy(name=name), AT) for name in ("United States", "Germany"))
    store.add(StoragePolicyAssignment(storage_policy=here, user=None, holder_id=enterprise["id"]), AT)
    for user in users[:1]:
        store.add(StoragePolicyAssignment(storage_policy=elsewhere, user=user, holder_id=user.id), AT)
    text = "What external users are to accept."
    tos = store.add(TermsOfService(tos_type="external", status="enabled", text=text, enterprise=enterprise), AT)
    for number, user in enumerate(users[:2]):
        store.add(TermsOfServiceUserStatus(tos=tos, user=user, is_accepted=number == 0), AT + number * DAY)


def _plant_users(store: State, users: Sequence[User]) -> None:
    for number, user in enumerate(users[:FEW]):
        product = ("iPhone", "Android", "Box Drive")[number]
        store.add(DevicePinner(owned_by=user, product_name=product), AT + number * DAY)
    for user in [user for user in store.users.values() if user.enterprise is None][:1]:
        store.add(Invite(actionable_by=user, invited_by=store.admin, invited_to=store.enterprise), AT)


def _plant_tasks(store: State, file: File, user: User) -> None:
    """Plant a task to review a file, which its owner approved, and one to complete, which nobody has yet."""
    due = AT + 30 * DAY
    review = Task(item=file, created_by=user, message=f"Please review {file.name}", due_at=due)
    store.add(review, AT)
    done = TaskAssignment(task=review, assigned_to=file.owned_by, assigned_by=user, message="Fine.")
    done.resolution_state, done.completed_at = "approved", AT + DAY
    store.add(done, AT)
    todo = store.add(Task(item=file, created_by=user, action="complete", completion_rule="any_assignee"), AT + DAY)
    for assignee in dict.fromkeys((file.owned_by, store.admin)):
        store.add(TaskAssignment(task=todo, assigned_to=assignee, assigned_by=user), AT + DAY)


def _plant_about(store: State, folder: Folder) -> None:
    """Plant what a folder has: a webhook, a file request, and what an application has to do with it."""
    admin, triggers = store.admin, ["FILE.UPLOADED", "FILE.TRASHED"]
    store.add(Webhook(target=folder, address="https://hooks.example.com/box", triggers=triggers, created_by=admin), AT)
    title = f"Files for {folder.name}"
    store.add(FileRequest(folder=folder, created_by=admin, updated_by=admin, title=title), AT)
    store.add(AppItemAssociation(item=folder, app_item_id=f"9{folder.id}", application_type="hubs"), AT)
