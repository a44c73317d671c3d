"""What is read again leaves to whoever works on the page their button, focus, selection, scroll place and chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.console.javascript.modules import Blank, call

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCROLLS = '<div id="scrolls" style="width:100px;height:40px;overflow:auto" tabindex="0">{}</div>'


def a_row(symbol: str, price: str = "1") -> str:
    return (
        f'<tr data-row="{symbol}"><td>{symbol}</td><td class="price">{price}</td>'
        f'<td><button hx-get="/close?symbol={symbol}">Close {symbol}</button></td></tr>'
    )


def a_region(*rows: str, more: str = "") -> str:
    table = f'<table style="width:900px;height:300px"><tbody>{"".join(rows)}</tbody></table>'
    return f'<section id="region"><h2>Open</h2>{SCROLLS.format(table)}{more}</section>'


def renewed(page: Page, html: str, before: str = "", after: str = "return null") -> Any:
    """Return what a body sees after the region took over new HTML; another body goes before."""
    body = f"""
        const region = document.getElementById("region");
        const buttons = [...region.querySelectorAll("button")];
        const button = (symbol) => buttons.find((each) => each.textContent.endsWith(symbol));
        {before}
        const holder = document.createElement("template");
        holder.innerHTML = given;
        m.renew(region, holder.content.firstElementChild);
        {after}
    """
    return call(page, "showing/live.js", body, html)


def test_what_somebody_is_at_stays_theirs_while_everything_around_it_is_new(blank: Blank) -> None:
    more = "<details><summary>more</summary>m</details><i data-keep><canvas></canvas></i>"
    page = blank(a_region(a_row("BTC"), a_row("ETH"), more=more))
    before = """
        const eth = button("ETH"), canvas = region.querySelector("canvas");
        const scrolls = document.getElementById("scrolls");
        eth.focus();
        scrolls.scrollLeft = 70;
        region.querySelector("details").open = true;
        getSelection().selectAllChildren(region.querySelector("h2"));
    """
    after = """
        return [document.activeElement === eth, eth.isConnected, scrolls.isConnected && scrolls.scrollLeft,
                region.querySelector("details").open, getSelection().toString(),
                region.querySelector("canvas") === canvas,
                [...region.querySelectorAll("tr")].map((row) => row.textContent)];
    """
    fresh = a_region(a_row("ADA", "7"), a_row("ETH", "9"), a_row("SOL"), more=more)
    assert renewed(page, fresh, before, after) == [
        *(True, True, 70, True, "Open", True),
        ["ADA7Close ADA", "ETH9Close ETH", "SOL1Close SOL"],
    ]


@pytest.mark.parametrize(
    ("shown", "fresh"),
    [(["A", "B", "C"], ["C"]), (["A", "B", "C"], ["C", "A", "D"]), ([], ["A"]), (["A"], []), (["A", "B"], ["B", "A"])],
)
def test_rows_that_come_go_and_change_places_are_those_of_the_console(
    blank: Blank, shown: list[str], fresh: list[str]
) -> None:
    page = blank(a_region(*map(a_row, shown)))
    wanted = a_region(*(a_row(each, "2") for each in fresh))
    assert renewed(page, wanted, after="return region.outerHTML") == wanted.replace("\n", "")


def test_a_pressed_button_never_becomes_the_button_of_another_row(blank: Blank) -> None:
    """Nor is a press lost: from pressing down to letting go the button is the same one."""
    page = blank(a_region(a_row("BTC"), a_row("ETH")))
    page.evaluate("document.addEventListener('click', (event) => { window.pressed = event.target.textContent })")
    page.get_by_role("button", name="Close BTC").scroll_into_view_if_needed()
    place = page.get_by_role("button", name="Close BTC").bounding_box()
    assert place
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.mouse.down()
    renewed(page, a_region(a_row("BTC", "5"), a_row("ETH", "6")))
    page.mouse.up()
    assert page.evaluate("window.pressed") == "Close BTC"
    kept = "const btc = button('BTC')"
    after = "return [btc.isConnected, btc.textContent, region.querySelector('button').getAttribute('hx-get')]"
    assert renewed(page, a_region(a_row("ETH")), kept, after) == [False, "Close BTC", "/close?symbol=ETH"]


def test_where_the_focused_row_is_gone_the_focus_stays_near(blank: Blank) -> None:
    page = blank(a_region(a_row("BTC"), a_row("ETH")))
    after = "return document.activeElement.tagName"
    assert renewed(page, a_region(a_row("ETH")), "button('BTC').focus()", after) == "TBODY"


def test_a_number_that_is_selected_waits_until_it_is_not(blank: Blank) -> None:
    page = blank(a_region(a_row("BTC", "1")))
    select = "getSelection().selectAllChildren(region.querySelector('.price'))"
    price = "return region.querySelector('.price').textContent"
    assert renewed(page, a_region(a_row("BTC", "2")), select, price) == "1"
    assert renewed(page, a_region(a_row("BTC", "3")), "getSelection().removeAllRanges()", price) == "3"


def test_a_moment_keeps_its_words_until_it_is_another(blank: Blank) -> None:
    def told(moment: str, words: str) -> str:
        return a_region(more=f'<time data-moment datetime="{moment}">{words}</time>')

    page = blank(told("2026-03-02T12:00Z", "3s ago"))
    after = "return region.querySelector('time').textContent"
    assert renewed(page, told("2026-03-02T12:00Z", "2026-03-02"), after=after) == "3s ago"
    assert renewed(page, told("2026-03-02T12:01Z", "2026-03-02"), after=after) == "2026-03-02"
