"""What the emulator declares is what Box documents."""

import pytest

from box_dialect.emulator.resources import operations

# What Box's guides have and its OpenAPI document lacks, by the guide.
OF_GUIDES = {
    "options_files_id_content": "https://developer.box.com/guides/uploads/check",
    "get_internal_files_id_versions_id_representations_id": "https://developer.box.com/guides/representations/text",
    "get_internal_files_id_versions_id_representations_id_content": (
        "https://developer.box.com/guides/representations/text"
    ),
}


@pytest.mark.parametrize(
    "operation",
    [operation for operation in operations() if operation.name not in OF_GUIDES],
    ids=lambda operation: operation.name,
)
def test_operation_is_documented(operation, contract):
    documented = contract.document["paths"][operation.path][operation.method.lower()]

    assert documented["operationId"] == operation.name


def test_operations_are_declared_once():
    declared = [(operation.method, operation.path) for operation in operations()]

    assert len(set(declared)) == len(declared) > 60
