"""A dialog keeps the focus while it is open and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.console.javascript.modules import Blank, call

if TYPE_CHECKING:
    from playwright.sync_api import Page

HTML = """
    <div id="page"><button id="opener">Ask</button><a id="behind" href="#">behind</a></div>
    <div id="box" tabindex="-1"><h1> Retire a lesson </h1><button id="close">x</button>{field}
    <button hidden>hidden</button><button id="send">Send</button></div>
"""
OPEN = """
    window.dialog = new m.Dialog({ box: document.getElementById("box"), rest: document.getElementById("page") });
    document.getElementById("opener").focus();
    dialog.open();
"""


def opened(blank: Blank, *, field: str = '<textarea id="why"></textarea>') -> Page:
    page = blank(HTML.format(field=field))
    call(page, "showing/dialog.js", OPEN)
    return page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def after(page: Page, *keys: str) -> list[str]:
    """Return where the focus is after each key."""
    places = []
    for key in keys:
        page.keyboard.press(key)
        places.append(focused(page))
    return places


def test_the_focus_moves_to_the_first_field_and_the_dialog_is_named_by_its_title(blank: Blank) -> None:
    page = opened(blank)
    assert focused(page) == "why"
    assert page.locator("#box").get_attribute("aria-label") == "Retire a lesson"


def test_tab_goes_round_within_the_dialog(blank: Blank) -> None:
    page = opened(blank)
    assert after(page, "Tab", "Tab", "Tab", "Tab") == ["send", "close", "why", "send"]
    assert after(page, "Shift+Tab", "Shift+Tab", "Shift+Tab") == ["why", "close", "send"]


def test_a_dialog_without_a_field_takes_the_focus_itself_and_keeps_it(blank: Blank) -> None:
    page = opened(blank, field="")
    assert focused(page) == "box"
    assert after(page, "Shift+Tab", "Tab") == ["send", "close"]


def test_what_lies_behind_cannot_be_reached_until_the_dialog_is_closed(blank: Blank) -> None:
    page = opened(blank)
    page.evaluate("document.getElementById('behind').focus()")
    assert focused(page) == "why"
    page.evaluate("dialog.close()")
    assert focused(page) == "opener"
    page.evaluate("document.getElementById('behind').focus()")
    assert focused(page) == "behind"
