"""The lesson page without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strands.wires.postgres import PostgresWire
from tests.console import judged
from tests.console.consoles import Console

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_person_retires_a_lesson_with_the_keyboard_alone(console: Console, wire: PostgresWire, page: Page) -> None:
    braid = judged.a_braid()
    judged.learn([braid], connection=wire.connection)
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/lesson/{braid.id}/")
    page.locator(".lesson-actions button").focus()
    page.keyboard.press("Enter")
    page.locator("#dialog textarea").fill("it has cost us enough")
    page.locator("#dialog button[type=submit]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Said to the decision maker")
    said = wire.connection.execute("SELECT op_verdict ->> 'standing' FROM op_strands WHERE kind = 'lesson_verdict'")
    assert said.fetchall() == [("retired",)]
