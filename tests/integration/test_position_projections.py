"""Fills, risk updates and executions become rows for people, and telling them again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from portfolio import projections
from portfolio.execution import projections as execution_projections
from portfolio.execution.models import ExecutionPerformance
from portfolio.models import DecisionPosition, PortfolioState, TraderPosition
from strands import strand
from strands.strand import Strand
from tests.trading import BTC, NOON, QUIET, Trading

UP = (100, 104.5, 99.9, 104)
AT_104 = (104, 104.2, 103.8, 104)


@pytest.fixture
def rows(db: None) -> Iterator[psycopg.Connection[Any]]:
    """The raw connection of the test's own transaction."""
    with django_connection.cursor():
        yield django_connection.connection


def a_risk_update(*, minutes: int = 0, **risk: Any) -> Strand:
    told = {"portfolio_value": "100010.5", "cash": "99000", "total_risk": 0.01, "max_drawdown": 0.02, "sharpe": None}
    return strand.first(
        module="risk",
        kind="risk_update",
        at=NOON + timedelta(minutes=minutes),
        symbol=BTC,
        payload={"rm_portfolio_risk": {**told, **risk}, "rm_var_calculation": {"var_95": 0.0123}},
    )


def test_a_fill_becomes_a_position_of_the_trader_and_of_the_decision_maker(rows: psycopg.Connection[Any]) -> None:
    story = Trading().decides(direction="short").minutes(QUIET)
    projections.project(rows, story.strands("fill"))
    held = TraderPosition.objects.get()
    counted = DecisionPosition.objects.get()
    assert (held.id, held.quantity) == (BTC, -10)
    assert (counted.id, counted.side, counted.size) == (BTC, "short", 10)
    assert counted.entry_price == held.avg_price


def test_a_flat_position_is_no_open_position(rows: psycopg.Connection[Any]) -> None:
    story = Trading().decides().minutes(QUIET, UP, AT_104)
    for fill in story.strands("fill"):
        projections.project(rows, [fill])
    assert not DecisionPosition.objects.exists()
    held = TraderPosition.objects.get()
    assert (held.quantity, held.avg_price) == (0, 0)
    assert held.realized_pnl == pytest.approx(Decimal(story.outcomes[0]["gross_pnl"]))


def test_one_batch_of_fills_leaves_what_one_at_a_time_leaves(rows: psycopg.Connection[Any]) -> None:
    fills = Trading().decides().minutes(QUIET, UP, AT_104).strands("fill")
    for fill in fills:
        projections.project(rows, [fill])
    alone = list(TraderPosition.objects.values())
    TraderPosition.objects.update(quantity=7)
    projections.project(rows, fills)
    again = list(TraderPosition.objects.values())
    for row in (*alone, *again):
        row.pop("created_at")
    assert again == alone


def test_a_risk_update_becomes_a_state_and_marks_what_is_open(rows: psycopg.Connection[Any]) -> None:
    story = Trading().decides(direction="short").minutes(QUIET)
    projections.project(rows, story.strands("fill"))
    update = a_risk_update(minutes=2, marks={BTC: "99", "ETHUSDT": "7"})
    projections.project(rows, [update])
    projections.project(rows, [update])
    state = PortfolioState.objects.get()
    assert (state.id, state.portfolio_value, state.at) == (update.id, Decimal("100010.5"), update.at)
    assert (state.var_95, state.sharpe_ratio) == (Decimal("0.0123"), 0)
    counted, held = DecisionPosition.objects.get(), TraderPosition.objects.get()
    assert counted.current_price == 99
    assert counted.unrealized_pnl == held.unrealized_pnl == (99 - held.avg_price) * -10


def test_a_ratio_beyond_its_column_is_kept_at_the_columns_end(rows: psycopg.Connection[Any]) -> None:
    projections.project(rows, [a_risk_update(sharpe=-123456.0)])
    assert PortfolioState.objects.get().sharpe_ratio == Decimal("-9999.9999")


def test_executions_with_fills_are_kept_once(rows: psycopg.Connection[Any]) -> None:
    story = Trading().decides().minutes(QUIET).decides(plan_id="LATE", valid_until=NOON.isoformat())
    reports = story.strands("execution")
    assert len(reports) == 2
    for _ in range(2):
        execution_projections.project(rows, reports)
    [kept] = ExecutionPerformance.objects.all()
    assert (kept.id, kept.venue, kept.symbol) == (reports[0].id, "binance", BTC)
    assert 0 < kept.execution_score <= 1
    assert kept.latency_ms > 0
