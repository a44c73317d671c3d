"""Anomalies: bars unlike those before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

from tradingops.modules.alpha.policy import AnomalyLimits

_DECIMALS = 6


class AnomalyType(StrEnum):
    """What was unlike."""

    PRICE_MOVE = "price_move"
    VOLUME_SPIKE = "volume_spike"
    RANGE_SHOCK = "range_shock"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One finding: a signed value whose size lies beyond its limit, both in the unit of the limit's setting."""

    type: AnomalyType
    value: float
    limit: float

    @property
    def score(self) -> float:
        """How far beyond, in (0.5, 1): ``size / (size + limit)``, which is a half at the limit."""
        size = abs(self.value)
        return round(size / (size + self.limit), _DECIMALS)

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON."""
        value = round(self.value, _DECIMALS)
        return {"anomaly_type": self.type.value, "anomaly_score": self.score, "value": value, "limit": self.limit}


_NONE: Sequence[Anomaly] = ()


def seen_in(bar: Mapping[str, str], features: Mapping[str, Any], limits: AnomalyLimits) -> Sequence[Anomaly]:
    """Return what is unlike in a bar; features that are missing or not finite say nothing."""
    get = features.get
    atr, vol, close = get("atr_14"), get("vol_100"), get("close")
    if not (atr and vol and close):
        return _NONE
    move, volume = get("anomaly_z") or 0.0, get("volume_ratio") or 0.0
    spread = (float(bar["high"]) - float(bar["low"])) / atr
    change = get("ret_1")
    # The close before is close / (1 + ret_1); the gap is what the open made of it.
    gap = 0.0 if change is None else (float(bar["open"]) * (1.0 + change) / close - 1.0) / vol
    if (
        -limits.price_move <= move <= limits.price_move
        and volume <= limits.volume_spike
        and spread <= limits.range_shock
        and -limits.gap <= gap <= limits.gap
    ):
        return _NONE
    found = (
        Anomaly(AnomalyType.PRICE_MOVE, move, limits.price_move),
        Anomaly(AnomalyType.VOLUME_SPIKE, volume, limits.volume_spike),
        Anomaly(AnomalyType.RANGE_SHOCK, spread, limits.range_shock),
        Anomaly(AnomalyType.GAP, gap, limits.gap),
    )
    return [each for each in found if isfinite(each.value) and abs(each.value) > each.limit]
