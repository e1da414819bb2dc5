"""Cards that Box Skills put on files: topics, timelines, transcripts and states.

Source: https://developer.box.com/reference/resources/skill-cards-metadata/
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from box_dialect.catalog.features import needs
from box_dialect.catalog.folder_items import FILES, FOLDER_ITEMS, FOLDERS
from box_dialect.catalog.model import (
    AccessPath,
    Column,
    Derived,
    Endpoint,
    Form,
    JsonObject,
    Location,
    Nested,
    Table,
    Type,
    Write,
)
from box_dialect.catalog.model.as_user import AS_USER

_OF_FILE: Final = Endpoint(
    path="/files/{file_id}/metadata/global/boxSkillsCards",
    takes_fields=False,
    known=frozenset({"file_id"}),
    advice=needs("Box Skills"),
)
_FIELD: Final = "metadata.global.boxSkillsCards"
_WITH_CARDS: Final = 0.01
"""The part of the files that is thought to have cards."""

_CARDS: Final = Form(
    "a list of cards, each an object", lambda value: isinstance(value, list) and all(isinstance(c, dict) for c in value)
)
_IN_FOLDER: Final = replace(
    FOLDER_ITEMS,
    parameters={"usemarker": "true", "fields": _FIELD},
    rows=(Nested(_FIELD, "$file", single=True),),
    known=frozenset(),
)
"""The cards of a folder's files, as what the files have of a template."""


def _file_id(entry: JsonObject, _: Location | None) -> str:
    """Return the id of the file out of `file_12`."""
    return str(entry["$parent"]).removeprefix("file_")


skill_cards: Final = Table(
    name="skill_cards",
    doc="Cards that Box Skills put on files, all those of a file in a row. Without a key, those of every file that the "
    "signed-in user sees.",
    reference="https://developer.box.com/reference/resources/skill-cards-metadata/",
    key="file_id",
    fields=(),
    columns=(
        AS_USER,
        Column(
            "file_id",
            derived=Derived(function=_file_id, fields=("$parent",)),
            nullable=False,
            references="files.id",
            doc="Id of the file.",
        ),
        Column(
            "cards",
            Type.JSON,
            insert="cards",
            update="cards",
            form=_CARDS,
            doc="The cards, a list of objects. An UPDATE replaces those that differ, and gives as many as there are.",
        ),
        Column("id", source="$id", doc="Box's id."),
        Column("type", source="$type", doc="What Box calls the type of the instance."),
        Column("type_version", Type.INTEGER, source="$typeVersion", doc="Version of the template."),
        Column("version", Type.INTEGER, source="$version", doc="Counts the changes."),
        Column("can_edit", Type.BOOLEAN, source="$canEdit", doc="Whether the signed-in user may change them."),
    ),
    paths=(
        AccessPath(
            name="by file",
            endpoints=(_OF_FILE,),
            keys=("file_id",),
            unique=True,
        ),
        AccessPath(name="of every file", endpoints=(_IN_FOLDER,), walk=True, calls=FOLDERS, rows=_WITH_CARDS * FILES),
    ),
    insert=Write(method="POST", path=_OF_FILE.path, required=("cards",), takes_fields=False),
    update=Write(method="PUT", path=_OF_FILE.path, patch="replace", elements=frozenset({"cards"}), takes_fields=False),
    delete=Write(method="DELETE", path=_OF_FILE.path),
)
