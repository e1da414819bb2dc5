"""What Box renders of files: their texts, documents as PDF, and pictures."""

import io
import struct
import zipfile
import zlib

import httpx
import openpyxl
import pytest
from patience import PATIENCE_SECONDS

TEXT = "Grüße an alle, " * 2000
HINT = {"x-rep-hints": "[extracted_text]"}
JPEGS = ["jpg_32x32", "jpg_94x94", "jpg_160x160", "jpg_320x320", "jpg_1024x1024", "jpg_2048x2048"]
PICTURES = [*JPEGS, "png_1024x1024", "png_2048x2048"]
ALL = ["extracted_text", "pdf", *PICTURES]


@pytest.fixture
def file(box, place):
    return box.upload("letter.txt", TEXT.encode(), place)["entries"][0]["id"]


def representations(box, file, **headers):
    return box.get(f"/files/{file}?fields=representations", headers=headers)["representations"]["entries"]


def names(entries):
    return [entry["info"]["url"].rpartition("/")[2] for entry in entries]


def address(entry):
    return entry["content"]["url_template"].replace("{+asset_path}", "")


def test_the_text_is_where_it_is_said_to_be(box, file):
    (entry,) = representations(box, file, **HINT)
    assert (entry["representation"], entry["status"]) == ("extracted_text", {"state": "success"})
    assert box.http.get(entry["info"]["url"]).json() == entry
    response = box.http.get(address(entry))

    assert (response.status_code, response.text) == (200, TEXT)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_representation_needs_a_token(box, file):
    for entry in representations(box, file):
        assert httpx.get(address(entry), timeout=PATIENCE_SECONDS).status_code == 401


@pytest.mark.parametrize(
    ("hints", "found"),
    [
        (None, ALL),
        ("[extracted_text]", ["extracted_text"]),
        ("[jpg?dimensions=32x32][extracted_text]", ["jpg_32x32", "extracted_text"]),
        ("[pdf]", ["pdf"]),
        ("[jpg?dimensions=320x320&paged=false][png?dimensions=2048x2048]", ["jpg_320x320", "png_2048x2048"]),
        ("[jpg]", JPEGS),
        ("[mp3,jpg?dimensions=94x94,pdf]", ["jpg_94x94"]),
        ("[jpg?dimensions=33x33]", []),
        ("[jpg?dimensions=32x32&paged=true]", []),
        ("[text]", []),
        ("nonsense", []),
    ],
)
def test_hints(box, file, hints, found):
    headers = {} if hints is None else {"x-rep-hints": hints}

    assert names(representations(box, file, **headers)) == found
    assert "representations" not in box.get(f"/files/{file}", headers=headers)


def test_text_of_a_version(box, file):
    old = address(representations(box, file)[0])
    box.upload("letter.txt", b"new", status=200, path=f"/files/{file}/content")
    newer = address(representations(box, file)[0])

    assert [box.http.get(each).text for each in (old, newer)] == [TEXT, "new"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"\xff\xfe"])
def test_what_is_no_text(box, place, data):
    file = box.upload("data", data, place)["entries"][0]
    path = f"/internal_files/{file['id']}/versions/{file['file_version']['id']}/representations"

    assert representations(box, file["id"]) == []
    for each in ("extracted_text", "extracted_text/content/", "pdf", "nonsense"):
        assert box.http.get(f"{box.ready['api_base_url']}{path}/{each}").status_code == 404


def test_text_of_a_file_on_disk(start, tmp_path):
    (tmp_path / "disk.txt").write_text("on disk")
    with start(load=tmp_path) as box:
        (file,) = box.store.items["file"]

        assert box.http.get(address(representations(box, file)[0])).text == "on disk"
        assert box.get("/search?query=disk&content_types=file_content")["total_count"] == 0


def word(text):
    """Write a Word document of paragraphs, each of two runs."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    runs = ("".join(f"<w:r><w:t>{half}</w:t></w:r>" for half in (line[:3], line[3:])) for line in text.split("\n"))
    paragraphs = "".join(f"<w:p>{each}</w:p>" for each in runs)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(
            "word/document.xml", f'<w:document xmlns:w="{name}"><w:body>{paragraphs}</w:body></w:document>'
        )
    return written.getvalue()


def excel(*rows):
    workbook, written = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    workbook.save(written)
    return written.getvalue()


HTML = "<html><style>p {}</style><p>Grüße &amp; <b>more</b></p>\n<script>x < 1</script></html>".encode()


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("page.html", HTML, "Grüße &\nmore"),
        ("letter.DOCX", word("first line\nsecond"), "first line\nsecond"),
        ("table.xlsx", excel(["name", "amount"], ["Ada", 5], ["Ada", 6]), "name\tamount\nAda\t5\nAda\t6"),
        ("people.csv", b"id,name\n1,Ada\n", "id,name\n1,Ada\n"),
        ("people.json", b'{"id": 1}', '{"id": 1}'),
        ("people.xml", b"<people/>", "<people/>"),
    ],
)
def test_texts_of_documents(box, place, name, data, text):
    file = box.upload(name, data, place)["entries"][0]["id"]
    (entry,) = representations(box, file, **HINT)

    assert box.http.get(address(entry)).text == text


@pytest.mark.parametrize("data", [b"PK\x03\x04broken", b"", word("fine")[:-30], word("x").replace(b"<w:p>", b"<w:q>")])
@pytest.mark.parametrize("extension", ["docx", "xlsx"])
def test_what_is_no_document_has_no_text(box, place, data, extension):
    file = box.upload(f"broken.{extension}", data, place)["entries"][0]["id"]

    assert representations(box, file) == []


def of(box, entries, name):
    """Return the content of a representation, and its type."""
    answer = box.http.get(address(next(entry for entry in entries if entry["info"]["url"].endswith(f"/{name}"))))
    assert answer.status_code == 200
    return answer.content, answer.headers["content-type"]


def test_a_document_is_a_pdf_with_its_text(box, place):
    file = box.upload("letter.txt", b"one (1)\ntwo \\", place)["entries"][0]["id"]
    data, kind = of(box, representations(box, file), "pdf")
    table = int(data.rpartition(b"startxref\n")[2].split()[0])

    assert kind == "application/pdf"
    assert data.startswith(b"%PDF-1.4")
    assert b"(one \\(1\\)) '\n(two \\\\) '" in data
    assert data[table:].startswith(b"xref")
    for number, line in enumerate(data[table:].splitlines()[3:-5], 1):
        assert data[int(line.split()[0]) :].startswith(b"%d 0 obj" % number)
    pdf = box.upload("a.pdf", b"%PDF-own", place)["entries"][0]["id"]
    assert of(box, representations(box, pdf), "pdf")[0] == b"%PDF-own"
    assert representations(box, pdf, **HINT) == []


def pixels(data):
    """Return the width, the height and the rows of a grey PNG."""
    chunks, place = {}, 8
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert struct.unpack(">I", data[place + 8 + size : place + 12 + size]) == (zlib.crc32(kind + body),)
        chunks[kind], place = body, place + 12 + size
    return (*struct.unpack(">IIBB", chunks[b"IHDR"][:10]), zlib.decompress(chunks[b"IDAT"]))


def test_pictures_are_of_their_sizes(box, place):
    file = box.upload("photo.JPG", b"\x00", place)["entries"][0]["id"]
    entries = representations(box, file)
    assert names(entries) == PICTURES
    data, kind = of(box, entries, "png_1024x1024")
    width, height, depth, colour, rows = pixels(data)
    assert (kind, width, height, depth, colour) == ("image/png", 1024, 1024, 8, 0)
    assert len(rows) == 1025 * 1024
    data, kind = of(box, entries, "jpg_94x94")
    assert (kind, data[:2], data[-2:]) == ("image/jpeg", b"\xff\xd8", b"\xff\xd9")
    assert struct.pack(">HH", 94, 94) in data


def test_a_pending_representation(box, file):
    box.store.faults.script("representation_pending=2")
    try:
        (entry,) = representations(box, file, **HINT)
        states = [entry, *(box.http.get(entry["info"]["url"]).json() for _ in range(2))]
        (other,) = representations(box, file, **{"x-rep-hints": "[pdf]"})

        assert [each["status"]["state"] for each in states] == ["pending", "pending", "success"]
        assert other["status"] == {"state": "pending"}
        early = box.http.get(address(other))
        assert (early.status_code, early.headers["retry-after"], early.content) == (202, "1", b"")
        assert box.http.get(address(other)).status_code == 200
    finally:
        box.store.faults.clear()


def test_a_representation_that_cannot_be_made(box, file):
    box.store.faults.script("representation_error")
    try:
        entry = box.http.get(f"{box.ready['api_base_url']}/files/{file}?fields=representations", headers=HINT).json()
        (entry,) = entry["representations"]["entries"]

        assert entry["status"] == {"state": "error"}
        assert box.http.get(address(entry)).status_code == 404
    finally:
        box.store.faults.clear()
