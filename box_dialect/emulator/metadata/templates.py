"""Keep metadata templates: named, typed fields.

Source: https://developer.box.com/reference/resources/metadata-template/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from box_dialect.emulator import errors
from box_dialect.emulator.entities import Entity

from .taxonomies import Taxonomy, identify, taxonomy_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.state import State

MAX_TEMPLATES = 500
"""How many templates an enterprise may have: https://developer.box.com/guides/metadata/templates."""

CLASSIFICATION = "securityClassification-6VMVochwUWo"
"""The template of classifications, which has operations of its own."""

_ENTERPRISE = re.compile(r"enterprise_[0-9]+")
_WORD = re.compile(r"[A-Za-z0-9]+")
_MAX_KEY = 64
WITH_OPTIONS = ("enum", "multiSelect")


class NewOption(TypedDict):
    """An option of a field."""

    key: str


class _OptionsRules(TypedDict, total=False):
    multiSelect: bool
    selectableLevels: list[int]


class NewField(TypedDict):
    """What a field is made of."""

    type: Literal["string", "float", "date", "enum", "multiSelect", "taxonomy"]
    key: Annotated[str, Meta(max_length=256)]
    displayName: Annotated[str, Meta(max_length=4096)]
    description: NotRequired[Annotated[str, Meta(max_length=4096)]]
    hidden: NotRequired[bool]
    options: NotRequired[list[NewOption]]
    taxonomyKey: NotRequired[str]
    taxonomyId: NotRequired[str]
    namespace: NotRequired[str]
    optionsRules: NotRequired[_OptionsRules]


@dataclass(slots=True, kw_only=True)
class Option:
    """A value that a field may have; `static_config` is what one says besides that is a classification."""

    id: str
    key: str
    static_config: Json | None = None

    def written(self) -> Json:
        """Write the option."""
        config = {} if self.static_config is None else {"staticConfig": self.static_config}
        return {"id": self.id, "key": self.key, **config}


@dataclass(slots=True, kw_only=True)
class Field:
    """A field of a template. One of the type `taxonomy` has its taxonomy, and the rules for the nodes that it takes."""

    id: str
    type: str
    key: str
    display_name: str
    description: str | None = None
    hidden: bool = False
    options: list[Option] = field(default_factory=list)
    taxonomy: Taxonomy | None = None
    rules: Json = field(default_factory=dict)

    def option(self, key: object) -> Option | None:
        """Return the option that has a key."""
        return next((option for option in self.options if option.key == key), None)

    def written(self) -> Json:
        """Write the field."""
        written: Json = {
            "id": self.id, "type": self.type, "key": self.key, "displayName": self.display_name, "hidden": self.hidden,
        }  # fmt: skip
        if self.description is not None:
            written["description"] = self.description
        if self.type in WITH_OPTIONS:
            written["options"] = [option.written() for option in self.options]
        if self.taxonomy is not None:
            written["taxonomyKey"], written["taxonomyId"] = self.taxonomy.key, self.taxonomy.id
            written["namespace"], written["optionsRules"] = self.taxonomy.namespace, self.rules
        return written


@dataclass(slots=True, eq=False, kw_only=True)
class Template(Entity):
    """A metadata template; `version` counts its changes."""

    type, table, first_id = "metadata_template", "metadata_templates", 981_000_001
    scope: str
    key: str
    display_name: str
    hidden: bool = False
    copy_instance_on_item_copy: bool = False
    fields: list[Field] = field(default_factory=list)
    version: int = 0

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    @property
    def takes_anything(self) -> bool:
        """Whether instances may have texts by any key, as only those of `global.properties` may."""
        return (self.scope, self.key) == ("global", "properties")

    def field(self, key: str) -> Field | None:
        """Return the field that has a key."""
        return next((each for each in self.fields if each.key == key), None)


def scope_named(store: State, text: str) -> str:
    """Return the scope that a path or a body names: `enterprise` is that of the enterprise, by its full name or not.

    Raises BoxError, HTTP 400, for what is no scope.
    """
    if text == "enterprise":
        return f"enterprise_{store.enterprise['id']}"
    if text != "global" and not _ENTERPRISE.fullmatch(text):
        raise errors.invalid_parameter("scope", text, "The scope must be either 'enterprise' or 'global'")
    return text


def template_of(store: State, scope: str, key: str) -> Template | None:
    """Return the template of a scope, by its full name, that has a key."""
    every = store.of(Template).values()
    return next((each for each in every if (each.scope, each.key) == (scope, key)), None)


def key_from(store: State, scope: str, display_name: str) -> str:
    """Make a key that no template of a scope has of a display name: `contractTemplate` of "Contract Template"."""
    words = _WORD.findall(display_name) or ["template"]
    stem = "".join([words[0][:1].lower() + words[0][1:], *(word[:1].upper() + word[1:] for word in words[1:])])
    stem = stem if not stem[0].isdigit() else f"_{stem}"
    key, number = stem[:_MAX_KEY], 1
    while template_of(store, scope, key) is not None:
        key, number = f"{stem[: _MAX_KEY - 8]}{number}", number + 1
    return key


def make_field(store: State, new: Mapping[str, Any], known: Iterable[Field], *named: object) -> Field:
    """Make a field beside those that are known; `named` tells it apart from all other ones, for its id.

    Raises BoxError, HTTP 400, for one that Box does not take.
    """
    key, kind = new["key"], new["type"]
    if not key or key.startswith("$") or any(each.key == key for each in known):
        raise errors.invalid_parameter("key", key, "A field needs a key of its own")
    keys = [option["key"] for option in new.get("options", ())]
    if len(set(keys)) < len(keys) or (keys and kind not in WITH_OPTIONS):
        raise errors.invalid_parameter("options", keys, "Only enum and multiSelect fields have options, each one once")
    identity = identify("field", *named, key)
    made = Field(
        id=identity, type=kind, key=key, display_name=new["displayName"], description=new.get("description"),
        hidden=new.get("hidden", False),
        options=[
            Option(id=identify(identity, option["key"]), key=option["key"], static_config=option.get("staticConfig"))
            for option in new.get("options", ())
        ],
    )  # fmt: skip
    if kind == "taxonomy":
        missing = [name for name in ("taxonomyKey", "namespace", "optionsRules") if name not in new]
        if missing:
            raise errors.missing_parameter(*missing)
        made.rules = dict(new["optionsRules"])
        made.taxonomy = taxonomy_of(store, scope_named(store, new["namespace"]), new["taxonomyKey"])
        if made.taxonomy is None:
            raise errors.invalid_parameter("taxonomyKey", new["taxonomyKey"], "There is no such taxonomy")
    return made


def add_template(
    store: State, key: str, *fields: Mapping[str, Any], display_name: str | None = None, hidden: bool = False,
    copy_instance_on_item_copy: bool = False, scope: str = "enterprise",
) -> Template:  # fmt: skip
    """Make a template, whose key must be free; `fields` are as in the body of Box's call.

    A field's `displayName` may be left out.
    """
    template = Template(
        scope=scope_named(store, scope), key=key, display_name=display_name or key, hidden=hidden,
        copy_instance_on_item_copy=copy_instance_on_item_copy,
    )  # fmt: skip
    for new in fields:
        full = {"displayName": new["key"], **new}
        template.fields.append(make_field(store, full, template.fields, template.scope, key))
    return store.add(template)
