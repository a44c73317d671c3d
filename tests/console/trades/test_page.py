"""The page of trades: how a trade is told, filtered, ordered and added up, and its file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio.trades.models import Trade
from tradingops.console.trades import asking, queries, totals, words

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOST_QUERIES = 12


def a_trade(number: int = 0, **told: Any) -> Trade:
    """A trade that was not kept, told apart by its number."""
    closed = told.pop("closed_at", NOON + timedelta(minutes=number))
    return Trade(
        **{
            "id": f"T{number:04d}",
            "lifecycle_id": f"L{number:04d}",
            "decision_id": "D",
            "plan_id": "P",
            "symbol": "BTC-PERP",
            "direction": "long",
            "outcome": "win",
            "close_reason": "stop_loss",
            "quantity": Decimal(10),
            "entry_price": Decimal("100.0"),
            "exit_price": Decimal("100.2"),
            "pnl": Decimal("1.5"),
            "gross_pnl": Decimal(2),
            "fees": Decimal("0.4"),
            "funding": Decimal("0.1"),
            "r_multiple": 0.5,
            "opened_at": closed - timedelta(minutes=90),
            "closed_at": closed,
            "regime": "ranging",
            "approved_by": ["risk_curator", "cost_curator"],
            "first_stop": Decimal(98),
            "last_stop": Decimal("100.2"),
            "target": Decimal(104),
            **told,
        }
    )


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "left at the stop, 0.2 above entry, as it had been moved"),
        ({"exit_price": 98, "last_stop": 98}, "left at the stop, 2 below entry"),
        ({"exit_price": 98, "first_stop": None}, "left at the stop, 2 below entry"),
        ({"close_reason": "take_profit", "exit_price": 104}, "left at the target, 4 above entry"),
        ({"close_reason": "manual", "exit_price": 100}, "left by hand, at entry"),
        ({"close_reason": "expiry", "exit_price": "99.97"}, "left when its time was up, 0.03 below entry"),
        ({"close_reason": "signal"}, "left as a plan for the other side was filled, 0.2 above entry"),
        ({"close_reason": "act_of_god"}, "act of god, 0.2 above entry"),
        (
            {"entry_price": "6.54e-8", "exit_price": "6.44e-8", "last_stop": None},
            "left at the stop, 0.000000001 below entry",
        ),
    ],
)
def test_why_a_position_was_left_is_a_sentence(told: dict[str, Any], sentence: str) -> None:
    prices = {name: Decimal(told[name]) for name in ("entry_price", "exit_price", "last_stop") if told.get(name)}
    assert words.why(a_trade(**{**told, **prices})) == sentence


@pytest.fixture
def chief(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("chief"))
    return client


@pytest.fixture
def kept(db: None) -> list[Trade]:
    """Trades of two symbols, two days and three reasons."""
    day = timedelta(days=1)
    return Trade.objects.bulk_create(
        [
            a_trade(0),
            a_trade(1, symbol="ETH-PERP", pnl=Decimal("-3.25"), outcome="loss", r_multiple=-1.0, direction="short"),
            a_trade(2, close_reason="take_profit", approved_by=["risk_curator"], regime=None),
            a_trade(3, closed_at=NOON + day, close_reason="manual", pnl=Decimal(7), r_multiple=None),
            a_trade(4, closed_at=datetime(2026, 3, 2, tzinfo=UTC), symbol="ETH-PERP"),
            a_trade(5, closed_at=datetime(2026, 3, 3, tzinfo=UTC), symbol="ETH-PERP", pnl=Decimal(2)),
        ]
    )


def get(client: Client, **asked: Any) -> Any:
    return client.get(reverse("admin:console_trades"), asked)


def shown(client: Client, **asked: Any) -> list[str]:
    return [each["trade"].id for each in get(client, **asked).context["rows"]]


def test_a_filter_lets_those_pass_that_it_names(chief: Client, kept: list[Trade]) -> None:
    assert shown(chief) == ["T0003", "T0005", "T0002", "T0001", "T0000", "T0004"]
    assert shown(chief, day="2026-03-02", reason="stop_loss") == ["T0001", "T0000", "T0004"]
    assert shown(chief, symbol="ETH-PERP", direction="short") == ["T0001"]
    assert shown(chief, sort="pnl") == ["T0001", "T0000", "T0002", "T0004", "T0005", "T0003"]
    assert shown(chief, sort="-r")[-1] == "T0001"


def test_what_is_asked_wrongly_is_refused_with_the_field_and_the_rule(chief: Client) -> None:
    for field, value in [
        *(("day", "31.01.2026"), ("sort", "id"), ("by", "x"), ("reason", "no"), ("direction", "up")),
        *(("page", "0"), ("page", "201"), ("page", "²")),
    ]:
        for name in ("console_trades", "console_trades_csv"):
            answer = chief.get(reverse(f"admin:{name}"), {field: value})
            assert (answer.status_code, f"{field}: " in answer.content.decode()) == (400, True), (field, value)


@pytest.mark.parametrize("by", asking.BY)
def test_groups_sum_to_the_whole_but_for_curators(kept: list[Trade], by: str) -> None:
    told = totals.of(asking.Asked(by=by))
    total, groups = told.total, told.groups
    assert (total.trades, total.wins, total.pnl) == (6, 5, sum(each.pnl for each in kept))
    assert (total.fees, total.funding, total.r_count) == (Decimal("2.4"), Decimal("0.6"), 5)
    if by == "curator":
        assert {each.name: each.trades for each in groups} == {"risk_curator": 6, "cost_curator": 5}
    else:
        assert sum(each.trades for each in groups) == 6
        assert sum(each.pnl for each in groups) == total.pnl


def test_sums_are_of_the_filter(chief: Client, kept: list[Trade]) -> None:
    page = get(chief, day="2026-03-02", symbol="ETH-PERP").context
    assert (page["total"]["trades"], page["total"]["pnl"]) == ("2", "-1.75")


def test_a_day_of_the_calendar_is_one_of_utc(kept: list[Trade]) -> None:
    told = totals.days(date(2026, 3, 31), asking.Asked(day=date(2026, 3, 2)))
    assert {day.day: (each.trades, each.pnl) for day, each in told.items()} == {
        2: (4, Decimal("1.25")),
        3: (2, Decimal(9)),
    }
    assert totals.days(date(2026, 12, 1), asking.Asked()) == {}


def test_all_left_at_the_stop_on_one_day_are_a_file(chief: Client, kept: list[Trade]) -> None:
    answer = chief.get(reverse("admin:console_trades_csv"), {"day": "2026-03-02", "reason": "stop_loss"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="trades-2026-03-02-stop_loss.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))
    assert tuple(rows[0]) == words.HEADER
    assert [each["pnl"] for each in rows] == ["-3.25", "1.5", "1.5"]
    assert rows[1]["why"] == "left at the stop, 0.2 above entry, as it had been moved"
    assert rows[1]["closed_at"] == "2026-03-02T12:00:00Z"
    assert rows[1]["approved_by"] == "risk_curator, cost_curator"


def test_pages_are_turned(chief: Client, db: None) -> None:
    Trade.objects.bulk_create(a_trade(number) for number in range(queries.PAGE + 3))
    first = get(chief).context
    assert (len(first["rows"]), first["before"], first["after"]) == (queries.PAGE, "", "?page=2")
    assert len(shown(chief, page="2")) == 3


@pytest.mark.parametrize("by", asking.BY)
def test_the_page_asks_little(chief: Client, kept: list[Trade], by: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        get(chief, by=by)
    assert len(asked) <= MOST_QUERIES, [each["sql"][:90] for each in asked]


def test_an_empty_page_says_so(chief: Client) -> None:
    told = get(chief).content.decode()
    assert "Nothing is held" in told
    assert "No position has been closed yet." in told
