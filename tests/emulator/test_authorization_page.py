"""The authorization page, as a script sees it; see test_authorization_browser.py for a browser's view."""

import base64
import hashlib
import html
import re
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from patience import PATIENCE_SECONDS

VERIFIER = "a-verifier-that-has-at-least-43-characters_~"
S256 = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
NASTY = """<script>alert(1)</script>"'&"""


def texts(page, element):
    return re.findall(rf"<{element}[ >].*?</{element}>", page, re.DOTALL)


def exchange(box, code, status=200, **form):
    return box.token(status, grant_type="authorization_code", code=code, **form)


def who(box, answer):
    return box.get("/users/me", headers={"authorization": f"Bearer {answer['access_token']}"})["id"]


def test_the_page_shows_the_application_its_scopes_and_who_can_sign_in(box):
    response = box.authorize(scope="root_readonly manage_groups")
    page = response.text

    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert response.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
    assert '<strong id="application">Emulated Application</strong>' in page
    assert texts(page, "li") == [
        '<li data-scope="root_readonly">Read all files and folders stored in Box</li>',
        '<li data-scope="manage_groups">Manage groups</li>',
    ]
    assert re.findall(r'<option value="(.*?)">', page) == [
        user.login
        for user in box.store.users.values()
        if user.status == "active" and user.enterprise and not user.is_platform_access_only
    ]


def test_without_a_scope_the_page_shows_all_of_the_application(box):
    shown = re.findall(r'data-scope="(.*?)"', box.authorize().text)

    assert {"root_readwrite", "ai.readwrite", "enterprise_content"} <= set(shown)
    assert len(shown) == 13


def test_what_is_no_markup_is_escaped(start):
    with start() as box:
        box.store.add_user(NASTY, "<b>@example.com")
        pages = [box.authorize().text, box.authorize(redirect_uri=f"http://127.0.0.1/{NASTY}").text]

    assert all("<script" not in page and "<b>" not in page for page in pages)
    assert all(html.escape(NASTY) in page for page in pages)
    assert '<option value="&lt;b&gt;@example.com">' in pages[0]


def test_the_code_is_the_administrators_unless_the_form_says_whose(box):
    user = box.store.users[box.ready["user_id"]]
    answer = box.consent(state="a&b=c é")

    assert answer.keys() == {"code", "state"}
    assert answer["state"] == "a&b=c é"
    assert who(box, exchange(box, answer["code"])) == box.ready["admin_user_id"]
    assert who(box, exchange(box, box.consent({"login": user.login})["code"])) == user.id


def test_denied(box):
    assert box.consent({"decision": "deny"}, state="s") == {
        "error": "access_denied",
        "error_description": "The user denied access to your application",
        "state": "s",
    }
    assert "state" not in box.consent({"decision": "deny"})


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"decision": "perhaps"}, "invalid_request"),
        ({}, "invalid_request"),
        ({"decision": "grant", "login": "nobody@example.com"}, "invalid_login"),
        ({"decision": "grant", "login": "zoe@partner.example"}, "invalid_login"),
        ({"decision": "grant", "login": "user04@example.com"}, "invalid_login"),
    ],
)
def test_a_form_without_sense_is_refused_on_the_page(box, form, error):
    response = box.authorize({"x": "y", **form})

    assert response.status_code == 400
    assert f'<p id="error">{error}</p>' in response.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 302),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "SELF"}, 302),
    ],
)
def test_only_the_page_itself_may_send_its_form_from_a_browser(box, headers, status):
    url = str(box.authorize().url)
    self = "http://" + urlsplit(url).netloc
    headers = {name: self if value == "SELF" else value for name, value in headers.items()}

    assert httpx.post(url, data={"decision": "grant"}, headers=headers, timeout=PATIENCE_SECONDS).status_code == status


@pytest.mark.parametrize("form", [None, {"decision": "grant"}, {"decision": "deny"}])
@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"redirect_uri": None}, "redirect_uri_missing"),
        ({"redirect_uri": ""}, "redirect_uri_missing"),
        ({"redirect_uri": "http://evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:99999/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1@evil.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://user@app.example/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://evil.example\\@127.0.0.1/"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1/\r\nset-cookie: a=b"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri_mismatch"),
        ({"redirect_uri": "https://app.example/#part"}, "redirect_uri_mismatch"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
    ],
)
def test_where_the_way_back_is_unknown_there_is_no_redirect(box, form, query, error):
    response = box.authorize(form, **query)

    assert response.status_code == 400
    assert "location" not in response.headers
    assert f'<p id="error">{error}</p>' in response.text


@pytest.mark.parametrize("uri", ["https://app.example/cb?x=1", "http://localhost:8080", "http://[::1]:7/a"])
def test_where_nothing_is_configured_https_and_loopback_will_do(box, uri):
    location = box.authorize({"decision": "grant"}, redirect_uri=uri).headers["location"]

    assert location.startswith(f"{uri}&code=" if "?" in uri else f"{uri}?code=")


def test_the_only_redirect_uri_may_be_left_out(start):
    with start(redirect_uris=("https://app.example/cb",)) as box:
        location = box.authorize({"decision": "grant"}, redirect_uri=None).headers["location"]

        assert location.startswith("https://app.example/cb?code=")
        exchange(box, dict(parse_qsl(urlsplit(location).query))["code"], redirect_uri="https://app.example/cb")


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("https://app.example/cb", None),
        ("http://127.0.0.1:4711/cb?x=1", None),
        ("http://127.0.0.1/cb?x=1", None),
        ("http://[::1]:9/", None),
        (None, "redirect_uri_missing"),
        ("https://app.example/cb/", "redirect_uri_mismatch"),
        ("https://app.example:444/cb", "redirect_uri_mismatch"),
        ("http://localhost:4711/cb?x=1", "redirect_uri_mismatch"),
        ("https://127.0.0.1:4711/cb?x=1", "redirect_uri_mismatch"),
        ("http://127.0.0.1:4711/cb?x=2", "redirect_uri_mismatch"),
        ("http://127.0.0.1:4711/CB?x=1", "redirect_uri_mismatch"),
    ],
)
def test_configured_redirect_uris_are_exact_but_for_the_port_of_a_loopback_address(configured, uri, error):
    response = configured.authorize({"decision": "grant"}, redirect_uri=uri)

    assert response.status_code == (302 if error is None else 400)
    if error is None:
        assert response.headers["location"].startswith(uri)
    else:
        assert f'<p id="error">{error}</p>' in response.text


@pytest.fixture(scope="module")
def configured(start):
    with start(redirect_uris=("https://app.example/cb", "http://127.0.0.1:3000/cb?x=1", "http://[::1]/")) as box:
        yield box


def test_an_application_takes_no_redirect_uri_that_is_neither_https_nor_loopback(start):
    with (
        pytest.raises(ValueError, match=r"unlike 'http://app\.example/'"),
        start(redirect_uris=("http://app.example/",)),
    ):
        pass


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "root_readwrite make_coffee"}, "invalid_scope"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": S256, "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
def test_what_else_is_wrong_is_told_to_the_application(box, query, error):
    response = box.authorize(state="s", **query)
    answer = dict(parse_qsl(urlsplit(response.headers["location"]).query))

    assert response.status_code == 302
    assert (answer["error"], answer["state"]) == (error, "s")
    assert answer["error_description"]


@pytest.mark.parametrize(
    "query",
    [{"code_challenge": S256, "code_challenge_method": "S256"}, {"code_challenge": VERIFIER}],
    ids=["S256", "plain"],
)
def test_a_code_with_a_challenge_needs_its_verifier(box, query):
    codes = [box.consent(**query)["code"] for _ in range(3)]

    exchange(box, codes[0], code_verifier=VERIFIER)
    for code, form in ((codes[1], {}), (codes[2], {"code_verifier": VERIFIER[:-1] + "x"})):
        refusal = exchange(box, code, 400, **form)
        assert refusal["error"] == "invalid_grant"
        assert "code_verifier" in refusal["error_description"]


def test_a_code_without_a_challenge_takes_no_verifier(box):
    assert "code_verifier" in exchange(box, box.consent()["code"], 400, code_verifier=VERIFIER)["error_description"]


def test_other_methods(box):
    assert httpx.put(box.ready["authorize_url"], timeout=PATIENCE_SECONDS).status_code == 405
    assert httpx.get(box.ready["token_url"], timeout=PATIENCE_SECONDS).status_code == 405
    assert httpx.post(box.ready["token_url"] + "s", timeout=PATIENCE_SECONDS).status_code == 404
