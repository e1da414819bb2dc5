"""Thumbnails of files."""

import struct

import httpx
import pytest
from patience import PATIENCE_SECONDS


@pytest.fixture
def file(box, place):
    return box.upload("photo.png", b"\x00", place)["entries"][0]["id"]


def ask(box, file, extension="png", status=200, **query):
    return box.call("GET", f"/files/{file}/thumbnail.{extension}", status, params=query, check_request=False)


def side_of(answer):
    """Return how wide and high a picture is."""
    data = answer.content
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24])
    place = data.index(b"\xff\xc0")
    return struct.unpack(">HH", data[place + 5 : place + 9])


@pytest.mark.parametrize(
    ("extension", "query", "side"),
    [
        ("png", {}, 32),
        ("png", {"min_width": 33}, 64),
        ("png", {"min_height": 129, "max_width": 256}, 256),
        ("jpg", {}, 32),
        ("jpg", {"min_width": 33, "max_height": 160}, 160),
        ("jpg", {"min_width": 320}, 320),
    ],
)
def test_the_smallest_size_that_fits_is_given(box, file, extension, query, side):
    answer = ask(box, file, extension, **query)

    assert (side_of(answer), answer.headers["content-type"]) == ((side, side), f"image/{extension}")


@pytest.mark.parametrize(
    "query", [{"min_width": 257}, {"min_width": 100, "max_height": 99}, {"max_width": 320, "min_height": 300}]
)
def test_sizes_that_there_are_not(box, file, query):
    assert ask(box, file, "png", 400, **query).json()["code"] == "requested_preview_unavailable"


@pytest.mark.parametrize("bound", ["31", "321", "x", "-32", "٣٣", "9" * 5000])
@pytest.mark.parametrize("name", ["min_width", "min_height", "max_width", "max_height"])
def test_bounds_that_box_does_not_take(box, file, name, bound):
    error = ask(box, file, "png", 400, **{name: bound}).json()

    assert (error["code"], error["context_info"]["errors"][0]["name"]) == ("bad_request", name)


def test_other_contents_have_other_pictures(box, place):
    files = [box.upload(f"{number}.gif", bytes([number]), place)["entries"][0]["id"] for number in range(3)]

    assert len({ask(box, file).content for file in files}) > 1


def test_a_kind_of_file_without_thumbnails_has_a_placeholder(box, place):
    file = box.upload("tool.exe", b"\x00", place)["entries"][0]["id"]
    answer = ask(box, file, status=302)
    stand_in = httpx.get(answer.headers["location"], timeout=PATIENCE_SECONDS, trust_env=False)

    assert answer.content == b""
    assert (stand_in.status_code, stand_in.headers["content-type"]) == (200, "image/png")


def test_what_has_no_thumbnail(box, place, file):
    nameless = box.upload("nameless", b"\x00", place)["entries"][0]["id"]
    assert ask(box, nameless, status=404).json()["code"] == "preview_cannot_be_generated"
    assert ask(box, "404404", status=404).json()["code"] == "not_found"
    assert ask(box, file, "gif", 404).json()["code"] == "not_found"
    with box.signed_in(box.ready["user_id"]) as other:
        ask(other, file, status=404)
