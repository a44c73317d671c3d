"""Drawdown, P&L, fees and funding are one number: risk manager, portfolio rows, Home, report, trades, their file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from portfolio import ledger
from portfolio.models import PortfolioState
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand
from strands.wires.lockstep import Lockstep
from tests.acceptance.story import written
from tests.trading import BTC, NOON, a_decision
from tradingops import connections, engine, environments
from tradingops.company import models as company
from tradingops.console.home import money, queries
from tradingops.console.trades import asking, totals
from tradingops.replay import report, report_json

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = timedelta(minutes=1)
CASH = Decimal(100_000)
QUIET = ("100", "100.2", "99.8", "100")
#: What each trade meets, by the minute of its decision: a target, a stop, one held over hours, ×20 against a short.
PLANS: dict[int, dict[str, Any]] = {
    30: {"plan_id": "WON", "direction": "long", "quantity": "50"},
    60: {"plan_id": "LOST", "direction": "long", "quantity": "80"},
    100: {"plan_id": "HELD", "direction": "long", "quantity": "70", "time_horizon": "1h"},
    400: {"plan_id": "RUINED", "direction": "short", "quantity": "99"},
}
HAPPENS = {
    34: ("100", "104.5", "99.9", "104"),
    63: ("100", "100.1", "97", "97.5"),
    230: ("100", "105", "99.9", "104"),
    403: ("2000", "2010", "1990", "2000"),
}
LENGTH = 480


@pytest.fixture
def wire() -> Iterator[Any]:
    real = environments.wire(connections.wire)
    yield real
    real.close()


def bars() -> Iterator[Bar]:
    for minute in range(LENGTH):
        prices = HAPPENS.get(minute, ("2000", "2004", "1996", "2000") if minute > 403 else QUIET)
        opened = NOON + minute * MINUTE
        yield Bar(BTC, Timeframe.M1, opened, *prices, "100000", extras=(("funding_rate", "0.0004"),))


def moments() -> list[list[Strand]]:
    """Return what the market says, with the decisions among it."""
    told = []
    for at, strands in environments.market_data().moments([[list(bars())]]):
        plan = PLANS.get(round((at - NOON) / MINUTE))
        told.append([*strands, *([a_decision(at=at, nth=plan["plan_id"], **plan)] if plan else [])])
    return told


@pytest.fixture
def played(wire: Any) -> list[Strand]:
    """Return what a desk said of the whole market, in the order in which it was said."""
    Lockstep(wire, list(environments.modules().values()), engine.market_time).play(moments())
    return sorted(written().values(), key=lambda each: (each.at, each.id))


def last_risk(strands: list[Strand]) -> dict[str, Any]:
    return dict([each for each in strands if each.kind == "risk_update"][-1].payload["rm_portfolio_risk"])


def test_the_company_counts_the_desk_s_money_to_the_cent(played: list[Strand]) -> None:
    outcomes = {each.id: each.payload["tr_outcome"] for each in played if each.kind == "position"}
    rows = list(company.TradeOutcome.objects.order_by("created_at"))
    assert {row.metadata["strand_id"] for row in rows} == outcomes.keys()
    for row in rows:
        told = outcomes[row.metadata["strand_id"]]
        for name in ("entry_price", "exit_price", "pnl"):
            assert getattr(row, name) == Decimal(told[name])
        assert (row.outcome_type, row.hold_time_seconds) == (told["outcome"], round(told["hold_seconds"]))
        assert row.pnl_percent == Decimal(str(told["pnl_percent"])).quantize(Decimal("0.0001"))
    positions = {row.id: row for row in company.Position.objects.all()}
    assert positions.keys() == {row.trade_id for row in rows}
    for row in rows:
        told = outcomes[row.metadata["strand_id"]]
        side = 1 if told["direction"] == "long" else -1
        assert positions[row.trade_id].size == side * Decimal(told["quantity"])
    assert {each["direction"] for each in outcomes.values()} == {"long", "short"}
    assert all(row.status == "closed" and row.stop_loss and row.take_profit for row in positions.values())
    last = company.PortfolioMoment.objects.order_by("-timestamp").first()
    risk = last_risk(played)
    assert last is not None
    assert (last.total_value, last.open_positions) == (Decimal(risk["portfolio_value"]), 0)
    first = company.PortfolioMoment.objects.order_by("timestamp").first()
    assert first is not None
    assert last.pnl_24h == last.total_value - first.total_value
    wins = sum(row.outcome_type == "win" for row in rows if row.created_at < last.timestamp)
    assert float(last.win_rate or 0) == pytest.approx(wins / len(rows), abs=1e-4)


def test_every_place_tells_the_same_money(played: list[Strand], client: Client) -> None:
    risk, run = last_risk(played), report_json.to_json(report.build(played, initial_cash=CASH))
    outcomes = [each.payload["tr_outcome"] for each in played if each.kind == "position"]
    closed = {name: ledger.text(sum(Decimal(each[name]) for each in outcomes)) for name in ("pnl", "fees", "funding")}
    assert len(outcomes) >= len(PLANS)
    assert Decimal(closed["fees"]) > 0
    assert Decimal(closed["funding"]) > 0

    assert risk["fees"] == run["money"]["fees"] == closed["fees"]
    assert risk["funding"] == run["money"]["funding"] == closed["funding"]
    value = ledger.text(CASH + Decimal(closed["pnl"]))
    assert risk["portfolio_value"] == risk["cash"] == run["money"]["value"] == value
    assert run["trades"]["pnl"] == closed["pnl"]

    row = PortfolioState.objects.order_by("-at").first()
    assert row is not None
    assert (ledger.text(row.portfolio_value), ledger.text(row.cash_balance)) == (value, value)
    assert float(row.max_drawdown) == round(risk["max_drawdown"], 4)
    assert run["max_drawdown"] == round(risk["max_drawdown"], 6)
    assert run["money"]["return"] == round(float(Decimal(value) / CASH - 1), 6)

    client.force_login(User.objects.create_superuser("chief"))
    page = client.get(reverse("admin:index"))
    tiles = {each["title"]: each for each in page.context["tiles"]}
    assert tiles["Drawdown"]["value"] == f"{risk['drawdown']:.2%}".replace("%", " %")
    assert tiles["Drawdown"]["note"] == f"worst {risk['max_drawdown']:.2%}".replace("%", " %")
    assert tiles["Equity"]["value"].replace(",", "") == f"{Decimal(value):.2f}"
    [*_, whole] = money.spans(risk, day=None, week=None, trades=[(0, 0)] * 3)
    assert (whole.begun, whole.unrealized) == (CASH, 0)
    cells = {each["name"]: each["cells"][-1].get("amount") for each in page.context["earned"]}
    assert (cells["Equity at the start"], cells["Equity now"]) == (CASH, Decimal(value))
    assert (-cells["Fees"], -cells["Funding"]) == (Decimal(closed["fees"]), Decimal(closed["funding"]))
    assert cells["Change"] == Decimal(closed["pnl"])

    total = totals.of(asking.Asked()).total
    assert (ledger.text(total.pnl), ledger.text(total.fees)) == (closed["pnl"], closed["fees"])
    assert (ledger.text(total.funding), ledger.text(total.gross_pnl)) == (closed["funding"], risk["realized_pnl"])
    file = client.get(reverse("admin:console_trades_csv")).getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(file, newline="")))
    assert ledger.text(sum(Decimal(each["pnl"]) for each in rows)) == closed["pnl"]
    drawn = queries.curve("all").drawdown
    assert -drawn[-1] == pytest.approx(risk["drawdown"], abs=1e-6)
    assert -min(drawn) == pytest.approx(risk["max_drawdown"], abs=1e-6)


def test_a_loss_of_more_than_there_was_is_told_as_such(played: list[Strand]) -> None:
    risk = last_risk(played)
    assert Decimal(risk["portfolio_value"]) < 0
    assert risk["drawdown"] > 1.5
    run = report.build(played, initial_cash=CASH)
    assert run.max_drawdown > 1.5
    assert run.money.earned < -1.5
    assert risk["drawdown"] == pytest.approx(1 - float(risk["portfolio_value"]) / float(risk["peak_value"]), abs=1e-8)


def test_the_day_ends_flat_and_says_so_at_once(played: list[Strand]) -> None:
    closing = [each for each in played if each.kind == "position"][-1]
    told = [each for each in played if each.kind == "risk_update" and each.payload["rm_alert_data"]["cause"] == "fill"]
    assert told[-1].at == closing.at
    assert told[-1].at - NOON < timedelta(minutes=406)
    assert told[-1].payload["rm_portfolio_risk"]["positions"] == {}


def test_funding_is_settled_at_each_whole_hour_that_something_is_held(played: list[Strand]) -> None:
    settled = [each.payload["vn_funding"] for each in played if each.kind == "funding"]
    moments = [datetime.fromisoformat(each["settled_at"]) for each in settled]
    assert [(at.hour, at.minute) for at in moments] == [(14, 0), (15, 0)]
    assert {each["venue"] for each in settled} == {"hyperliquid"}
    assert {each["paid"] for each in settled} == {ledger.text(70 * Decimal(100) * Decimal("0.0004"))}
