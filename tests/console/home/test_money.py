"""What Home says was earned: parts that sum to equity, in each span, whatever the risk manager said before."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tradingops.console.home import money

amounts = some.decimals(-10_000, 10_000, places=3)


def a_book(**told: Any) -> dict[str, Any]:
    book = {"portfolio_value": "1000", "realized_pnl": "0", "fees": "0", "funding": "0", "positions": {}}
    return {**book, **told}


def told(now: Any, *, day: Any = None, week: Any = None) -> list[money.Earned]:
    return money.spans(now, day=day, week=week, trades=[(1, 1), (4, 2), (9, 3)])


@given(some.lists(some.tuples(*[amounts] * 5), min_size=3, max_size=3), amounts)
def test_what_it_began_with_and_the_parts_are_the_equity(books: list[tuple[Decimal, ...]], daily: Decimal) -> None:
    said = [
        a_book(
            **dict(zip(("portfolio_value", "realized_pnl", "fees", "funding"), map(str, each), strict=False)),
            positions={"BTC": {"unrealized": str(each[4])}},
            daily_pnl=str(daily),
        )
        for each in books
    ]
    for each in told(said[0], day=said[1], week=said[2]):
        assert each.begun + each.realized + each.unrealized - each.fees - each.funding == each.value
        assert each.change == each.value - each.begun


def test_all_begins_with_the_cash_that_the_book_was_opened_with() -> None:
    now = a_book(portfolio_value="100050", realized_pnl="80", fees="20", funding="5", **_held("-5"))
    *_, whole = told(now)
    assert (whole.begun, whole.change) == (Decimal(100_000), Decimal(50))
    assert (whole.unrealized, whole.trades, whole.wins) == (Decimal(-5), 9, 3)


def test_today_is_what_was_said_since_the_day_began_and_its_change_is_the_risk_managers() -> None:
    before = a_book(portfolio_value="1010", realized_pnl="12", fees="2")
    now = a_book(portfolio_value="1030", realized_pnl="40", fees="5", daily_pnl="21", **_held("-5"))
    today = told(now, day=before)[0]
    assert (today.realized, today.fees, today.change) == (Decimal(28), Decimal(3), Decimal(21))
    assert today.unrealized == Decimal(-4)


def test_before_the_first_word_of_a_span_the_book_was_what_it_began_with() -> None:
    today, week, whole = told(a_book(portfolio_value="1030", realized_pnl="30"))
    assert today.change == week.change == whole.change == Decimal(30)


@pytest.mark.parametrize("poison", [None, "[]", 7, {"portfolio_value": "x"}, a_book(positions={"BTC": 3})])
def test_a_book_that_cannot_be_read_tells_nothing(poison: Any) -> None:
    assert told(poison) == []
    assert money.lines([]) == []


def test_the_days_are_those_of_utc_and_the_seventh_is_today() -> None:
    day, week = money.starts(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    assert (day, week) == (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 2, 24, tzinfo=UTC))


def test_costs_are_shown_as_what_they_take() -> None:
    lines = {each["name"]: each["cells"] for each in money.lines(told(a_book(fees="3", funding="-2")))}
    assert [cell["text"] for cell in lines["Fees"]] == ["-3.00"] * 3
    assert [cell["text"] for cell in lines["Funding"]] == ["+2.00"] * 3
    assert [cell["text"] for cell in lines["Won"]] == ["100 %", "50 %", "33 %"]


def _held(unrealized: str) -> dict[str, Any]:
    return {"positions": {"BTC": {"unrealized": unrealized}}}
