"""Home: what it computes, what it shows, and that it keeps itself fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as some

from strands import figures, models
from strands.market.models import Instrument
from strands.strand import first
from strands.telling import Tone
from tests.console import browsers, desk, stories  # noqa: F401  (browsers lets Django and playwright share a thread)
from tradingops.console.home import plots, queries, words

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from strands.wires.postgres import PostgresWire
    from tests.console.consoles import Console

NOON = desk.NOON
MOST_QUERIES = 12


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


def curve(*values: int, peak: int | None = None) -> plots.Curve:
    rows = [(NOON + timedelta(minutes=place), Decimal(value)) for place, value in enumerate(values)]
    return plots.curve(rows, peak=None if peak is None else Decimal(peak))


def test_drawdown_is_the_fraction_below_the_highest_so_far() -> None:
    assert curve(100, 120, 90, 150).drawdown == [0.0, 0.0, -0.25, 0.0]


def test_a_peak_before_the_span_counts() -> None:
    assert curve(100, 160, peak=200).drawdown == [-0.5, -0.2]


def test_a_moment_sampled_twice_is_drawn_once() -> None:
    assert plots.curve([(NOON, Decimal(1)), (NOON, Decimal(1))]).equity == [1.0]


@given(some.lists(some.integers(1, 10**9), min_size=1, max_size=40))
def test_a_drawdown_lies_between_everything_and_nothing(values: list[int]) -> None:
    drawn = curve(*values)
    assert all(-1 <= each <= 0 for each in drawn.drawdown)
    assert len(drawn.moments) == len(drawn.equity) == len(drawn.drawdown) == len(values)


def test_decisions_are_counted_by_outcome_and_refusals_by_reason() -> None:
    told = words.outcomes(
        [("approve", None, 2), ("reject", "exposure", 5), ("reject", "score", 1), ("modify", None, 2)]
    )
    assert told.total == 10
    assert told.counts == [("reject", 6, 60.0), ("approve", 2, 20.0), ("modify", 2, 20.0)]
    assert told.refusals == [("exposure", 5, 83.3), ("score", 1, 16.7)]


@pytest.mark.parametrize(
    ("row", "status", "tone"),
    [
        ({}, "not running", Tone.MUTED),
        ({"beat_at": NOON}, "running", Tone.GOOD),
        ({"beat_at": NOON, "failed": 1}, "running, with failures", Tone.WARNING),
        ({"beat_at": NOON - timedelta(minutes=1)}, "no heartbeat", Tone.BAD),
        ({"waiting": 3}, "stopped, strands wait", Tone.BAD),
    ],
)
def test_a_module_is_as_well_as_its_heartbeat_and_what_waits(row: dict[str, Any], status: str, tone: Tone) -> None:
    health = words.health(name="dm", title="Decision maker", now=NOON, row=row)
    assert (health.status, health.tone) == (status, tone)


def test_lag_is_the_age_of_the_oldest_that_waits() -> None:
    row = {"waiting": 1, "oldest": NOON - timedelta(minutes=3)}
    health = words.health(name="dm", title="", now=NOON, row=row)
    assert (figures.age(health.lag_seconds), health.is_late) == ("3 min", True)


def a_risk_update(**book: Any) -> Any:
    at = book.pop("at", NOON)
    told = {
        "portfolio_value": "101000.50",
        "cash": "50000",
        "realized_pnl": "1200",
        "fees": "150",
        "funding": "49.5",
        "exposure": 0.31,
        "net_exposure": 0.1,
        "drawdown": 0.02,
        "max_drawdown": 0.05,
        "daily_pnl": "300",
    }
    return first(module="risk", kind="risk_update", at=at, payload={"rm_portfolio_risk": {**told, **book}})


def held(symbol: str, quantity: str, unrealized: str) -> dict[str, Any]:
    """A position and its mark, as the risk manager tells them."""
    told = {"quantity": quantity, "avg_price": "100", "unrealized": unrealized}
    return {"positions": {symbol: told}, "marks": {symbol: "90"}}


@pytest.mark.django_db
def test_an_empty_desk_says_what_to_do(chief: Client) -> None:
    page = chief.get(reverse("admin:index")).content.decode()
    assert "Nothing has been said yet." in page
    assert "manage.py run_module --all" in page


@pytest.mark.django_db
def test_the_desk_at_a_glance(chief: Client) -> None:
    update = a_risk_update(**held("ETH-USD", "-2", "20"))
    desk.said([*stories.a_story(), *stories.a_story(60, refused=True), update])
    shown = chief.get(reverse("admin:index")).content.decode()
    for told in (
        "101,000.50",
        "2.00 %",
        "31.0 %",
        "ETH-USD",
        "+20.00",
        "short",
        "not running",
        ">exposure<",
    ):
        assert told in shown


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "rate", "said"), [("perpetual", None, True), ("perpetual", "0.0001", False), ("spot", None, False)]
)
def test_a_perpetual_of_which_no_rate_is_told_says_that_its_funding_is_not_counted(
    chief: Client, kind: str, rate: str | None, said: bool
) -> None:
    bar = stories.a_bar()
    told = {**bar.payload["md_bar"], **({"funding_rate": rate} if rate else {})}
    story = stories.a_story()
    update = a_risk_update(**held("BTC-PERP", "2", "-20"))
    desk.said(
        [
            replace(bar, payload={**bar.payload, "md_bar": told}),
            update,
            *(each for each in story if each.id != bar.id),
        ]
    )
    Instrument.objects.create(symbol="BTC-PERP", kind=kind, sources={}, at=NOON, strand_id="S")
    words = "funding not counted: no feed tells it"
    shown = chief.get(reverse("admin:index")).content.decode()
    assert (f"BTC-PERP: {words}" in shown) is said
    assert (words in chief.get(reverse("admin:console_lifecycle", args=[bar.id])).content.decode()) is said


@pytest.mark.django_db
def test_a_day_of_very_many_decisions_is_counted_by_its_newest(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.said(
        [
            *stories.a_story(),
            *stories.a_story(60, refused=True),
            *stories.a_story(120, refused=True),
            *[a_risk_update()],
        ]
    )
    assert "3 in all" in chief.get(reverse("admin:index")).content.decode()
    monkeypatch.setattr(queries, "MOST_DECIDED", 2)
    shown = chief.get(reverse("admin:index"))
    assert "the newest 2" in shown.content.decode()
    assert shown.context["decided"].counts == [("reject", 2, 100.0)]


@pytest.mark.django_db
def test_what_waits_and_what_was_set_aside_is_counted(chief: Client) -> None:
    desk.failed(2)
    desk.retrying()
    health = {each.name: each for each in chief.get(reverse("admin:index")).context["health"]}
    assert (health["dm"].waiting, health["dm"].retrying, health["dm"].failed) == (1, 1, 2)
    assert health["alpha"].failed == 0


@pytest.mark.django_db
def test_a_span_shows_the_end_of_the_history_and_no_more() -> None:
    for day in range(40):
        desk.a_state(NOON + timedelta(days=day), str(1000 + day))
    week = queries.curve("7d")
    assert [week.equity[0], week.equity[-1]] == [1032.0, 1039.0]
    assert queries.curve("all").equity[0] == 1000.0


@pytest.mark.django_db
def test_a_long_history_is_drawn_by_few_points_in_order() -> None:
    models_of = desk.a_state(NOON, "1000").__class__
    models_of.objects.bulk_create(
        models_of(
            id=str(minute),
            portfolio_value=1000 + minute,
            cash_balance=0,
            total_risk=0,
            var_95=0,
            max_drawdown=0,
            sharpe_ratio=0,
            at=NOON + timedelta(minutes=minute),
        )
        for minute in range(1, 3000)
    )
    drawn = queries.curve("all")
    assert plots.BUCKETS < len(drawn.moments) <= 2 * plots.BUCKETS + 2
    assert all(earlier < later for earlier, later in pairwise(drawn.equity))
    assert drawn.equity[-1] == 3999.0


@pytest.mark.django_db
def test_a_dip_that_comes_and_goes_is_drawn_wherever_it_lies() -> None:
    model = desk.a_state(NOON, "1000").__class__
    values = dict.fromkeys(range(1, 1500), "1000") | {733: "400", 1201: "1700"}
    model.objects.bulk_create(
        model(id=str(minute), at=NOON + timedelta(minutes=minute), portfolio_value=value, cash_balance=0,
              total_risk=0, var_95=0, max_drawdown=0, sharpe_ratio=0)
        for minute, value in values.items()
    )  # fmt: skip
    drawn = queries.curve("all")
    assert (min(drawn.equity), max(drawn.equity)) == (400.0, 1700.0)
    assert min(drawn.drawdown) == -0.6
    assert drawn.moments == sorted(drawn.moments)


@pytest.mark.django_db
def test_a_market_ahead_of_the_clock_is_told_by_its_own_time_and_its_speed(chief: Client) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for minute in range(3):
            cursor.execute(
                "INSERT INTO md_strands (id, kind, at, created_at) VALUES (%s, 'bar', %s, %s)",
                [f"B{minute}", NOON + timedelta(hours=minute), NOON + timedelta(minutes=minute)],
            )
    told = chief.get(reverse("admin:index")).content.decode()
    assert "market time 2026-01-05 14:00 UTC, 60 × the clock" in told


@pytest.mark.django_db
def test_the_dashboard_asks_little(chief: Client) -> None:
    from django.db import connection

    desk.said([*stories.a_story(), a_risk_update(**held("BTC-PERP", "2", "5"))])
    desk.a_state(NOON, "1000")
    with CaptureQueriesContext(connection) as asked:
        chief.get(reverse("admin:console_dashboard"))
    assert len(asked) <= MOST_QUERIES, "\n".join(each["sql"][:150].replace("\n", " ") for each in asked)


@pytest.mark.django_db
def test_a_span_that_is_not_known_shows_everything(chief: Client) -> None:
    assert chief.get(reverse("admin:index"), {"span": "'; DROP"}).context["span"] == "all"


@pytest.fixture
def visit(page: Page, console: Console) -> Page:
    """A browser that is signed in, and counts whom it asks."""
    page.context.add_cookies([{"name": "tradingops_session", "value": console.cookie, "url": console.origin}])
    return page


def test_the_curve_is_drawn_and_the_page_keeps_itself_fresh(visit: Page, console: Console, wire: PostgresWire) -> None:
    wire.publish([*stories.a_story(), a_risk_update()])
    for minute in range(5):
        desk.a_state(NOON + timedelta(minutes=minute), str(1000 + minute))
    visit.goto(f"{console.origin}/admin/")
    visit.wait_for_selector("#equity[data-points='5']")
    drawn = visit.query_selector("#equity")
    desk.a_state(NOON + timedelta(minutes=9), "2500.00")
    wire.publish([a_risk_update(portfolio_value="2500.00", at=NOON + timedelta(minutes=9))])
    visit.wait_for_selector("text=2,500.00")
    visit.wait_for_selector("#equity[data-points='6']")
    assert drawn is not None
    assert drawn.is_visible()  # the same canvas: one drawn anew would flicker


def test_no_page_asks_another_host_nor_overflows_a_phone(visit: Page, console: Console, wire: PostgresWire) -> None:
    wire.publish(stories.a_story())
    hosts: set[str] = set()
    troubles: list[str] = []
    visit.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    visit.on("pageerror", lambda error: troubles.append(str(error)))
    visit.on("console", lambda told: troubles.append(told.text) if told.type == "error" else None)
    [decision] = models.DecisionStrand.objects.filter(kind="decision")
    visit.set_viewport_size({"width": 375, "height": 800})
    for address in (
        "",
        "messages/",
        "strands/decisionstrand/",
        f"strands/decisionstrand/{decision.pk}/change/",
        "auth/user/",
    ):
        visit.goto(f"{console.origin}/admin/{address}")
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
    assert hosts == {console.origin.removeprefix("http://")}
    assert troubles == []


def test_a_person_requeues_what_failed_by_a_dialog(visit: Page, console: Console, wire: PostgresWire) -> None:
    from strands.retry import RetryPolicy
    from strands.wires.postgres import PostgresWire as Wire
    from tests.toys import Echo
    from tradingops import connections, engine

    failing = Wire(connections.wire, retry=RetryPolicy(attempts=1))
    failing.publish([desk.a_plan(1)])
    engine.drain([Echo(stumbles={1: 9})], failing, engine.market_time)
    failing.close()
    visit.goto(f"{console.origin}/admin/messages/")
    visit.click("td button:has-text('Requeue')")
    visit.fill("#dialog textarea", "the check was mended")
    visit.click("#dialog button[type=submit]")
    visit.wait_for_selector("text=1 requeued.")
    assert list(models.Delivery.objects.values_list("listener", "attempts")) == [("dm", 0)]
    assert models.PeopleStrand.objects.get().op_note["reason"] == "the check was mended"
