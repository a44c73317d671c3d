"""What nobody tells of an instrument is inferred from the digits of its bars, and only ever grows finer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strands.market.bar import Bar, Timeframe
from strands.market.instruments import inferred, steps
from strands.market.instruments.inferred import Shown
from strands.market.instruments.instrument import Sort
from tests.unit.strands.market import walks


def bars(*rows: tuple[str, str]) -> list[Bar]:
    """Return bars that stand at a price, each with its volume."""
    return [
        Bar("X", Timeframe.M1, walks.START + nth * Timeframe.M1.span, *[price] * 4, volume)
        for nth, (price, volume) in enumerate(rows)
    ]


def shown(*rows: tuple[str, str]) -> list[tuple[int, Shown]]:
    return list(inferred.finer(None, bars(*rows)))


def test_the_finest_digit_that_counts_is_the_step() -> None:
    assert shown(("46.50", "12.000"), ("46.25", "3.125"), ("46.3", "1")) == [
        (0, Shown(-1, 0)),
        (1, Shown(-2, -3)),
    ]


@pytest.mark.parametrize(
    ("price", "volume", "expected"),
    [
        ("1.237e-9", "381234567891", Shown(-12, 0)),
        ("0.000000001237", "0.5", Shown(-12, -1)),
        ("0.30000000000000004", "100", Shown(-1, 2)),
        ("46319", "1.00000000", Shown(0, -3)),
        ("39850", "0", Shown(1, -3)),
        ("0.0000000065348", "2492600000000", Shown(-13, 8)),
        ("654321.123456789012", "2", Shown(-6, -4)),
    ],
    ids=["exponents", "small", "noise", "a lot worth much", "tens", "hundreds of millions", "figures"],
)
def test_steps_of_odd_markets(price: str, volume: str, expected: Shown) -> None:
    assert shown((price, volume)) == [(0, expected)]


texts = st.tuples(
    st.decimals("0.01", "999", places=4).map(str), st.decimals("0", "5000", places=5).map(lambda each: f"{each:.5f}")
)


@given(st.lists(texts, min_size=1, max_size=12), st.integers(0, 12))
def test_batches_of_any_size_show_the_same_and_prices_are_multiples(rows: list[tuple[str, str]], cut: int) -> None:
    whole = shown(*rows)
    told = bars(*rows)
    first = list(inferred.finer(None, told[:cut]))
    rest = inferred.finer(first[-1][1] if first else None, told[cut:])
    assert [*first, *((place + cut, each) for place, each in rest)] == whole
    tick = whole[-1][1].values()["tick"]
    assert all(steps.is_multiple(Decimal(price), tick) for price, _ in rows)


@pytest.mark.parametrize(
    ("symbol", "told"),
    [
        ("BTC-PERP", {"base": "BTC", "kind": Sort.PERPETUAL}),
        ("ETH/USDT", {"base": "ETH", "quote": "USDT"}),
        ("ETH/USDT:USDT", {"base": "ETH", "quote": "USDT", "kind": Sort.PERPETUAL}),
        ("BTC_USD", {"base": "BTC", "quote": "USD"}),
        ("BTCUSDT", {}),
    ],
)
def test_a_symbol_tells_what_it_spells_out_and_nothing_else(symbol: str, told: dict[str, Any]) -> None:
    assert inferred.of_name(symbol) == told


@given(st.decimals("1e-12", "1e12", allow_nan=False), st.sampled_from(["0.5", "0.25", "0.001", "3", "1e-9"]))
def test_a_step_against_us_is_the_nearest_one_that_is_no_better(value: Decimal, step: str) -> None:
    size = Decimal(step)
    below, above = steps.against(value, size, side=-1), steps.against(value, size, side=1)
    assert below <= value <= above
    assert above - below in (0, size)
    assert steps.is_multiple(below, size)
    assert steps.is_multiple(above, size)
