"""Peers: a symbol against the others that are fed, at the same time (cross-sectional) and after them (lead-lag).

Both read the tape's seventh column: the mean one-bar return of the other symbols as of the moment BEFORE the row's, so
that it is known whatever order the symbols of one moment are handled in.
"""

from __future__ import annotations

import numpy as np

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import regression, residual
from tradingops.modules.alpha.intelligence.residuals.residual import Absent, Residual
from tradingops.modules.alpha.intelligence.residuals.series import Array, Series


def cross_sectional(series: Series, policy: IntelligencePolicy) -> Residual:
    """Return what the symbol did over the relative rows, up to the moment before, that its peers do not explain.

    Row ``i`` tells what the peers did while the symbol made return ``i - 2``; a ridge regression of the one on the
    other leaves a part of each return over, and these add up.
    """
    theirs, ours = _returns_of_peers(series, policy)[2:], series.returns[:-1]
    line = regression.fitted(theirs, ours, ridge=policy.ridge)
    rows = policy.relative_rows
    expected, actual = _sums(line.at(theirs), rows), _sums(ours, rows)
    std = line.std * rows**0.5
    # The newest return has not been set against its peers yet: as it closes, what is known is the moment before.
    history = np.concatenate([np.zeros(len(series.returns) - len(actual)), (actual - expected) / std])
    return residual.of(
        float(actual[-1]),
        float(expected[-1]),
        std,
        clamp=policy.clamp,
        history=residual.bounded(history, policy.clamp),
    )


def lead_lag(series: Series, policy: IntelligencePolicy) -> Residual:
    """Return the newest return against what its peers' earlier returns lead to, at the lag that leads best.

    The lag is found, and the line fitted, without the newest return. Raises Absent where no lag correlates enough.
    """
    peers = _returns_of_peers(series, policy)
    best: tuple[float, int] = (0.0, 0)
    for lag in range(1, policy.max_lag + 1):
        theirs, ours = _led(peers, series.returns, lag)
        found = abs(regression.correlation(theirs[:-1], ours[:-1]))
        best = max(best, (found, -lag))
    strength, lag = best[0], -best[1]
    if strength < policy.min_lead:
        raise Absent(f"peers lead at no lag to {policy.max_lag}: {strength:.2f} of the {policy.min_lead:g} needed")
    theirs, ours = _led(peers, series.returns, lag)
    line = regression.fitted(theirs[:-1], ours[:-1], ridge=policy.ridge)
    expected = line.at(theirs)
    history = np.concatenate([np.zeros(len(series.returns) - len(ours)), (ours - expected) / line.std])
    return residual.of(
        float(ours[-1]),
        float(expected[-1]),
        line.std,
        clamp=policy.clamp,
        history=residual.bounded(history, policy.clamp),
    )


def _returns_of_peers(series: Series, policy: IntelligencePolicy) -> Array:
    """Return the peers' returns at each row; raises Absent where a row has none that can be believed."""
    if series.peers is None:
        raise Absent("no other symbol is fed")
    # What is no number compares with nothing, and is missing too.
    missing = int(np.count_nonzero(~(np.abs(series.peers) <= policy.max_peer_return)))
    if missing:
        raise Absent(f"{missing} rows of the tape do not tell what the peers did")
    return series.peers


def _led(peers: Array, returns: Array, lag: int) -> tuple[Array, Array]:
    """Return the peers' returns ``lag`` bars before each return, and those; a return's own row holds lag 1."""
    theirs = peers[1 : len(peers) - lag + 1]
    return theirs, returns[lag - 1 :]


def _sums(values: Array, rows: int) -> Array:
    """Return the sum of each run of so many values, oldest first."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    sums: Array = total[rows:] - total[:-rows]
    return sums
