"""A round trip costs two fees and one spread, and what that is of the risk knows no unit of price."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution import costs, venue
from strands.market.instruments import instrument
from strands.market.instruments.instrument import Sort

CHEAP = venue.Profile(name="cheap", maker_bps=Decimal(1), taker_bps=Decimal(5), latency_ms=5)
DEAR = venue.Profile(name="dear", maker_bps=Decimal(20), taker_bps=Decimal(60), latency_ms=5)
POLICY = costs.CostPolicy(venues=(CHEAP, DEAR))
prices = st.decimals(min_value="0.001", max_value=100_000, places=3)
ranges = st.decimals(min_value=0, max_value="0.2", places=6)
fees = st.decimals(min_value=0, max_value=100, places=2)


def cost(price: str | Decimal = "100", atr: float | None = None, **asked: object) -> costs.Cost:
    return costs.round_trip(price=Decimal(price), atr=atr, policy=POLICY, **asked)  # type: ignore[arg-type]


def test_a_round_trip_takes_twice_and_crosses_the_spread_once() -> None:
    # A range of 1 % has a spread of 5 bps.
    found = cost(atr=1.0)
    assert (found.fee_in, found.fee_out, found.spread) == (0.0005, 0.0005, 0.0005)
    assert found.total == pytest.approx(0.0015)
    assert found.one_side == pytest.approx(0.00075)
    assert found.of_risk(0.006) == pytest.approx(0.25)


def test_the_first_preferred_venue_that_is_known_is_asked() -> None:
    assert cost(preferences=("nowhere", "dear", "cheap")).fee_in == 0.006
    assert cost(preferences=("nowhere",)).fee_in == 0.0005
    assert cost().fee_in == 0.0005


def test_an_instrument_pays_what_its_fee_class_or_kind_pays() -> None:
    published = costs.CostPolicy()
    spot, perpetual = (
        instrument.Instrument(symbol="BTC", kind=kind, sources={}) for kind in (Sort.SPOT, Sort.PERPETUAL)
    )
    paid = [
        costs.round_trip(price=Decimal(100), atr=None, instrument=each, policy=published).fee_in
        for each in (spot, perpetual, None)
    ]
    assert paid == [0.0007, 0.00045, 0.00045]


def test_without_a_range_the_spread_is_the_narrowest() -> None:
    assert cost(atr=None).spread == cost(atr=0.0).spread == 0.0001


@pytest.mark.parametrize("stop_fraction", [0.0, -0.01])
def test_a_stop_that_risks_nothing_has_no_cost_in_risk(stop_fraction: float) -> None:
    assert cost().of_risk(stop_fraction) is None


@given(price=prices, share=ranges, fee=fees, more=fees, wider=ranges)
def test_more_fee_and_more_range_never_cost_less(
    price: Decimal, share: Decimal, fee: Decimal, more: Decimal, wider: Decimal
) -> None:
    def total(taker: Decimal, part: Decimal) -> float:
        policy = costs.CostPolicy(venues=(DEAR.model_copy(update={"taker_bps": taker}),))
        return costs.round_trip(price=price, atr=float(price * part), policy=policy).total

    assert total(fee, share) <= total(fee + more, share)
    assert total(fee, share) <= total(fee, share + wider) + 1e-12


@given(stop=st.floats(1e-4, 0.5), farther=st.floats(1, 100))
def test_a_stop_farther_away_bears_the_same_cost_more_easily(stop: float, farther: float) -> None:
    near, far = cost().of_risk(stop), cost().of_risk(stop * farther)
    assert near is not None
    assert far is not None
    assert far <= near


@given(price=prices, share=ranges, stop=st.floats(1e-4, 0.5), places=st.integers(-12, 12))
def test_cost_in_risk_does_not_depend_on_the_unit_of_price(
    price: Decimal, share: Decimal, stop: float, places: int
) -> None:
    scaled = price.scaleb(places)
    here = cost(price, float(price * share)).of_risk(stop)
    there = cost(scaled, float(scaled * share)).of_risk(stop)
    assert there == pytest.approx(here, rel=1e-9)
