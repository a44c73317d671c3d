"""Seasonality: the newest return against those of its hour of the day and its day of the week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradingops.modules.alpha import seasons
from tradingops.modules.alpha.intelligence_policy import IntelligencePolicy
from tradingops.modules.alpha.residuals import residual
from tradingops.modules.alpha.residuals.residual import Absent, Residual
from tradingops.modules.alpha.residuals.series import Array, Series


def read(series: Series, known: Mapping[str, Any] | None, policy: IntelligencePolicy) -> Residual:
    """Return the residual of the newest return: dummies of hour and day, as ``hour + day - mean of all``.

    Raises Absent while the newest bar's hour has too few returns; another hour without any says nothing of its bars.
    """
    if known is None:
        raise Absent("no season was kept of this timeframe")
    newest, day = seasons.places(seasons.hour_of(float(series.closed_at[-1])))
    counted = known[seasons.HOURS][newest][0]
    if counted < policy.season_bars:
        raise Absent(f"{counted:g} returns of hour {newest} are known of the {policy.season_bars} needed")
    means, deviations = _by_hour(known, policy)
    hours = ((series.closed_at[1:] - 1.0) // seasons.HOUR_SECONDS).astype(np.int64) % len(means)
    expected = means[hours] + _of_day(known, day, policy)
    with np.errstate(all="ignore"):
        history = (series.returns - expected) / deviations[hours]
    return residual.of(
        float(series.returns[-1]),
        float(expected[-1]),
        float(deviations[newest]),
        clamp=policy.clamp,
        history=residual.bounded(history, policy.clamp),
    )


def _by_hour(known: Mapping[str, Any], policy: IntelligencePolicy) -> tuple[Array, Array]:
    """Return mean and deviation of each hour's returns [fractions]; NaN for an hour of which too little is known."""
    cells = np.array(known[seasons.HOURS], dtype=float)
    count = np.where(cells[:, 0] >= policy.season_bars, cells[:, 0], np.nan)
    return cells[:, 1] / seasons.BASIS_POINTS + 0.0 * count, np.sqrt(cells[:, 2] / count) / seasons.BASIS_POINTS


def _of_day(known: Mapping[str, Any], day: int, policy: IntelligencePolicy) -> float:
    """Return what a day of the week adds to the mean of all [fraction]; nothing while too little is known of it."""
    count, mean, _ = known[seasons.DAYS][day]
    if count < policy.season_bars:
        return 0.0
    return (mean - _overall(known[seasons.DAYS])) / seasons.BASIS_POINTS


def _overall(cells: Sequence[seasons.Cell]) -> float:
    return sum(count * mean for count, mean, _ in cells) / sum(count for count, _, _ in cells)
