"""Automatic halts: the limits whose breach stops new entries by itself, until a person lets the desk trade again."""

from __future__ import annotations

from collections.abc import Iterable, Set

from portfolio import limits
from strands.given import DESK, HaltState
from strands.rulings import automatic
from strands.strand import Strand
from tradingops.modules.risk.policy import RiskPolicy


def reached(uses: Iterable[limits.Use], policy: RiskPolicy) -> tuple[limits.Use, ...]:
    """Return the uses that the policy halts the desk for: those that have reached their limit, exactly is enough."""
    states = policy.halting
    return tuple(each for each in uses if states.get(each.limit.name) and each.share is not None and each.share >= 1)


def told(
    update: Strand, found: Iterable[limits.Use], *, halted_for: Set[str], policy: RiskPolicy
) -> list[dict[str, object]]:
    """Return how an update tells of the halts for limits that are reached, but for those that have halted the desk."""
    new = [each for each in found if each.limit.name not in halted_for]
    return [automatic.told(update, _says(each, policy), nth=nth) for nth, each in enumerate(new)]


def _says(use: limits.Use, policy: RiskPolicy) -> dict[str, object]:
    state = HaltState(policy.halting[use.limit.name])
    value = round(use.value or 0.0, 8)
    return automatic.says(scope=DESK, state=state, rule=use.limit.name, value=value, limit=use.limit.maximum)
