"""Keep the state of one enterprise in memory: people and what they say on top of the tree of items."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from . import clock
from .model import Collaboration, Comment, Event, File, Folder, Group, Item, Membership, User
from .representations import event_sources
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from .representations import Json

FOUNDED = 1_325_404_800  # 2012-01-01T08:00:00Z
EVENT_BASE = 1_152_922_976_252_290_000

# How the enterprise's streams name what the user's stream names otherwise; the rest is named alike.
ENTERPRISE_NAMES = {
    "ITEM_UPLOAD": "UPLOAD",
    "ITEM_MODIFY": "EDIT",
    "ITEM_RENAME": "RENAME",
    "ITEM_MOVE": "MOVE",
    "ITEM_COPY": "COPY",
    "ITEM_TRASH": "DELETE",
    "ITEM_UNDELETE_VIA_TRASH": "UNDELETE",
    "ITEM_DOWNLOAD": "DOWNLOAD",
    "ITEM_SHARED": "SHARE",
    "ITEM_SHARED_UNSHARE": "UNSHARE",
    "LOCK_CREATE": "LOCK",
    "LOCK_DESTROY": "UNLOCK",
    "COLLAB_ADD_COLLABORATOR": "COLLABORATION_ACCEPT",
    "COLLAB_INVITE_COLLABORATOR": "COLLABORATION_INVITE",
    "COLLAB_REMOVE_COLLABORATOR": "COLLABORATION_REMOVE",
    "COLLAB_ROLE_CHANGE": "COLLABORATION_ROLE_CHANGE",
}


class Store(Tree):
    """The state of the emulator, and the primitives that change it consistently (they do not check rights)."""

    def __init__(self, enterprise_id: str = "491291") -> None:
        self.secret = secrets.token_bytes(16)  # signs the addresses of downloads
        self.enterprise = {"type": "enterprise", "id": enterprise_id, "name": "Emulated Enterprise"}
        self.admin = User("19999999001", "Ada Admin", "admin@example.com", FOUNDED, FOUNDED, role="admin")
        self.admin.enterprise = self.enterprise
        super().__init__(self.admin)
        self.service_account = User(
            "19999999002", "Emulator Service", f"AutomationUser_{enterprise_id}_emulator@boxdevedition.com",
            FOUNDED, FOUNDED, is_service_account=True, is_platform_access_only=True, enterprise=self.enterprise,
        )  # fmt: skip
        # The service account signs in and owns things but is no managed user: it has an id and is never listed.
        self.accounts = {user.id: user for user in (self.admin, self.service_account)}
        self.users = {self.admin.id: self.admin}
        self.logins = {user.login.casefold(): user for user in self.accounts.values()}
        self.groups: dict[str, Group] = {}
        self.group_names: dict[str, Group] = {}
        self.memberships: dict[str, Membership] = {}
        self.collaborations: dict[str, Collaboration] = {}
        self._expiring: dict[str, Collaboration] = {}
        self.comments: dict[str, Comment] = {}
        self.events: list[Event] = []
        self.listeners: list[Callable[[], None]] = []  # called after each event

    def add_user(self, name: str, login: str, at: int | None = None, *, managed: bool = True) -> User:
        """Create a user; the login must be free. An external user (`managed=False`) has no enterprise."""
        at = clock.now() if at is None else at
        user = User(self.next_id("user"), name, login, at, at, enterprise=self.enterprise if managed else None)
        self.accounts[user.id] = self.users[user.id] = self.logins[login.casefold()] = user
        return user

    def rename_login(self, user: User, login: str) -> None:
        """Give a user another login, which must be free."""
        del self.logins[user.login.casefold()]
        user.login = login
        self.logins[login.casefold()] = user

    def remove_user(self, user: User) -> None:
        """Remove a user with the memberships and collaborations; what the user owned goes to the admin.

        What lay in the user's root goes to a new folder in the admin's.
        """
        for membership in list(user.memberships.values()):
            self.remove_membership(membership)
        for collaboration in list(user.collaborations.values()):
            self.remove_collaboration(collaboration)
        if user.root.children:
            place = self.add_folder(f"{user.login} - {user.name}'s Files and Folders", self.root, self.admin)
            for item in list(user.root.children.values()):
                self.relocate(item, place, item.name)
        for item in list(user.owned):
            self.own(item, self.admin)
        del self.accounts[user.id], self.users[user.id], self.logins[user.login.casefold()]

    def add_group(self, name: str, at: int | None = None) -> Group:
        """Create a group; the name must be free."""
        at = clock.now() if at is None else at
        group = Group(self.next_id("group"), name, at, at)
        self.groups[group.id] = self.group_names[name.casefold()] = group
        return group

    def rename_group(self, group: Group, name: str) -> None:
        """Give a group another name, which must be free."""
        del self.group_names[group.name.casefold()]
        group.name = name
        self.group_names[name.casefold()] = group

    def remove_group(self, group: Group) -> None:
        """Remove a group with its memberships and collaborations."""
        for membership in list(group.memberships.values()):
            self.remove_membership(membership)
        for collaboration in list(group.collaborations.values()):
            self.remove_collaboration(collaboration)
        del self.groups[group.id], self.group_names[group.name.casefold()]

    def add_membership(self, user: User, group: Group, role: str = "member", at: int | None = None) -> Membership:
        """Make a user a member of a group."""
        at = clock.now() if at is None else at
        membership = Membership(self.next_id("group_membership"), user, group, role, at, at)
        for table in (self.memberships, user.memberships, group.memberships):
            table[membership.id] = membership
        return membership

    def remove_membership(self, membership: Membership) -> None:
        """End a membership."""
        for table in (self.memberships, membership.user.memberships, membership.group.memberships):
            del table[membership.id]

    def add_collaboration(
        self, item: File | Folder, grantee: User | Group | str, role: str, actor: User, status: str = "accepted",
        at: int | None = None,
    ) -> Collaboration:  # fmt: skip
        """Give a user, a group or an e-mail address access to an item."""
        at = clock.now() if at is None else at
        email = grantee if isinstance(grantee, str) else None
        user_or_group = None if isinstance(grantee, str) else grantee
        identity = self.next_id("collaboration")
        collaboration = Collaboration(identity, item, user_or_group, role, status, actor, at, at, invite_email=email)
        collaboration.acknowledged_at = None if status == "pending" else at
        for table in self._tables_of(collaboration):
            table[identity] = collaboration
        return collaboration

    def remove_collaboration(self, collaboration: Collaboration) -> None:
        """Take access away."""
        self._expiring.pop(collaboration.id, None)
        for table in self._tables_of(collaboration):
            del table[collaboration.id]

    def limit_collaboration(self, collaboration: Collaboration, expires_at: int | None) -> None:
        """Let access end at a time, or with None last."""
        collaboration.expires_at = expires_at
        self._expiring.pop(collaboration.id, None)
        if expires_at is not None:
            self._expiring[collaboration.id] = collaboration

    def expire(self) -> None:
        """Remove what has been in the trash for too long, and the access whose time is over."""
        self.purge_expired()
        for collaboration in list(self._expiring.values()):
            if collaboration.expires_at is not None and collaboration.expires_at <= clock.now():
                self.remove_collaboration(collaboration)

    def _tables_of(self, collaboration: Collaboration) -> list[dict[str, Collaboration]]:
        grantee = collaboration.accessible_by
        tables = [self.collaborations, collaboration.item.collaborations]
        return tables if grantee is None else [*tables, grantee.collaborations]

    def add_comment(
        self, file: File, message: str, actor: User, at: int | None = None, reply_to: Comment | None = None,
        tagged_message: str = "",
    ) -> Comment:  # fmt: skip
        """Comment on a file, or reply to a comment on it."""
        at = clock.now() if at is None else at
        comment = Comment(self.next_id("comment"), file, message, tagged_message, actor, at, at, reply_to)
        self.comments[comment.id] = file.comments[comment.id] = comment
        self.index.outdate(file)
        return comment

    def remove_comment(self, comment: Comment) -> None:
        """Remove a comment and the replies to it."""
        for other in list(comment.file.comments.values()):
            if other is comment or other.reply_to is comment:
                self.comments.pop(other.id, None)
                comment.file.comments.pop(other.id, None)
        self.index.outdate(comment.file)

    def forget(self, item: Item) -> None:
        """Remove the collaborations and comments of an item that is gone."""
        for collaboration in list(item.collaborations.values()):
            self.remove_collaboration(collaboration)
        if isinstance(item, File):
            for comment in item.comments:
                self.comments.pop(comment, None)

    def record(
        self, event_type: str, actor: User, entity: Any, at: int | None = None, *, is_seed: bool = False
    ) -> None:
        """Append an event about an entity as it is now; a seed's is written when it is read, as it may cost a SHA-1."""
        at = clock.now() if at is None else at
        identity = f"{EVENT_BASE + len(self.events) + 1:x}"
        if is_seed:
            sources: Callable[[], tuple[Json, Json]] = partial(event_sources, entity)
        else:
            written = event_sources(entity)
            sources = lambda: written  # noqa: E731 - as short as its counterpart above
        item = entity if isinstance(entity, Item) else entity.file if isinstance(entity, Comment) else None
        self.events.append(Event(identity, event_type, actor, at, item, sources))
        for listener in self.listeners:
            listener()
