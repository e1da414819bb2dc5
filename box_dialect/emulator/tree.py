"""Keep files, folders and web links: the trees below the root folders of the users, and the trash.

Each folder holds its children by folded name and caches their sorted lists; the sizes of folders and the space that
users take are kept up with every change, so that no call walks the tree.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

from . import access, clock
from .entities import E, Entity, Tables
from .model import File, Folder, Item, User, Version, WebLink, item_of
from .search_index import SearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from .content import Content
    from .index import Index

AnyItem = TypeVar("AnyItem", bound=Item)
TRASH_DAYS = 30
KINDS = ("folder", "file", "web_link")

_SORTS: dict[str, Callable[[Item], tuple[int | str, int]]] = {
    "id": lambda item: (0, int(item.id)),
    "name": lambda item: (item.name.casefold(), int(item.id)),
    "date": lambda item: (item.modified_at or 0, int(item.id)),
    "size": lambda item: (item.size, int(item.id)),
}
SORTS = tuple(_SORTS)


def arrange(items: Iterable[Item], sort: str, direction: str) -> list[Item]:
    """Sort items the way Box lists them: folders, files, web links, and within each kind by `sort`."""
    groups: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    for item in items:
        groups[item.type].append(item)
    for group in groups.values():
        group.sort(key=_SORTS[sort], reverse=direction == "DESC")
    return [item for group in groups.values() for item in group]


class Tree(Tables):
    """The items of the enterprise, and what is known of them. `actor` is the user on whose behalf something changes.

    What is put into a folder belongs to who owns the folder, unless it is given another owner. `root` is the
    administrator's root folder, which holds what a seed plants.
    """

    def __init__(self, kinds: Iterable[type[Entity]], owner: User) -> None:
        super().__init__(kinds)
        self.root = owner.root
        self.items: dict[str, dict[str, Item]] = {
            kind.type: self.tables[kind.table] for kind in (Folder, File, WebLink)
        }
        self.trash: dict[str, Item] = {}
        self.index = SearchIndex(self.items)
        self.indexes: list[Index[Any]] = [self.index]  # told of each item that changes
        self.arrivals: list[Callable[[Item], None]] = []  # called with each item that comes into a folder
        self.keepers: list[Callable[[File], bool]] = []  # tell of a file whether it is to be kept from being purged

    def add(self, entity: E, at: int | None = None) -> E:
        """Enter an entity, and let search and queries find what it is about."""
        self._outdate(super().add(entity, at))
        return entity

    def change(self, entity: Entity, changes: Mapping[str, Any]) -> None:
        """Set attributes of an entity, which is no item."""
        self._outdate(entity)
        super().change(entity, changes)
        self._outdate(entity)

    def remove(self, entity: Entity) -> None:
        """Remove an entity, which is no item, with all that it owns."""
        super().remove(entity)
        self._outdate(entity)

    def _outdate(self, entity: Entity) -> None:
        item = item_of(entity) if entity.searched is not None or entity.is_queried else None
        if item is not None:
            self._outdate_item(item)

    def _outdate_item(self, item: Item) -> None:
        for index in self.indexes:
            index.outdate(item)

    def ordered(self, folder: Folder, sort: str = "name", direction: str = "ASC") -> list[Item]:
        """Return the sorted children of a folder, from its cache if nothing in it changed.

        In the root of a user that is also what lies there for this user only.
        """
        gathered = access.gathered(folder.owned_by) if folder.id == "0" else []
        if gathered:
            return arrange([*folder.children.values(), *gathered], sort, direction)
        cached = folder.orders.get((sort, direction))
        if cached is None:
            cached = folder.orders[sort, direction] = arrange(folder.children.values(), sort, direction)
        return cached

    def add_folder(
        self, name: str, parent: Folder, actor: User, at: int | None = None, owner: User | None = None
    ) -> Folder:
        """Create a folder; the name must be free."""
        at = clock.now() if at is None else at
        folder = Folder(
            name=name, parent=parent, created_by=actor, modified_by=actor, owned_by=owner or parent.owned_by,
            content_created_at=at, content_modified_at=at,
        )  # fmt: skip
        return self._enter(folder, parent, at)

    def add_file(
        self, name: str, parent: Folder, content: Content, actor: User, at: int | None = None,
        content_created_at: int | None = None, content_modified_at: int | None = None, owner: User | None = None,
    ) -> File:  # fmt: skip
        """Create a file; the name must be free."""
        at = clock.now() if at is None else at
        file = File(
            name=name, parent=parent, created_by=actor, modified_by=actor, owned_by=owner or parent.owned_by,
            versions=[self._version(name, content, actor, 1, at)],
            content_created_at=at if content_created_at is None else content_created_at,
            content_modified_at=at if content_modified_at is None else content_modified_at,
        )  # fmt: skip
        return self._enter(file, parent, at)

    def add_web_link(
        self, name: str, parent: Folder, url: str, actor: User, at: int | None = None, owner: User | None = None
    ) -> WebLink:
        """Create a web link; the name must be free."""
        owner = owner or parent.owned_by
        link = WebLink(name=name, parent=parent, created_by=actor, modified_by=actor, owned_by=owner, url=url)
        return self._enter(link, parent, at)

    def _version(self, name: str, content: Content, actor: User, number: int, at: int) -> Version:
        return Version(
            id=self.next_id(Version), name=name, content=content, created_at=at, modified_at=at, modified_by=actor,
            version_number=number,
        )  # fmt: skip

    def add_version(self, file: File, content: Content, actor: User, content_modified_at: int | None = None) -> None:
        """Put a new version on top of a file."""
        now, number = clock.now(), file.versions[-1].version_number + 1
        growth = content.size - file.size
        file.versions.append(self._version(file.name, content, actor, number, now))
        file.content_modified_at = now if content_modified_at is None else content_modified_at
        file.owned_by.space_used += content.size
        if file.parent is not None and file.trashed_at is None:
            self._grow(file.parent, growth)
        self.touch(file, actor)

    def replace_content(self, file: File, content: Content) -> None:
        """Put other bytes in the place of a file's current ones without making a version."""
        growth = content.size - file.size
        file.versions[-1].content = content
        file.owned_by.space_used += growth
        if file.parent is not None:
            self._grow(file.parent, growth)

    def touch(self, item: Item, actor: User) -> None:
        """Note that an item changed: a new etag, a new time, and its folder and the search index out of date."""
        item.etag += 1
        item.modified_at, item.modified_by = clock.now(), actor
        self.refresh(item)

    def refresh(self, item: Item) -> None:
        """Drop what was derived from an item without changing its etag."""
        if item.parent is not None:
            item.parent.orders.clear()
        self._outdate_item(item)

    def relocate(self, item: Item, parent: Folder, name: str) -> None:
        """Rename an item or move it to another folder, whose owner it then belongs to; the name must be free there."""
        self._leave_parent(item)
        is_moved = parent is not item.parent
        if is_moved:
            self.hand_over(item, parent.owned_by)
        item.parent, item.name = parent, name
        self._join_parent(item, parent)
        if is_moved:
            self._arrive(item)

    def discard(self, item: Item, actor: User | None = None) -> None:
        """Move an item with all below it to the trash, by its owner unless it is another."""
        self._leave_parent(item)
        item.trashed_at, item.trashed_by = clock.now(), actor or item.owned_by
        item.purged_at = item.trashed_at + TRASH_DAYS * 86400
        self.trash[item.id] = item
        self._outdate_item(item)

    def restore(self, item: Item, parent: Folder, name: str) -> None:
        """Move an item out of the trash; the name must be free in the parent."""
        del self.trash[item.id]
        item.trashed_at = item.trashed_by = item.purged_at = None
        item.parent, item.name = parent, name
        self._join_parent(item, parent)
        self._arrive(item)

    def purge(self, item: Item) -> None:
        """Remove an item that is in the trash, with all below it, for good."""
        del self.trash[item.id]
        for gone in list(self.walk(item)):
            del self.items[gone.type][gone.id]
            self._charge(gone, -1)
            self._outdate_item(gone)
            self.remove_owned(gone)

    def is_kept(self, item: Item) -> bool:
        """Tell whether something keeps a file, or what lies in a folder, from being purged."""
        files = (file for file in self.walk(item) if isinstance(file, File))
        return any(keeps(file) for file in files for keeps in self.keepers)

    def purge_expired(self) -> None:
        """Purge what has been in the trash for longer than Box keeps it; the trash is in the order of time."""
        now = clock.now()
        expired = list(
            takewhile(lambda item: item.purged_at is not None and item.purged_at <= now, self.trash.values())
        )
        for item in expired:
            if not self.is_kept(item):
                self.purge(item)

    def copy(self, item: Item, parent: Folder, name: str, actor: User) -> Item:
        """Copy an item with all below it and what else goes along; the rest stays behind, as comments do."""
        twin: Item
        if isinstance(item, File):
            twin = self.add_file(
                name, parent, item.content, actor,
                content_created_at=item.content_created_at, content_modified_at=item.content_modified_at,
            )  # fmt: skip
        elif isinstance(item, WebLink):
            twin = self.add_web_link(name, parent, item.url, actor)
        else:
            assert isinstance(item, Folder)  # noqa: S101 - tells the type checker that there is no fourth kind
            children = list(item.children.values())  # before the copy joins: the target may lie inside
            twin = self.add_folder(name, parent, actor)
            for child in children:
                self.copy(child, twin, child.name, actor)
        twin.description, twin.tags = item.description, list(item.tags)
        for entity in [entity for table in item.tables.values() for entity in table.values()]:
            copied = entity.copy_for(twin)
            if copied is not None:
                self.add(copied)
        return twin

    def walk(self, item: Item) -> Iterator[Item]:
        """Yield an item and all below it, parents first."""
        yield item
        if isinstance(item, Folder):
            for child in list(item.children.values()):
                yield from self.walk(child)

    def hand_over(self, item: Item, owner: User) -> None:
        """Make a user the owner of an item and of what its owner has below it."""
        former = item.owned_by
        for one in self.walk(item):
            if one.owned_by is former:
                self.own(one, owner)

    def own(self, item: Item, owner: User) -> None:
        """Make a user the owner of one item."""
        self._charge(item, -1)
        item.owned_by = owner
        self._charge(item, +1)
        self._outdate_item(item)

    def _enter(self, item: AnyItem, parent: Folder, at: int | None) -> AnyItem:
        self.add(item, at)
        self._charge(item, +1)
        self._join_parent(item, parent)
        self._arrive(item)
        return item

    def _arrive(self, item: Item) -> None:
        for arrive in self.arrivals:
            arrive(item)

    def _charge(self, item: Item, sign: int) -> None:
        if sign > 0:
            item.owned_by.owned[item] = None
        else:
            del item.owned_by.owned[item]
        if isinstance(item, File):
            item.owned_by.space_used += sign * sum(version.content.size for version in item.versions)

    def _join_parent(self, item: Item, parent: Folder) -> None:
        parent.children[item.name.casefold()] = item
        self._grow(parent, item.size)
        self.refresh(item)

    def _leave_parent(self, item: Item) -> None:
        if item.parent is not None:
            del item.parent.children[item.name.casefold()]
            item.parent.orders.clear()
            self._grow(item.parent, -item.size)

    def _grow(self, folder: Folder | None, size: int) -> None:
        while folder is not None:
            folder.total_size += size
            # A trashed folder no longer counts in its parent, and neither does what changes below it.
            folder = None if folder.trashed_at is not None else folder.parent
