"""A person stops the desk in a browser: every open page says so, the database refuses, and trading resumes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from strands.rulings.triggers import HALTED
from tests.console.consoles import Console

if TYPE_CHECKING:
    from playwright.sync_api import Page

ORDER = """
    INSERT INTO tr_strands (id, kind, symbol, tags, order_spec, route_hint)
    VALUES (%s, 'order', 'BTC-PERP', '["venue:submit_order"]', '{"intent": "entry"}', 'binance')
"""
STANDING = "#halts.halts-standing"


def test_a_desk_is_stopped_in_two_steps_and_resumed(
    console: Console, page: Page, connect: Callable[[], psycopg.Connection[Any]]
) -> None:
    database = connect()
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    other = page.context.new_page()
    other.goto(f"{console.origin}/admin/messages/")
    page.goto(f"{console.origin}/admin/")
    page.click("#halts .button-danger")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector(STANDING)
    assert "desk is halted" in page.inner_text(STANDING)
    assert "stopped by hand" in page.inner_text(STANDING)
    other.wait_for_selector(STANDING, timeout=10_000)
    with pytest.raises(psycopg.DatabaseError) as refused:
        database.execute(ORDER, ("refused",))
    assert refused.value.sqlstate == HALTED
    other.click("#halts li button")
    other.fill("#dialog [name=reason]", "it was a drill")
    other.click("#dialog button[type=submit]")
    page.wait_for_selector("#halts:not(.halts-standing)", timeout=10_000)
    database.execute(ORDER, ("passes",))
