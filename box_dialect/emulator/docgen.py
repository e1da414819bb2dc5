"""Generate documents of templates: files with tags between double braces, which take values of JSON.

Sources: https://developer.box.com/guides/docgen/ and
https://developer.box.com/reference/v2025.0/resources/doc-gen-template/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from .content import MemoryContent
from .entities import Entity
from .metadata.taxonomies import identify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import File, Folder, User, Version
    from .representations import Json
    from .state import State

VERSION: Final = "2025.0"
OUTPUT_TYPES: Final = ("pdf", "docx", "pptx")
_TAG: Final = re.compile(r"\{\{([^{}]*)\}\}")
_PATH: Final = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_KINDS: Final = (
    ("table-loop", re.compile(r"tablerow\s+(?P<item>\w+)\s+in\s+(?P<path>[\w.]+)")),
    ("for-loop", re.compile(r"for\s+(?P<item>\w+)\s+in\s+(?P<path>[\w.]+)")),
    ("conditional", re.compile(r"(?:else)?if\s+(?P<path>[\w.]+).*", re.DOTALL)),
    ("image", re.compile(r"(?:image|img)\s+(?P<path>[\w.]+).*", re.DOTALL)),
    ("arithmetic", re.compile(r".*[-+*/].*", re.DOTALL)),
)
_CLOSING: Final = re.compile(r"end\w*|else")


@dataclass(slots=True, eq=False, kw_only=True)
class DocgenTemplate(Entity):
    """That a file is a template."""

    type, table, first_id = "docgen_template", "docgen_templates", 2_220_000_001
    owners, unique = ("file",), ("file",)
    file: File


@dataclass(slots=True, eq=False, kw_only=True)
class DocgenBatch(Entity):
    """A call that asked for documents."""

    type, table, first_id = "docgen_batch", "docgen_batches", 2_230_000_001
    created_by: User

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)


@dataclass(slots=True, eq=False, kw_only=True)
class DocgenJob(Entity):
    """A document that is asked for, and what became of it; what it is made of need not be there any more."""

    type, table, first_id, owners = "docgen_job", "docgen_jobs", 2_240_000_001, ("batch",)
    batch: DocgenBatch
    template_file: File
    template_file_version: Version
    output_type: str
    created_by: User
    source: str
    output_file: File | None = None
    output_file_version: Version | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def identity(cls, number: int) -> str:
        """Return a UUID."""
        return identify(cls.type, number)

    @property
    def status(self) -> str:
        """What became of the document; all are made at once."""
        if self.output_file is None:
            return "failed"
        return "completed_with_error" if self.errors else "completed"


def tags(text: str) -> list[Json]:
    """Return the tags of a text: their content, their kinds and the paths of the values that they take."""
    found: dict[str, Json] = {}
    for content in map(str.strip, _TAG.findall(text)):
        if _CLOSING.fullmatch(content):
            continue
        kind, paths = _kind(content)
        found.setdefault(content, {"tag_content": f"{{{{{content}}}}}", "tag_type": kind, "json_paths": paths})
    return list(found.values())


def _kind(content: str) -> tuple[str, list[str]]:
    for kind, pattern in _KINDS:
        match = pattern.fullmatch(content)
        if match is not None:
            path = match.groupdict().get("path")
            return kind, [path] if path else list(dict.fromkeys(_PATH.findall(content)))
    return "text", _PATH.findall(content)[:1]


def filled(text: str, values: Json) -> tuple[str, list[str]]:
    """Return a text with values in the place of its tags for text, and a complaint for each tag without a value.

    Other tags are left out: what they would do needs Box's own editor.
    """
    missing: dict[str, None] = {}

    def value(match: re.Match[str]) -> str:
        content = match[1].strip()
        if _CLOSING.fullmatch(content) or _kind(content)[0] != "text":
            return ""
        found = _value(values, content)
        if found is None:
            missing[f"There is no value for the tag {{{{{content}}}}}"] = None
        return "" if found is None else str(found)

    return _TAG.sub(value, text), list(missing)


def _value(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, dict) else None
    return values


def generate(store: State, job: DocgenJob, folder: Folder, name: str, values: Json) -> None:
    """Make the document of a job, or note why it cannot be made."""
    full = f"{name.removesuffix(f'.{job.output_type}')}.{job.output_type}"
    if full.casefold() in folder.children:
        job.errors.append(f"There is something called '{full}' already")
        return
    text, job.errors[:] = filled(job.template_file_version.content.text(), values)
    job.output_file = store.add_file(full, folder, MemoryContent(text.encode()), job.created_by)
    job.output_file_version = job.output_file.versions[-1]


def jobs_of(store: State, user: User) -> Iterator[DocgenJob]:
    """Yield the jobs that a user asked for."""
    return (job for job in store.of(DocgenJob).values() if job.created_by is user)
