"""Serve the templates that documents are generated of, and their tags.

Source: https://developer.box.com/reference/v2025.0/resources/doc-gen-template/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.docgen import VERSION, DocgenTemplate, tags
from box_dialect.emulator.features import Feature
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import reference, references, render
from box_dialect.emulator.resource import List, Resource

from .downloads import version_of

if TYPE_CHECKING:
    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call

FEATURE: Final = Feature("docgen")
_PATH: Final = "/docgen_templates/{template_id}"


class _File(TypedDict):
    type: Literal["file"]
    id: str


class NewDocgenTemplate(TypedDict):
    """The file that is to be a template."""

    file: _File


@dataclass(slots=True)
class _Tag:
    id: str
    written: Json


DOCGEN_TEMPLATES = Resource(
    DocgenTemplate,
    List("/docgen_templates", page=marker_page),
    base=("file",),
    mini=("file_name",),
    computed={**references("file"), "file_name": lambda template: template.file.name},
    takes_fields=False,
    version=VERSION,
    feature=FEATURE,
)


@DOCGEN_TEMPLATES.operation("POST", "/docgen_templates", NewDocgenTemplate)
def create_template(call: Call) -> Reply:
    """Make a template of a file; one that is a template stays one."""
    file: Any = call.item(call.json["file"])
    call.check_permissions(file, "can_rename")
    if not file.of(DocgenTemplate):
        call.store.add(DocgenTemplate(file=file))
    return Reply(201, {"file": reference(file)})


def template_named(call: Call, identity: str) -> DocgenTemplate:
    """Return a template by the id of its file, which the caller must see."""
    file = call.find("file", identity)
    found = None if file is None else next(iter(file.of(DocgenTemplate).values()), None)
    if found is None:
        raise errors.not_found(DocgenTemplate.type, identity)
    return found


@DOCGEN_TEMPLATES.operation("GET", _PATH)
def get_template(call: Call) -> Json:
    """Get a template by the id of its file."""
    return render(template_named(call, call.id))


@DOCGEN_TEMPLATES.operation("DELETE", _PATH)
def delete_template(call: Call) -> Reply:
    """Make a template a mere file again."""
    template = template_named(call, call.id)
    call.check_permissions(template.file, "can_rename")
    call.store.remove(template)
    return Reply(204)


@DOCGEN_TEMPLATES.operation("GET", f"{_PATH}/tags")
def list_tags(call: Call) -> Json:
    """List the tags of a template, or of a version of it."""
    file, identity = template_named(call, call.id).file, call.query.get("template_version_id")
    version = version_of(file, identity) if identity else file.versions[-1]
    found = [_Tag(each["tag_content"], each) for each in tags(version.content.text())]
    page, counters = marker_page(call.query, found)
    return {"entries": [each.written for each in page], **counters}
