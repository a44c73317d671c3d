"""The paper venue: where its prices come from, what it shares out, and how long orders travel."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution.fill import Fill, Liquidity
from portfolio.execution.order import Status
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from strands.market.instruments.instrument import Source, made
from tests.trading import MINUTE, NOON, an_order, traded

PLAIN = PaperPolicy(spread_floor_bps=0, spread_range_share=0, impact_linear=0, impact_square=0)
TEN_BPS = PaperPolicy(spread_floor_bps=10, spread_range_share=0, impact_linear=0, impact_square=0)


def filled(policy: PaperPolicy, prices: tuple, *, volume: str = "1000", **order: object) -> Fill | None:
    venue = PaperVenue(policy=policy)
    reports = venue.match([an_order(**order)], traded(prices, volume=volume)).reports
    return reports[0].fill if reports else None


@pytest.mark.parametrize(("side", "price"), [("buy", "100.05"), ("sell", "99.95")])
def test_a_market_order_pays_half_the_spread_at_the_open(side: str, price: str) -> None:
    fill = filled(TEN_BPS, (100, 101, 99, 100), side=side)
    assert fill is not None
    assert fill.price == Decimal(price)
    assert (fill.liquidity, fill.spread_bps) == (Liquidity.TAKER, 10)


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_limit_at_just_what_the_open_costs_takes_it(side: str) -> None:
    fill = filled(PLAIN, (100, 101, 99, 100), side=side, order_type="limit", limit_price="100")
    assert fill is not None
    assert (fill.price, fill.liquidity) == (100, Liquidity.TAKER)


def test_spread_and_impact_are_told_to_a_ten_thousandth_of_a_basis_point() -> None:
    fill = filled(PaperPolicy(), (300, 302, 299, 301), volume="700", quantity="13")
    assert fill is not None
    # 3 of range, a twentieth of it, over 301; and 13 of a depth of 70 units at 10 bps a depth.
    assert (fill.spread_bps, fill.impact_bps) == (4.9834, 1.8571)


def test_a_wilder_bar_has_a_wider_spread() -> None:
    calm = filled(PaperPolicy(), (100, "100.1", "99.9", 100))
    wild = filled(PaperPolicy(), (100, 104, 96, 100))
    assert calm is not None
    assert wild is not None
    assert calm.spread_bps < wild.spread_bps == 40


def test_a_larger_order_moves_the_price_further() -> None:
    small, large = (filled(PaperPolicy(), (100, 101, 99, 100), quantity=size) for size in ("1", "100"))
    assert small is not None
    assert large is not None
    assert small.impact_bps < large.impact_bps == 10
    assert small.price < large.price


@pytest.mark.parametrize(
    ("side", "limit", "prices", "price"),
    [
        ("buy", "99", (100, 101, "98.9", 100), "99"),
        ("buy", "99", (100, 101, 99, 100), None),
        ("buy", "99", (98, 101, 97, 100), "98"),
        ("sell", "101", (100, "101.1", 99, 100), "101"),
        ("sell", "101", (100, 101, 99, 100), None),
        ("sell", "101", (102, 103, 99, 100), "102"),
    ],
)
def test_a_limit_fills_when_traded_through_at_the_limit_or_the_better_open(
    side: str, limit: str, prices: tuple, price: str | None
) -> None:
    fill = filled(PLAIN, prices, side=side, order_type="limit", limit_price=limit)
    assert (fill and fill.price) == (price and Decimal(price))


def test_a_limit_inside_the_spread_of_the_open_waits_for_its_price() -> None:
    fill = filled(TEN_BPS, (100, 101, 99, 100), order_type="limit", limit_price="100.01")
    assert fill is not None
    assert (fill.price, fill.liquidity) == (Decimal("100.01"), Liquidity.MAKER)


@pytest.mark.parametrize(
    ("side", "stop", "prices", "price"),
    [
        ("buy", "101", (100, 101, 99, 100), "101"),
        ("buy", "101", (100, "100.9", 99, 100), None),
        ("buy", "101", (102, 103, 101, 102), "102"),
        ("sell", "99", (100, 101, 99, 100), "99"),
        ("sell", "99", (98, "98.5", 97, 98), "98"),
    ],
)
def test_a_stop_fills_at_the_worse_of_its_price_and_the_open(
    side: str, stop: str, prices: tuple, price: str | None
) -> None:
    fill = filled(PLAIN, prices, side=side, order_type="stop", stop_price=stop)
    assert (fill and fill.price) == (price and Decimal(price))


def test_a_touched_stop_works_on_as_a_market_order() -> None:
    venue = PaperVenue(policy=PLAIN)
    order = an_order(order_type="stop", stop_price="101", quantity="150")
    first = venue.match([order], traded((100, 101, 99, 100)))
    second = venue.match(first.orders, traded((95, 95, 95, 95), opened_at=NOON + MINUTE))
    assert second.reports[0].fill is not None
    assert (second.reports[0].fill.price, second.reports[0].fill.quantity) == (95, 50)
    assert second.reports[0].order.average_price == Decimal("99")


def test_a_stop_touched_in_a_bar_without_volume_stays_touched() -> None:
    venue = PaperVenue(policy=PLAIN)
    touched = venue.match([an_order(order_type="stop", stop_price="101")], traded((100, 101, 99, 100), volume="0"))
    assert touched.orders[0].triggered
    assert touched.reports == ()


def test_what_the_cap_leaves_is_carried_to_the_next_bar() -> None:
    venue = PaperVenue(policy=PLAIN)
    first = venue.match([an_order(quantity="150")], traded())
    assert [each.order.status for each in first.reports] == [Status.PARTIALLY_FILLED]
    second = venue.match(first.orders, traded(opened_at=NOON + MINUTE))
    assert [each.order.status for each in second.reports] == [Status.FILLED]
    assert second.orders == ()


@given(sizes=st.lists(st.integers(1, 200), min_size=1, max_size=6), volume=st.integers(0, 3000))
def test_orders_share_the_participation_cap_oldest_first(sizes: list[int], volume: int) -> None:
    working = [an_order(id=str(nth), quantity=str(size)) for nth, size in enumerate(sizes)]
    matched = PaperVenue().match(working, traded(volume=str(volume)))
    quantities = [each.fill.quantity for each in matched.reports if each.fill]
    assert sum(quantities) == min(sum(sizes), Decimal(volume) / 10)
    assert [each.order.id for each in matched.reports] == [str(nth) for nth in range(len(quantities))]


def test_an_order_that_travels_longer_than_the_bar_is_filled_by_the_next() -> None:
    slow = [{"name": "hyperliquid", "maker_bps": 0, "taker_bps": 0, "latency_ms": 59_999}]
    venue = PaperVenue(policy=PaperPolicy(venues=slow, latency_sigma=0.000001))
    late = PaperVenue(policy=PaperPolicy(venues=[{**slow[0], "latency_ms": 60_000}], latency_sigma=0))
    assert venue.match([an_order()], traded()).reports
    assert not late.match([an_order()], traded()).reports
    assert late.match([an_order()], traded(opened_at=NOON + MINUTE)).reports


def test_latency_is_drawn_by_seed_and_order() -> None:
    one, other = PaperVenue(), PaperVenue(policy=PaperPolicy(seed=8))
    order = an_order()
    assert one.latency_ms(order) == PaperVenue().latency_ms(order)
    assert one.latency_ms(order) != other.latency_ms(order)
    assert one.latency_ms(order) != one.latency_ms(an_order(id="OTHER"))


def test_half_of_the_latencies_lie_below_the_median() -> None:
    below = sum(PaperVenue().latency_ms(an_order(id=str(nth))) < 5 for nth in range(400))
    assert 160 < below < 240


def test_each_venue_charges_its_published_fee_less_for_what_waited_in_the_book() -> None:
    names = ("hyperliquid", "binance", "coinbase")
    taken = [filled(PLAIN, (100, 100, 100, 100), venue=name) for name in names]
    assert [each and each.fee for each in taken] == [Decimal("0.045"), Decimal("0.05"), Decimal("0.6")]
    waited = [filled(PLAIN, (100, 100, 98, 99), venue=name, order_type="limit", limit_price="99") for name in names]
    assert [each and each.fee for each in waited] == [Decimal("0.01485"), Decimal("0.0198"), Decimal("0.396")]


@pytest.mark.parametrize(
    ("profile", "reason"),
    [({"min_notional": 1000}, "below the 1000"), ({"max_notional": 10}, "above the 10")],
)
def test_an_order_of_the_wrong_size_is_rejected_with_the_bound(profile: dict, reason: str) -> None:
    venue = PaperVenue(
        policy=PaperPolicy(venues=[{"name": "hyperliquid", "maker_bps": 0, "taker_bps": 0, "latency_ms": 5, **profile}])
    )
    report = venue.submit(an_order())
    assert report.order.status is Status.REJECTED
    assert reason in str(report.reason)


def test_an_exit_may_be_smaller_than_the_least_entry() -> None:
    profile = {"name": "hyperliquid", "maker_bps": 0, "taker_bps": 0, "latency_ms": 5, "min_notional": 1000}
    venue = PaperVenue(policy=PaperPolicy(venues=[profile]))
    assert venue.submit(an_order(intent="exit")).order.status is Status.ACCEPTED


@pytest.mark.parametrize("intent", ["entry", "exit"])
@pytest.mark.parametrize(
    ("bound", "reason"),
    [({"least_quantity": "50"}, "below the 50"), ({"least_notional": "5000"}, "below the 5000")],
)
def test_what_is_less_than_its_instrument_may_be_is_rejected_whatever_it_is_for(
    bound: dict, reason: str, intent: str
) -> None:
    instrument = made("BTC-PERP", bound, source=Source.FILE)
    report = PaperVenue(instrument=instrument).submit(an_order(intent=intent))
    assert report.order.status is Status.REJECTED
    assert reason in str(report.reason)


def test_a_quantity_finer_than_the_step_is_rejected() -> None:
    report = PaperVenue().submit(an_order(quantity="0.000000001"))
    assert report.order.status is Status.REJECTED
    assert "multiple of" in str(report.reason)


def test_an_order_without_a_venue_goes_to_the_first() -> None:
    assert PaperVenue().submit(an_order(venue="")).order.venue == "hyperliquid"


def test_an_expired_order_is_not_filled_by_the_bar_that_opens_at_its_end() -> None:
    ends = an_order(valid_until=NOON + timedelta(minutes=1))
    [report] = PaperVenue().match([ends], traded(opened_at=NOON + MINUTE)).reports
    assert (report.order.status, report.fill) == (Status.EXPIRED, None)
