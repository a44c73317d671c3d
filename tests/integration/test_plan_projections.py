"""Plans, approvals and results are kept as rows: once, whole, and within what the columns hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Sum

from portfolio.plans import projections
from portfolio.plans.models import Approval, TradingPlan
from strands import triggers
from strands.market.bar import Timeframe
from strands.market.feeds import simulated
from strands.strand import Strand
from tests.deciding import BTC, ETH, NOON, a_bar, a_plan, a_signal, heard, ready
from tradingops import environments
from tradingops.modules.decision.module import DecisionMaker
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.replay import report

pytestmark = pytest.mark.django_db


def project(*strands: Strand) -> None:
    connection.ensure_connection()
    projections.project(connection.connection, strands)


def answered(signal: Strand) -> Strand:
    """Return the decision on a signal."""
    desk = DecisionMaker()
    return heard(desk, [signal], ready(desk))[1][0]


def executed(decision: Strand, *, intent: str = "entry", **metrics: Any) -> Strand:
    told = [{"px": "100", "qty": "30"}, {"px": "102", "qty": "10"}]
    spec = {"plan_id": decision.payload["dm_decision"]["plan_id"], "intent": intent}
    measured = {"status": "filled", "slip_real_bps": 12.5, "fees": "1.6", **metrics}
    payload = {"order_spec": spec, "fills": told, "exec_metrics": measured}
    return decision.answer(module="trader", kind="execution", payload=payload, parent_id=f"{intent}-order")


def closed(decision: Strand) -> Strand:
    outcome = {
        "plan_id": decision.payload["dm_decision"]["plan_id"],
        "pnl": "-42.125",
        "fees": "3.2",
        "outcome": "loss",
    }
    return decision.answer(module="trader", kind="position", payload={"tr_outcome": outcome})


def story() -> list[Strand]:
    """Return a plan's life from signal to outcome."""
    signal = a_signal(position_size=0.15)
    decision = answered(signal)
    return [signal, decision, executed(decision), executed(decision, intent="exit"), closed(decision)]


def everything() -> list[Any]:
    return [list(each.objects.order_by("pk").values()) for each in (TradingPlan, Approval)]


def test_a_signal_becomes_a_pending_plan_with_its_size_in_percent():
    project(signal := a_signal(position_size=0.0812))
    plan = TradingPlan.objects.get()
    assert plan.plan_id == UUID(signal.payload["trading_plan"]["plan_id"])
    assert (plan.symbol, plan.direction, plan.validation_status) == (BTC, "long", "pending")
    assert (plan.position_size, plan.signal_strength) == (Decimal("8.12"), Decimal("0.70"))
    assert (plan.entry_price, plan.stop_loss, plan.take_profit) == (100, 99, 102)
    assert (plan.timestamp, plan.lifecycle_id) == (signal.at, signal.lifecycle_id)
    assert plan.entry_conditions == [{"type": "price_above", "value": "99.9"}]


def test_a_decision_validates_its_plan_and_is_kept_as_an_approval():
    signal = a_signal(position_size=0.15)
    project(signal, decision := answered(signal))
    plan, approval = TradingPlan.objects.get(), Approval.objects.get()
    assert plan.validation_status == "validated"
    assert plan.portfolio_impact == decision.payload["portfolio_impact"]
    assert (approval.plan, approval.approval_status, approval.approval_reason) == (plan, "modified", "position_limit")
    assert approval.modifications[0]["because"] == "position_limit"
    assert len(approval.decision_factors["gates"]) == len(decision.payload["dm_decision"]["gates"])


def test_a_refusal_is_kept_with_the_code_of_its_gate():
    signal = a_signal(confidence=0.1)
    project(signal, answered(signal))
    assert TradingPlan.objects.get().validation_status == "failed"
    assert (Approval.objects.get().approval_status, Approval.objects.get().approval_reason) == (
        "rejected",
        "confidence",
    )


def test_an_execution_and_an_outcome_fill_in_what_the_plan_came_to():
    project(*story())
    plan = TradingPlan.objects.get()
    assert (plan.execution_status, plan.executed_quantity, plan.executed_price) == ("executed", 40, Decimal("100.5"))
    assert plan.slippage == Decimal("0.0012")
    assert (plan.pnl, plan.execution_cost) == (Decimal("-42.125"), Decimal("3.2"))
    assert set(plan.performance_metrics) == {"entry", "exit", "outcome"}


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("filled", "executed"),
        ("partial", "partial"),
        ("expired", "cancelled"),
        ("cancelled", "cancelled"),
        ("rejected", "failed"),
        ("failed", "failed"),
    ],
)
def test_each_end_of_an_order_has_its_status(told: str, kept: str):
    signal = a_signal()
    project(signal, executed(answered(signal), status=told))
    assert TradingPlan.objects.get().execution_status == kept


def test_a_story_told_twice_changes_nothing():
    project(*story())
    before = everything()
    project(*story())
    assert everything() == before


def test_a_story_told_strand_by_strand_gives_the_same_rows_as_told_at_once():
    project(*story())
    at_once = everything()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {triggers.MAY_ERASE} = 'on'")
    Approval.objects.all().delete()
    TradingPlan.objects.all().delete()
    for each in story():
        project(each)
    assert everything() == at_once


MALFORMED: dict[str, dict[str, Any]] = {
    "no id": {"plan_id": None},
    "no uuid": {"plan_id": "seven"},
    "no direction": {"direction": "sideways"},
}
FITTED: dict[str, dict[str, Any]] = {
    "a size in percent": {"position_size": 12},
    "no size to speak of": {"position_size": 1e-9},
    "an endless ratio": {"risk_reward_ratio": 1e30},
    "a score beyond one": {"confidence_score": 3.0},
    "money that no column holds": {"entry_price": "1e40"},
    "a word for a price": {"entry_price": "cheap"},
    "a moment without a zone": {"valid_until": "2022-01-01T00:00:00"},
    "a word for a moment": {"valid_until": "tomorrow"},
    "a long symbol": {"symbol": "A" * 40},
    "a long horizon": {"time_horizon": "for ever and ever"},
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_signal_that_names_no_plan_is_left_to_its_strand(case: str):
    signal = a_signal(**{"symbol": BTC, **MALFORMED[case]})
    project(signal, answered(signal))
    assert everything() == [[], []]


@pytest.mark.parametrize("case", FITTED)
def test_what_a_column_cannot_hold_is_fitted_and_never_raises(case: str):
    payload = {"sig_sigma": 0.7, "trading_plan": {**a_plan(), **FITTED[case]}}
    signal = a_bar().answer(module="alpha", kind="signal", tags=("dm:evaluate_plan",), payload=payload)
    project(signal, answered(signal))
    assert Approval.objects.get().plan == TradingPlan.objects.get()
    assert TradingPlan.objects.get().confidence_score <= 1


def test_results_of_no_known_plan_are_left_to_their_strands():
    signal = a_signal(symbol=BTC, plan_id="seven")
    decision = answered(signal)
    project(executed(decision), closed(decision))
    assert everything() == [[], []]


def test_plans_are_written_in_few_statements_however_many_there_are():
    signals = [
        a_signal(symbol=symbol, direction=way) for symbol, way in itertools.product((BTC, ETH), ("long", "short"))
    ]
    statements: list[str] = []

    class Counted:
        def execute(self, statement: str, parameters: Iterable[Any]) -> None:
            statements.append(statement)
            connection.connection.execute(statement, parameters)

    connection.ensure_connection()
    told = [each for signal in signals for each in (signal, answered(signal))]
    projections.project(Counted(), told)  # type: ignore[arg-type]
    assert len(statements) == 3
    assert TradingPlan.objects.count() == Approval.objects.count() == 4


def test_the_plans_of_a_replay_add_up_to_its_report():
    market = simulated.Simulated([BTC], start=NOON, seed=3, timeframe=Timeframe.M5)
    desk = environments.replay()
    desk.run([itertools.islice(market, 30)])
    said = list(desk.wire.strands.values())
    project(*said)
    made = report.build(said, initial_cash=DecisionPolicy().initial_cash)
    plans = TradingPlan.objects
    assert made.odds.trades > 0
    assert plans.count() == made.said["signal"]
    assert Approval.objects.count() == made.said["decision"]
    assert plans.filter(pnl__isnull=False).count() == made.odds.trades
    earned = plans.aggregate(earned=Sum("pnl"))["earned"]
    assert earned == pytest.approx(made.odds.pnl, abs=Decimal("0.00000001") * made.odds.trades)
