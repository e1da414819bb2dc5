"""Serve the documents that are generated: jobs, in batches.

Source: https://developer.box.com/reference/v2025.0/resources/doc-gen-job/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NotRequired, TypedDict

from box_dialect.emulator import errors
from box_dialect.emulator.docgen import OUTPUT_TYPES, VERSION, DocgenBatch, DocgenJob, generate, jobs_of
from box_dialect.emulator.paging import marker_page
from box_dialect.emulator.reply import Reply
from box_dialect.emulator.representations import reference, references
from box_dialect.emulator.resource import Get, List, Resource

from .docgen_templates import FEATURE, template_named
from .downloads import version_of
from .items import check_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box_dialect.emulator.representations import Json
    from box_dialect.emulator.routing import Call


class _File(TypedDict):
    type: Literal["file"]
    id: str


class _Version(TypedDict):
    type: Literal["file_version"]
    id: str


class _Folder(TypedDict):
    type: Literal["folder"]
    id: str


class _Document(TypedDict):
    generated_file_name: str
    user_input: dict[str, Any]


class NewDocgenBatch(TypedDict):
    """Which documents are to be generated, of what and where."""

    file: _File
    input_source: str
    destination_folder: _Folder
    output_type: str
    document_generation_data: list[_Document]
    file_version: NotRequired[_Version]


def _of_template(call: Call) -> list[DocgenJob]:
    file = template_named(call, call.id).file
    return [job for job in jobs_of(call.store, call.user) if job.template_file is file]


def _of_batch(call: Call) -> Iterable[DocgenJob]:
    batch = call.found(DocgenBatch, call.id)
    if batch.created_by is not call.user:
        raise errors.not_found(batch.type, batch.id)
    return batch.of(DocgenJob).values()


def _own(call: Call, job: DocgenJob) -> None:
    if job.created_by is not call.user:
        raise errors.not_found(job.type, job.id)


def _failures(job: DocgenJob) -> Json | None:
    return {"errors": job.errors, "warnings": job.warnings} if job.errors or job.warnings else None


DOCGEN_JOBS = Resource(
    DocgenJob,
    List("/docgen_template_jobs/{template_id}", rows=_of_template, page=marker_page),
    List("/docgen_batch_jobs/{batch_id}", rows=_of_batch, page=marker_page),
    List("/docgen_jobs", rows=lambda call: jobs_of(call.store, call.user), page=marker_page, level="full"),
    Get("/docgen_jobs/{job_id}"),
    mini=("batch", "template_file", "template_file_version", "output_file", "output_file_version", "status",
        "output_type", "failures"),
    full=("created_at", "created_by", "enterprise", "source"),
    computed={
        **references("batch", "template_file", "template_file_version", "output_file", "output_file_version",
            "created_by"),
        "failures": _failures,
        "enterprise": lambda job: {"type": "enterprise", "id": (job.created_by.enterprise or {}).get("id", "")},
    },
    entity_permission=_own,
    takes_fields=False,
    version=VERSION,
    feature=FEATURE,
)  # fmt: skip
DOCGEN_BATCHES = Resource(DocgenBatch, version=VERSION, feature=FEATURE)


@DOCGEN_BATCHES.operation("POST", "/docgen_batches", NewDocgenBatch)
def create_batch(call: Call) -> Reply:
    """Generate documents; they are there at once, where Box takes its time."""
    body, store = call.json, call.store
    for name, known in (("input_source", ("api",)), ("output_type", OUTPUT_TYPES)):
        if body[name] not in known:
            raise errors.invalid_parameter(name, body[name], f"'{name}' must be one of {', '.join(known)}")
    for document in body["document_generation_data"]:
        check_name(document["generated_file_name"])
    file = template_named(call, body["file"]["id"]).file
    version = version_of(file, body["file_version"]["id"]) if "file_version" in body else file.versions[-1]
    folder = call.parent(body["destination_folder"])
    batch = store.add(DocgenBatch(created_by=call.user))
    for document in body["document_generation_data"]:
        job = DocgenJob(
            batch=batch, template_file=file, template_file_version=version, output_type=body["output_type"],
            created_by=call.user, source=body["input_source"],
        )  # fmt: skip
        generate(store, store.add(job), folder, document["generated_file_name"], document["user_input"])
    return Reply(202, reference(batch))
