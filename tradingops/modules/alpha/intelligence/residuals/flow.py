"""Order flow: the return over the newest trades against what their imbalance lets expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import regression, residual
from tradingops.modules.alpha.intelligence.residuals.residual import Absent, Residual

_SIGNS = {"buy": 1.0, "sell": -1.0}


def order_flow(trades: Sequence[Mapping[str, Any]], policy: IntelligencePolicy) -> Residual:
    """Return the residual of the newest of equally many trades each, regressed on the part that buyers began.

    A trade tells ``px``, ``qty`` and ``side``, the taker's, as the rows of evidence do. Raises Absent for too few.
    """
    table = np.array([row for trade in trades if (row := _row(trade))], dtype=float).reshape(-1, 2)
    if len(table) < policy.min_trades:
        raise Absent(f"{len(table)} trades of the {policy.min_trades} needed")
    ends = np.linspace(0, len(table) - 1, policy.flow_buckets + 1).astype(int)
    returns = np.diff(table[ends, 0])
    with np.errstate(all="ignore"):
        signed = np.concatenate([[0.0], np.cumsum(table[:, 1])])
        size = np.concatenate([[0.0], np.cumsum(np.abs(table[:, 1]))])
        # Quantities that add up to infinity leave no number here, and nothing to fit a line to.
        imbalance = np.diff(signed[ends + 1]) / np.diff(size[ends + 1])
    line = regression.fitted(imbalance[:-1], returns[:-1], ridge=policy.ridge)
    expected = float(line.at(imbalance[-1:])[0])
    # Trades have another rhythm than bars, so their history cannot be laid beside that of the other residuals.
    return residual.of(float(returns[-1]), expected, line.std, clamp=policy.clamp, history=None)


def _row(trade: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return a trade's logarithmic price and signed quantity; None for one that cannot be believed."""
    try:
        price, quantity, sign = float(trade["px"]), float(trade["qty"]), _SIGNS[trade["side"]]
    except (KeyError, TypeError, ValueError):
        return None
    if not (isfinite(price) and isfinite(quantity) and price > 0.0 and quantity > 0.0):
        return None
    return float(np.log(price)), sign * quantity
