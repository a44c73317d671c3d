"""A page that imports the console's modules from their folder, with no console behind it."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tradingops.console
from tests import chromiums
from tests.console.javascript import modules

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

STATIC = Path(tradingops.console.__file__).parent / "static"
ORIGIN = "http://console.invalid"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a file: none of them asks for the database."""
    with chromiums.running() as browser:
        yield browser


@pytest.fixture
def blank(browser: Browser) -> Iterator[modules.Blank]:
    """Opens an empty page, somewhere on earth; what its scripts throw fails the test."""
    faults: list[str] = []
    opened: list[BrowserContext] = []

    def open_page(html: str = "", *, zone: str = "UTC") -> Page:
        context = browser.new_context(timezone_id=zone, locale="en-US", viewport={"width": 1000, "height": 700})
        opened.append(context)
        context.set_default_timeout(15_000)
        context.route(f"{ORIGIN}/**", lambda route: serve(route, html))
        blank = context.new_page()
        blank.on("pageerror", lambda error: faults.append(str(error)))
        blank.goto(f"{ORIGIN}/")
        return blank

    yield open_page
    for context in opened:
        context.close()
    assert faults == []


def serve(route: Route, html: str) -> None:
    """Answer as the console does for its static files, and with one page."""
    path = route.request.url.removeprefix(ORIGIN)
    if not path.startswith("/static/"):
        route.fulfill(content_type="text/html", body=f"<!doctype html><title>blank</title><body>{html}</body>")
    else:
        file = STATIC / path.removeprefix("/static/")
        route.fulfill(content_type=mimetypes.guess_type(file.name)[0], body=file.read_bytes())
