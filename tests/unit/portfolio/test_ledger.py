"""Fills change a book, and cash plus positions is conserved to the last digit."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger

SYMBOLS = ("BTC-PERP", "ETHUSDT")


def a_fill(quantity: str = "1", price: str = "100", *, fee: str = "0", symbol: str = "BTC-PERP") -> ledger.Fill:
    return ledger.Fill(symbol=symbol, quantity=Decimal(quantity), price=Decimal(price), fee=Decimal(fee))


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(min_value=Decimal(low), max_value=Decimal(high), places=places, allow_nan=False)


sizes = decimals("1e-18", "1e15", 18) | decimals("0.001", "10", 3)
prices = decimals("1e-12", "1e12", 12) | decimals("0.5", "100000", 1)
fees = decimals("-1000", "1000", 10)
fills = st.builds(
    lambda symbol, size, sign, price, fee: ledger.Fill(symbol=symbol, quantity=size * sign, price=price, fee=fee),
    st.sampled_from(SYMBOLS),
    sizes,
    st.sampled_from((1, -1)),
    prices,
    fees,
)


def exactly(number: Decimal) -> Fraction:
    return Fraction(*number.as_integer_ratio())


def test_an_opening_buy_costs_cash_and_holds_the_quantity() -> None:
    book = ledger.opening(Decimal(1000)).apply(a_fill("2", "100", fee="0.5"))
    assert book.cash == Decimal("799.5")
    assert book.positions["BTC-PERP"].quantity == 2
    assert book.positions["BTC-PERP"].avg_price == 100


def test_a_second_buy_averages_the_cost() -> None:
    book = ledger.opening(Decimal(1000)).apply(a_fill("1", "100")).apply(a_fill("3", "120"))
    assert book.positions["BTC-PERP"].avg_price == 115


def test_a_sell_realizes_against_the_average_and_leaves_it_alone() -> None:
    book = ledger.opening(Decimal(1000)).apply(a_fill("4", "100")).apply(a_fill("-1", "110"))
    held = book.positions["BTC-PERP"]
    assert (held.quantity, held.avg_price, held.realized_pnl) == (3, 100, 10)


def test_a_sell_beyond_the_position_goes_short() -> None:
    book = ledger.opening(Decimal(1000)).apply(a_fill("1", "100")).apply(a_fill("-3", "110", fee="1"))
    held = book.positions["BTC-PERP"]
    assert (held.side, held.quantity, held.avg_price) == ("short", -2, 110)
    assert (held.realized_pnl, held.fees) == (10, 1)


def test_a_buy_to_cover_realizes_the_fall() -> None:
    book = ledger.opening(Decimal(1000)).apply(a_fill("-2", "100")).apply(a_fill("2", "90"))
    assert book.positions["BTC-PERP"].realized_pnl == 20
    assert book.positions["BTC-PERP"].side == "flat"
    assert book.cash == 1020


def test_a_flip_is_seen_in_the_last_digit_of_a_huge_quantity() -> None:
    held = "1000000000000000.000000000000000001"
    book = ledger.opening(Decimal(0)).apply(a_fill(held)).apply(a_fill("-1000000000000000.000000000000000002"))
    assert book.positions["BTC-PERP"].quantity == Decimal("-1e-18")
    assert book.positions["BTC-PERP"].avg_price == 100


def test_a_flat_position_keeps_no_cost() -> None:
    book = ledger.opening(Decimal(0)).apply(a_fill("3", "0.1")).apply(a_fill("-1", "0.3")).apply(a_fill("-2", "0.7"))
    assert book.positions["BTC-PERP"].cost == 0
    assert book.open_positions == {}


def test_funding_changes_cash_alone() -> None:
    book = ledger.opening(Decimal(10)).fund(Decimal("-2.5"))
    assert (book.cash, book.positions) == (Decimal("7.5"), {})


def test_exposure_counts_longs_and_shorts_and_net_exposure_sets_them_off() -> None:
    book = ledger.opening(Decimal(0)).apply(a_fill("2", "100")).apply(a_fill("-1", "50", symbol="ETHUSDT"))
    marks = {"BTC-PERP": Decimal(100), "ETHUSDT": Decimal(50)}
    assert book.exposure(marks) == 250
    assert book.net_exposure(marks) == 150


def test_a_missing_mark_is_named() -> None:
    book = ledger.opening(Decimal(0)).apply(a_fill())
    with pytest.raises(ledger.LedgerError, match="marks: no price for BTC-PERP"):
        book.value({})


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ({"quantity": "0"}, "quantity"),
        ({"price": "0"}, "price"),
        ({"price": "-1"}, "price"),
        ({"fee": "NaN"}, "fee"),
        ({"quantity": "Infinity"}, "quantity"),
        ({"price": "1e41"}, "price"),
    ],
)
def test_a_fill_with_an_impossible_number_is_refused_by_its_field(numbers: dict[str, str], field: str) -> None:
    with pytest.raises(ledger.LedgerError, match=f"^{field}:"):
        a_fill(**numbers)


@given(initial=decimals("-1e12", "1e12", 8), story=st.lists(fills, max_size=30), final=prices)
def test_every_digit_of_the_money_is_accounted_for(initial: Decimal, story: list[ledger.Fill], final: Decimal) -> None:
    book = ledger.opening(initial)
    for fill in story:
        book = book.apply(fill)
    marks = dict.fromkeys(SYMBOLS, final)
    earned = exactly(book.realized_pnl) + exactly(book.unrealized(marks)) - exactly(book.fees)
    assert exactly(book.value(marks)) - exactly(initial) == earned


@given(story=st.lists(fills, min_size=1, max_size=15), more=fills)
def test_a_fill_changes_the_value_at_its_price_by_its_fee_alone(story: list[ledger.Fill], more: ledger.Fill) -> None:
    book = ledger.opening(Decimal(0))
    for fill in story:
        book = book.apply(fill)
    marks = dict.fromkeys(SYMBOLS, more.price)
    assert exactly(book.apply(more).value(marks)) == exactly(book.value(marks)) - exactly(more.fee)


@given(story=st.lists(fills, max_size=30))
def test_the_quantity_held_is_the_sum_of_the_fills(story: list[ledger.Fill]) -> None:
    book = ledger.opening(Decimal(0))
    for fill in story:
        book = book.apply(fill)
    for symbol in SYMBOLS:
        total = sum((exactly(fill.quantity) for fill in story if fill.symbol == symbol), Fraction(0))
        assert exactly(book.position(symbol).quantity) == total


@given(first=fills, share=st.integers(min_value=1, max_value=99))
def test_a_partial_close_leaves_the_average_price_where_it_was(first: ledger.Fill, share: int) -> None:
    opened = ledger.Position(symbol=first.symbol).apply(first)
    part = ledger.Fill(symbol=first.symbol, quantity=-first.quantity * share / 100, price=first.price)
    left = opened.apply(part)
    drift = abs(left.cost - left.quantity * first.price)
    assert drift <= ledger.COST_STEP + abs(opened.cost) * Decimal("1e-26")


def times(factor: int, quantity: Decimal) -> Decimal:
    """Return a multiple of a quantity, every digit of it."""
    return ledger.EXACT.multiply(Decimal(factor), quantity)


@given(fill=fills)
def test_a_flip_is_a_close_and_an_opening(fill: ledger.Fill) -> None:
    before = ledger.Position(symbol=fill.symbol).apply(fill)
    over = ledger.Fill(symbol=fill.symbol, quantity=times(-3, fill.quantity), price=fill.price)
    at_once = before.apply(over)
    shut = ledger.Fill(symbol=fill.symbol, quantity=-fill.quantity, price=fill.price)
    opened = ledger.Fill(symbol=fill.symbol, quantity=times(-2, fill.quantity), price=fill.price)
    assert at_once == before.apply(shut).apply(opened)


@given(initial=decimals("0", "1e12", 8), story=st.lists(fills, max_size=10))
def test_a_book_survives_json_exactly(initial: Decimal, story: list[ledger.Fill]) -> None:
    book = ledger.opening(initial)
    for fill in story:
        book = book.apply(fill)
    assert ledger.book_from(json.loads(json.dumps(book.to_json()))) == book


@pytest.mark.parametrize(
    ("number", "plain"),
    [("46319.50", "46319.5"), ("1E+3", "1000"), ("0E-8", "0"), ("-0", "0"), ("1e-7", "0.0000001")],
)
def test_text_is_plain_digits(number: str, plain: str) -> None:
    assert ledger.text(Decimal(number)) == plain


@pytest.mark.parametrize(("quantity", "side"), [("0.5", "long"), ("-0.5", "short"), ("1", "long"), ("-1", "short")])
def test_the_side_is_that_of_any_quantity_however_small(quantity: str, side: str):
    assert ledger.Position(symbol="X").apply(a_fill(quantity)).side == side


def test_an_average_price_has_twenty_eight_figures():
    held = ledger.Position(symbol="X").apply(a_fill("1", "1")).apply(a_fill("2", "2"))
    assert str(held.avg_price) == "1.666666666666666666666666667"


@pytest.mark.parametrize(("within", "beyond"), [("9e39", "1e40"), ("1e-40", "1e-41")])
def test_a_number_counts_below_ten_to_the_power_of_forty_and_no_further(within: str, beyond: str):
    assert a_fill("1", within).price == Decimal(within)
    with pytest.raises(ledger.LedgerError, match="price"):
        a_fill("1", beyond)
