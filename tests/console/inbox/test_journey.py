"""In a browser: a plan arrives, is changed and approved, and fills; nobody approves twice, nor what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User

from portfolio.reviews.models import Review
from strands.wires.postgres import PostgresWire
from tests.chaos import story
from tests.console import browsers  # noqa: F401  (lets Django and playwright share a thread)
from tests.console.consoles import Console
from tradingops import connections, engine, environments
from tradingops.audit import acting
from tradingops.notices import watching
from tradingops.people import reviewers, verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page

ASKING = {
    "dm.min_confidence": 0,
    "dm.max_correlation": 1,
    "dm.min_risk_reward": 1,
    "dm.max_open_plans_per_symbol": 5,
    # The market of the story jumps by more than the band that a plan usually has.
    "dm.review.price_band": 0.05,
    "dm.review.bands": [{"needs": "one"}, {"needs": "two", "symbols": ["BBB-USD"]}],
}
ONE, TWO = "AAA-USD", "BBB-USD"


@dataclass
class Desk:
    """A desk whose plans wait for people, over the database of the console."""

    wire: PostgresWire
    modules: list[Any]
    minutes: Iterator[Any] = field(default_factory=lambda: story.bars(story.WARM_UP + 20))

    def minute(self, *plans: int) -> None:
        self.wire.publish([*next(self.minutes), *map(story.plan, plans)])
        self.settle()

    def settle(self) -> None:
        engine.drain(self.modules, self.wire, engine.market_time)


@pytest.fixture
def desk(transactional_db: None) -> Iterator[Desk]:
    made = environments.modules(ASKING)
    wire = environments.wire(connections.wire, ASKING)
    desk = Desk(wire, [made[name] for name in ("venue", "trader", "risk", "dm")])
    for _ in range(story.WARM_UP):
        desk.minute()
    watching.Looking()()
    yield desk
    wire.close()


def test_a_plan_is_changed_approved_and_filled_and_what_changed_is_approved_by_nobody(
    desk: Desk, console: Console, page: Page
) -> None:
    me, bob = User.objects.get(username="operator"), User.objects.create_superuser("bob")
    desk.minute(0, 1)
    reviewers.Telling()()
    desk.settle()
    watching.Looking()()
    one, two = Review.objects.get(symbol=ONE), Review.objects.get(symbol=TWO)
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}/admin/inbox/?symbol={ONE}")
    page.wait_for_selector("#bell .bell-count:has-text('2')")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#inbox-chart")
    page.keyboard.press("m")
    page.fill("#dialog [name=position_size]", f"{(one.size or 0) / 2:.4f}")
    page.fill("#dialog [name=reason]", "half is enough")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector("text=Said; what became of it")
    desk.settle()
    page.reload()
    page.wait_for_selector("text=Changed by people: position size")
    assert "changed" in page.inner_text(".panel-head")
    for _ in range(4):
        desk.minute()
    page.click("text=Its story")
    page.wait_for_selector(".story :text('fill')")
    assert Review.objects.get(symbol=ONE).have == [f"user:{me.pk}"]
    nobody_approves_what_changed_or_twice(desk, console, page, bob=bob, two=two)


def nobody_approves_what_changed_or_twice(desk: Desk, console: Console, page: Page, *, bob: User, two: Review) -> None:
    address = f"{console.origin}/admin/inbox/plan/{two.pk}/"
    page.goto(address)
    with acting.acting(lambda: {"actor": "bob", "actor_id": bob.pk}):
        changes = {"position_size": str(round((two.size or 0) / 2, 4))}
        verdicts.decide(two, "modify", person=bob, shown=two.hash, reason="smaller", changes=changes)
    desk.settle()
    approve(page)
    desk.settle()
    page.reload()
    assert "look again and decide anew" in page.inner_text(".inbox-answers")
    assert Review.objects.get(pk=two.pk).outcome is None
    stale = page.context.new_page()
    # A page that was lost to the world: it does not hear that the plan has ended.
    stale.route(
        "**/inbox/plan/**", lambda way: way.abort() if way.request.resource_type == "fetch" else way.continue_()
    )
    stale.goto(address)
    approve(page)
    desk.settle()
    page.reload()
    page.wait_for_selector(".panel-head:has-text('changed')")
    approve(stale, told="has ended: changed")
    assert len(Review.objects.get(pk=two.pk).have or ()) == 2


def approve(page: Page, *, told: str = "Said; what became of it") -> None:
    page.keyboard.press("a")
    page.fill("#dialog [name=reason]", "as seen")
    page.click("#dialog button[type=submit]")
    page.wait_for_selector(f"text={told}")
