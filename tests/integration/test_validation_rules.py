"""Document 003's validation rules are checks of the database, each with a name that reads as the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests import sessions

#: Enough of a row for each table to be taken.
WHOLE: dict[str, dict[str, Any]] = {
    "modules": {"module_type": "trader", "module_version": "1"},
    "module_performance": {
        "performance_score": 0.5,
        "consistency_score": 0.5,
        "innovation_score": 0.5,
        "specialization_score": 0.5,
        "collaboration_score": 0.5,
    },
    "trading_plans": {"symbol": "BTC-USD", "signal_strength": 0.5, "direction": "long", "confidence_score": 0.5},
    "trading_plan_approvals": {"approval_status": "approved"},
    "dsi_evidence": {"mx_evidence": 0.5, "mx_confirm": True},
    "module_messages": {"message_type": "trading_plan", "message_data": {}},
    "module_intelligence_sharing": {"intelligence_type": "learning_update", "intelligence_data": {}},
    "module_replications": {"trigger_type": "diversity_gap"},
    "module_replication_triggers": {"trigger_type": "diversity_gap", "trigger_data": {}},
    "market_data_1m": {
        "symbol": "BTC-USD",
        "timestamp": "2026-01-05T09:30Z",
        "open": 10,
        "high": 12,
        "low": 8,
        "close": 11,
        "volume": 5,
    },
    "anomaly_events": {
        "symbol": "BTC-USD",
        "timestamp": "2026-01-05T09:30Z",
        "anomaly_type": "spike",
        "anomaly_score": 0.5,
        "signal_pack": {},
    },
    "tr_positions": {
        "id": "P1",
        "symbol": "BTC-USD",
        **dict.fromkeys(("quantity", "avg_price", "unrealized_pnl", "realized_pnl"), 1),
    },
    "dm_portfolio_state": {
        "id": "S1",
        **dict.fromkeys(("portfolio_value", "cash_balance"), 1),
        **dict.fromkeys(("total_risk", "var_95", "max_drawdown", "sharpe_ratio"), 0),
    },
    "dm_positions": {
        "id": "P1",
        "symbol": "BTC-USD",
        "side": "long",
        "size": 1,
        "entry_price": 10,
        "current_price": 10,
        "unrealized_pnl": 0,
    },
}
BARS = ("market_data_1m", *(OTHERS := [f"market_data_{each}" for each in ("5m", "15m", "1h", "4h", "1d")]))
for name in OTHERS:
    WHOLE[name] = WHOLE["market_data_1m"]


@dataclass(frozen=True)
class Rule:
    """One check: values of one column that break it and nothing else, and values that just keep it."""

    table: str
    column: str
    name: str
    broken: tuple[Any, ...]
    kept: tuple[Any, ...]
    also: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.name


def share(table: str, *columns: str) -> list[Rule]:
    """A score from 0 to 1, both among them."""
    return [Rule(table, column, f"{table}_{column}_is_0_to_1", (-0.01, 1.01, 9.99), (0, 0.5, 1)) for column in columns]


NO_MONEY = ("NaN", "Infinity", "1e100")


def money(
    table: str, *columns: str, broken: tuple[Any, ...] = NO_MONEY, kept: tuple[Any, ...] = ("1e-40", "1e99")
) -> list[Rule]:
    """A number with every digit it comes with, and no nonsense."""
    return [Rule(table, column, f"{table}_{column}_is_a_number", broken, kept) for column in columns]


def one_of(table: str, column: str, name: str, *words: str) -> Rule:
    return Rule(table, column, name, ("odd", "", words[0].upper()), words)


CUES = ("performance_threshold", "diversity_gap", "regime_change", "failure_recovery")

RULES = [
    # Document 003, "Module Intelligence Validation"
    *share("modules", "learning_rate", "adaptation_threshold", "innovation_score"),
    *share("module_performance", "performance_score", "innovation_score"),
    # … "Trading Plan Validation"
    *share("trading_plans", "signal_strength", "confidence_score"),
    Rule(
        "trading_plans", "position_size", "trading_plans_position_size_is_above_0_to_100", (0, -1, 100.01), (0.01, 100)
    ),
    Rule(
        "trading_plans", "risk_reward_ratio", "trading_plans_risk_reward_is_above_0_to_10", (0, -1, 10.01), (0.01, 10)
    ),
    *money(
        "trading_plans",
        *("entry_price", "stop_loss", "take_profit"),
        *("executed_price", "executed_quantity", "execution_cost", "pnl"),
    ),
    *money("dm_portfolio_state", "portfolio_value", "cash_balance"),
    *money("tr_positions", "quantity", "avg_price", "unrealized_pnl", "realized_pnl"),
    *money("dm_positions", "size", "entry_price", "current_price", "unrealized_pnl"),
    # … "DSI Evidence Validation"
    *share("dsi_evidence", "mx_evidence", "mx_confirm_rate"),
    Rule(
        "dsi_evidence", "mx_processing_latency_ms", "dsi_evidence_latency_is_1_to_9999_ms", (0, -1, 10_000), (1, 9_999)
    ),
    Rule(
        "dsi_evidence",
        "mx_throughput_per_second",
        "dsi_evidence_throughput_is_1_to_9999_a_second",
        (0, -1, 10_000),
        (1, 9_999),
    ),
    # … ranges that its DDL gives in comments
    *share("modules", "specialization_index", "intelligence_sharing_rate", "collaboration_score", "network_centrality"),
    *share("modules", "replication_readiness", "mutation_rate", "recombination_rate"),
    *share("module_performance", "consistency_score", "specialization_score", "collaboration_score"),
    *share("module_performance", "trading_plan_success_rate", "execution_quality", "learning_effectiveness"),
    *share("module_performance", "adaptation_speed", "intelligence_sharing_effectiveness"),
    *share("trading_plan_approvals", "decision_confidence"),
    *share("dsi_evidence", "mx_expert_survival_rate"),
    *share("module_intelligence_sharing", "performance_score", "confidence_level"),
    *share("module_replications", "performance_threshold"),
    *(rule for bars in BARS for rule in share(bars, "mx_evidence")),
    *share("anomaly_events", "intelligence_confidence"),
    Rule("anomaly_events", "anomaly_score", "anomaly_events_score_is_0_to_1", (-0.0001, 1.0001), (0, 1)),
    Rule("module_messages", "priority", "module_messages_priority_is_1_to_3", (0, 4), (1, 2, 3)),
    Rule("module_messages", "ttl_seconds", "module_messages_ttl_is_positive", (0, -1), (1, 2**31 - 1)),
    # … words that its DDL gives in comments
    one_of(
        "modules",
        "lifecycle_stage",
        "modules_lifecycle_stage_is_known",
        "experimental",
        "active",
        "deprecated",
        "archived",
    ),
    one_of("modules", "status", "modules_status_is_known", "active", "inactive", "failed"),
    one_of("trading_plans", "direction", "trading_plans_direction_is_known", "long", "short", "neutral"),
    one_of(
        "trading_plans",
        "validation_status",
        "trading_plans_validation_status_is_known",
        "validated",
        "pending",
        "failed",
    ),
    one_of(
        "trading_plans",
        "execution_status",
        "trading_plans_execution_status_is_known",
        "executed",
        "partial",
        "failed",
        "cancelled",
    ),
    one_of(
        "trading_plan_approvals",
        "approval_status",
        "trading_plan_approvals_status_is_known",
        "approved",
        "rejected",
        "modified",
    ),
    one_of("module_messages", "status", "module_messages_status_is_known", "pending", "delivered", "failed", "expired"),
    one_of(
        "module_intelligence_sharing",
        "sharing_scope",
        "module_intelligence_sharing_scope_is_known",
        "broadcast",
        "targeted",
        "private",
    ),
    one_of("module_replications", "trigger_type", "module_replications_trigger_type_is_known", *CUES),
    one_of(
        "module_replications",
        "replication_status",
        "module_replications_status_is_known",
        "initiated",
        "in_progress",
        "completed",
        "failed",
    ),
    one_of("module_replication_triggers", "trigger_type", "module_replication_triggers_type_is_known", *CUES),
    one_of(
        "module_replication_triggers",
        "status",
        "module_replication_triggers_status_is_known",
        "active",
        "processed",
        "expired",
        "cancelled",
    ),
    # Document 000's positions, and what a bar is
    one_of("dm_positions", "side", "dm_positions_side_is_known", "long", "short"),
    Rule("dm_positions", "size", "dm_positions_size_is_not_negative", (-0.00000001,), (0, 1)),
    *(
        rule
        for bars in BARS
        for rule in (
            *money(bars, "high", kept=("1e99",)),
            *money(bars, "low", broken=("-Infinity", "-1e100"), kept=("-1e99",)),
            *money(bars, "volume"),
            Rule(bars, "high", f"{bars}_high_is_highest", (10.99, 9), (11, 12)),
            Rule(bars, "low", f"{bars}_low_is_lowest", (10.01, 11.5), (10, 0)),
            Rule(bars, "volume", f"{bars}_volume_is_not_negative", (-0.00000001,), (0,)),
        )
    ),
]


def insert(rule: Rule, value: Any) -> tuple[str, list[Any]]:
    row = {**WHOLE[rule.table], rule.column: value}
    values = ["{}" if each == {} else each for each in row.values()]
    return f"INSERT INTO {rule.table} ({', '.join(row)}) VALUES ({', '.join(['%s'] * len(row))})", values


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_value_outside_the_rule_is_refused_by_its_name(session: sessions.Session, rule: Rule) -> None:
    for value in rule.broken:
        query, values = insert(rule, value)
        refused = sessions.refusal(session, query, *values)
        assert (value, refused.diag.constraint_name) == (value, rule.name)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_the_values_at_its_edges_are_taken(session: sessions.Session, rule: Rule) -> None:
    for value in rule.kept:
        query, values = insert(rule, value)
        with session.transaction(force_rollback=True):
            session.execute(query, values)


def test_every_check_of_the_database_is_shown_here(session: sessions.Session) -> None:
    """The rules of strand tables, one writer and an array of tags, have tests of their own."""
    checks = sessions.rows(
        session,
        "SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid "
        "WHERE contype = 'c' AND NOT relispartition AND conrelid::regclass::text = ANY (%s)",
        sorted(WHOLE),
    )
    assert {name for (name,) in checks} == {rule.name for rule in RULES}


def test_a_column_that_may_be_unknown_may_be_left_out(session: sessions.Session) -> None:
    for table, row in WHOLE.items():
        with session.transaction(force_rollback=True):
            sessions.insert(session, table, **row)
