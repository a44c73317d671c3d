"""Seasonality: the newest return against those of its hour of the day and its day of the week."""

from __future__ import annotations

import numpy as np

from strands.market.bar import Timeframe
from tradingops.modules.alpha.intelligence import seasons
from tradingops.modules.alpha.intelligence.policy import IntelligencePolicy
from tradingops.modules.alpha.intelligence.residuals import residual
from tradingops.modules.alpha.intelligence.residuals.residual import Absent, Residual
from tradingops.modules.alpha.intelligence.residuals.series import Array, Series
from tradingops.modules.alpha.intelligence.seasons import Season, Seasons


def read(series: Series, kept: Seasons, policy: IntelligencePolicy) -> Residual:
    """Return the residual of the newest return: dummies of hour and day, as ``hour + day - mean of all``.

    Raises Absent while the newest bar's hour has too few returns; another hour without any says nothing of its bars.
    """
    timeframe = Timeframe.of_seconds(int(series.seconds))
    known = kept.get(timeframe.value) if timeframe else None
    if known is None:
        raise Absent(f"no season was kept of bars of {series.seconds:g} s")
    newest, _ = seasons.places(seasons.hour_of(float(series.closed_at[-1])))
    counted = known.hours[newest].returns
    if counted < policy.season_bars:
        raise Absent(f"{counted:g} returns of hour {newest} are known of the {policy.season_bars} needed")
    hour, day = seasons.places(((series.closed_at[1:] - 1.0) // seasons.HOUR_SECONDS).astype(np.int64))
    means, deviations = _by_hour(known, policy)
    expected = means[hour] + _by_day(known, policy)[day]
    with np.errstate(all="ignore"):
        history = (series.returns - expected) / deviations[hour]
    return residual.of(
        float(series.returns[-1]),
        float(expected[-1]),
        float(deviations[newest]),
        clamp=policy.clamp,
        history=residual.bounded(history, policy.clamp),
    )


def _by_hour(known: Season, policy: IntelligencePolicy) -> tuple[Array, Array]:
    """Return mean and deviation of each hour's returns [fractions]; NaN for an hour of which too little is known."""
    count, mean, squares = np.array(known.hours, dtype=float).T
    enough = np.where(count >= policy.season_bars, count, np.nan)
    return np.where(enough > 0, mean, np.nan) / seasons.BASIS_POINTS, np.sqrt(squares / enough) / seasons.BASIS_POINTS


def _by_day(known: Season, policy: IntelligencePolicy) -> Array:
    """Return what each day adds to the mean of all [fractions]; nothing for one of which too little is known."""
    count, mean, _ = np.array(known.days, dtype=float).T
    overall = float(count @ mean) / float(count.sum())
    added: Array = np.where(count >= policy.season_bars, mean - overall, 0.0) / seasons.BASIS_POINTS
    return added
