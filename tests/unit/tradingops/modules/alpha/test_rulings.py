"""Changes of alpha's policy: in force from the next bar on, for every symbol that they are said of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from strands.rulings.fold import Rulings
from tests.factories import BREAKING_UP, NOON, a_bar
from tests.unit.tradingops.modules.alpha.rulings import a_change
from tradingops.modules.alpha.module import AlphaDetector

DETECTOR = AlphaDetector()
SYMBOLS = ("BTCUSDT", "ETHUSDT")


def signals(symbol: str, rulings: Rulings) -> list[str]:
    """Return the kinds of what a breaking bar of a symbol first seen now gives."""
    bar = a_bar(symbol=symbol, at=NOON + timedelta(hours=1), features=BREAKING_UP)
    _, answers = DETECTOR.handle(DETECTOR.start(symbol), bar, rulings.given(bar.at, "alpha", symbol))
    return [each.kind for each in answers]


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_a_change_for_all_holds_for_every_symbol_also_one_first_heard_of_later(symbol: str):
    assert signals(symbol, Rulings()) == ["signal"]
    assert signals(symbol, Rulings([a_change(min_strength=0.99)])) == []


def test_a_change_of_one_symbol_leaves_the_others_alone():
    rulings = Rulings([a_change("BTCUSDT", min_strength=0.99)])
    assert [signals(each, rulings) for each in SYMBOLS] == [[], ["signal"]]


def test_a_change_holds_from_the_next_bar_on_and_not_before():
    rulings = Rulings()
    state = DETECTOR.start("BTCUSDT")
    kinds = []
    for hours in range(3):
        bar = a_bar(at=NOON + timedelta(hours=hours), features=BREAKING_UP)
        state, answers = DETECTOR.handle(state, bar, rulings.given(bar.at, "alpha", "BTCUSDT"))
        kinds.append([each.kind for each in answers])
        if hours == 1:
            rulings.add(a_change(min_strength=0.99))
    assert kinds == [["signal"], ["signal"], []]
