"""Keep the state of one enterprise in memory: people, what they share, and all that is said about the tree of items."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from . import clock
from .faults import Faults
from .model import Collaboration, Event, File, Folder, Group, Item, Membership, User, WebLink, item_of
from .representations import mini, render
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .entities import E, Entity
    from .representations import Json

FOUNDED = 1_325_404_800  # 2012-01-01T08:00:00Z
EVENT_BASE = 1_152_922_976_252_290_000


class State(Tree):
    """The state of an enterprise, and the primitives that change it consistently (they do not check rights).

    The table of each of `kinds` is an attribute of its name, as `comments`; `accounts` are the users and the service
    account. Raises ValueError for the name of a table that is taken.
    """

    files: dict[str, File]
    folders: dict[str, Folder]
    web_links: dict[str, WebLink]
    accounts: dict[str, User]
    groups: dict[str, Group]
    memberships: dict[str, Membership]
    collaborations: dict[str, Collaboration]

    def __init__(self, enterprise_id: str, kinds: Iterable[type[Entity]]) -> None:
        self.secret = secrets.token_bytes(16)  # signs the addresses of downloads
        self.faults = Faults()
        self.enterprise = {"type": "enterprise", "id": enterprise_id, "name": "Emulated Enterprise"}
        self.admin = self._founder("19999999001", "Ada Admin", "admin@example.com", role="admin")
        super().__init__(kinds, self.admin)
        self.events: list[Event] = []
        self.listeners: list[Callable[[], None]] = []  # called after each event
        self.sign_outs: list[Callable[[User], None]] = []  # called with each user whose sessions are to end
        self.users = {self.admin.id: self.admin}
        for name, table in self.tables.items():
            if hasattr(self, name):
                raise ValueError(f"No table can be called {name}, which is something else of the state")
            setattr(self, name, table)
        self.service_account = self._founder(
            "19999999002", "Emulator Service", f"AutomationUser_{enterprise_id}_emulator@boxdevedition.com",
            is_service_account=True, is_platform_access_only=True,
        )  # fmt: skip
        # The service account signs in and owns things but is no managed user: it has an id and is never listed.
        self.accounts.update({user.id: user for user in (self.admin, self.service_account)})

    def _founder(self, identity: str, name: str, login: str, **options: Any) -> User:
        return User(
            id=identity, name=name, login=login, created_at=FOUNDED, modified_at=FOUNDED, enterprise=self.enterprise,
            **options,
        )  # fmt: skip

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Stand for the tables of kinds, and for what subclasses add."""

    def add_user(self, name: str, login: str, at: int | None = None, *, managed: bool = True) -> User:
        """Create a user; the login must be free. An external user (`managed=False`) has no enterprise."""
        return self.add(User(name=name, login=login, enterprise=self.enterprise if managed else None), at)

    def account_of(self, login: str) -> User | None:
        """Return who signs in with a login, in whatever case it is written."""
        folded = login.casefold()
        return next((user for user in self.accounts.values() if user.login.casefold() == folded), None)

    def add(self, entity: E, at: int | None = None) -> E:
        """Enter an entity."""
        super().add(entity, at)
        if isinstance(entity, User):
            self.users[entity.id] = entity
        return entity

    def remove(self, entity: Entity) -> None:
        """Remove an entity, which is no item, with all that it owns; what items a user owned go to the administrator.

        What lay in the user's root goes to a new folder in the administrator's.
        """
        super().remove(entity)
        if isinstance(entity, User):
            del self.users[entity.id]
            self._hand_down(entity)

    def _hand_down(self, user: User) -> None:
        if user.root.children:
            place = self.add_folder(f"{user.login} - {user.name}'s Files and Folders", self.root, self.admin)
            for item in list(user.root.children.values()):
                self.relocate(item, place, item.name)
        for item in list(user.owned):
            self.own(item, self.admin)

    def add_group(self, name: str, at: int | None = None) -> Group:
        """Create a group; the name must be free."""
        return self.add(Group(name=name), at)

    def add_membership(self, user: User, group: Group, role: str = "member", at: int | None = None) -> Membership:
        """Make a user a member of a group."""
        return self.add(Membership(user=user, group=group, role=role), at)

    def add_collaboration(
        self, item: File | Folder, grantee: User | Group | str, role: str, actor: User, status: str = "accepted",
        at: int | None = None,
    ) -> Collaboration:  # fmt: skip
        """Give a user, a group or an e-mail address access to an item."""
        at = clock.now() if at is None else at
        invited = {"accessible_by": None, "invite_email": grantee}
        given: dict[str, Any] = invited if isinstance(grantee, str) else {"accessible_by": grantee}
        acknowledged_at = None if status == "pending" else at
        return self.add(
            Collaboration(
                item=item, role=role, status=status, created_by=actor, acknowledged_at=acknowledged_at, **given
            ),
            at,
        )

    def sign_out(self, user: User) -> None:
        """End the sessions of a user, so that their tokens are good for nothing."""
        for end in self.sign_outs:
            end(user)

    def expire(self) -> None:
        """Remove what has been in the trash for too long, and what was to last until now."""
        self.purge_expired()
        self.remove_ended()

    def record(
        self, event_type: str, actor: User, entity: Entity, at: int | None = None, *, is_seed: bool = False
    ) -> None:
        """Append an event about an entity as it is now; a seed's is written when it is read, as it may cost a SHA-1."""
        at = clock.now() if at is None else at
        identity = f"{EVENT_BASE + len(self.events) + 1:x}"
        if is_seed:
            sources: Callable[[], tuple[Json, Json]] = partial(_sources, entity)
        else:
            written = _sources(entity)
            sources = lambda: written  # noqa: E731 - as short as its counterpart above
        self.events.append(Event(identity, event_type, actor, at, item_of(entity), sources))
        for listener in self.listeners:
            listener()


def _sources(entity: Entity) -> tuple[Json, Json]:
    """Write what an event is about, for the stream of a user and for the streams of the enterprise."""
    if not isinstance(entity, Item):
        return render(entity), render(entity)
    flat = {"item_type": entity.type, "item_id": entity.id, "item_name": entity.name}
    return render(entity), {**flat, "parent": mini(entity.parent), "owned_by": mini(entity.owned_by)}
