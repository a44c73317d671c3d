"""Fitting: whether bars lie on the steps that a list of instruments names."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from strands.market.bar import Bar
from strands.market.instruments import steps
from strands.market.instruments.instrument import Instrument


def off(instrument: Instrument | None, bars: Iterable[Bar]) -> list[str]:
    """Return in words how many prices lie between ticks and how many volumes between lots; nothing where none does."""
    if instrument is None or (instrument.tick is None and instrument.lot is None):
        return []
    all_bars = list(bars)
    found = (
        ("prices", "tick", instrument.tick, [text for bar in all_bars for text in bar[3:7]]),
        ("volumes", "lot", instrument.lot, [bar.volume for bar in all_bars]),
    )
    told = ((what, name, step, _between(texts, step), len(texts)) for what, name, step, texts in found if step)
    return [
        f"{len(wrong)} of {among} {what} lie between multiples of the {name} {step:f}, such as {wrong[0]}"
        for what, name, step, wrong, among in told
        if wrong
    ]


def _between(texts: Iterable[str], step: Decimal) -> list[str]:
    return [text for text in texts if not steps.is_multiple(Decimal(text), step)]
