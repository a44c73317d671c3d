"""Spread, impact and fees: the formulas at their edges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution import fees, slippage

POLICY = slippage.SlippagePolicy()
sizes = st.decimals(min_value=0, max_value=1000, places=3)


@pytest.mark.parametrize(
    ("depths", "fraction"),
    [("0", "0"), ("0.5", "0.0005"), ("1", "0.001"), ("1.5", "0.00225"), ("2", "0.006"), ("9", "0.01")],
)
def test_impact_is_linear_to_the_depth_then_quadratic_to_the_cap(depths: str, fraction: str) -> None:
    moved = slippage.impact(quantity=Decimal(depths) * 7, depth=Decimal(7), policy=POLICY)
    assert moved == Decimal(fraction)


def test_without_depth_the_impact_is_the_cap() -> None:
    assert slippage.impact(quantity=Decimal(1), depth=Decimal(0), policy=POLICY) == POLICY.impact_cap


@given(one=sizes, other=sizes)
def test_more_never_moves_the_price_less(one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))
    moved = [slippage.impact(quantity=each, depth=Decimal(10), policy=POLICY) for each in (less, more)]
    assert moved[0] <= moved[1] <= POLICY.impact_cap


@pytest.mark.parametrize(("span", "bps"), [("0", "1"), ("1", "5"), ("2", "10"), ("50", "50")])
def test_the_spread_is_a_share_of_the_range_within_its_bounds(span: str, bps: str) -> None:
    assert slippage.spread_bps(span=Decimal(span), price=Decimal(100), policy=POLICY) == Decimal(bps)


def test_volume_in_currency_is_turned_into_units() -> None:
    quoted = slippage.SlippagePolicy(volume_unit="quote")
    assert slippage.units(volume=Decimal(4600), price=Decimal(46), policy=quoted) == 100
    assert slippage.units(volume=Decimal(4600), price=Decimal(46), policy=POLICY) == 4600


@pytest.mark.parametrize(
    ("price", "bps", "fee"),
    [
        ("100", "0.5", "0.015"),
        ("100", "-1", "-0.03"),
        ("1.237e-9", "0.1", "3.711e-14"),
        ("1e-39", "0.1", "1e-40"),
        ("100", "0", "0"),
    ],
)
def test_a_fee_keeps_every_digit_that_the_ledger_takes(price: str, bps: str, fee: str) -> None:
    assert fees.fee(quantity=Decimal(3), price=Decimal(price), fee_bps=Decimal(bps)) == Decimal(fee)
