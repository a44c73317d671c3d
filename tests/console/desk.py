"""A desk in the test's own transaction: strands said, turns that went wrong, people with and without permissions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from psycopg.errors import DeadlockDetected

from strands import models
from strands.retry import RetryPolicy
from strands.strand import Strand, first
from strands.wires.postgres import PostgresWire
from tests import toys
from tests.toys import Echo
from tradingops import engine

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def wire(*, attempts: int = 1) -> PostgresWire:
    """Return a wire over Django's own connection, so that what it writes is undone with the test."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # begins the test's transaction: without one, the wire would commit its own
    return PostgresWire(lambda: connection.connection, retry=RetryPolicy(attempts=attempts, first_seconds=600.0))


def a_plan(number: int = 0, *, symbol: str = "BTC-PERP", at: datetime = NOON, to: str = "dm:evaluate_plan") -> Strand:
    """A signal with a plan, told apart by its number; to another than the decision maker, a toy plan."""
    plan = {"number": number, "entry_price": "100.5", "stop_loss": "98", "take_profit": "104"}
    return first(
        module="alpha",
        kind=toys.kind_of_a_plan([to]),
        at=at,
        symbol=symbol,
        timeframe="5m",
        tags=[to],
        payload={"sig_sigma": 0.7, "sig_confidence": 0.6, "sig_direction": "long", "trading_plan": plan},
        cause=(number,),
    )


def said(strands: Iterable[Strand]) -> list[Strand]:
    """Publish strands and return them."""
    told = list(strands)
    wire().publish(told)
    return told


def failed(count: int = 1, *, symbol: str = "BTC-PERP", first_number: int = 0) -> list[Strand]:
    """Say plans that the decision maker stumbles over, once and for good."""
    numbers = range(first_number, first_number + count)
    plans = said(a_plan(number, symbol=symbol) for number in numbers)
    engine.drain([Echo(stumbles=dict.fromkeys(numbers, 9))], wire(), engine.market_time)
    return plans


def retrying(*, symbol: str = "BTC-PERP", number: int = 500) -> Strand:
    """Say a plan that the database kept the decision maker from once, and that it tries again in ten minutes."""
    [plan] = said([a_plan(number, symbol=symbol)])
    engine.turn(Echo(stumbles={number: 9}, fault=DeadlockDetected), wire(attempts=5), engine.market_time)
    return plan


def a_state(at: datetime, value: str, *, cash: str = "50000") -> Any:
    """A row of the portfolio's state."""
    from portfolio.models import PortfolioState

    return PortfolioState.objects.create(
        id=f"state-{at.isoformat()}",
        portfolio_value=Decimal(value),
        cash_balance=Decimal(cash),
        total_risk=0,
        var_95=0,
        max_drawdown=0,
        sharpe_ratio=0,
        at=at,
    )


def messages() -> Any:
    return models.Message.objects.order_by("sequence")


def expired(number: int = 700) -> Strand:
    """Say a plan that nobody took in time."""
    [plan] = said([a_plan(number)])
    models.Delivery.objects.filter(strand_id=plan.id).update(expires_at=NOON)
    engine.drain([Echo()], wire(), engine.market_time)
    return plan


def handled(number: int = 800) -> Strand:
    """Say a plan that the decision maker handled."""
    [plan] = said([a_plan(number)])
    engine.drain([Echo()], wire(), engine.market_time)
    return plan
