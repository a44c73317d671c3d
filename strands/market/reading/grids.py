"""Which timeframe bars are of, and when they begin: at multiples of it in UTC, or when a session does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from strands.market.bar import Timeframe
from strands.market.reading import moments
from strands.market.reading.told import UTC_GRID, Told

#: Steps between rows that a file must have before its commonest one may contradict the timeframe that was told.
STEPS_TO_JUDGE = 10
#: Share of rows that must lie on a grid that nobody told.
MOST = 0.9
_MINUTE, _HOUR = 60 * moments.SECOND, 3600 * moments.SECOND
#: Bars of at least this length see the clocks change: their grid lies an hour apart in summer and winter.
_SEASONAL = Timeframe.H4
#: Bars shorter than this begin with no session of their own.
_LEAST = Timeframe.M5


@dataclass(frozen=True, slots=True)
class Grid:
    """When bars may begin: so long after a multiple of the timeframe, in microseconds, in UTC or on a zone's clock."""

    phases: tuple[int, ...] = (0,)
    zone: ZoneInfo | None = None

    @property
    def is_utc(self) -> bool:
        return self.phases == (0,) and self.zone is None

    def off(self, opened: NDArray[np.int64], timeframe: Timeframe) -> NDArray[np.bool_]:
        """Say which moments lie off the grid."""
        clock = opened if self.zone is None else opened + _offsets(opened, self.zone)
        phase = clock % (timeframe.seconds * moments.SECOND)
        return ~np.isin(phase, np.array(self.phases))

    def said(self, timeframe: Timeframe) -> str:
        """Return the grid in words."""
        if self.is_utc:
            return f"multiples of {timeframe} in UTC"
        after = " or ".join(_clock(phase) for phase in self.phases)
        where = f"on the clock of {self.zone.key}" if self.zone else "in UTC"
        return f"a session's: {after} after multiples of {timeframe} {where}"


def _clock(phase: int) -> str:
    return f"{phase // _HOUR:02}:{phase % _HOUR // _MINUTE:02}"


def _offsets(opened: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    hours, where = np.unique(opened // _HOUR, return_inverse=True)
    found = [moments.moment(hour * _HOUR).astimezone(zone).utcoffset() for hour in hours.tolist()]
    return np.array([each // moments.MICROSECOND if each else 0 for each in found], dtype=np.int64)[where]


def timeframe_of(opened: NDArray[np.int64], told: Timeframe | None) -> Timeframe:
    """Return the timeframe that was told, or the commonest step between rows; raises ValueError where they differ."""
    steps = Counter(np.abs(np.diff(opened[opened >= 0])).tolist())
    steps.pop(0, None)
    if not steps:
        if told is None:
            raise ValueError("timeframe: one row tells no step; name it with --timeframe")
        return told
    step, times = steps.most_common(1)[0]
    found, apart = Timeframe.of_seconds(step // moments.SECOND), f"rows are mostly {step / moments.SECOND:g} s apart"
    if told is None and found is None:
        raise ValueError(f"timeframe: {apart}; it is one of {', '.join(Timeframe)}")
    if told and found is not told and times > steps.total() / 2 and steps.total() >= STEPS_TO_JUDGE:
        raise ValueError(f"timeframe: told {told}, but {apart}; correct --timeframe")
    return told or found  # type: ignore[return-value]


def grid_of(opened: NDArray[np.int64], timeframe: Timeframe, told: Told) -> Grid:
    """Return the grid that was told, or the one on which nearly all rows lie; raises ValueError for closing times."""
    if told.grid == UTC_GRID:
        return Grid()
    size = timeframe.seconds * moments.SECOND
    if isinstance(told.grid, int):
        return Grid((told.grid * _MINUTE % size,), told.timezone)
    phases = Counter((opened[opened >= 0] % size).tolist())
    if not phases:
        return Grid()
    commonest = phases.most_common(1)[0][0]
    _refuse_closing(commonest, phases, size)
    if commonest == 0 or commonest % _MINUTE or timeframe.seconds < _LEAST.seconds:
        return Grid()
    seasons = {commonest}
    if timeframe.seconds >= _SEASONAL.seconds:
        seasons |= {other % size for other in (commonest - _HOUR, commonest + _HOUR) if phases[other % size]}
    on = sum(phases[each] for each in seasons)
    return Grid(tuple(sorted(seasons))) if on >= MOST * phases.total() else Grid()


def _refuse_closing(commonest: int, phases: Counter[int], size: int) -> None:
    if commonest and size - commonest <= moments.SECOND and phases[commonest] * 2 > phases.total():
        raise ValueError(
            "time: rows lie just before the timeframe's grid, as the times of closing do; name the column of the "
            "opening with --columns time=NAME"
        )
