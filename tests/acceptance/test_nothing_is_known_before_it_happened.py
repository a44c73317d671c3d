"""No look-ahead: what comes after a moment changes nothing that was said up to it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strands.market.bar import Bar
from strands.strand import Strand
from tests.acceptance import markets, story
from tradingops.replay.refold import plain

pytestmark = pytest.mark.in_memory

BARS = markets.simulated("BTC", "ETH", "SOL", moments=500, seed=markets.LIVELY)
MOMENTS = sorted({bar.closed_at for bar in BARS})
TOLD = story.replayed([BARS])


def up_to(strands: dict[str, Strand], at: datetime) -> dict[str, Any]:
    return {each.id: (each.kind, each.tags, plain(dict(each.payload))) for each in strands.values() if each.at <= at}


def scaled(bar: Bar, factor: Decimal) -> Bar:
    prices = {
        name: str((Decimal(getattr(bar, name)) * factor).quantize(Decimal("0.0001")))
        for name in ("open", "high", "low", "close")
    }
    return bar._replace(**prices, volume=str(Decimal(bar.volume) * 3))


@settings(max_examples=8, deadline=None)
@given(place=st.integers(50, 480), percent=st.integers(50, 150), shuffle=st.booleans())
def test_other_bars_after_a_moment_leave_everything_said_up_to_it(place: int, percent: int, shuffle: bool) -> None:
    at = MOMENTS[place]
    before = [bar for bar in BARS if bar.closed_at <= at]
    after = [bar for bar in BARS if bar.closed_at > at]
    if shuffle:
        prices = list(reversed([(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in after]))
        after = [
            bar._replace(open=o, high=h, low=lo, close=c, volume=v)
            for bar, (o, h, lo, c, v) in zip(after, prices, strict=True)
        ]
    after = [scaled(bar, Decimal(percent) / 100) for bar in after]
    assert up_to(story.replayed([[*before, *after]]), at) == up_to(TOLD, at)


def test_no_fill_comes_from_the_bar_that_its_order_was_said_on() -> None:
    orders = {each.id: each for each in TOLD.values() if each.kind == "order"}
    fills = [each for each in TOLD.values() if each.kind == "order_update" and each.payload["vn_update"].get("fill")]
    assert fills
    assert all(each.at > orders[each.payload["vn_update"]["order_id"]].at for each in fills)


def test_the_story_holds_what_it_is_to_prove() -> None:
    assert {each.kind for each in TOLD.values()} >= {
        "signal",
        "decision",
        "order",
        "fill",
        "execution",
        "position",
        "risk_update",
    }


@pytest.mark.parametrize("cut", [1, 200, 499])
def test_a_market_that_ends_early_says_the_same_until_then(cut: int) -> None:
    at = MOMENTS[cut]
    assert up_to(story.replayed([[bar for bar in BARS if bar.closed_at <= at]]), at) == up_to(TOLD, at)
