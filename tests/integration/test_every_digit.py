"""Prices, quantities and amounts keep every digit they come with: from a bar over the wire to the tables and pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portfolio import ledger, projections
from portfolio.execution import fill as fills
from portfolio.execution import order
from portfolio.models import DecisionPosition, TraderPosition
from portfolio.plans import plan as plans
from portfolio.plans import projections as plan_projections
from portfolio.plans.models import TradingPlan
from strands import figures, strand, tables
from strands.market import projections as market
from strands.market.bar import Bar, Timeframe
from strands.market.models import MarketData1m, MarketData15m
from strands.strand import Strand
from strands.wires import rows as wired
from tests import factories
from tradingops.modules.market.module import MarketData

AT = datetime(2022, 1, 3, 12, tzinfo=UTC)
#: From a trillionth to a quadrillion, each with figures enough for any market.
numbers = some.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent - len(str(digits)) + 1),
    some.integers(1, 10**12),
    some.integers(-12, 15),
)
on_a_database = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def rows(db: None) -> Iterator[psycopg.Connection[Any]]:
    """The raw connection of the test's own transaction."""
    with django_connection.cursor():
        yield django_connection.connection


def bars(price: Decimal, volume: Decimal, *, many: int = 1) -> list[Strand]:
    """Return the strands of bars that stand at a price."""
    told = [format(price, "f")] * 4 + [format(volume, "f")]
    base = [Bar("PEPE", Timeframe.M1, AT + nth * Timeframe.M1.span, *told) for nth in range(many)]
    return list(MarketData().announce(base))


def over_the_wire(said: Strand) -> Strand:
    """Return a strand as whoever takes it from the database reads it."""
    table = tables.TABLES[said.module]
    _, arrays = wired.columns(table, [said])
    row = {
        **dict.fromkeys(table.payload),
        **{name: getattr(said, name) for name in ("id", "kind", "symbol", "timeframe", "parent_id", "lifecycle_id")},
        **{name: getattr(said, name) for name in ("session_bucket", "regime", "module_id", "hop")},
        "at": said.at.isoformat(),
        "tags": list(said.tags),
        **{name: json.loads(value)[0] for name, value in arrays.items() if name in said.payload},
    }
    return wired.strand(table, wired.encode(row))


@on_a_database
@given(price=numbers, volume=numbers)
def test_a_bar_stands_in_its_table_as_it_was_said(
    rows: psycopg.Connection[Any], price: Decimal, volume: Decimal
) -> None:
    market.project(rows, [over_the_wire(each) for each in bars(price, volume)])
    kept = MarketData1m.objects.get(timestamp=AT)
    assert (kept.open, kept.high, kept.low, kept.close, kept.volume) == (price, price, price, price, volume)


@on_a_database
@given(volume=numbers)
def test_a_rolled_up_volume_is_the_exact_sum(rows: psycopg.Connection[Any], volume: Decimal) -> None:
    market.project(rows, bars(Decimal("1.237e-9"), volume, many=15))
    kept = MarketData15m.objects.get()
    assert kept.volume == ledger.total([volume] * 15)
    assert kept.close == Decimal("0.000000001237")


@on_a_database
@given(price=numbers)
def test_a_plan_stands_in_its_table_at_its_own_prices(rows: psycopg.Connection[Any], price: Decimal) -> None:
    stop, target = price * Decimal("0.98"), price * Decimal("1.04")
    plan = factories.a_plan(entry_price=price, stop_loss=stop, take_profit=target)
    assert plans.plan_from(json.loads(json.dumps(plan.to_json()))) == plan
    said = strand.first(module="alpha", kind="signal", at=AT, symbol="PEPE", payload={"trading_plan": plan.to_json()})
    TradingPlan.objects.all().delete()
    plan_projections.project(rows, [over_the_wire(said)])
    kept = TradingPlan.objects.get()
    assert (kept.entry_price, kept.stop_loss, kept.take_profit) == (price, stop, target)


@on_a_database
@given(price=numbers, quantity=numbers)
def test_a_fill_becomes_a_position_of_its_own_price_and_quantity(
    rows: psycopg.Connection[Any], price: Decimal, quantity: Decimal
) -> None:
    done = fills.Fill(
        price=price,
        quantity=quantity,
        side=order.Side.BUY,
        at=AT.isoformat(),
        venue="binance",
        fee=price * Decimal("0.0001"),
        latency_ms=1.0,
        spread_bps=1.0,
        impact_bps=0.0,
        liquidity=fills.Liquidity.TAKER,
    )
    told = json.loads(json.dumps(done.to_json()))
    held = ledger.Position(symbol="PEPE").apply(fills.to_ledger("PEPE", told))
    assert (held.quantity, held.avg_price, held.fees) == (quantity, price, done.fee)
    position = {
        "quantity": ledger.text(held.quantity),
        "avg_price": ledger.text(held.avg_price),
        "unrealized_pnl": ledger.text(held.unrealized(price)),
        "realized_pnl": ledger.text(held.realized_pnl),
    }
    payload = {"fills": [told], "position_data": position}
    said = strand.first(module="trader", kind="fill", at=AT, symbol="PEPE", payload=payload)
    projections.project(rows, [over_the_wire(said)])
    kept, counted = TraderPosition.objects.get(), DecisionPosition.objects.get()
    assert (kept.quantity, kept.avg_price) == (counted.size, counted.entry_price) == (quantity, price)
    assert plain(figures.price(kept.avg_price)) == price
    assert plain(figures.quantity(kept.quantity)) == quantity


def plain(shown: str) -> Decimal:
    return Decimal(shown.replace(",", ""))
