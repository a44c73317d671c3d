"""Bars laid beside a list of instruments: what lies between its steps is counted and shown."""

from __future__ import annotations

from strands.market.instruments import fitting, listed
from tests.unit.strands.market import walks


def test_prices_between_ticks_and_volumes_between_lots_are_counted_with_an_example() -> None:
    bar, other = (
        each._replace(open="10.5", high="11", low="10", close="10.50", volume="3") for each in walks.walk(rows=2)
    )
    odd = other._replace(close="10.30", volume="0.25")
    instrument = listed.read("a.yaml", "X: {tick: 0.5, lot: 0.1}")["X"]
    assert fitting.off(instrument, [bar, odd]) == [
        "1 of 8 prices lie between multiples of the tick 0.5, such as 10.30",
        "1 of 2 volumes lie between multiples of the lot 0.1, such as 0.25",
    ]
    assert fitting.off(instrument, [bar]) == fitting.off(None, [odd]) == []
