"""Superset in Chromium: a window in which somebody is logged in, and does what viewers do."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from docs.pages import ROOT
from patience import PATIENCE_SECONDS
from services import CHROMIUM_ARGUMENTS, playwright_and_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from superset_server import Person, Superset

ANIMATION_MS: Final = 3000
SIZE: Final = {"width": 1280, "height": 800}
LOOPBACK: Final = "http://127.0.0.1:"


@contextmanager
def chromium() -> Iterator[Any]:
    """Run Chromium."""
    sync_playwright, path = playwright_and_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=CHROMIUM_ARGUMENTS, timeout=PATIENCE_SECONDS * 1000, headless=True
        )
        try:
            yield browser
        finally:
            browser.close()


class Window:
    """A window of a fresh profile, which reaches this machine alone."""

    def __init__(self, browser: Any, superset: Superset, person: Person) -> None:
        self._context = browser.new_context(base_url=superset.address, viewport=SIZE)
        self._context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self._context.route(lambda url: not url.startswith(LOOPBACK), lambda route: route.abort())
        self.page = self._context.new_page()
        self.page.goto("/login/")
        self.page.fill("[data-test=username-input]", person.username)
        self.page.fill("[data-test=password-input]", person.password)
        self.page.click("[data-test=login-button]")
        self.page.wait_for_url("**/superset/welcome/**")

    def close(self) -> None:
        self._context.close()

    def run(self, database: int, sql: str) -> None:
        """Open SQL Lab with a statement, and run it."""
        self.page.goto("/sqllab/?new=true")
        self.page.wait_for_selector("[data-test=run-query-action]")
        self.page.goto(f"/sqllab/?dbid={database}&name=query&sql={quote(sql)}")
        self.page.click("[data-test=run-query-action]")

    def sign_in(self, login: str, within: str = "body") -> None:
        """Follow the link to Box's page, which opens a window, and grant access there; then the window closes."""
        with self._context.expect_page() as opened:
            self.page.click(f"{within} >> text=provide authorization")
        page = opened.value
        page.select_option("#login", login)
        with page.expect_event("close"):
            page.click("#grant")

    def show(self, name: str) -> None:
        """Write a picture of the page for docs/, where the environment variable BOX_PICTURES asks for it."""
        if os.environ.get("BOX_PICTURES"):
            self.page.wait_for_timeout(ANIMATION_MS)
            self.page.screenshot(path=ROOT / "docs" / f"superset-{name}.png")
