"""Options of documents, and the formats that know them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from box_dialect.documents.formats import FORMATS, format_of
from box_dialect.documents.options import OPTIONS, Options
from box_dialect.errors import ProgrammingError


def test_options_are_known_by_their_names_and_by_those_of_the_properties() -> None:
    said = {"DataModel": "relational", "row_scan_depth": "0", "XPATH": "/a", "SeparatorCharacter": "/"}
    options = Options.from_arguments("xml", said)
    assert options == Options(data_model="Relational", row_scan_depth=0, xpath="/a", separator="/")
    assert Options.from_arguments("xml", options.to_arguments()) == options


@pytest.mark.parametrize(
    ("form", "said", "reason"),
    [
        ("csv", {"xpath": "/a"}, "csv has no option 'xpath'; it has charset, fmt"),
        ("xml", {"datamodel": "Flat"}, "data_model is one of Document, FlattenedDocuments, Relational"),
        ("xml", {"row_scan_depth": "-1"}, "row_scan_depth is a number from 0"),
        ("xml", {"flatten_objects": "maybe"}, "flatten_objects is true or false"),
        ("xml", {"flatten_arrays": "1001"}, "from 0 to 1,000"),
        ("xml", {"data_model": "Document", "DataModel": "Document"}, "data_model is said twice"),
    ],
)
def test_what_is_said_wrongly_is_refused(form: str, said: dict[str, str], reason: str) -> None:
    with pytest.raises(ProgrammingError, match=reason):
        Options.from_arguments(form, said)


def test_each_option_is_declared_for_formats_that_there_are() -> None:
    assert {form for option in OPTIONS for form in option.formats} == set(FORMATS)
    assert all(option.doc.endswith(".") for option in OPTIONS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.XML", "xml"), ("a.b.ndjson.gz", "json"), ("a.tsv", "csv"), ("a.parquet", "parquet"), ("a.xlsx", "excel")],
)
def test_the_format_is_that_of_the_extension(name: str, expected: str) -> None:
    form = format_of(name)
    assert form is not None
    assert form.name == expected
    assert format_of("a.txt") is None


@pytest.mark.long
def test_readers_are_imported_when_a_document_is_read_and_name_the_extra_that_is_missing() -> None:
    program = """
import sys
sys.modules["lxml"] = None
from box_dialect.documents.formats import FORMATS
from box_dialect.documents.options import Options
from box_dialect.errors import NotSupportedError
assert not {"ijson", "pyarrow", "fastexcel"} & set(sys.modules)
try:
    FORMATS["xml"].tables(None, Options())
except NotSupportedError as error:
    assert str(error).startswith("box_dialect.documents.xml_reader needs lxml"), error
    assert "pip install 'box-dialect[documents]'" in str(error), error
else:
    raise SystemExit("it is there")
"""
    subprocess.run([sys.executable, "-c", program], check=True)
