"""The live feed as a person sees it: a real browser on a real console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from strands.wires.postgres import PostgresWire
from tests.console import stories
from tests.console.consoles import Console

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from playwright.sync_api import Page

    Connect = Callable[..., psycopg.Connection[Any]]

LIVE = '#feed-state[data-state="live"]'


@pytest.fixture
def feed(console: Console, page: Page) -> Callable[[str], Page]:
    """Opens the feed, signed in; any request to another host and any error on the page fails the test."""
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: faults.append(request.url) if not _is_own(request.url, console) else None)

    def open_feed(search: str = "") -> Page:
        page.goto(f"{console.origin}/admin/live/{search}")
        page.wait_for_selector(LIVE)
        assert faults == []
        return page

    return open_feed


def _is_own(url: str, console: Console) -> bool:
    return url.startswith((console.origin, f"ws://127.0.0.1:{console.port}", "data:", "blob:"))


def shown(page: Page) -> list[str]:
    """The ids of the rows, from the top."""
    found: list[str] = page.eval_on_selector_all(".feed-row", "rows => rows.map(row => row.dataset.id)")
    return found


def wait_for(page: Page, count: int) -> None:
    page.wait_for_function("count => document.querySelectorAll('.feed-row').length === count", arg=count)


def signals(count: int, *, start: int = 0, symbol: str = "BTC-PERP") -> list[Any]:
    return [stories.a_signal(stories.a_bar(start + number, symbol=symbol)) for number in range(count)]


def test_what_is_said_appears_on_top_and_leads_to_its_story(feed: Callable[..., Page], wire: PostgresWire) -> None:
    wire.publish(old := signals(2))
    page = feed()
    wait_for(page, 2)
    wire.publish(new := stories.a_story(7, refused=True))
    wait_for(page, 5)
    assert shown(page) == [each.id for each in reversed([*old, *new[1:]])]
    refusal = page.locator('.feed-row[data-kind="decision"]')
    assert "exposure 0.52 above 0.50, 0.02 too much" in refusal.inner_text()
    assert page.locator(".feed-row a").first.get_attribute("href") == f"/admin/lifecycle/{new[0].id}/#{new[3].id}"


def test_space_holds_the_feed_and_lets_it_go_without_loss(feed: Callable[..., Page], wire: PostgresWire) -> None:
    page = feed()
    page.keyboard.press("Space")
    wire.publish(said := signals(5))
    page.wait_for_selector("#feed-new:has-text('5 new')")
    assert shown(page) == []
    page.keyboard.press("Space")
    wait_for(page, 5)
    assert shown(page) == [each.id for each in reversed(said)]


def test_looking_away_holds_the_feed_and_counts(feed: Callable[..., Page], wire: PostgresWire) -> None:
    page = feed()
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    wire.publish(signals(3))
    page.wait_for_function("document.title.startsWith('(3) ')")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    wait_for(page, 3)


def test_a_filter_is_kept_in_the_address(feed: Callable[..., Page], wire: PostgresWire) -> None:
    wire.publish([*stories.a_story(), *stories.a_story(symbol="ETH-PERP")])
    page = feed()
    page.fill("#feed-symbol", "ETH-PERP")
    page.keyboard.press("Enter")
    page.click('[data-filter="kind"][data-name="position"]')
    wait_for(page, 1)
    assert page.url.endswith("?symbol=ETH-PERP&kind=position")
    page.reload()
    wait_for(page, 1)
    assert page.locator('[data-name="position"]').get_attribute("aria-pressed") == "true"
    wire.publish(stories.a_story(50, symbol="BTC-PERP"))
    wire.publish(stories.a_story(50, symbol="ETH-PERP"))
    wait_for(page, 2)


def test_bars_are_shown_when_asked_for(feed: Callable[..., Page], wire: PostgresWire) -> None:
    wire.publish([stories.a_bar()])
    page = feed()
    page.wait_for_selector("#feed-empty:visible")
    page.check("#feed-ticks")
    wait_for(page, 1)


def test_the_page_stays_small_however_much_is_said(feed: Callable[..., Page], wire: PostgresWire) -> None:
    page = feed()
    for start in range(0, 600, 50):
        wire.publish(told := signals(50, start=start))
        page.wait_for_selector(f'.feed-row[data-id="{told[-1].id}"]')
    assert len(shown(page)) == 400
    assert shown(page)[0] == told[-1].id


def test_a_lost_listener_is_made_good_without_a_gap(
    feed: Callable[..., Page], wire: PostgresWire, connect: Connect
) -> None:
    page = feed()
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradingops stream'"
    connect().execute(kill)
    wire.publish(signals(4))
    wait_for(page, 4)
    page.wait_for_selector(LIVE)


def test_signing_out_is_said(feed: Callable[..., Page], connect: Connect) -> None:
    page = feed()
    connect().execute("DELETE FROM django_session")
    page.wait_for_selector('#feed-state[data-state="signed-out"] a')


def test_a_telephone_scrolls_in_one_direction_only(feed: Callable[..., Page], wire: PostgresWire) -> None:
    wire.publish(stories.a_story())
    page = feed()
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 375")


@pytest.mark.django_db
def test_the_page_brings_the_newest_history(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    answer = client.get(reverse("admin:console_live"), {"symbol": "BTC-PERP", "kind": ["signal", "decision"]})
    assert answer.status_code == 200
    assert answer.context["history"] == []


@pytest.mark.django_db
def test_a_filter_that_makes_no_sense_shows_everything(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    assert client.get(reverse("admin:console_live"), {"symbol": ["x"] * 1_000}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["console_live", "console_lifecycle"])
def test_a_person_who_may_see_no_strands_sees_no_page(client: Client, name: str) -> None:
    address = reverse(f"admin:{name}", args=["x"] if name == "console_lifecycle" else [])
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert client.get(address).status_code == 403
