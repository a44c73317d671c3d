"""The gates of a proposal: what each step would use is held against the limits in force, and what is missing closes.

Every gate of every step is looked at, also after one that failed, so that a proposal is told all that is wrong with it.
A limit of 0 lets nothing pass; ``unlimited`` is a word of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tradingops.company.proposals import steps
from tradingops.company.proposals.steps import Step

Policies = Mapping[str, Any]
UNLIMITED = "unlimited"
#: How much of ``max_position_size_usd`` may be held in all.
EXPOSURE_FACTOR = 2
#: A position that is further under water is not added to.
MOST_DOWN_TO_SCALE = 0.20


class Finding(NamedTuple):
    """What one gate found for one step; ``distance`` is how far the value is from passing, 0 where it passes.

    ``reason`` says of a gate that could not be looked at what was missing.
    """

    gate: str
    step: int
    value: Any
    limit: Any
    passed: bool
    distance: float | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


class Holding(NamedTuple):
    """One open position as gates see it: dollars at cost, share of it won or lost, and whether it is being closed."""

    notional: float
    pnl_percent: float
    closing: bool = False


class Desk(NamedTuple):
    """What has been used today, and what is held, at the moment of judging. None is what is not known."""

    trades_today: int | None = None
    analyses_today: int | None = None
    roundtables_today: int | None = None
    holdings: Mapping[str, Holding] | None = None
    #: In dollars, and the share of it that open positions may lose at their stops.
    portfolio_value: float | None = None
    risk_at_stops: float | None = None


class _Missing(Exception):
    """What a gate needs is not there, or is not what it must be."""


def judge(asked: Sequence[Step], *, desk: Desk, policies: Policies, levels: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what every gate of every step finds, in order.

    ``levels`` are the proposal's own prices (``entry_price``, ``stop_loss``), which a step's payload may overrule.
    """
    before: Counter[str] = Counter()
    found: list[Finding] = []
    for place, step in enumerate(asked):
        case = _Case(place, step, desk, policies, {**levels, **step.payload}, before)
        found += [_looked(name, gate, case) for name, gate in _gates_of(step)]
        before[step.kind] += 1
    return tuple(found)


def first_failed(found: Sequence[Finding]) -> Finding | None:
    """Return the first finding that keeps a proposal out, None where it passes; no finding at all passes nothing."""
    if not found:
        return Finding("steps", 0, 0, steps.FEWEST, False, 1.0, "steps: none to be judged")
    return next((each for each in found if not each.passed), None)


def in_words(finding: Finding) -> str:
    """Return why a gate lets nothing through, in one line."""
    if finding.reason:
        return finding.reason
    return f"{finding.gate}: {finding.value} against a limit of {finding.limit}"


class _Case(NamedTuple):
    place: int
    step: Step
    desk: Desk
    policies: Policies
    told: Mapping[str, Any]
    #: How many steps of each kind of this proposal come before this one.
    before: Counter[str]


_Gate = Callable[[str, _Case], Finding]


def _looked(name: str, gate: _Gate, case: _Case) -> Finding:
    try:
        return gate(name, case)
    except _Missing as missing:
        return Finding(name, case.place, None, None, False, None, f"{name}: {missing}")


def _gates_of(step: Step) -> Iterator[tuple[str, _Gate]]:
    if step.scales:
        yield from _OF_SCALING
    else:
        yield from _OF_KIND[step.kind]


def _most(name: str, case: _Case, value: float, limit: float | str, *, least: bool = False) -> Finding:
    """Return whether a value lies within its limit, at most or, with ``least``, at least."""
    if limit == UNLIMITED or isinstance(limit, str):
        return Finding(name, case.place, value, UNLIMITED, True, 0.0)
    over = limit - value if least else value - limit
    return Finding(name, case.place, value, limit, over <= 0, max(0.0, round(over, 8)))


def _quota(name: str, case: _Case, used: int | None, limit: float | str, field: str) -> Finding:
    """Return whether one more of what is counted by the day is left, those before it in the proposal counted."""
    if used is None:
        raise _Missing(f"{field} missing")
    # Zero is none, also of what was never used.
    more = case.before[case.step.kind] + 1
    found = _most(name, case, used + more, limit)
    if found.passed or isinstance(limit, str):
        return found
    return found._replace(reason=f"{name}: needs {more}, {max(0, math.floor(limit) - used)} left")


def _daily_trades(name: str, case: _Case) -> Finding:
    return _quota(name, case, case.desk.trades_today, _limit(case, "trade_limits", "max_daily_trades"), "trades_today")


def _analyses(name: str, case: _Case) -> Finding:
    limit = _limit(case, "auto_approve", "max_daily_analyses")
    return _quota(name, case, case.desk.analyses_today, limit, "analyses_today")


def _roundtables(name: str, case: _Case) -> Finding:
    limit = _limit(case, "roundtable_policy", "max_daily_conversations")
    return _quota(name, case, case.desk.roundtables_today, limit, "roundtables_today")


def _roundtables_are_on(name: str, case: _Case) -> Finding:
    on = _flag(case, "roundtable_policy", "enabled")
    return Finding(name, case.place, on, True, on, 0.0 if on else 1.0)


def _open_positions(name: str, case: _Case) -> Finding:
    limit = _limit(case, "trade_limits", "max_open_positions")
    return _most(name, case, len(_holdings(case)) + case.before[steps.EXECUTE_TRADE] + 1, limit)


def _position_size(name: str, case: _Case) -> Finding:
    return _most(name, case, _notional(case), _limit(case, "trade_limits", "max_position_size_usd"))


def _exposure(name: str, case: _Case) -> Finding:
    limit = _limit(case, "trade_limits", "max_position_size_usd")
    held = sum(each.notional for each in _holdings(case).values())
    return _most(name, case, held + _notional(case), limit if isinstance(limit, str) else limit * EXPOSURE_FACTOR)


def _confidence(name: str, case: _Case) -> Finding:
    least = _limit(case, "trade_limits", "min_confidence")
    return _most(name, case, _number(case.told, "confidence"), least, least=True)


def _stop(name: str, case: _Case) -> Finding:
    needed = _flag(case, "risk_controls", "stop_loss_required")
    there = case.told.get("stop_loss") is not None
    if there:
        _number(case.told, "stop_loss")
    passed = there or not needed
    return Finding(name, case.place, there, needed, passed, 0.0 if passed else 1.0)


def _position_risk(name: str, case: _Case) -> Finding:
    return _most(name, case, _risk(case), _limit(case, "risk_controls", "max_single_position_risk"))


def _portfolio_risk(name: str, case: _Case) -> Finding:
    held = case.desk.risk_at_stops
    if held is None:
        raise _Missing("risk_at_stops missing")
    return _most(name, case, held + _risk(case), _limit(case, "risk_controls", "max_portfolio_risk"))


def _is_held(name: str, case: _Case) -> Finding:
    there = _token(case) in _holdings(case)
    return Finding(name, case.place, there, True, there, 0.0 if there else 1.0)


def _is_not_closing(name: str, case: _Case) -> Finding:
    closing = _held(case).closing
    return Finding(name, case.place, closing, False, not closing, 1.0 if closing else 0.0)


def _size_after(name: str, case: _Case) -> Finding:
    limit = _limit(case, "trade_limits", "max_position_size_usd")
    return _most(name, case, _held(case).notional + _notional(case), limit)


def _not_far_down(name: str, case: _Case) -> Finding:
    return _most(name, case, -_held(case).pnl_percent, MOST_DOWN_TO_SCALE)


_OF_TRADES: tuple[tuple[str, _Gate], ...] = (
    ("daily_trades", _daily_trades),
    ("position_size", _position_size),
    ("exposure", _exposure),
    ("min_confidence", _confidence),
    ("stop_loss_required", _stop),
    ("position_risk", _position_risk),
    ("portfolio_risk", _portfolio_risk),
)
_OF_SCALING = (
    ("is_held", _is_held),
    ("size_after", _size_after),
    ("not_far_down", _not_far_down),
    *_OF_TRADES,
)


def _nothing_to_hold_against(name: str, case: _Case) -> Finding:
    return Finding(name, case.place, case.step.kind, UNLIMITED, True, 0.0)


_OF_KIND: dict[str, tuple[tuple[str, _Gate], ...]] = {
    steps.EXECUTE_TRADE: (("open_positions", _open_positions), *_OF_TRADES),
    steps.CLOSE: (("is_held", _is_held), ("is_not_closing", _is_not_closing)),
    steps.ANALYZE: (("daily_analyses", _analyses),),
    steps.ROUNDTABLE: (("roundtables_enabled", _roundtables_are_on), ("daily_roundtables", _roundtables)),
    steps.CALCULATE_RISK: (("free", _nothing_to_hold_against),),
    steps.MONITOR: (("free", _nothing_to_hold_against),),
}
GATES = tuple(dict.fromkeys(name for each in (*_OF_KIND.values(), _OF_SCALING) for name, _ in each))


def _limit(case: _Case, key: str, field: str) -> float | str:
    value = _policy(case, key, field)
    if value == UNLIMITED:
        return UNLIMITED
    return _checked(value, field)


def _flag(case: _Case, key: str, field: str) -> bool:
    value = _policy(case, key, field)
    if not isinstance(value, bool):
        raise _Missing(f"{field} missing")
    return value


def _policy(case: _Case, key: str, field: str) -> Any:
    values = case.policies.get(key)
    if not isinstance(values, Mapping):
        raise _Missing(f"{key} missing")
    return values.get(field)


def _number(told: Mapping[str, Any], field: str) -> float:
    return _checked(told.get(field), field)


def _checked(value: Any, field: str) -> float:
    """Return a number of 0 or more; anything else is as good as nothing."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise _Missing(f"{field} missing") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise _Missing(f"{field} missing")
    return float(value) if isinstance(value, float) else value


def _notional(case: _Case) -> float:
    size, price = _number(case.told, "size"), _number(case.told, "entry_price")
    if size <= 0 or price <= 0:
        raise _Missing(f"{'size' if size <= 0 else 'entry_price'} missing")
    return size * price


def _risk(case: _Case) -> float:
    """Return the share of the portfolio that is lost at the stop; where none is required and given, at the default.

    risk = size · |entry − stop| / portfolio
    """
    value = case.desk.portfolio_value
    if value is None or not math.isfinite(value) or value <= 0:
        raise _Missing("portfolio_value missing")
    entry = _number(case.told, "entry_price")
    if case.told.get("stop_loss") is None and not _flag(case, "risk_controls", "stop_loss_required"):
        away = abs(_share(case)) * entry
    else:
        away = abs(entry - _number(case.told, "stop_loss"))
    return _notional(case) / entry * away / value


def _share(case: _Case) -> float:
    value = _policy(case, "risk_controls", "default_stop_loss_pct")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value == 0:
        raise _Missing("default_stop_loss_pct missing")
    return float(value)


def _holdings(case: _Case) -> Mapping[str, Holding]:
    if case.desk.holdings is None:
        raise _Missing("holdings missing")
    return case.desk.holdings


def _token(case: _Case) -> str:
    token = case.told.get("token")
    if not isinstance(token, str) or not token:
        raise _Missing("token missing")
    return token


def _held(case: _Case) -> Holding:
    holding = _holdings(case).get(_token(case))
    if holding is None:
        raise _Missing("position missing")
    return holding
