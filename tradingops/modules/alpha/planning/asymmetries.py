"""Asymmetries: how far open interest, funding, basis and depth lie from usual, where a bar tells them.

``open_interest = change over 24 h / (hourly volatility sqrt(24))``, ``funding = rate / 0.001``,
``basis = basis / 0.01``, ``depth = (ask - bid) / (ask + bid)``. What a bar does not tell is absent from what is
returned, and never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, sqrt
from typing import Any

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy

#: Where the asymmetries stand in a plan's market context, which the decision maker reads.
KEY = "asymmetries"
#: The columns of a bar that are read, beside the prices and the volume that every bar has.
COLUMNS = ("open_interest", "open_interest_24h_ago", "funding_rate", "basis", "bid_depth", "ask_depth")

#: Moments [epoch seconds] with the open interest then, an hour or more apart, oldest first.
Interest = tuple[tuple[float, float], ...]

_AN_HOUR = 3600
_DECIMALS = 6


def of_bar(
    bar: Mapping[str, Any], *, at: float, remembered: Interest = (), policy: IntelligencePolicy
) -> dict[str, float]:
    """Return the asymmetries that a bar closed at a moment [epoch seconds] allows, by the decision maker's names.

    Open interest needs another to be compared with: the bar's own ``open_interest_24h_ago``, or one remembered.
    """
    found = {
        "open_interest": _open_interest(bar, at, remembered, policy),
        "funding": _over(number(bar.get("funding_rate")), policy.funding_volatility),
        "basis": _over(number(bar.get("basis")), policy.basis_volatility),
        "depth": _depth(number(bar.get("bid_depth")), number(bar.get("ask_depth"))),
    }
    most = policy.max_asymmetry
    return {name: round(min(max(z, -most), most), _DECIMALS) + 0.0 for name, z in found.items() if z is not None}


def remember(remembered: Interest, bar: Mapping[str, Any], *, at: float, policy: IntelligencePolicy) -> Interest:
    """Return the open interest remembered after a bar: one an hour, as far back as it is compared; else the same."""
    interest = number(bar.get("open_interest"))
    if interest is None or (remembered and at - remembered[-1][0] < _AN_HOUR):
        return remembered
    # One older than the span is kept, or between two hours there would be nothing to compare with.
    since = at - (policy.oi_hours + 1) * _AN_HOUR
    return (*(each for each in remembered if each[0] >= since), (at, interest))


def to_json(remembered: Interest) -> list[list[float]]:
    """Return what is remembered as JSON values."""
    return [list(each) for each in remembered]


def from_json(kept: Iterable[Sequence[float]]) -> Interest:
    """Return what ``to_json`` wrote."""
    return tuple((at, interest) for at, interest in kept)


def number(value: Any) -> float | None:
    """Return a number, or the one that a decimal text writes; None for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except ValueError:
        return None
    return read if isfinite(read) else None


def _open_interest(bar: Mapping[str, Any], at: float, remembered: Interest, policy: IntelligencePolicy) -> float | None:
    now, before = number(bar.get("open_interest")), number(bar.get("open_interest_24h_ago"))
    if before is None:
        before = _a_day_ago(remembered, at, policy)
    if now is None or before is None or now < 0 or not before > 0:
        return None
    return _over(now / before - 1.0, policy.oi_volatility * sqrt(policy.oi_hours))


def _a_day_ago(remembered: Interest, at: float, policy: IntelligencePolicy) -> float | None:
    """Return the newest open interest at least the span old, unless that is an hour older than the span or more."""
    until = at - policy.oi_hours * _AN_HOUR
    return next((each[1] for each in reversed(remembered) if until - _AN_HOUR <= each[0] <= until), None)


def _over(value: float | None, usual: float) -> float | None:
    return None if value is None else value / usual


def _depth(bid: float | None, ask: float | None) -> float | None:
    if bid is None or ask is None or bid < 0 or ask < 0:
        return None
    # Halves, so that two depths at the top of what a number holds do not add up to infinity.
    together = bid / 2.0 + ask / 2.0
    return (ask / 2.0 - bid / 2.0) / together if together > 0 else None
