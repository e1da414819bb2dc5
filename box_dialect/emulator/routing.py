"""Describe operations, the calls of them and the answers, and find the operation that a request is for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import parse_qsl, unquote

from . import access, bodies, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .entities import E, Entity
    from .features import Feature
    from .model import File, Folder, Item, User, WebLink
    from .oauth.session import Session
    from .reply import Reply
    from .representations import Json
    from .state import State

API_VERSION = "2024.0"
JSON_PATCH = "application/json-patch+json"
_PARAMETER, _NAMED = "{}", re.compile(r"\{[^}]*\}")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_BOOLEANS = {"true": True, "false": False}


class Call:
    """A request to one operation; `user` is on whose behalf, `session` what the token stands for."""

    user: User
    session: Session

    def __init__(
        self, operation: Operation, store: State, base_url: str, values: list[str], query: bytes,
        headers: dict[bytes, bytes], body: bytes,
    ) -> None:  # fmt: skip
        self.operation, self.store, self.base_url = operation, store, base_url
        self.values, self.headers, self.body = values, headers, body
        self._parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
        # Of a repeated parameter only one counts, unless it is one of many values; it is never merged.
        self.query = dict(self._parameters)

    @property
    def name(self) -> str:
        """The operationId."""
        return self.operation.name

    @property
    def id(self) -> str:
        """The first value of the path."""
        return self.values[0]

    @property
    def fields(self) -> str | None:
        """The fields that the caller asks for, comma-separated."""
        return self.query.get("fields")

    def all(self, name: str) -> list[str]:
        """Return the values of a parameter of many values: it is repeated for them, or has them between commas."""
        return [each for key, value in self._parameters if key == name for each in value.split(",") if each]

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name."""
        value = self.headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    @cached_property
    def json(self) -> Json:
        """The body, which must be as the operation declares it."""
        return bodies.read(self.body, self.operation.body)

    @cached_property
    def entries(self) -> list[Json]:
        """The objects of a body that is a list, which must be as the operation declares it."""
        return bodies.read_list(self.body, self.operation.body)

    @property
    def json_patch(self) -> list[Json]:
        """The operations of a body that is a JSON Patch, as RFC 6902 has it or in Box's way of it."""
        if (self.header("content-type") or "").partition(";")[0].strip().lower() != JSON_PATCH:
            raise errors.unsupported_media_type(JSON_PATCH)
        return self.entries

    def require_scope(self, *scopes: str) -> None:
        """Refuse the call when the token has none of some scopes."""
        if self.session.scopes.isdisjoint(scopes):
            raise errors.insufficient_scope()

    def require_administrator(self, *scopes: str) -> None:
        """Refuse the call when who is signed in may not administer, or has none of the scopes, if it needs any."""
        if scopes:
            self.require_scope(*scopes)
        if not self.user.administers:
            raise errors.forbidden()

    def needed(self, name: str) -> str:
        """Return a value of the query that must be there."""
        value = self.query.get(name)
        if not value:
            raise errors.missing_parameter(name)
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return a value of the query that must be one of some, or the default when it is absent."""
        chosen = self.query.get(name) or default
        if chosen not in choices:
            raise errors.invalid_parameter(name, chosen, f"'{name}' must be one of {', '.join(choices)}")
        return chosen

    def flag(self, name: str) -> bool:
        """Return a boolean of the query, false when it is absent; SDKs write it in lower case, or capitalized."""
        text = self.query.get(name) or "false"
        value = _BOOLEANS.get(text.lower())
        if value is None:
            raise errors.invalid_parameter(name, text, f"'{name}' must be true or false")
        return value

    def check_if_match(self, entity: Entity) -> None:
        """Refuse the call when if-match names another etag than the entity's; most kinds show none."""
        expected = self.header("if-match")
        if expected is None or "etag" not in entity.representation.full:
            return
        if expected.strip('"') not in ("*", str(entity.etag)):
            raise errors.precondition_failed()

    def is_known(self, item: Item) -> bool:
        """Whether if-none-match says that the caller has the item as it is."""
        etag = self.header("if-none-match")
        return etag is not None and item.id != "0" and etag.strip('"') == str(item.etag)

    def file(self) -> File:
        """Return the file that the path names."""
        return self._item("file")  # type: ignore[return-value]  # the table of a kind holds that kind only

    def folder(self, identity: str | None = None, *, trashed: bool = False) -> Folder:
        """Return the folder that the path names, or that has an id; it must not lie in the trash unless `trashed`."""
        folder = self._item("folder", identity)
        if not trashed and folder.is_trashed:
            raise errors.trashed()
        return folder  # type: ignore[return-value]

    def web_link(self) -> WebLink:
        """Return the web link that the path names."""
        return self._item("web_link")  # type: ignore[return-value]

    def _item(self, kind: str, identity: str | None = None) -> Item:
        identity = self.id if identity is None else identity
        item = self.find(kind, identity)
        if item is None:
            raise self._absent(kind, identity)
        needs = self.operation.needs
        self.check_permissions(item, *(needs(self) if callable(needs) else needs))
        return item

    def _absent(self, kind: str, identity: str) -> errors.BoxError:
        is_number = identity.isascii() and identity.isdigit()
        is_refused = self.operation.checks_format and not is_number
        return errors.method_not_allowed() if is_refused else errors.not_found(kind, identity)

    def find(self, kind: str, identity: str) -> Item | None:
        """Return the item of a kind that has an id, or None for one that who is signed in may not see."""
        return access.find(self.user, self.store.items, kind, identity)

    def item(self, named: Mapping[str, str]) -> Item:
        """Return the item that a body names by its type and id; one that who is signed in may not see is a 404."""
        missing = [key for key in ("type", "id") if key not in named]
        if missing:
            raise errors.missing_parameter(*missing)
        item = self.find(named["type"], named["id"])
        if item is None:
            raise errors.not_found(named["type"], named["id"])
        return item

    def found(self, kind: type[E], identity: str | None = None) -> E:
        """Return the entity of a kind, which is no item, that has an id: by default the last one of the path."""
        identity = self.values[-1] if identity is None else identity
        entity = self.store.of(kind).get(identity)
        if entity is None:
            raise self._absent(kind.type, identity)
        return entity

    def sees(self, item: Item) -> bool:
        """Tell whether who is signed in may see an item, and with this token."""
        session = self.session
        return "can_preview" in session.permitted and session.reaches(item) and access.may_see(self.user, item)

    def may_change(self, item: Item) -> bool:
        """Tell whether who is signed in may change an item, and with this token."""
        return "can_rename" in self.session.permitted & access.permissions(self.user, item)

    def check_permissions(self, item: Item, *needed: str) -> None:
        """Refuse the call when the token, or who is signed in, lacks one of these permissions on an item.

        Who may see an item may read what is known of it, but the token must let them.
        """
        session = self.session
        if not session.reaches(item) or not session.permitted.issuperset(needed or ("can_preview",)):
            raise errors.insufficient_scope()
        if needed and not access.permissions(self.user, item).issuperset(needed):
            raise errors.forbidden()

    def parent(self, place: Mapping[str, str]) -> Folder:
        """Return the folder that a body names as the parent, into which who is signed in must be able to put things."""
        if "id" not in place:
            raise errors.missing_parameter("parent.id")
        folder = self.find("folder", place["id"])
        if folder is None or folder.is_trashed:
            raise errors.not_found("parent", place["id"])
        self.check_permissions(folder, "can_upload")
        return folder  # type: ignore[return-value]


Handler: TypeAlias = "Callable[[Call], Json | Reply]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of Box's reference; `body` is the type of its JSON, or of an upload's attributes.

    `needs` are the permissions that it needs on the item that its path names, or tells them of a call; none are needed
    to read it. An id in a format that Box does not recognize, which is one that is no number, is not found; an
    operation that `checks_format` answers 405 to it, as Box's document says of some. One that `opens_links` takes the
    header boxapi; one that `is_signed` needs no token, as its address alone lets in. `version` is that of the API which
    has the operation, `feature` what an enterprise may lack that it needs. `name` is the operationId, which follows
    from these: GET /files/{file_id}/comments is get_files_id_comments.
    """

    method: str
    path: str
    handler: Handler
    body: Any = None
    needs: tuple[str, ...] | Callable[[Call], Iterable[str]] = ()
    checks_format: bool = False
    opens_links: bool = False
    is_signed: bool = False
    version: str = API_VERSION
    feature: Feature | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        words = _NAMED.sub("id", self.path).replace("/", "_").replace(".", "_")
        version = "" if self.version == API_VERSION else f"_v{self.version}"
        object.__setattr__(self, "name", f"{self.method.lower()}{words}{version}")


def _key(segment: str) -> str:
    """Return what a segment of a declared path is found by: of `thumbnail.{extension}` the end is a parameter."""
    before, brace, _ = segment.partition("{")
    return f"{before}{_PARAMETER}" if brace else segment


class Router:
    """The declared operations as a tree of path segments; fixed segments go before parameters, which are never empty.

    Of two of one method and path the later one is found.
    Paths are found as they are sent, with their escapes, so that an escaped slash parts no segments. A slash at the end
    makes no difference.
    """

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root: dict[str, Any] = {}
        for entry in operations:
            node = self._root
            for segment in entry.path.split("/")[1:]:
                node = node.setdefault(_key(segment), {})
            node[f" {entry.method}"] = entry

    def find(self, method: str, path: str) -> tuple[Operation | None, list[str]]:
        """Return the operation for a method and path with the values of its parameters, or None."""
        values: list[str] = []
        segments = [unquote(segment) for segment in path.removesuffix("/").split("/")[1:]]
        return self._descend(self._root, segments, 0, f" {method}", values), values

    def knows(self, path: str) -> bool:
        """Whether a path has an operation for some method."""
        return any(self.find(method, path)[0] for method in _METHODS)

    def _descend(self, node: Any, segments: list[str], depth: int, leaf: str, values: list[str]) -> Operation | None:
        if depth == len(segments):
            found: Operation | None = node.get(leaf)
            return found
        segment = segments[depth]
        if segment in node:
            found = self._descend(node[segment], segments, depth + 1, leaf, values)
            if found is not None:
                return found
        stem, dot, ending = segment.partition(".")
        for key, value in ((f"{stem}{dot}{_PARAMETER}", ending), (_PARAMETER, segment)):
            if key not in node or not value:
                continue
            values.append(value)
            found = self._descend(node[key], segments, depth + 1, leaf, values)
            if found is not None:
                return found
            values.pop()
        return None
