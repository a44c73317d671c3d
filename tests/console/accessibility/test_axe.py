"""What axe finds on the console's pages, with rows on them, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from portfolio.reviews.models import Review
from portfolio.trades import projections as trades
from strands.strand import first
from strands.wires.postgres import PostgresWire
from tests.console import desk, judged, stories
from tests.console.consoles import Console
from tests.console.inbox.test_page import a_review
from tests.integration.test_flatten import Desk
from tests.trading import QUIET, a_decision
from tradingops import environments
from tradingops.countersigns.models import SecondPerson
from tradingops.people import say
from tradingops.policies import versions

if TYPE_CHECKING:
    from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}
#: What stands on a page once its rows do.
PAGES = {
    "home": "#equity[data-points]",
    "feed": ".feed-row",
    "trades": ".trades-closed tbody tr",
    "lifecycle": ".story-curators",
    "refused": ".story-gates tr[data-tone]",
    "traded": ".story-compared",
    "lesson": ".lesson-actions button",
    "scorecard": ".curator .plot-dot",
    "curator": "#decisions table",
    "evidence": ".strips svg",
    "messages": ".messages table.rows td",
    "list": "#result_list tbody tr",
    "decisions": "#result_list tbody tr",
    "signals": "#result_list tbody tr",
    "orders": "#result_list tbody tr",
    "fills": "#result_list tbody tr",
    "lessons": "#result_list tbody tr",
    "record": ".record .fact",
    "inbox": ".inbox table.rows tbody tr",
    "nothing waits": ".inbox .said-muted",
    "item": ".inbox-acts button",
    "policies": ".policies table.rows td",
    "history": ".policies table.rows td",
    "version": ".policies ins",
    "editor": ".policy-fields input",
    "account": "main button",
    "audit": ".audit table.rows td",
    "waiting for a second person": ".halts-waiting button",
    "notices": ".notices fieldset",
    "users": "#result_list tbody tr",
    "open": ".trades-open button",
}
#: Dialogs by the page that each is opened from, and the words on its button.
DIALOGS = {
    "item": ("Approve…", "Change…", "Reject…", "Comment…", "Give to…"),
    "version": ("Submit…", "What if…", "Replay a period…", "Run beside the desk…"),
    "waiting for a second person": ("Stop…", "Confirm…", "Decline…"),
    "open": ("Close…", "Move…", "Close everything…"),
}


@pytest.fixture
def addresses(wire: PostgresWire) -> dict[str, str]:
    """The pages' addresses, once all is said that they show; asked for before the browser, as Django wants it."""
    braid, told = judged.a_braid(), judged.a_judged_story()
    refused, traded = stories.a_story(300, refused=True), stories.a_story(100)
    judged.learn([braid], connection=wire.connection)
    judged.project(judged.history(30), connection=wire.connection)
    wire.publish([*told, *traded, *refused])
    trades.project(wire.connection, traded)
    desk.failed(2)
    for minute in range(3):
        desk.a_state(desk.NOON + minute * stories.MINUTE, str(1000 - minute))
    signal, decision = (next(each for each in told if each.kind == kind) for kind in ("signal", "decision"))
    return {
        "home": "/admin/",
        "trades": "/admin/trades/?by=curator",
        "feed": "/admin/live/?module=alpha&module=dm&module=trader",
        "lifecycle": f"/admin/lifecycle/{told[-1].lifecycle_id}/",
        "refused": f"/admin/lifecycle/{refused[0].id}/",
        "traded": f"/admin/lifecycle/{traded[0].id}/",
        "lesson": f"/admin/lesson/{braid.id}/",
        "scorecard": "/admin/scorecard/",
        "curator": "/admin/scorecard/dm/risk_curator/",
        "evidence": f"/admin/evidence/{signal.id}/",
        "messages": "/admin/messages/?tab=failed",
        "list": "/admin/strands/decisionstrand/",
        **{name: f"/admin/{name}/" for name in ("decisions", "signals", "orders", "fills")},
        "lessons": "/admin/strands_lessons/lesson/",
        "record": f"/admin/strands/decisionstrand/{decision.id}/change/",
        **waiting(wire),
    }


def waiting(wire: PostgresWire) -> dict[str, str]:
    """The pages of what waits for people: a plan, a draft, a closing that takes a second person."""
    held = Desk()
    held.hears(a_decision())
    held.minutes(QUIET)
    held.wire.close()
    now = datetime.now(UTC)
    Review.objects.bulk_create([a_review(0, deadline=now + timedelta(days=1)), a_review(1, outcome="expired")])
    draft = versions.draft(
        "dm", {"min_confidence": 0.7}, own=environments.governed()["dm"], at=say.present(), reason="calmer"
    )
    SecondPerson.objects.update_or_create(id=1, defaults={"above": 1, "minutes": 15})
    says = {"action": "close", "scope": "symbol:BTC-PERP", "legs": {"BTC-PERP": "2"}, "notional": "200", "hash": "h"}
    who = {"person": "account:ann", "by": "ann", "reason": "a look"}
    wire.publish(
        [
            first(
                module="op", kind="countersign_asked", symbol=None, at=now, payload={"op_intervention": {**says, **who}}
            )
        ]
    )
    return {
        "inbox": "/admin/inbox/",
        "nothing waits": "/admin/inbox/?symbol=NOTHING",
        "item": "/admin/inbox/plan/ITEM000000/",
        "policies": "/admin/policies/",
        "history": "/admin/policies/dm/",
        "version": f"/admin/policies/dm/{draft.number}/",
        "editor": "/admin/policies/dm/draft/",
        "account": "/admin/account/",
        "notices": "/admin/notices/",
        "users": "/admin/auth/user/",
        "open": "/admin/trades/",
        "audit": "/admin/audit/",
        "waiting for a second person": "/admin/account/",
    }


def seen_by_axe(page: Page, *, rules: Sequence[str] = (), within: str | None = None) -> list[str]:
    """Return what is serious on the page as it stands, or in a part of it, by some rules or all: rule, element, why."""
    from axe_playwright_python.sync_playwright import Axe

    only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}

    page.add_style_tag(content="*, *::before, *::after { transition: none !important; animation: none !important }")
    found: dict[str, Any] = Axe().run(page, context=within, options={"resultTypes": ["violations"], **only}).response
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if rule["impact"] in SERIOUS
    ]


@pytest.fixture
def failure(transactional_db: None) -> None:
    """A message that was set aside."""
    desk.failed(1)


@pytest.mark.timeout(600)
def test_axe_finds_nothing_serious_on_any_page(console: Console, addresses: dict[str, str], page: Page) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    found = {}
    for name, address in addresses.items():
        page.goto(f"{console.origin}{address}")
        page.wait_for_selector(PAGES[name])
        assert page.get_by_role("main").count() == 1
        assert page.locator("html.dark").count() == 0
        found[name, "light"] = seen_by_axe(page)
        # In the dark a page has other colours, and is the same otherwise.
        page.evaluate("document.documentElement.classList.add('dark')")
        found[name, "dark"] = seen_by_axe(page, rules=("color-contrast",))
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.timeout(300)
def test_axe_finds_nothing_serious_in_any_dialog_and_keys_open_hold_and_close_each(
    console: Console, addresses: dict[str, str], page: Page
) -> None:
    found = {}
    for name, words in DIALOGS.items():
        signed_in(page, console, addresses[name])
        page.wait_for_selector(PAGES[name])
        for word in words:
            page.get_by_role("button", name=word).first.press("Enter")
            page.wait_for_selector("#dialog")
            page.wait_for_function("document.activeElement.closest('[role=dialog][aria-modal=true]') !== null")
            found[name, word] = seen_by_axe(page, within="[role=dialog]")
            for _ in range(9):
                page.keyboard.press("Tab")
                assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null"), (name, word)
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="hidden")
            page.wait_for_function("word => document.activeElement.textContent.trim() === word", arg=word)
    assert {place: faults for place, faults in found.items() if faults} == {}


def signed_in(page: Page, console: Console, address: str) -> None:
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    page.goto(f"{console.origin}{address}")


def test_a_dialog_is_one_and_gives_the_focus_back_at_escape(console: Console, wire: PostgresWire, page: Page) -> None:
    braid = judged.a_braid()
    judged.learn([braid], connection=wire.connection)
    signed_in(page, console, f"/admin/lesson/{braid.id}/")
    opener = page.locator(".lesson-actions button").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Retire")
    dialog.wait_for()
    page.wait_for_function("document.activeElement.matches('#dialog textarea')")
    assert dialog.get_attribute("aria-modal") == "true"
    assert seen_by_axe(page) == []
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    page.wait_for_function("button => document.activeElement === button", arg=opener.element_handle())


def test_why_a_message_failed_is_read_without_a_mouse(console: Console, failure: None, page: Page) -> None:
    signed_in(page, console, "/admin/messages/?tab=failed")
    page.get_by_role("button", name="Why").first.press("Enter")
    page.get_by_role("dialog", name="Why").wait_for()
    page.wait_for_function("document.activeElement.id === 'modal-content'")
    assert seen_by_axe(page) == []
    page.get_by_role("button", name="Close").press("Enter")
    page.wait_for_function("document.activeElement.textContent === 'Why'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["/admin/nowhere/", "/admin/decisions/?day=never"])
def test_axe_finds_nothing_serious_on_what_went_wrong(console: Console, page: Page, address: str, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    signed_in(page, console, address)
    page.get_by_role("main").wait_for()
    assert seen_by_axe(page) == []


def test_axe_finds_nothing_serious_where_a_list_is_filtered(
    console: Console, addresses: dict[str, str], page: Page
) -> None:
    signed_in(page, console, addresses["decisions"])
    page.locator("#changelist a", has_text="Filters").first.click()
    page.locator("#filter-form select[name=gate]").wait_for()
    assert seen_by_axe(page) == []
