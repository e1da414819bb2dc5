"""Box Doc Gen: templates of documents, their tags, and the documents that are generated of them.

Sources: https://developer.box.com/reference/v2025.0/resources/docgen-template/, …/docgen-tag/, …/docgen-job/ and
…/docgen-job--full/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from box_dialect.api import Paging
from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.columns import NOTHING
from box_dialect.catalog.features import needs
from box_dialect.catalog.model import AccessPath, Column, Endpoint, FanOut, Table, Type, Write
from box_dialect.catalog.model.as_user import AS_USER

_ID: Final = re.compile("[-0-9a-fA-F]{1,36}")
_TEMPLATES: Final = 20
_TAGS: Final = 10
_JOBS: Final = 500
_IN_BATCH: Final = 10
"""How many templates there are thought to be, the tags of each, the jobs, and those of a batch."""

_ALL: Final = Endpoint(
    path="/docgen_templates", paging=Paging.MARKER, headers=V2025_0, takes_fields=False, advice=needs("Box Doc Gen")
)

docgen_templates: Final = Table(
    name="docgen_templates",
    doc="The files that documents are generated of, on which the signed-in user collaborates. INSERT makes a template "
    "of a file, DELETE a mere file again.",
    reference="https://developer.box.com/reference/v2025.0/resources/docgen-template/",
    key="file_id",
    fields=(),
    columns=(
        AS_USER,
        Column(
            "file_id", source="file.id", nullable=False, references="files.id", insert="file.id", doc="Id of the file."
        ),
        Column("file_name", doc="Name of the file."),
    ),
    paths=(
        AccessPath(
            name="by file",
            endpoints=(replace(_ALL, path="/docgen_templates/{file_id}", paging=Paging.ONE),),
            keys=("file_id",),
            unique=True,
        ),
        AccessPath(name="all", endpoints=(_ALL,), rows=_TEMPLATES),
    ),
    insert=Write(
        method="POST",
        path="/docgen_templates",
        headers=V2025_0,
        required=("file_id",),
        objects={"file": {"type": "file"}},
        answers=False,
        takes_fields=False,
    ),
    delete=Write(method="DELETE", path="/docgen_templates/{file_id}", headers=V2025_0),
)

_OF_TEMPLATE: Final = replace(_ALL, path="/docgen_templates/{template_id}/tags", known=frozenset({"template_id"}))

docgen_template_tags: Final = Table(
    name="docgen_template_tags",
    doc="The tags of templates of documents, which take values. Without a key, those of every template on which the "
    "signed-in user collaborates, a call for each. Box takes a while to find the tags of a new one.",
    reference="https://developer.box.com/reference/v2025.0/resources/docgen-tag/",
    key=("template_id", "tag_content"),
    fields=(),
    columns=(
        AS_USER,
        Column(
            "template_version_id",
            hidden=True,
            derived=NOTHING,
            doc="Id of a version of the file, whose tags are listed; those of the current one unless told.",
        ),
        Column(
            "template_id",
            derived=NOTHING,
            nullable=False,
            references="docgen_templates.file_id",
            doc="Id of the file that is the template.",
        ),
        Column("tag_content", nullable=False, doc="The tag as it stands in the document: `{{item.name}}`."),
        Column(
            "tag_type",
            nullable=False,
            doc="`text`, `arithmetic`, `conditional`, `for-loop`, `table-loop` or `image`.",
        ),
        Column("json_paths", Type.JSON, nullable=False, doc="Where its values stand in the input, a list of paths."),
    ),
    paths=(
        AccessPath(name="by template", endpoints=(_OF_TEMPLATE,), keys=("template_id",), rows=_TAGS),
        AccessPath(
            name="by version",
            endpoints=(
                replace(
                    _OF_TEMPLATE,
                    parameters={"template_version_id": "{template_version_id}"},
                    known=frozenset({"template_id", "template_version_id"}),
                ),
            ),
            keys=("template_id", "template_version_id"),
            rows=_TAGS,
        ),
        AccessPath(
            name="of every template",
            endpoints=(_OF_TEMPLATE,),
            fan_out=FanOut(key="template_id", source="file.id", parents=_ALL),
            calls=1 + _TEMPLATES,
            rows=_TEMPLATES * _TAGS,
        ),
    ),
)

_JOB: Final = (
    Column("id", nullable=False, doc="Box's id."),
    Column("type", nullable=False, doc="Always `docgen_job`."),
    Column("batch_id", source="batch.id", nullable=False, doc="Id of the batch, the call that asked for documents."),
    Column(
        "template_file_id",
        source="template_file.id",
        nullable=False,
        references="files.id",
        doc="Id of the file that was the template.",
    ),
    Column(
        "template_file_version_id",
        source="template_file_version.id",
        nullable=False,
        doc="Id of the version of that file.",
    ),
    Column(
        "status",
        nullable=False,
        doc="`submitted`, `pending`, `completed`, `completed_with_error` or `failed`.",
    ),
    Column("output_type", nullable=False, doc="What is made: `pdf`, `docx` or `pptx`."),
    Column("output_file_version_id", source="output_file_version.id", doc="Id of the version of the document."),
    Column("failure_errors", Type.JSON, "failures.errors", doc="What went wrong, a list of texts."),
    Column("failure_warnings", Type.JSON, "failures.warnings", doc="What may be wrong, a list of texts."),
)


def _output(reverse: str) -> Column:
    return Column(
        "output_file_id", source="output_file.id", references="files.id", reverse=reverse, doc="Id of the document."
    )


_OF_JOBS: Final = replace(_ALL, path="/docgen_jobs")
_OTHER_JOBS: Final = frozenset({"created_at", "created_by_id", "enterprise_id", "source"})
"""What the listing of all jobs alone tells of them."""

docgen_jobs: Final = Table(
    name="docgen_jobs",
    doc="The documents that the signed-in user has asked for, and what became of them.",
    reference="https://developer.box.com/reference/v2025.0/resources/docgen-job--full/",
    columns=(
        AS_USER,
        *_JOB,
        _output("generating_docgen_jobs"),
        Column("created_at", Type.TIMESTAMP, doc="When it was asked for."),
        Column(
            "created_by_id",
            source="created_by.id",
            nullable=False,
            references="users.id",
            doc="Id of the user who asked for it.",
        ),
        Column("enterprise_id", source="enterprise.id", doc="Id of the enterprise."),
        Column("source", nullable=False, doc="By what it was asked for, such as `api`."),
    ),
    paths=(
        AccessPath(
            name="by id",
            endpoints=(replace(_ALL, path="/docgen_jobs/{id}", paging=Paging.ONE),),
            keys=("id",),
            accepts=_ID,
            unique=True,
            lacks=_OTHER_JOBS,
        ),
        AccessPath(
            name="by template",
            endpoints=(replace(_OF_JOBS, path="/docgen_template_jobs/{template_file_id}"),),
            keys=("template_file_id",),
            lacks=_OTHER_JOBS,
            rows=_JOBS / _TEMPLATES,
        ),
        AccessPath(name="all", endpoints=(_OF_JOBS,), rows=_JOBS),
    ),
)

docgen_batch_jobs: Final = Table(
    name="docgen_batch_jobs",
    doc="The documents of batches: calls of the signed-in user, each of which asked for several.",
    reference="https://developer.box.com/reference/v2025.0/resources/docgen-job/",
    columns=(AS_USER, *_JOB, _output("generating_docgen_batch_jobs")),
    paths=(
        AccessPath(
            name="by batch",
            endpoints=(replace(_OF_JOBS, path="/docgen_batch_jobs/{batch_id}"),),
            keys=("batch_id",),
            accepts=_ID,
            rows=_IN_BATCH,
        ),
        AccessPath(name="all", endpoints=(_OF_JOBS,), rows=_JOBS),
    ),
)
