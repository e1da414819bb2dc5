"""The procedure that generates documents, by Box Doc Gen.

Source: https://developer.box.com/guides/docgen/
"""

from __future__ import annotations

from typing import Final

from box_dialect.catalog.api_versions import V2025_0
from box_dialect.catalog.model import Column, Type
from box_dialect.catalog.model.inputs import OBJECTS
from box_dialect.catalog.model.procedure import Call, Input, Procedure

from ._items import reference

create_doc_gen_batch: Final = Procedure(
    name="CreateDocGenBatch",
    doc="Generate documents out of a template; `docgen_batch_jobs` tells how far they are.",
    reference="https://developer.box.com/reference/v2025.0/post-docgen-batches/",
    inputs=(
        Input(name="FileId", required=True, body="file.id", doc="Id of the template's file."),
        Input(
            name="DestinationFolderId",
            required=True,
            body="destination_folder.id",
            doc="Id of the folder that gets the documents.",
        ),
        Input(
            name="DocumentGenerationData",
            type=Type.JSON,
            form=OBJECTS,
            required=True,
            body="document_generation_data",
            doc='A list with an object for each document: `{"generated_file_name": "…", "user_input": {…}}`.',
        ),
        Input(name="OutputType", choices=("pdf", "docx"), default="pdf", body="output_type", doc="What they are."),
        Input(name="InputSource", default="api", body="input_source", doc="Where the data come from; Box takes `api`."),
        Input(
            name="FileVersionId",
            body="file_version",
            sent=reference("file_version"),
            doc="Id of the template's version. Default: the current one.",
        ),
    ),
    outputs=(Column("Id", doc="Id of the batch."),),
    side_effect=True,
    call=Call(
        method="POST",
        path="/docgen_batches",
        headers=V2025_0,
        body={"file": {"type": "file"}, "destination_folder": {"type": "folder"}},
    ),
)
