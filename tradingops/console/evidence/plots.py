"""The tape as small drawings: one a feature, each token's value in [0, 1] over the rows of the last window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from curators.dsi.tape import Tape
from strands import figures

WIDTH, HEIGHT = 200.0, 44.0

MEANS = {
    "bid_ask_spread": "spread",
    "mid_price": "middle price",
    "volume_imbalance": "buying against selling",
    "price_impact": "spread over price",
    "depth_ratio": "bids over asks",
    "trade_size": "size",
    "trade_price": "price",
    "trade_direction": "direction",
    "trade_intensity": "trades a row",
    "trade_aggression": "market orders’ share",
    "volume": "volume",
    "volume_rate": "volume a second",
    "volume_volatility": "unevenness of volume",
    "volume_momentum": "volume now against before",
    "spread_volume_ratio": "spread over volume",
    "imbalance_intensity": "imbalance by intensity",
    "price_volume_correlation": "price with volume",
}


@dataclass(frozen=True, slots=True)
class Strip:
    """One feature: its lines, broken where the tape says nothing, and the same in words."""

    name: str
    lines: tuple[str, ...]
    last: float | None
    told: str

    width, height = WIDTH, HEIGHT


def strips(tape: Tape) -> list[Strip]:
    """Return the features of a tape's last window, in the tape's order."""
    window = tape.windows[-1]
    return [strip(name, window[:, place].tolist()) for place, name in enumerate(tape.names)]


def strip(name: str, values: Sequence[float]) -> Strip:
    """Return one feature's drawing; what is not a number is a gap."""
    known = [value for value in values if value == value]
    last = values[-1] if values and values[-1] == values[-1] else None
    title = MEANS.get(name, figures.spaced(name))
    if not known:
        return Strip(title, (), None, f"{title}: absent")
    began, ended = figures.score(known[0]), figures.score(known[-1])
    told = f"{title}: from {began} to {ended}, {len(known)} of {len(values)} rows known"
    return Strip(title, tuple(_lines(values)), last, told)


def _lines(values: Sequence[float]) -> list[str]:
    """Return a polyline for each unbroken run of numbers."""
    step = WIDTH / max(1, len(values) - 1)
    places = [(nth * step, value) for nth, value in enumerate(values)]
    runs = groupby(places, key=lambda place: place[1] == place[1])
    return [" ".join(f"{x:.1f},{HEIGHT * (1 - y):.1f}" for x, y in run) for is_known, run in runs if is_known]
