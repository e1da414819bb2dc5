"""Declare what decides who may see what: people and groups, the items of the tree, and who collaborates on these.

All other kinds of entities are declared by the resource that serves them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .entities import Entity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .content import Content

GIGABYTE = 1 << 30


@dataclass(slots=True, eq=False, kw_only=True)
class User(Entity):
    """A user: managed by the enterprise, external to it, or the service account of the application.

    `root` is the folder "0" of this user, `owned` an ordered set of the items that the user owns, wherever they lie.
    """

    type, table, first_id = "user", "accounts", 20_000_000_001
    unique = ("login",)
    name: str
    login: str
    role: str = "user"
    status: str = "active"
    language: str = "en"
    timezone: str = "America/Los_Angeles"
    space_amount: int = 100 * GIGABYTE
    space_used: int = 0
    max_upload_size: int = 5 * GIGABYTE
    job_title: str = ""
    phone: str = ""
    address: str = ""
    notification_email: dict[str, Any] | None = None
    tracking_codes: list[Any] = field(default_factory=list)
    can_see_managed_users: bool = True
    is_sync_enabled: bool = True
    is_external_collab_restricted: bool = False
    is_exempt_from_device_limits: bool = False
    is_exempt_from_login_verification: bool = False
    is_platform_access_only: bool = False
    external_app_user_id: str = ""
    enterprise: dict[str, str] | None = None
    is_service_account: bool = False
    root: Folder = field(init=False)
    owned: dict[Item, None] = field(default_factory=dict)
    favorites: dict[Item, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = Folder(
            id="0", name="All Files", parent=None, created_by=self, modified_by=self, owned_by=self,
            content_created_at=None, content_modified_at=None,
        )  # fmt: skip

    @property
    def administers(self) -> bool:
        """Whether the user may manage users and groups and act as others."""
        return self.role in ("admin", "coadmin") or self.is_service_account

    @property
    def memberships(self) -> Mapping[str, Membership]:
        """The memberships in groups, by id."""
        return self.of(Membership)

    @property
    def collaborations(self) -> Mapping[str, Collaboration]:
        """What the user collaborates on, by id."""
        return self.of(Collaboration)


@dataclass(slots=True, eq=False, kw_only=True)
class Group(Entity):
    """A group of users."""

    type, table, first_id = "group", "groups", 30_000_001
    unique = ("name",)
    name: str
    group_type: str = "managed_group"
    provenance: str = ""
    external_sync_identifier: str = ""
    description: str = ""
    invitability_level: str = "admins_and_members"
    member_viewability_level: str = "admins_and_members"

    @property
    def memberships(self) -> Mapping[str, Membership]:
        """The memberships of users, by id."""
        return self.of(Membership)

    @property
    def collaborations(self) -> Mapping[str, Collaboration]:
        """What the group collaborates on, by id."""
        return self.of(Collaboration)


@dataclass(slots=True, eq=False, kw_only=True)
class Membership(Entity):
    """A user's place in a group."""

    type, table, first_id = "group_membership", "memberships", 40_000_001
    owners = ("user", "group")
    unique = ("user", "group")
    user: User
    group: Group
    role: str
    configurable_permissions: dict[str, bool] | None = None


@dataclass(slots=True)
class SharedLink:
    """What a shared link gives, to whom, and until when."""

    access: str = "open"
    password: str | None = None
    vanity_name: str | None = None
    unshared_at: int | None = None
    can_download: bool = True
    can_edit: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Item(Entity):
    """What files, folders and web links have in common; a trashed item keeps its parent and leaves its children."""

    name: str
    parent: Folder | None
    created_by: User
    modified_by: User
    owned_by: User
    description: str = ""
    tags: list[str] = field(default_factory=list)
    shared_link: SharedLink | None = None
    trashed_at: int | None = None
    trashed_by: User | None = None
    purged_at: int | None = None

    @property
    def collaborations(self) -> Mapping[str, Collaboration]:
        """Who collaborates on the item, by id."""
        return self.of(Collaboration)

    @property
    def size(self) -> int:
        """The size in bytes: 0 unless a kind of item knows better."""
        return 0

    @property
    def is_trashed(self) -> bool:
        """Whether the item or a folder above it is in the trash."""
        item: Item | None = self
        while item is not None and item.trashed_at is None:
            item = item.parent
        return item is not None


def item_of(entity: Entity) -> Item | None:
    """Return the item that an entity is about: an item itself, and of others what their first owner is about."""
    if isinstance(entity, Item):
        return entity
    owner = next(entity.each_owner(), None)
    return None if owner is None else item_of(owner)


@dataclass(slots=True, eq=False, kw_only=True)
class Version(Entity):
    """A past or current content of a file."""

    type, table, first_id = "file_version", "file_versions", 1_300_000_000_001
    name: str
    content: Content
    modified_by: User
    version_number: int
    trashed_at: int | None = None
    trashed_by: User | None = None
    restored_at: int | None = None
    restored_by: User | None = None
    purged_at: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Lock(Entity):
    """What keeps a file from being changed by anybody else."""

    type, table, first_id = "lock", "locks", 700_000_001
    created_by: User
    expired_at: int | None = None
    is_download_prevented: bool = False
    app_type: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class File(Item):
    """A file; its last version is the current one."""

    type, table, first_id = "file", "files", 1_200_000_000_001
    content_created_at: int
    content_modified_at: int
    versions: list[Version]
    lock: Lock | None = None
    disposition_at: int | None = None

    @property
    def content(self) -> Content:
        """The current content."""
        return self.versions[-1].content

    @property
    def extension(self) -> str:
        """What the name ends with after its last dot, which must not be its beginning."""
        stem, dot, extension = self.name.rpartition(".")
        return extension if dot and stem else ""

    @property
    def size(self) -> int:
        """The size of the current content in bytes."""
        return self.versions[-1].content.size

    @property
    def comments(self) -> Mapping[str, Any]:
        """The comments on the file, by id."""
        return self.tables.get("comments", {})


@dataclass(slots=True, eq=False, kw_only=True)
class Folder(Item):
    """A folder; `children` is keyed by the folded name, because names are unique regardless of case."""

    type, table, first_id = "folder", "folders", 160_000_000_001
    content_created_at: int | None
    content_modified_at: int | None
    total_size: int = 0
    sync_state: str = "not_synced"
    folder_upload_email: dict[str, str] | None = None
    can_non_owners_invite: bool = True
    can_non_owners_view_collaborators: bool = True
    is_collaboration_restricted_to_enterprise: bool = False
    children: dict[str, Item] = field(default_factory=dict)
    orders: dict[tuple[str, str], list[Item]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The size of everything below that is not in the trash, in bytes."""
        return self.total_size


@dataclass(slots=True, eq=False, kw_only=True)
class WebLink(Item):
    """A bookmark."""

    type, table, first_id = "web_link", "web_links", 170_000_000_001
    url: str


@dataclass(slots=True, eq=False, kw_only=True)
class Collaboration(Entity):
    """The access of a user or group, or of an invited e-mail address (`invite_email`), to a file or folder."""

    type, table, first_id = "collaboration", "collaborations", 50_000_000_001
    owners = ("item", "accessible_by")
    item: File | Folder
    accessible_by: User | Group | None
    role: str
    status: str
    created_by: User
    invite_email: str | None = None
    acknowledged_at: int | None = None
    expires_at: int | None = None
    is_access_only: bool = False
    can_view_path: bool = False


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened, to an `item` or with what is said about it, or to nothing of the kind.

    `sources` writes what it is about, for the user's stream and for the enterprise's.
    """

    event_id: str
    event_type: str
    created_by: User
    created_at: int
    item: Item | None
    sources: Callable[[], tuple[dict[str, Any], dict[str, Any]]]
