"""A mandate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tradingops.mandates import mandate
from tradingops.mandates.mandate import EVERY, Deed, Mandate

NARROW = Mandate(
    name="night desk",
    symbols=frozenset({"BTC-PERP", "ETH-PERP"}),
    venues=frozenset({"binance"}),
    modes=frozenset({"paper"}),
    most_notional=Decimal(5_000),
)


def test_none_at_all_bounds_nothing():
    assert (
        mandate.refusal(mandate.UNBOUNDED, Deed(symbol="ANY", venue="any", notional=Decimal(10**9), mode="live")) == ""
    )
    assert mandate.symbols(mandate.UNBOUNDED) is None


def test_an_empty_field_bounds_nothing():
    assert mandate.refusal([Mandate()], Deed(symbol=EVERY, venue=EVERY, notional=Decimal(10**9), mode="live")) == ""


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (Deed(symbol="SOL-PERP"), "symbol: SOL-PERP is outside"),
        (Deed(symbol=EVERY), "symbol: every one is outside"),
        (Deed(symbol="btc-perp"), "symbol: btc-perp is outside"),
        (Deed(venue="kraken"), "venue: kraken is outside"),
        (Deed(mode="live"), "mode: live is outside"),
        (Deed(notional=Decimal("5000.01")), "size: 5000.01 is more"),
        (Deed(notional=Decimal(-6_000)), "size: 6000 is more"),
        (Deed(notional=Decimal("NaN")), "size: NaN is more"),
    ],
)
def test_what_lies_outside_is_refused_with_the_field_the_value_and_the_mandate(deed, words):
    said = mandate.refusal([NARROW], deed)
    assert said.startswith(words)
    assert "night desk" in said


@pytest.mark.parametrize(
    "deed", [Deed(), Deed(symbol="BTC-PERP", venue="binance", mode="paper", notional=Decimal(5_000))]
)
def test_what_lies_within_passes_reached_exactly_included(deed):
    assert mandate.refusal([NARROW], deed) == ""


def test_one_more_mandate_never_lets_anybody_do_more():
    wide = Mandate(symbols=frozenset({"ETH-PERP", "SOL-PERP"}))
    assert mandate.symbols([NARROW, wide]) == {"ETH-PERP"}
    for symbol in ("BTC-PERP", "SOL-PERP"):
        assert mandate.refusal([NARROW, wide], Deed(symbol=symbol))
    assert mandate.symbols([Mandate(symbols=frozenset({"A"})), Mandate(symbols=frozenset({"B"}))]) == frozenset()


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("desk", True),
        ("module:alpha", True),
        ("venue:binance", True),
        ("symbol:SOL-PERP", True),
        ("symbol:BTC-PERP", False),
    ],
)
def test_a_scope_lies_within_where_all_that_it_stops_does(scope, refused):
    assert bool(mandate.refusal([NARROW], mandate.of_scope(scope))) is refused
