"""Comments on files and replies to them."""

import pytest


@pytest.fixture
def file(box, place):
    return box.upload("discussed.txt", b"", place)["entries"][0]["id"]


def say(box, message, identity, kind="file", status=201, **more):
    body = {"message": message, "item": {"type": kind, "id": identity}, **more}
    return box.post("/comments", body, status, check_request=status == 201)


def test_comment_and_reply(box, file):
    comment = say(box, "first", file)
    reply = say(box, "second", comment["id"], "comment")
    assert (comment["is_reply_comment"], comment["item"]) == (False, {"type": "file", "id": file})
    assert (reply["is_reply_comment"], reply["item"]) == (True, {"type": "comment", "id": comment["id"]})
    page = box.get(f"/files/{file}/comments")

    assert (page["total_count"], page["offset"], page["limit"]) == (2, 0, 100)
    assert [entry["message"] for entry in page["entries"]] == ["first", "second"]
    assert page["entries"][0].keys() == {"type", "id", "is_reply_comment", "message", "created_by", "created_at"}
    assert box.get(f"/files/{file}?fields=comment_count")["comment_count"] == 2


def test_pages_and_fields(box, file):
    made = [say(box, f"number {number}", file)["id"] for number in range(5)]
    page = box.get(f"/files/{file}/comments?offset=3&limit=10&fields=item,modified_at")

    assert [entry["id"] for entry in page["entries"]] == made[3:]
    assert page["entries"][0].keys() == {"type", "id", "item", "modified_at"}
    assert page["total_count"] == 5


def test_mention(box, file):
    tagged = "@[1234:John] please look"
    body = {"message": "John, please look", "tagged_message": tagged, "item": {"type": "file", "id": file}}
    made = box.post("/comments?fields=message,tagged_message", body)

    assert (made["message"], made["tagged_message"]) == ("@John please look", tagged)


def test_update_and_delete(box, file):
    path = f"/comments/{say(box, 'tpyo', file)['id']}"
    assert box.put(path, {"message": "typo"})["message"] == "typo"
    say(box, "reply", path.rpartition("/")[2], "comment")
    box.delete(path)

    box.get(path, 404)
    assert box.get(f"/files/{file}/comments")["total_count"] == 0


def test_an_update_replaces_the_mention(box, file):
    body = {"message": "", "tagged_message": "@[1:John] look", "item": {"type": "file", "id": file}}
    path = f"/comments/{box.post('/comments', body)['id']}?fields=message,tagged_message"
    assert box.get(path)["message"] == "@John look"
    changed = box.put(path, {"message": "never mind"}, check_request=False)

    assert (changed["message"], changed["tagged_message"]) == ("never mind", "")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"message": "x"}, "item"),
        ({"message": "x", "item": {"type": "file"}}, "item.id"),
        ({"message": 5, "item": {"type": "file", "id": "1"}}, "message"),
        ({"message": "x", "tagged_message": ["x"], "item": {"type": "file", "id": "1"}}, "tagged_message"),
        ({"tagged_message": "@[1:John] look", "item": {"type": "file", "id": "1"}}, "message"),
    ],
    ids=str,
)
def test_refused_bodies(box, file, body, name):
    if name not in ("item", "item.id"):
        body = {**body, "item": {"type": "file", "id": file}}

    assert box.post("/comments", body, 400, check_request=False)["context_info"]["errors"][0]["name"] == name


def test_refusals(box, file):
    say(box, "", file, status=400)
    say(box, "x", "999", status=404)
    say(box, "x", file, "folder", status=400)
    with box.clock(60):
        say(box, "same", file)
    assert say(box, "same", file, status=409)["code"] == "recent_similar_comment"
    with box.clock(120):
        say(box, "same", file)
    box.get("/files/999/comments", 404)
    box.get("/files/x/comments", 404)


def test_seed_has_comments_of_several_users(box):
    notes = box.get('/search?query="Notes.txt"&content_types=name&type=file')["entries"]
    file = next(entry["id"] for entry in notes if entry["name"] == "Notes.txt")
    comments = box.get(f"/files/{file}/comments")["entries"]

    assert [comment["is_reply_comment"] for comment in comments] == [False, True, True, False]
    assert len({comment["created_by"]["id"] for comment in comments}) > 1
