"""Sizes never exceed what the brakes allow, and quantities never cost more than the money meant for them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import sizing
from strands.market.instruments import instrument

shares = st.floats(0, 1)
positive = st.decimals("0.00000001", "1000000", places=8)


def a_budget(**changed: float) -> sizing.Budget:
    given = {"base": 0.01, "strength": 0.8, "drawdown": 0.0, "scaling": 1.0, **changed}
    return sizing.risk_budget(**given, kelly=sizing.Kelly(), brakes=sizing.Brakes())


def test_the_default_budget_is_one_percent_at_half_kelly():
    budget = a_budget()
    assert (budget.risk_budget, budget.kelly, budget.kelly_brake) == (0.01, 0.5, 0.125)


def test_a_budget_that_nobody_scales_is_its_base():
    unscaled = sizing.risk_budget(base=0.01, strength=0.8, drawdown=0.0, kelly=sizing.Kelly(), brakes=sizing.Brakes())
    assert (unscaled.scaling, unscaled.risk_budget) == (1.0, 0.01)


def test_kelly_is_strength_times_edge_over_variance():
    assert sizing.Kelly(edge=0.01, deviation=0.2).fraction(0.6) == pytest.approx(0.15)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"base": 0.3}, 0.10),
        ({"base": 0.3, "strength": 0.008}, 0.05),
        ({"scaling": 2.0}, 0.02),
        ({"drawdown": 0.05}, 0.005),
        ({"drawdown": 0.2}, 0.0),
    ],
    ids=["the ceiling", "a quarter of Kelly", "the scaling", "half the drawdown borne", "more than the drawdown borne"],
)
def test_each_brake_decides_where_it_is_the_tightest(changed: dict[str, float], expected: float):
    assert a_budget(**changed).risk_budget == pytest.approx(expected)


@given(shares, shares, shares)
def test_more_drawdown_never_gives_more(strength: float, one: float, other: float):
    less, more = sorted((one, other))
    assert (
        a_budget(strength=strength, drawdown=more).risk_budget <= a_budget(strength=strength, drawdown=less).risk_budget
    )


@given(shares, shares, st.floats(1, 2))
def test_a_budget_lies_between_nothing_and_its_ceiling(strength: float, drawdown: float, scaling: float):
    assert 0 <= a_budget(strength=strength, drawdown=drawdown, scaling=scaling).risk_budget <= 0.10


def test_a_stop_twice_as_far_halves_the_size():
    near, far = (sizing.size_for_risk(budget=0.01, stop_distance=distance) for distance in (0.02, 0.04))
    assert (near, far) == (0.5, 0.25)


def test_a_stop_on_the_wrong_side_gives_no_size():
    assert sizing.size_for_risk(budget=0.01, stop_distance=-0.02) == 0


@given(shares, positive, positive, positive)
def test_a_quantity_is_whole_lots_and_costs_at_most_its_money(
    fraction: float, value: Decimal, price: Decimal, step: Decimal
):
    lots = instrument.made("X-PERP", {"lot": step}, source=instrument.Source.FILE)
    wanted = sizing.quantity(fraction=fraction, value=value, price=price)
    quantity = sizing.in_lots(wanted, price=price, instrument=lots)
    assert quantity >= 0
    assert sizing.SIZES.remainder(quantity, step) == 0
    assert quantity * price <= Decimal(repr(fraction)) * value
    assert (quantity + step) * price > Decimal(repr(fraction)) * value * Decimal("0.999999999999")


@pytest.mark.parametrize(("fraction", "value"), [(0.0, "100"), (-0.1, "100"), (0.1, "0"), (0.1, "-5")])
def test_nothing_is_bought_without_a_share_or_money(fraction: float, value: str):
    assert sizing.quantity(fraction=fraction, value=Decimal(value), price=Decimal(1)) == 0


@pytest.mark.parametrize("price", ["0", "-1", "NaN"])
def test_a_price_that_is_not_positive_is_refused_by_name(price: str):
    with pytest.raises(ValueError, match="price"):
        sizing.quantity(fraction=0.1, value=Decimal(100), price=Decimal(price))


def test_a_stop_at_the_entry_gives_no_size():
    assert sizing.size_for_risk(budget=0.01, stop_distance=0.0) == 0


@pytest.mark.parametrize(("drawdown", "factor"), [(-0.05, 1.0), (0.0, 1.0), (0.05, 0.5), (0.1, 0.0), (0.2, 0.0)])
def test_the_brake_of_a_drawdown_is_a_straight_line_from_all_to_nothing(drawdown: float, factor: float):
    assert sizing.Brakes(max_drawdown=0.1).drawdown_factor(drawdown) == pytest.approx(factor)


def test_a_quantity_whose_lot_nobody_told_is_cut_to_eight_figures():
    cut = sizing.in_lots(Decimal("1.23456789123"), price=Decimal(1), instrument=None)
    assert cut == Decimal("1.2345678")


def test_one_order_holds_at_most_what_the_instrument_lets_it_also_where_nobody_told_the_lot():
    told = instrument.made("X", {"greatest_quantity": "8"}, source=instrument.Source.FILE)
    assert sizing.in_lots(Decimal("10.2"), price=Decimal(10), instrument=told) == Decimal(8)


BOUNDED = {"lot": "0.5", "least_quantity": "2", "least_notional": "30", "greatest_quantity": "8"}


@pytest.mark.parametrize(
    ("bounds", "most"), [({}, "10"), ({"greatest_quantity": "8"}, "8"), ({"greatest_notional": "35"}, "3.5")]
)
def test_one_order_holds_at_most_what_the_instrument_lets_it(bounds: dict[str, str], most: str):
    told = instrument.made("X", {"lot": "0.5", **bounds}, source=instrument.Source.FILE)
    assert sizing.in_lots(Decimal("10.2"), price=Decimal(10), instrument=told) == Decimal(most)


@pytest.mark.parametrize(
    ("quantity", "price", "times"), [("4", "10", 40 / 30), ("1", "100", 0.5), ("2", "15", 1.0), ("1", "15", 0.5)]
)
def test_an_order_is_so_many_times_the_least_one_as_the_tighter_bound_says(quantity: str, price: str, times: float):
    told = instrument.made("X", BOUNDED, source=instrument.Source.FILE)
    found = sizing.of_least(Decimal(quantity), price=Decimal(price), instrument=told)
    assert found == pytest.approx(times)


def test_nothing_is_the_least_order_of_an_instrument_that_has_none_or_that_nobody_told():
    told = instrument.made("X", {"lot": "1"}, source=instrument.Source.FILE)
    assert [sizing.of_least(Decimal(1), price=Decimal(1), instrument=each) for each in (None, told)] == [None, None]
