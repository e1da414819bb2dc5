"""Where Box answers that something is: what a token is sent to, and what is shown of it."""

from __future__ import annotations

import pytest

from box_dialect.api.path import Address, ApiPath, expanded
from box_dialect.errors import DataError
from box_dialect.properties.hosts import is_trusted

BOX = "https://api.box.com/2.0"
OTHER = "https://proxy.example:8443/box/2.0"


@pytest.mark.parametrize(
    ("host", "base", "is_sent"),
    [
        ("api.box.com", BOX, True),
        ("API.Box.com", BOX, True),
        ("dl.boxcloud.com", BOX, True),
        ("public.boxcloud.com", BOX, True),
        ("dl.box.com", BOX, True),
        ("boxcloud.com.example", BOX, False),
        ("evilboxcloud.com", BOX, False),
        ("dl.boxcloud.com@example.com", BOX, False),
        ("dl.boxcloud.com:8443", BOX, False),
        ("127.0.0.1", BOX, False),
        ("proxy.example:8443", OTHER, True),
        ("proxy.example", OTHER, False),
        ("dl.boxcloud.com", OTHER, False),
        ("api.box.com", OTHER, False),
    ],
)
def test_a_token_goes_to_hosts_of_its_own(host: str, base: str, is_sent: bool) -> None:
    assert is_trusted(host, base) is is_sent


def test_an_address_is_what_box_answered() -> None:
    url = "https://dl.boxcloud.com/api/2.0/internal_files/1/content/?watermark_content=4567"
    address = Address(url, shown="/internal_files/{file_id}/content")
    assert (address.base, address.text) == ("https://dl.boxcloud.com", url.removeprefix("https://dl.boxcloud.com"))
    assert not address.is_signed
    assert address == Address(url, shown="another")
    assert address != Address(url.replace("https", "http"), shown="/internal_files/{file_id}/content")
    assert address != ApiPath("/files/{id}", id="1")


def test_no_secret_of_an_address_is_shown() -> None:
    address = Address("https://dl.boxcloud.com/2.0/zip/s3cr3t?x=s3cr3t", shown="/zip/{id}", is_signed=True)
    assert "s3cr3t" not in f"{address} {address!r} {address.shown}"


@pytest.mark.parametrize(
    "url", ["", "None", "/2.0/a", "ftp://a/b", "https://", "https://a:b@c/d", "https://a:0/", "//a"]
)
def test_what_is_no_url_of_a_host(url: str) -> None:
    with pytest.raises(ValueError, match=r"no URL of a host|port"):
        Address(url, shown="")


@pytest.mark.parametrize(
    ("path", "url"),
    [("", "u/content/"), ("1.png", "u/content/1.png"), ("a b/é?#.pdf", "u/content/a%20b/%C3%A9%3F%23.pdf")],
)
def test_a_place_of_a_template_takes_a_path(path: str, url: str) -> None:
    assert expanded("u/content/{+asset_path}", asset_path=path) == url


@pytest.mark.parametrize("path", ["..", "a/../b", "/a", "a//b", "a/", "\x00", "%2e%2e/.."])
def test_a_place_of_a_template_takes_no_step_elsewhere(path: str) -> None:
    with pytest.raises(DataError, match="no asset_path"):
        expanded("u/content/{+asset_path}", asset_path=path)
