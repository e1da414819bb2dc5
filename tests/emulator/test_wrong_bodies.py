"""Bodies whose values have other types than the document says: refused or ignored, never a failure of the server."""

import pytest

from box_dialect.emulator.routes import operations

WRONG = (5, "x", None, [5], [{}], {"id": ["0"], "type": "folder"})


def names_of(contract, schema):
    """Return the names of the properties of a body."""
    names = set(schema.get("properties", ()))
    return names.union(*(names_of(contract, part) for part in schema.get("allOf", ())))


WITHOUT_JSON = ("post_files_content", "post_files_id_content", "options_files_id_content", "options_events")
TAKERS = [
    operation
    for operation in operations()
    if operation.method in ("POST", "PUT", "OPTIONS") and operation.name not in WITHOUT_JSON
]


@pytest.mark.parametrize("operation", TAKERS, ids=lambda operation: operation.name)
def test_values_of_wrong_types(box, contract, place, operation):
    documented = contract.document["paths"][operation.path][operation.method.lower()]
    names = names_of(contract, documented["requestBody"]["content"]["application/json"]["schema"])
    assert names
    file = box.upload("a.txt", b"", place)["entries"][0]
    link = box.post("/web_links", {"url": "https://example.com", "name": "b", "parent": {"id": place}}, 200)["id"]
    comment = box.post("/comments", {"message": "c", "item": {"type": "file", "id": file["id"]}})["id"]
    grantee = {"type": "user", "id": box.ready["user_id"]}
    shared = {"item": {"type": "folder", "id": place}, "accessible_by": grantee, "role": "viewer"}
    collaboration = box.post("/collaborations", shared)["id"]
    membership, member = next(iter(box.store.memberships.items()))
    path = operation.path.format(
        file_id=file["id"], folder_id=place, web_link_id=link, comment_id=comment, collaboration_id=collaboration,
        file_version_id=file["file_version"]["id"], user_id=box.ready["user_id"], group_id=member.group.id,
        group_membership_id=membership,
    )  # fmt: skip
    fine = {
        "name": "n", "parent": {"id": place}, "message": "m", "item": shared["item"], "accessible_by": grantee,
        "role": "viewer", "url": "https://example.com", "login": "w@example.com", "id": file["file_version"]["id"],
    }  # fmt: skip
    if operation.name in ("post_files_id", "post_folders_id", "post_web_links_id"):  # which restore
        box.http.delete(box.ready["api_base_url"] + path + "?recursive=true")

    for name in names:
        for value in WRONG:
            body = {key: fine[key] for key in fine.keys() & names} | {name: value}
            response = box.http.request(operation.method, box.ready["api_base_url"] + path, json=body)
            assert response.status_code < 500, (name, value, response.status_code)
