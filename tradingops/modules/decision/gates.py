"""The gates: every rule that a plan must pass, in one table, each with what it read, its limit and the distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from strands.given import HaltState
from tradingops.modules.decision.circumstances import Circumstances
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.validation import Ask
from tradingops.modules.decision.weighing.appraisal import Appraisal


class Severity(StrEnum):
    """Whether failing a gate rejects a plan, or asks for a change."""

    HARD = "hard"
    SOFT = "soft"


class Comparison(StrEnum):
    """How a value must lie to its limit."""

    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"
    IS = "=="
    AMONG = "in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One plan before the gates; ``appraisal`` is None where the plan could not be judged at all."""

    ask: Ask
    circumstances: Circumstances
    policy: DecisionPolicy
    appraisal: Appraisal | None


class Finding(NamedTuple):
    """What one gate found. ``passed`` is None where there was nothing to measure, which stops no plan.

    ``distance`` is how far the value is from passing, in its own unit: 0 where it passes, None where there is no such
    measure.
    """

    gate: str
    severity: Severity
    value: Any
    limit: Any
    comparison: Comparison
    passed: bool | None
    distance: float | None

    @property
    def stops(self) -> bool:
        """Whether the plan is rejected for this."""
        return self.passed is False and self.severity is Severity.HARD

    def to_json(self) -> dict[str, Any]:
        """Return the finding under its names."""
        # Every plan has dozens of them: ``_value_`` is a plain attribute of a member, ``value`` a call.
        return {
            "gate": self.gate,
            "severity": self.severity._value_,
            "value": self.value,
            "limit": self.limit,
            "comparison": self.comparison._value_,
            "passed": self.passed,
            "distance": self.distance,
        }


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule: its code, what failing it means, and how its value must lie to its limit."""

    code: str
    severity: Severity
    comparison: Comparison
    value: Callable[[Case], Any]
    limit: Callable[[DecisionPolicy], Any]
    #: What finding nothing to measure comes to: None stops no plan, False fails the gate.
    without: bool | None = None

    def measure(self, case: Case) -> Finding:
        """Return what the gate finds."""
        value, limit = self.value(case), self.limit(case.policy)
        passed, distance = (self.without, None) if value is None else _compared(value, self.comparison, limit)
        return Finding(self.code, self.severity, value, limit, self.comparison, passed, distance)


def findings(case: Case) -> tuple[Finding, ...]:
    """Return what every gate finds, in the table's order, those after a failure too."""
    return tuple(gate.measure(case) for gate in GATES)


def first_failed(found: tuple[Finding, ...]) -> str | None:
    """Return the code of the first hard gate that failed, else of the first soft one, else None."""
    failed = [each for each in found if each.passed is False]
    failed.sort(key=lambda each: each.severity is Severity.SOFT)
    return failed[0].gate if failed else None


def _compared(value: Any, comparison: Comparison, limit: Any) -> tuple[bool, float | None]:
    """Return whether a value passes its limit and how far it is from passing."""
    if comparison is Comparison.IS:
        return value == limit, None
    if comparison is Comparison.AMONG:
        return value in limit, None
    over = value - limit if comparison is Comparison.AT_MOST else limit - value
    passed = over < 0 if comparison is Comparison.ABOVE else over <= 0
    return passed, 0.0 if passed else rounded(float(over))


def _of_plan(value: Callable[[Appraisal, Case], Any]) -> Callable[[Case], Any]:
    """Return a measure that finds nothing where the plan could not be judged."""
    return lambda case: None if case.appraisal is None else value(case.appraisal, case)


def _of_policy(field: str) -> Callable[[DecisionPolicy], Any]:
    return lambda policy: getattr(policy, field)


def _always(limit: Any) -> Callable[[DecisionPolicy], Any]:
    return lambda policy: limit


def _seconds_left(appraisal: Appraisal, case: Case) -> float:
    return (appraisal.plan.valid_until - case.circumstances.now).total_seconds()


def _cost_of_risk(appraisal: Appraisal, case: Case) -> float | None:
    """Return what a round trip costs in R; None for a stop that risks nothing."""
    found = appraisal.cost.of_risk(appraisal.plan.stop_fraction)
    return None if found is None else rounded(found)


def _positions_after(appraisal: Appraisal, case: Case) -> int:
    return len(case.circumstances.held.symbols | {appraisal.plan.symbol})


def _budgeted(appraisal: Appraisal, case: Case) -> float:
    """Return how much of what the position limit allows the other brakes grant."""
    most = min(appraisal.grant.asked, case.policy.position_limit)
    return rounded(appraisal.grant.size / most)


def _cvar_after(appraisal: Appraisal, case: Case) -> float:
    """Return the mean loss beyond VaR with the plan: its added VaR counted in the ratio of normal tails."""
    added = appraisal.final.impact.var.delta * case.policy.cvar_z / case.policy.var_z
    return rounded((case.circumstances.cvar_95 or 0.0) + added)


_HARD, _SOFT = Severity.HARD, Severity.SOFT
_MOST, _LEAST = Comparison.AT_MOST, Comparison.AT_LEAST
SOUND = "sound"
ACTIVE = HaltState.ACTIVE.value

#: In the order in which a person would ask. The limits of the portfolio hold for the plan as it would be executed.
GATES: tuple[Gate, ...] = (
    Gate("plan_valid", _HARD, Comparison.IS, lambda case: "; ".join(case.ask.problems) or SOUND, _always(SOUND)),
    Gate("halted", _HARD, Comparison.IS, lambda case: case.circumstances.halt(case.ask.symbol).value, _always(ACTIVE)),
    Gate("plan_expired", _HARD, Comparison.ABOVE, _of_plan(_seconds_left), _always(0)),
    Gate(
        "direction",
        _HARD,
        Comparison.AMONG,
        _of_plan(lambda it, _: it.plan.direction.value),
        lambda policy: list(policy.allowed_directions),
    ),
    Gate(
        "risk_reward",
        _HARD,
        _LEAST,
        _of_plan(lambda it, _: it.plan.risk_reward_ratio),
        _of_policy("min_risk_reward"),
    ),
    Gate("cost", _HARD, _MOST, _of_plan(_cost_of_risk), lambda policy: policy.cost.max_cost_of_risk),
    Gate("confidence", _HARD, _LEAST, _of_plan(lambda it, _: it.confidence), _of_policy("min_confidence")),
    Gate(
        "already_positioned",
        _HARD,
        _MOST,
        _of_plan(lambda it, case: case.circumstances.held.plans_in(it.plan.symbol) + 1),
        _of_policy("max_open_plans_per_symbol"),
    ),
    Gate("max_open_positions", _HARD, _MOST, _of_plan(_positions_after), _of_policy("max_open_positions")),
    Gate("position_limit", _SOFT, _MOST, _of_plan(lambda it, _: it.grant.asked), _of_policy("position_limit")),
    Gate("risk_budget", _SOFT, _LEAST, _of_plan(_budgeted), _always(1.0)),
    Gate(
        "risk_data_age",
        _HARD,
        _MOST,
        lambda case: case.circumstances.risk_age_seconds,
        _of_policy("max_risk_age_seconds"),
        without=False,
    ),
    Gate("drawdown", _HARD, _MOST, lambda case: case.circumstances.drawdown, _of_policy("max_drawdown")),
    Gate("daily_loss", _HARD, _MOST, lambda case: case.circumstances.daily_loss, _of_policy("max_daily_loss")),
    Gate("exposure", _HARD, _MOST, _of_plan(lambda it, _: it.final.impact.exposure.after), _of_policy("max_exposure")),
    Gate(
        "concentration",
        _HARD,
        _MOST,
        _of_plan(lambda it, _: it.final.impact.weight.after),
        _of_policy("max_concentration"),
    ),
    Gate("var", _HARD, _MOST, _of_plan(lambda it, _: it.final.impact.var.after), _of_policy("max_var")),
    Gate("cvar", _HARD, _MOST, _of_plan(_cvar_after), _of_policy("max_cvar")),
    Gate(
        "correlation",
        _HARD,
        _MOST,
        _of_plan(lambda it, _: it.final.measures.correlation),
        _of_policy("max_correlation"),
    ),
    Gate(
        "volatility",
        _HARD,
        _MOST,
        _of_plan(lambda it, _: it.final.measures.volatility),
        _of_policy("max_volatility"),
    ),
    Gate(
        "liquidity",
        _HARD,
        _MOST,
        _of_plan(lambda it, _: it.final.measures.volume_share),
        _of_policy("max_volume_share"),
    ),
    Gate(
        "quantity_positive",
        _HARD,
        Comparison.ABOVE,
        _of_plan(lambda it, _: float(it.final.bought.quantity)),
        _always(0),
    ),
    Gate("least_order", _HARD, _LEAST, _of_plan(lambda it, _: it.final.bought.of_least), _always(1.0)),
    Gate("risk_score", _HARD, _LEAST, _of_plan(lambda it, _: it.granted.risk.overall), _of_policy("min_risk_score")),
    Gate(
        "allocation_score",
        _HARD,
        _LEAST,
        _of_plan(lambda it, _: it.allocation.overall),
        _of_policy("min_allocation_score"),
    ),
    Gate("curator_veto", _HARD, _MOST, _of_plan(lambda it, _: len(it.verdict.vetoes)), _always(0)),
    Gate("curated_score", _HARD, _LEAST, _of_plan(lambda it, _: it.verdict.curated), _of_policy("publish_at")),
    Gate("score", _HARD, _LEAST, _of_plan(lambda it, _: it.score.value), _of_policy("modify_score")),
    Gate("approval_score", _SOFT, _LEAST, _of_plan(lambda it, _: it.score.value), _of_policy("approve_score")),
)
