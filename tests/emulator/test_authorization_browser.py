"""The authorization page in a browser."""

import contextlib
import http.server
import threading
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from patience import PATIENCE_SECONDS
from services import playwright_and_chromium

pytestmark = pytest.mark.long


class Listener(http.server.BaseHTTPRequestHandler):
    """Where the application waits for the browser to come back."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"back")

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def browser():
    sync_playwright, path = playwright_and_chromium()
    with (
        sync_playwright() as playwright,
        contextlib.closing(
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=PATIENCE_SECONDS * 1000)
        ) as chromium,
    ):
        yield chromium


@pytest.fixture(scope="module")
def redirect_uri():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/back"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def page(browser):
    with contextlib.closing(browser.new_page()) as page:
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        yield page


def visit(page, box, **query):
    asked = {"response_type": "code", "client_id": box.ready["client_id"], "state": "s&t", **query}
    page.goto(f"{box.ready['authorize_url']}?{urlencode(asked)}")


def answer(page, redirect_uri):
    page.wait_for_url(f"{redirect_uri}?*")
    assert page.text_content("body") == "back"
    return dict(parse_qsl(urlsplit(page.url).query))


def test_a_person_signs_in_and_grants_access(box, page, redirect_uri):
    user = box.store.users[box.ready["user_id"]]
    visit(page, box, redirect_uri=redirect_uri, scope="root_readonly")

    assert page.text_content("#application") == "Emulated Application"
    assert page.locator("#scopes li").all_text_contents() == ["Read all files and folders stored in Box"]
    page.select_option("#login", user.login)
    page.click("#grant")
    granted = answer(page, redirect_uri)

    assert granted["state"] == "s&t"
    tokens = box.token(grant_type="authorization_code", code=granted["code"], redirect_uri=redirect_uri)
    assert box.get("/users/me", headers={"authorization": f"Bearer {tokens['access_token']}"})["id"] == user.id


def test_a_person_denies_access(box, page, redirect_uri):
    visit(page, box, redirect_uri=redirect_uri)
    page.click("#deny")

    denied = answer(page, redirect_uri)
    assert (denied["error"], denied["state"]) == ("access_denied", "s&t")


def test_names_are_text_in_the_page(start, page, redirect_uri):
    name = """<img src=x onerror="document.title='hit'">"""
    with start() as box:
        box.store.add_user(name, "nasty@example.com")
        visit(page, box, redirect_uri=redirect_uri)

        assert page.text_content("option[value='nasty@example.com']") == f"{name} (nasty@example.com)"
        assert page.locator("img").count() == 0
        assert page.title() == "Grant access - Box emulator"


def test_the_page_is_styled_in_spite_of_its_policy(box, page, redirect_uri):
    visit(page, box, redirect_uri=redirect_uri)

    assert page.evaluate("getComputedStyle(document.querySelector('main')).maxWidth") == "448px"


def test_another_site_cannot_send_the_form(box, page, redirect_uri):
    query = {"response_type": "code", "client_id": box.ready["client_id"], "redirect_uri": redirect_uri}
    target = httpx.URL(box.ready["authorize_url"], params=query)
    page.goto(redirect_uri.replace("127.0.0.1", "localhost"))
    page.set_content(f"""<form method="post" action="{str(target).replace("&", "&amp;")}">
        <button name="decision" value="grant">Win a prize</button></form>""")
    page.click("button")

    assert page.text_content("#error") == "cross_origin"
