"""The texts of files, which Box makes beside other representations of them."""

import httpx
import pytest
from patience import PATIENCE_SECONDS

TEXT = "Grüße an alle, " * 2000
HINT = {"x-rep-hints": "[extracted_text]"}


@pytest.fixture
def file(box, place):
    return box.upload("letter.txt", TEXT.encode(), place)["entries"][0]["id"]


def representations(box, file, **headers):
    return box.get(f"/files/{file}?fields=representations", headers=headers)["representations"]["entries"]


def test_the_text_is_where_it_is_said_to_be(box, file):
    (entry,) = representations(box, file, **HINT)
    assert (entry["representation"], entry["status"]) == ("extracted_text", {"state": "success"})
    assert box.http.get(entry["info"]["url"]).json() == entry
    response = box.http.get(entry["content"]["url_template"].replace("{+asset_path}", ""))

    assert (response.status_code, response.text) == (200, TEXT)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_text_needs_a_token(box, file):
    address = representations(box, file, **HINT)[0]["content"]["url_template"].replace("{+asset_path}", "")

    assert httpx.get(address, timeout=PATIENCE_SECONDS).status_code == 401


@pytest.mark.parametrize(
    ("hints", "count"),
    [(None, 1), ("[extracted_text]", 1), ("[jpg?dimensions=32x32][extracted_text]", 1), ("[pdf]", 0), ("[text]", 0)],
)
def test_hints(box, file, hints, count):
    headers = {} if hints is None else {"x-rep-hints": hints}

    assert len(representations(box, file, **headers)) == count
    assert "representations" not in box.get(f"/files/{file}", headers=headers)


def test_text_of_a_version(box, file):
    address = representations(box, file)[0]["content"]["url_template"].replace("{+asset_path}", "")
    box.upload("letter.txt", b"new", status=200, path=f"/files/{file}/content")
    newer = representations(box, file)[0]["content"]["url_template"].replace("{+asset_path}", "")

    assert [box.http.get(each).text for each in (address, newer)] == [TEXT, "new"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"\xff\xfe"])
def test_what_is_no_text(box, place, data):
    file = box.upload("data", data, place)["entries"][0]
    path = f"/internal_files/{file['id']}/versions/{file['file_version']['id']}/representations/extracted_text"

    assert representations(box, file["id"]) == []
    for each in (path, f"{path}/content/"):
        assert box.http.get(box.ready["api_base_url"] + each).status_code == 404


def test_text_of_a_file_on_disk(start, tmp_path):
    (tmp_path / "disk.txt").write_text("on disk")
    with start(load=tmp_path) as box:
        (file,) = box.store.items["file"]
        address = representations(box, file)[0]["content"]["url_template"].replace("{+asset_path}", "")

        assert box.http.get(address).text == "on disk"
        assert box.get("/search?query=disk&content_types=file_content")["total_count"] == 0
