"""What the company goes by at first: seven policies of document 004, and the matrix of reactions."""

from __future__ import annotations

from typing import Any

from tradingops.company.first_data import agents


def _reaction(source: str, tags: list[str], target: str, kind: str, probability: float, minutes: int) -> dict[str, Any]:
    return {
        "source": source,
        "tags": tags,
        "target": target,
        "type": kind,
        "probability": probability,
        "cooldown_minutes": minutes,
    }


ANYBODY = "*"
REACTIONS = [
    _reaction(ANYBODY, ["trade", "big_loss"], agents.SAGE, "diagnose", 1.0, 60),
    _reaction(agents.INTEL, ["signal", "high_confidence"], agents.ATLAS, "evaluate", 0.8, 30),
    _reaction(agents.SCOUT, ["trade", "executed"], agents.GROWTH, "analyze", 0.3, 120),
    _reaction(agents.SAGE, ["risk", "warning"], agents.ATLAS, "review", 1.0, 15),
    _reaction(agents.GROWTH, ["insight", "pattern"], agents.ATLAS, "propose_strategy", 0.6, 180),
    _reaction(agents.OBSERVER, ["error", "rule_violation"], agents.ATLAS, "alert", 1.0, 5),
]

#: By key: the value, and what it is for.
SEVEN: dict[str, tuple[Any, str]] = {
    "auto_approve": (
        {
            "enabled": True,
            "allowed_step_kinds": ["analyze_signal", "monitor_position", "calculate_risk"],
            "requires_roundtable": ["execute_trade", "close_position", "scale_position"],
            "max_daily_analyses": 20,
        },
        "Which steps may begin by themselves, and which need a roundtable",
    ),
    "trade_limits": (
        {"max_daily_trades": 8, "max_open_positions": 3, "max_position_size_usd": 60, "min_confidence": 0.60},
        "How much the company may trade in a day, hold at once, and put into one position",
    ),
    "risk_controls": (
        {
            "max_portfolio_risk": 0.05,
            "max_single_position_risk": 0.02,
            "stop_loss_required": True,
            "default_stop_loss_pct": -0.30,
        },
        "What may be lost of the portfolio, in all and by one position",
    ),
    "roundtable_policy": (
        {
            "enabled": True,
            "max_daily_conversations": 8,
            "require_for_large_trades": True,
            "large_trade_threshold_usd": 40,
        },
        "When agents talk, and which trades they have to talk about",
    ),
    "memory_influence_policy": (
        {
            "enabled": True,
            "probability": 0.30,
            "min_confidence": 0.60,
            "types_used": ["strategy", "lesson", "pattern"],
        },
        "How often, and which, memories influence a decision",
    ),
    "relationship_drift_policy": (
        {"enabled": True, "max_drift_per_conversation": 0.03, "min_affinity": 0.10, "max_affinity": 0.95},
        "How far a conversation moves two agents towards or away from each other",
    ),
    "initiative_policy": (
        {"enabled": False, "min_memories_required": 5, "max_proposals_per_day": 3, "cooldown_hours": 4},
        "When an agent may propose work of its own accord",
    ),
}
REACTION_MATRIX = ("reaction_matrix", REACTIONS, "Which agent reacts to which event, how likely, and how often at most")


def rows() -> list[dict[str, Any]]:
    """Return the rows of ``ops_policy`` that a new company begins with."""
    key, matrix, means = REACTION_MATRIX
    seven = [{"key": each, "value": value, "description": meant} for each, (value, meant) in SEVEN.items()]
    people = [
        {"key": agents.key_of(each), "value": told, "description": f"Who {told['name']} is: {told['role']}"}
        for each, told in agents.DEFINITIONS.items()
    ]
    everybody = {"key": agents.LIST_KEY, "value": list(agents.AGENTS), "description": "All agents of the company"}
    return [*seven, {"key": key, "value": matrix, "description": means}, *people, everybody]
