"""In a browser: a position is closed from the page of trades and seen gone, and Home says when it hears nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from portfolio.trades import projections as trades
from tests.console import browsers  # noqa: F401  (lets Django and playwright share a thread)
from tests.console.consoles import Console
from tests.integration.test_flatten import Desk
from tests.trading import BTC, QUIET, a_decision

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    desk = Desk([trades.project])
    desk.hears(a_decision())
    desk.minutes(QUIET)
    yield desk
    desk.wire.close()


def test_a_position_is_closed_and_becomes_a_closed_trade(desk: Desk, console: Console, page: Page) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/trades/")
    page.wait_for_selector(f"#open-trades td:has-text('{BTC}')")
    page.click("#open-trades button:has-text('Close…')")
    page.fill("#dialog [name=reason]", "a look at the tape")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector(f"text=Asked to close: {BTC}")
    desk.goes_on()
    desk.minutes(QUIET)
    page.wait_for_selector("#open-trades:has-text('Nothing is held')", timeout=10_000)
    page.reload()
    assert "left by hand" in page.inner_text(".trades-closed tbody tr")
    with page.expect_download() as file:
        page.click(".trades-closed a:has-text('CSV')")
    assert file.value.suggested_filename == "trades.csv"


def test_home_says_that_the_connection_is_lost_once_the_console_is_stopped(
    desk: Desk, console: Console, page: Page
) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/")
    page.wait_for_selector("#connection:has-text('Live, read at')")
    console.process.kill()
    page.wait_for_selector("#connection.said-bad:has-text('Connection lost')", timeout=15_000)
    assert "What stands here is of" in page.inner_text("#connection")
