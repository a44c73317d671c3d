"""Divergence: whether price goes one way and its strength index, its MACD or its volume the other.

For each of the three, opposition is max(0, -correlation) over the last rows, and counts when it exceeds
``strong_above``. The evidence is the mean of those that count (0 when none does), the confidence the share that counts.
"""

from __future__ import annotations

from curators import indicators
from curators.dsi import expert
from curators.dsi.policy import DivergencePolicy
from curators.dsi.tape import Tape


def judge(tape: Tape, *, policy: DivergencePolicy) -> expert.ExpertSaid | None:
    """Return how strongly price's companions oppose it; None when none of them can be compared."""
    price = tape.price[-policy.rows :]
    spans = (policy.macd_fast, policy.macd_slow, policy.macd_signal)
    companions = {
        "price_rsi": indicators.rsi(tape.price[-(policy.rows + policy.rsi_rows) :], policy.rsi_rows),
        "price_macd": indicators.macd_histogram(tape.price, spans=spans, last=policy.rows),
        "price_volume": tape.volume[-policy.rows :],
    }
    found = {
        name: expert.correlation(price, values) for name, values in companions.items() if len(values) == len(price)
    }
    known = {name: value for name, value in found.items() if value is not None}
    if not known:
        return None
    strengths = {name: _strength(value, policy) for name, value in known.items()}
    counted = [value for value in strengths.values() if value > 0.0]
    return expert.ExpertSaid(
        evidence=expert.share(sum(counted) / len(counted) if counted else 0.0),
        confidence=expert.share(len(counted) / len(companions)),
        details={
            "divergences": {name: expert.rounded(value) for name, value in strengths.items()},
            "absent": sorted(companions.keys() - known.keys()),
        },
    )


def _strength(value: float, policy: DivergencePolicy) -> float:
    return -value if -value > policy.strong_above else 0.0
