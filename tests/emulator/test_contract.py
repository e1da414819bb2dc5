"""What the emulator declares is what Box documents."""

from functools import partial

import pytest
from sweep import sweep

from box_dialect.emulator.resource import Crud
from box_dialect.emulator.resources import operations

# What Box's guides have and its OpenAPI document lacks, by the guide.
OF_GUIDES = {
    "options_files_id_content": "https://developer.box.com/guides/uploads/check",
    "get_internal_files_id_versions_id_representations_id": "https://developer.box.com/guides/representations/text",
    "get_internal_files_id_versions_id_representations_id_content": (
        "https://developer.box.com/guides/representations/text"
    ),
}


@sweep(
    "operation",
    [operation for operation in operations() if operation.name not in OF_GUIDES],
    ids=lambda operation: operation.name,
)
def test_operation_is_documented(operation, contract):
    documented = contract.document["paths"][operation.path][operation.method.lower()]

    assert documented["operationId"] == operation.name


def is_crud(operation):
    """Tell whether an operation is one that is as everywhere, and that answers an entity or a list of them."""
    handler = operation.handler
    return isinstance(handler, partial) and isinstance(handler.args[0], Crud) and operation.method != "DELETE"


@pytest.mark.parametrize("operation", list(filter(is_crud, operations())), ids=lambda each: each.name)
def test_fields_are_taken_where_box_documents_them(operation, contract):
    parameters = contract.document["paths"][operation.path][operation.method.lower()].get("parameters", ())
    crud, resource = operation.handler.args[0], operation.handler.func.__self__
    takes_fields = resource.takes_fields if crud.takes_fields is None else crud.takes_fields

    assert any(parameter["name"] == "fields" for parameter in parameters) is takes_fields


def test_operations_are_declared_once():
    declared = [(operation.method, operation.path) for operation in operations()]

    assert len(set(declared)) == len(declared) > 60
