"""The strand tables: which module writes which, and the columns that hold its payload."""

from __future__ import annotations

from dataclasses import dataclass

JSONB, TEXT, FLOAT = "jsonb", "text", "float8"


@dataclass(frozen=True)
class Table:
    """One module's own table; ``spoken`` is how its rows name the module."""

    name: str
    module: str
    spoken: str
    payload: dict[str, str]


def _json(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, JSONB)


TABLES = {
    table.module: table
    for table in (
        Table(
            "ad_strands",
            "alpha",
            "alpha",
            {"sig_sigma": FLOAT, "sig_confidence": FLOAT, "sig_direction": TEXT}
            | _json("trading_plan", "signal_pack", "dsi_evidence", "regime_context", "event_context")
            | _json("module_intelligence", "curator_feedback", "lesson_metadata"),
        ),
        Table(
            "dm_strands",
            "dm",
            "dm",
            {"alpha_bundle_ref": TEXT}
            | _json("dm_alpha", "dm_budget", "dm_decision", "risk_metrics", "portfolio_impact", "asymmetries")
            | _json("curator_decisions", "lesson_metadata"),
        ),
        Table(
            "tr_strands",
            "trader",
            "tr",
            {"decision_id": TEXT, "route_hint": TEXT}
            | _json("order_spec", "tr_predict", "fills", "exec_metrics", "position_data", "monitoring_state")
            | _json("tr_execution", "tr_outcome", "tr_venue_performance", "tr_slippage", "tr_latency", "tr_fills")
            | _json("lesson_metadata"),
        ),
        Table(
            "rm_strands",
            "risk",
            "risk",
            _json("rm_risk_assessment", "rm_portfolio_risk", "rm_var_calculation", "rm_stress_test", "rm_risk_limits")
            | _json("rm_correlation", "rm_volatility", "rm_alert_data", "lesson_metadata"),
        ),
        Table("md_strands", "market", "market", _json("md_bar", "md_features", "md_timer", "lesson_metadata")),
        Table("vn_strands", "venue", "venue", _json("vn_update", "lesson_metadata")),
        Table("op_strands", "op", "op", _json("op_verdict", "op_halt", "op_policy", "op_note", "lesson_metadata")),
        Table("co_strands", "company", "company", _json("co_verdict", "co_proposal", "lesson_metadata")),
    )
}

BY_NAME = {table.name: table for table in TABLES.values()}
