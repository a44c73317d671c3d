"""The pages of judgement on a phone, in the dark, with nobody else to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from strands.wires.postgres import PostgresWire
from tests.console import judged
from tests.console.consoles import Console

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "scorecard": ".curator .plot-dot",
    "curator": "#decisions table",
    "lesson": ".lesson-actions button",
    "evidence": ".strips svg",
    "lifecycle": ".story-curators",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_in_the_dark_and_asks_no_other_host(
    console: Console, wire: PostgresWire, page: Page, name: str
) -> None:
    braid, told = judged.a_braid(), judged.a_judged_story()
    judged.learn([braid], connection=wire.connection)
    judged.project(judged.history(30), connection=wire.connection)
    wire.publish(told)
    signal = next(each for each in told if each.kind == "signal")
    addresses = {
        "scorecard": "/admin/scorecard/",
        "curator": "/admin/scorecard/dm/risk_curator/",
        "lesson": f"/admin/lesson/{braid.id}/",
        "evidence": f"/admin/evidence/{signal.id}/",
        "lifecycle": f"/admin/lifecycle/{told[-1].lifecycle_id}/",
    }
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "request", lambda request: faults.append(request.url) if not request.url.startswith(console.origin) else None
    )
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.emulate_media(color_scheme="dark")
    page.goto(f"{console.origin}{addresses[name]}")
    page.wait_for_selector(PAGES[name])
    assert page.locator("main svg:not([aria-hidden]):not([aria-label]), .judgement svg:not([aria-label])").count() == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 390")
    assert faults == []


def test_a_cell_of_a_list_shows_all_that_it_says_on_a_phone(console: Console, wire: PostgresWire, page: Page) -> None:
    wire.publish(judged.a_judged_story())
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{console.origin}/admin/strands/decisionstrand/")
    page.wait_for_selector("#result_list .gist")
    cut = "cell => cell.scrollHeight > cell.clientHeight && getComputedStyle(cell).overflowY !== 'visible'"
    assert (
        page.locator("#result_list td").evaluate_all(f"cells => cells.filter({cut}).map(cell => cell.innerText)") == []
    )
