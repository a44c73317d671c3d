"""Exposure: positions as fractions of what the book is worth."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger
from portfolio.exposure import Exposure, exposure_of


def book_with(**quantities: int) -> ledger.Book:
    book = ledger.opening(Decimal(100_000))
    for symbol, quantity in quantities.items():
        book = book.apply(ledger.Fill(symbol=symbol, quantity=Decimal(quantity), price=Decimal(100)))
    return book


MARKS = {"BTC": Decimal(100), "ETH": Decimal(100), "SOL": Decimal(100)}


def test_a_long_and_a_short_add_up_gross_and_cancel_net():
    exposure = exposure_of(book_with(BTC=200, ETH=-100), MARKS)
    assert dict(exposure.weights) == {"BTC": 0.2, "ETH": -0.1}
    assert exposure.gross == pytest.approx(0.3)
    assert exposure.net == pytest.approx(0.1)
    assert exposure.largest == 0.2


def test_one_small_position_is_no_concentration_of_value_but_all_of_the_holdings():
    exposure = exposure_of(book_with(BTC=100), MARKS)
    assert exposure.concentration == pytest.approx(0.01)
    assert exposure.holdings_hhi == 1.0


def test_cash_alone_is_no_exposure():
    exposure = exposure_of(book_with(), {})
    assert (exposure.gross, exposure.net, exposure.largest, exposure.concentration, exposure.holdings_hhi) == (0,) * 5


def test_weights_follow_the_mark_and_not_the_cost():
    assert exposure_of(book_with(BTC=100), {"BTC": Decimal(200)}).weights["BTC"] == pytest.approx(20_000 / 110_000)


def test_a_book_worth_nothing_shows_shares_of_its_gross_sum():
    exposure = exposure_of(book_with(BTC=-1000, ETH=-500), {"BTC": Decimal(300), "ETH": Decimal(100)})
    assert exposure.gross == pytest.approx(1.0)
    assert exposure.net == pytest.approx(-1.0)


def test_a_position_without_a_mark_is_refused():
    with pytest.raises(ledger.LedgerError, match="BTC"):
        exposure_of(book_with(BTC=1), {})


@given(st.lists(st.floats(-2, 2), max_size=8))
def test_net_never_exceeds_gross_nor_the_largest(weights):
    exposure = Exposure({str(nth): weight for nth, weight in enumerate(weights)})
    assert abs(exposure.net) <= exposure.gross + 1e-12
    assert exposure.largest <= exposure.gross + 1e-12
    assert exposure.concentration <= exposure.gross * exposure.largest + 1e-12
