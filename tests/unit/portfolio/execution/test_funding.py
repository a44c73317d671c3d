"""Funding is settled at whole intervals of UTC: once each, on what was held then, at the rate of the bar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import ledger
from portfolio.execution import funding
from portfolio.execution.fill import Fill, Liquidity
from portfolio.execution.order import Side
from portfolio.execution.traded import Traded

EIGHT = datetime(2023, 5, 4, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RATE = Decimal("0.0003")


def a_bar(opened_at: datetime, *, length: timedelta = MINUTE, opens: str = "50") -> Traded:
    price = Decimal(opens)
    return Traded(opened_at, opened_at + length, price, price + 9, price - 9, price + 5, Decimal(1000))


def a_fill(at: datetime, quantity: str, *, side: Side = Side.BUY, venue: str = "binance") -> Fill:
    return Fill(
        price=Decimal(50),
        quantity=Decimal(quantity),
        side=side,
        at=at.isoformat(),
        venue=venue,
        fee=ledger.ZERO,
        latency_ms=5,
        spread_bps=0,
        impact_bps=0,
        liquidity=Liquidity.TAKER,
    )


def settle(bar: Traded, *, held: str = "4", after: str | None = None, hours: int = 8, **told: Any) -> funding.Settled:
    given = {"rate": RATE, "fills": [], "due": {}, **told}
    return funding.settled(
        bar,
        before={"binance": Decimal(held)},
        after={"binance": Decimal(held if after is None else after)},
        hours={"binance": Decimal(hours)},
        **given,
    )


def paid(settled: funding.Settled) -> list[tuple[datetime, Decimal]]:
    return [(each.settled_at, each.paid) for each in settled.payments]


@pytest.mark.parametrize("late", [timedelta(0), MINUTE, 59 * MINUTE])
def test_of_the_moments_between_two_bars_only_the_last_is_charged(late: timedelta) -> None:
    """Nobody told the rate of the others: a feed that was silent for a month may not charge it at one bar's rate."""
    then, due = EIGHT + 30 * 24 * HOUR, {"binance": EIGHT}
    settled = settle(a_bar(then + late), hours=1, due=due)
    assert [at for at, _ in paid(settled)] == [then]


@pytest.mark.parametrize(("held", "rate", "cost"), [("4", 1, 2), ("4", -1, -2), ("-4", 1, -2), ("-4", -1, 2)])
def test_a_long_pays_a_positive_rate_on_its_value_and_a_short_receives_it(held: str, rate: int, cost: int) -> None:
    settled = settle(a_bar(EIGHT), held=held, rate=rate * Decimal("0.01"))
    assert paid(settled) == [(EIGHT, cost)]


@pytest.mark.parametrize("minutes", [-2, -1, 1, 240, 479])
def test_between_the_moments_of_settlement_nothing_is_charged(minutes: int) -> None:
    assert paid(settle(a_bar(EIGHT + minutes * MINUTE))) == []


@pytest.mark.parametrize("rate", [None, Decimal(0)])
def test_where_no_rate_is_told_nothing_is_charged_and_the_moment_has_passed(rate: Decimal | None) -> None:
    settled = settle(a_bar(EIGHT), rate=rate)
    assert (paid(settled), settled.due) == ([], {"binance": EIGHT + 8 * HOUR})
    assert paid(settle(a_bar(EIGHT + MINUTE), due=settled.due)) == []


def test_a_moment_is_charged_once_however_often_its_bar_is_told() -> None:
    first = settle(a_bar(EIGHT))
    assert paid(first) == [(EIGHT, Decimal("0.06"))]
    again = settle(a_bar(EIGHT), due=first.due)
    assert (paid(again), again.due) == ([], first.due)


def test_an_older_bar_that_is_told_again_makes_nothing_due_again() -> None:
    due = settle(a_bar(EIGHT)).due
    older = settle(a_bar(EIGHT - 2 * MINUTE), due=due)
    assert (paid(older), older.due) == ([], due)


def test_a_fill_at_the_very_moment_came_after_it() -> None:
    assert paid(settle(a_bar(EIGHT), held="0", after="4", fills=[a_fill(EIGHT, "4")])) == []


def test_what_was_held_at_the_moment_counts_and_not_what_is_held_after_the_bar() -> None:
    bought = a_fill(EIGHT + timedelta(milliseconds=5), "4")
    assert paid(settle(a_bar(EIGHT), held="0", after="4", fills=[bought])) == []
    sold = a_fill(EIGHT + timedelta(milliseconds=5), "4", side=Side.SELL)
    assert paid(settle(a_bar(EIGHT), held="4", after="0", fills=[sold])) == [(EIGHT, Decimal("0.06"))]


def test_a_long_bar_settles_each_of_its_moments_on_what_was_held_by_then() -> None:
    fills = [a_fill(EIGHT + MINUTE, "6"), a_fill(EIGHT + 90 * MINUTE, "10", side=Side.SELL)]
    settled = settle(a_bar(EIGHT, length=4 * HOUR), held="4", after="0", hours=1, fills=fills)
    each = RATE * 50
    assert paid(settled) == [(EIGHT, 4 * each), (EIGHT + HOUR, 10 * each)]
    assert [payment.follows for payment in settled.payments] == [0, 1]
    assert settled.due == {}


def test_a_moment_that_no_bar_holds_falls_to_the_next_one() -> None:
    due = settle(a_bar(EIGHT - 3 * MINUTE)).due
    assert due == {"binance": EIGHT}
    late = a_bar(EIGHT + 5 * MINUTE, opens="60")
    assert paid(settle(late, due=due)) == [(EIGHT, Decimal("0.072"))]


def test_what_was_flat_owes_nothing_for_the_time_before() -> None:
    bought = a_fill(EIGHT + 5 * HOUR, "4")
    settled = settle(a_bar(EIGHT + 5 * HOUR), held="0", after="4", fills=[bought])
    assert (paid(settled), settled.due) == ([], {"binance": EIGHT + 8 * HOUR})


@given(
    hours=st.sampled_from([1, 4, 8]),
    minutes=st.lists(st.integers(1, 300), min_size=1, max_size=12),
    held=st.integers(-5, 5).filter(bool),
)
def test_however_a_stretch_is_cut_into_bars_it_costs_the_same(hours: int, minutes: list[int], held: int) -> None:
    def cost(lengths: list[int]) -> list[datetime]:
        at, due, moments = EIGHT - HOUR, funding.NOTHING_DUE, []
        for each in lengths:
            settled = settle(a_bar(at, length=each * MINUTE), held=str(held), hours=hours, due=due)
            at, due = at + each * MINUTE, settled.due
            moments += [payment.settled_at for payment in settled.payments]
        return moments

    assert cost(minutes) == cost([sum(minutes)])


@pytest.mark.parametrize("told", ["NaN", "Infinity", "1e60"])
def test_a_rate_that_is_no_number_is_refused(told: str) -> None:
    with pytest.raises(ledger.LedgerError, match=r"funding_rate: .* is no rate; tell it as a fraction"):
        funding.rate_of({"funding_rate": told})


@pytest.mark.parametrize(("told", "rate"), [({}, None), ({"funding_rate": ""}, None), ({"funding_rate": "-1e-4"}, -1)])
def test_a_bar_tells_a_rate_or_none(told: dict[str, str], rate: int | None) -> None:
    assert funding.rate_of(told) == (None if rate is None else Decimal(rate) / 10_000)
