"""A person's way through the decisions: filter, see why, come back, take the file along; on a desk and on a phone."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from strands.wires.postgres import PostgresWire
from tests.console import stories
from tests.console.consoles import Console
from tradingops.console.decisions.page import LISTS

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def told(wire: PostgresWire) -> None:
    """Three plans traded, two refused, in two symbols with names as long as they come."""
    wire.publish(
        [
            *stories.a_story(100, symbol="1000000MOG/USDT:USDT"),
            *stories.a_story(200, refused=True),
            *stories.a_story(300),
            *stories.a_story(400, refused=True, symbol="1000000MOG/USDT:USDT"),
            *stories.a_story(500),
        ]
    )


def opened(page: Page, console: Console, address: str) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}{address}")


def test_filter_by_gate_see_why_come_back_and_take_the_file_along(
    console: Console, told: None, page: Page, tmp_path: Path
) -> None:
    opened(page, console, "/admin/")
    page.locator("nav a[href='/admin/decisions/'], #nav-sidebar a[href='/admin/decisions/']").first.click()
    page.wait_for_selector("#result_list tbody tr")
    page.get_by_text("5 decisions").wait_for()
    page.locator("#changelist a", has_text="Filters").first.click()
    page.locator("#filter-form select[name=gate]").select_option("exposure")
    page.locator("#filter-form button[type=submit]").click()
    page.get_by_text("2 decisions").wait_for()
    listed = page.url
    assert "gate=exposure" in listed
    page.locator("#result_list tbody tr a").first.click()
    page.get_by_text("Not traded: exposure 0.52 above 0.50").first.wait_for()
    page.go_back()
    page.get_by_text("2 decisions").wait_for()
    assert page.url == listed
    with page.expect_download() as loaded:
        page.get_by_role("link", name="Download as CSV").click()
    loaded.value.save_as(tmp_path / "decisions.csv")
    assert loaded.value.suggested_filename == "decisions.csv"
    with (tmp_path / "decisions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [each["limited by"] for each in rows] == ["exposure 0.52 above 0.50, 0.02 too much"] * 2
    assert [each["symbol"] for each in rows] == ["1000000MOG/USDT:USDT", "BTC-PERP"]


@pytest.mark.parametrize("name", LISTS)
def test_nothing_wraps_on_a_desk_and_nothing_is_cut_on_a_phone(
    console: Console, told: None, page: Page, name: str
) -> None:
    opened(page, console, f"/admin/{name}/")
    page.wait_for_selector("#result_list tbody tr")
    heights = page.locator("#result_list tbody tr.data-row").evaluate_all("rows => rows.map(row => row.offsetHeight)")
    assert heights
    assert max(heights) <= 50
    assert page.evaluate("document.documentElement.scrollWidth") == 1440
    fits = "table => table.parentElement.scrollWidth <= table.parentElement.clientWidth"
    assert page.locator("#result_list").evaluate(fits)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    cut = "cell => cell.scrollHeight > cell.clientHeight && getComputedStyle(cell).overflowY !== 'visible'"
    cells = page.locator("#result_list td")
    assert cells.evaluate_all(f"cells => cells.filter({cut}).map(cell => cell.innerText)") == []
    assert "UTC" in page.locator("#result_list tbody tr a").first.inner_text()


def test_a_fault_keeps_to_the_theme_that_a_person_chose(console: Console, page: Page) -> None:
    opened(page, console, "/admin/nowhere/")
    page.get_by_role("heading", name="There is no such page").wait_for()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.evaluate("localStorage.setItem('adminTheme', JSON.stringify('dark'))")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.get_by_role("link", name="To the dashboard").click()
    page.wait_for_url(f"{console.origin}/admin/")


def test_a_fault_is_dark_where_the_system_is(console: Console, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    opened(page, console, "/admin/decisions/?day=never")
    page.get_by_text("day: 'never' is no day").wait_for()
    assert "0.18" in page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("link", name="The same page without this").click()
    page.wait_for_url(f"{console.origin}/admin/decisions/")
