"""Every column of a projected table is written, and shown on its list, or named here with the reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import JSONField, Model

from curators import projections as curators
from curators.dsi import projections as evidences
from portfolio import projections as positions
from portfolio.execution import projections as executions
from portfolio.plans import projections as plans
from portfolio.reviews import projections as reviews
from portfolio.trades import projections as trades
from strands.lessons import projections as lessons
from strands.market import projections as market
from strands.market.anomalies import projections as anomalies
from strands.market.instruments import projections as instruments
from strands.written import Forgotten, Written
from tradingops.company.history import projections as company_history
from tradingops.company.positions import projections as company_positions
from tradingops.company.signals import projections as company_signals

PROJECTIONS = (
    curators,
    evidences,
    positions,
    executions,
    trades,
    reviews,
    plans,
    lessons,
    market,
    instruments,
    anomalies,
    company_history,
    company_positions,
    company_signals,
)

NUMBERED = "the database numbers it"
UNSAID = "the specification names it, and no strand says it"
ELSEWHERE = "it is told beside the plan, in dsi_evidence"

#: Of each projected table, the columns that no projection writes, and why.
NEVER_WRITTEN: dict[str, dict[str, str]] = {
    "trading_plans": {
        "module_id": "plans are not told apart by the instance that made them",
        **dict.fromkeys(("execution_notes", "attribution_analysis"), UNSAID),
    },
    "trading_plan_approvals": {
        "decision_maker_module_id": "there is one decision maker",
    },
    "lesson_sources": {"id": NUMBERED},
    "ops_positions": {"updated_at": "the database writes it itself"},
    "tr_execution_performance": {"lesson_metadata": "it is kept with the execution's own strand"},
    **{
        table: {
            "row": NUMBERED,
            **dict.fromkeys(("mx_evidence", "mx_confirm", "mx_expert_contributions"), ELSEWHERE),
            **dict.fromkeys(("module_intelligence", "module_learning_updates"), UNSAID),
        }
        for table in market.TABLES.values()
    },
    "anomaly_events": {
        **dict.fromkeys(("dsi_evidence_id", "microstructure_validation"), ELSEWHERE),
        **dict.fromkeys(("module_intelligence", "intelligence_confidence", "attribution_analysis"), UNSAID),
        **dict.fromkeys(("plan_execution_status", "plan_performance_metrics"), "it is kept with the plan"),
    },
}

KEY = "it is the key, and means nothing to people"
MADE = "when the row came first; the list tells when it changed"
PAGE = "the page of the row is enough"
STORY = "the first link leads to it"

#: Of each projected table, the plain columns that its list does not show, and why; documents never are.
NEVER_LISTED: dict[str, dict[str, str]] = {
    "trading_plans": {
        "plan_id": KEY,
        "lifecycle_id": STORY,
        **dict.fromkeys(("position_size", "time_horizon", "risk_reward_ratio", "confidence_score"), PAGE),
        **dict.fromkeys(("valid_until", "executed_price", "executed_quantity", "execution_cost", "slippage"), PAGE),
    },
    "trading_plan_approvals": {"approval_id": KEY, "lifecycle_id": STORY},
    "lesson_sources": {"source_id": STORY},
    "tr_execution_performance": {"id": KEY, "execution_id": KEY},
    "tr_trades": {
        "id": KEY,
        "lifecycle_id": STORY,
        **dict.fromkeys(("decision_id", "plan_id", "outcome", "gross_pnl", "first_stop", "last_stop", "target"), PAGE),
        **dict.fromkeys(("entry_predicted_bps", "entry_slip_bps", "exit_predicted_bps", "exit_slip_bps"), PAGE),
    },
    "dm_reviews": {
        "id": KEY,
        "lifecycle_id": STORY,
        **dict.fromkeys(("plan_id", "regime", "timeframe", "confidence", "size", "quantity", "entry_price"), PAGE),
        **dict.fromkeys(("stop_loss", "take_profit", "silence", "version", "hash", "shown_id"), PAGE),
        **dict.fromkeys(("ended_at", "decision_id", "due_id"), PAGE),
    },
    "dm_portfolio_state": {"id": KEY, "total_risk": PAGE, "created_at": MADE},
    **{f"{module}_positions": {"id": KEY, "created_at": MADE} for module in ("dm", "tr")},
    **{
        f"{module}_curator_performance": {"id": KEY, subject: STORY}
        for module, subject in (("ad", "signal_id"), ("dm", "decision_id"), ("tr", "execution_id"))
    },
    **{f"{module}_curator_weights": {"created_at": MADE} for module in ("ad", "dm", "tr")},
    "anomaly_events": {"event_id": KEY, "plan_generation_module_id": PAGE},
    "instruments": {"strand_id": PAGE},
    "dsi_evidence": {
        "plan_id": STORY,
        **dict.fromkeys(("mx_microtape_hash", "mx_confirm_rate", "mx_expert_survival_rate"), PAGE),
        **dict.fromkeys(("mx_latency_p50", "mx_latency_p95", "mx_throughput_per_second"), PAGE),
    },
    "ops_signals": {"id": KEY, "processed_at": PAGE},
    "ops_positions": {
        "id": KEY,
        "created_at": MADE,
        **dict.fromkeys(("unrealized_pnl_percent", "stop_loss", "take_profit", "closed_at"), PAGE),
    },
    "ops_trade_outcomes": {"id": KEY, "trade_id": KEY, "lessons_learned": PAGE},
    "ops_portfolio_history": {"id": KEY, "created_at": MADE, "pnl_24h_percent": PAGE},
    "lessons": {
        **dict.fromkeys(("lesson_type", "timeframe", "regime", "strand_count", "accumulated_score"), PAGE),
        **dict.fromkeys(("description", "note", "writer", "updated_at"), PAGE),
    },
}

INSERTED = re.compile(r"INSERT INTO (\w+)(?: AS \w+)?\s*\(([^)]*)\)")
UPDATED = re.compile(r"UPDATE (\w+)(?: AS \w+)?\s+SET\s(.*?)\sFROM\b", re.DOTALL)
ASSIGNED = re.compile(r"(?:^|,)\s*(\w+) = ")


def statements(module: ModuleType) -> Iterator[str]:
    for value in vars(module).values():
        yield from (each for each in (value.values() if isinstance(value, dict) else [value]) if isinstance(each, str))


def written() -> dict[str, set[str]]:
    """Return the columns that the statements of all projections write, by table."""
    found: dict[str, set[str]] = {}
    for statement in (each for module in PROJECTIONS for each in statements(module)):
        for table, names in INSERTED.findall(statement):
            found.setdefault(table, set()).update(re.findall(r"\w+", names))
        for table, changes in UPDATED.findall(statement):
            found.setdefault(table, set()).update(ASSIGNED.findall(changes))
    return found


def models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}


WRITTEN = {table: names for table, names in written().items() if table in models()}


def test_every_projection_writes_a_table_that_there_is():
    assert len(WRITTEN) == 29
    assert set(NEVER_WRITTEN) <= set(WRITTEN)


def shown(model: type[Model]) -> set[str]:
    """Return the columns of a table that its list shows, as they are or in words."""
    admin.autodiscover()
    listed = admin.site._registry[model].list_display
    return {model._meta.get_field(name).column for each in listed for name in getattr(each, "of", (each,))}


@pytest.mark.parametrize("table", sorted(WRITTEN))
def test_a_column_is_written_or_it_is_said_why_not(table: str):
    columns = {field.column for field in models()[table]._meta.concrete_fields}
    unwritten = columns - WRITTEN[table]
    assert unwritten == set(NEVER_WRITTEN.get(table, {})), f"{table}: the projection forgets one, or write why not"


@pytest.mark.parametrize("table", sorted(WRITTEN))
def test_what_is_written_is_a_column_of_the_model(table: str):
    columns = {field.column for field in models()[table]._meta.concrete_fields}
    assert WRITTEN[table] - columns == set(), f"{table}: the projection writes what {models()[table].__name__} has not"


@pytest.mark.parametrize("table", sorted(WRITTEN))
def test_a_column_is_on_its_list_or_it_is_said_why_not(table: str):
    model = models()[table]
    plain = {each.column for each in model._meta.concrete_fields if not isinstance(each, JSONField)}
    unlisted = (plain & WRITTEN[table]) - shown(model)
    assert unlisted == set(NEVER_LISTED.get(table, {})), f"{table}: show it in console/records, or say why not"


def test_a_row_gives_what_is_declared_and_nothing_else():
    pair = Written(columns={"one": "text", "two": "int"})
    assert pair.json([{"one": "a", "two": 2}]) == ['[{"one": "a", "two": 2}]']
    assert pair.arrays([{"one": "a", "two": 2}]) == {"one": ["a"], "two": [2]}
    with pytest.raises(Forgotten, match="gives three that no statement writes, and lacks two"):
        pair.json([{"one": "a", "three": 3}])
    with pytest.raises(Forgotten, match="gives nothing that no statement writes, and lacks two"):
        pair.arrays([{"one": "a"}])


def test_a_change_may_leave_out_and_not_add():
    change = Written(columns={"one": "text", "two": "int"}, is_whole=False)
    assert change.arrays([{"two": 2}]) == {"one": [None], "two": [2]}
    with pytest.raises(Forgotten, match="gives three"):
        change.json([{"three": 3}])
