"""In a browser: a position is closed from the page of trades and seen gone, and Home says when it hears nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from portfolio.trades import projections as trades
from portfolio.trades.models import Trade
from tests.console import browsers  # noqa: F401  (lets Django and playwright share a thread)
from tests.console.consoles import Console
from tests.console.trades.test_page import NOON, a_trade
from tests.integration.test_flatten import Desk
from tests.trading import BTC, QUIET, a_decision

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route


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
    a_dialog_opens_though_the_page_is_read_again_meanwhile(page)
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
    all_left_at_the_stop_on_one_day_are_a_file(page)


def a_dialog_opens_though_the_page_is_read_again_meanwhile(page: Page) -> None:
    """The answer to a pressed button is held back until the open half was read again, and again without the button."""
    held: list[Route] = []
    page.route("**/trades/close/**", lambda route: held.append(route))
    page.wait_for_function("window.htmx && document.querySelector('#open-trades button')")
    page.focus("#open-trades button:has-text('Close…')")
    page.keyboard.press("Enter")
    with page.expect_response("**/admin/trades/") as read_again:
        pass
    read_again.value.finished()
    assert page.evaluate("document.activeElement.textContent") == "Close…"
    page.evaluate("document.activeElement.closest('tr').remove()")
    assert page.locator("#dialog").count() == 0
    held[0].continue_()
    page.wait_for_selector("#dialog [name=reason]:focus")
    page.unroute("**/trades/close/**")


def all_left_at_the_stop_on_one_day_are_a_file(page: Page) -> None:
    """From the page of trades as it stands: choose day and reason, and take the file along."""
    day = timedelta(days=1)
    others = {"pnl": 9, "close_reason": "take_profit"}
    kept = [a_trade(0), a_trade(1, pnl=-2), a_trade(2, **others), a_trade(3, pnl=8, closed_at=NOON + day)]
    Trade.objects.bulk_create(kept)
    page.fill(".trades-closed [name=day]", f"{NOON:%Y-%m-%d}")
    page.select_option(".trades-closed [name=reason]", label="at the stop")
    page.click(".trades-closed button:has-text('Filter')")
    page.wait_for_selector("text=2 trades of this filter")
    with page.expect_download() as file:
        page.click(".trades-closed a:has-text('CSV')")
    assert file.value.suggested_filename == f"trades-{NOON:%Y-%m-%d}-stop_loss.csv"
    with file.value.path().open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(each["pnl"], each["reason"]) for each in rows] == [("-2", "stop_loss"), ("1.5", "stop_loss")]


def test_home_says_that_the_connection_is_lost_once_the_console_is_stopped(
    desk: Desk, console: Console, page: Page
) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/")
    page.wait_for_selector("#connection:has-text('Live, read at')")
    console.process.kill()
    page.wait_for_selector("#connection.said-bad:has-text('Connection lost')", timeout=15_000)
    assert "What stands here is of" in page.inner_text("#connection")
