"""What every venue promises: fills no better than the market, no larger than asked, and never from the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.execution.order import Order, OrderType, Side, Status
from portfolio.execution.traded import Traded
from portfolio.execution.venue import Report, Venue
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from tests.trading import MINUTE, NOON, QUIET, an_order, traded

VENUES: dict[str, Callable[[], Venue]] = {
    "paper": PaperVenue,
    "paper, without spread or impact": lambda: PaperVenue(
        policy=PaperPolicy(spread_floor_bps=0, spread_range_share=0, impact_linear=0, impact_square=0)
    ),
    "paper, far away": lambda: PaperVenue(
        policy=PaperPolicy(
            venues=[{"name": "hyperliquid", "maker_bps": -1, "taker_bps": -1, "latency_ms": 50_000}], latency_sigma=1
        )
    ),
}

pytestmark = [
    pytest.mark.in_memory,
    pytest.mark.parametrize("venue", [make() for make in VENUES.values()], ids=list(VENUES)),
]

cents = st.integers(min_value=5_000, max_value=15_000).map(lambda number: Decimal(number) / 100)
lots = st.integers(min_value=1, max_value=500_000).map(lambda number: Decimal(number) / 1000)


@st.composite
def bars(draw: st.DrawFn, opened_minutes: int = 0) -> Traded:
    """Any bar whose high and low enclose its open and close."""
    first, last, one, other = (draw(cents) for _ in range(4))
    volume = draw(st.sampled_from((Decimal(0), Decimal("0.5"), Decimal(10), Decimal(1000), Decimal("1e6"))))
    opened_at = NOON + timedelta(minutes=opened_minutes)
    prices = (first, last, one, other)
    return Traded(opened_at, opened_at + MINUTE, first, max(prices), min(prices), last, volume)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any valid order said at noon."""
    kind = draw(st.sampled_from(list(OrderType)))
    price = draw(cents)
    return an_order(
        id=draw(st.text("ABC123", min_size=1, max_size=6)),
        side=draw(st.sampled_from(list(Side))),
        order_type=kind,
        quantity=draw(lots),
        limit_price=price if kind is OrderType.LIMIT else None,
        stop_price=price if kind is OrderType.STOP else None,
        valid_until=draw(st.none() | st.integers(1, 5).map(lambda minutes: NOON + timedelta(minutes=minutes))),
    )


def work(venue: Venue, order: Order, *told: Traded) -> list[Report]:
    """Return all that a venue says of one order over bars."""
    submitted = venue.submit(order)
    reports, working = [submitted], (submitted.order,) if submitted.order.is_open else ()
    for bar in told:
        matched = venue.match(working, bar)
        reports, working = [*reports, *matched.reports], matched.orders
    return reports


def a_day(length: int = 4) -> st.SearchStrategy[list[Traded]]:
    return st.tuples(*(bars(opened_minutes=minute) for minute in range(length))).map(list)


@given(order=orders(), day=a_day())
def test_a_fill_is_dated_within_the_bar_it_happened_in(venue: Venue, order: Order, day: list[Traded]) -> None:
    """Also of an order that reached the venue long before, or waited there for its price."""
    for bar in day:
        for report in venue.match([venue.submit(order).order], bar).reports:
            if report.fill is not None:
                assert bar.opened_at <= datetime.fromisoformat(report.fill.at) <= bar.closed_at


@given(order=orders(), day=a_day())
def test_a_fill_is_never_better_than_the_bar_allows(venue: Venue, order: Order, day: list[Traded]) -> None:
    by_close = {bar.closed_at: bar for bar in day}
    for bar in by_close.values():
        for report in venue.match([venue.submit(order).order], bar).reports:
            if report.fill is None:
                continue
            if order.side is Side.BUY:
                assert report.fill.price >= bar.low
            else:
                assert report.fill.price <= bar.high


@given(order=orders(), day=a_day())
def test_a_limit_is_never_exceeded_and_needs_the_market_to_trade_through_it(
    venue: Venue, order: Order, day: list[Traded]
) -> None:
    if order.limit_price is None:
        return
    for bar in day:
        for report in venue.match([venue.submit(order).order], bar).reports:
            if report.fill is None:
                continue
            sign = order.side.sign
            assert report.fill.price * sign <= order.limit_price * sign
            assert (bar.low < order.limit_price) if sign > 0 else (bar.high > order.limit_price)


@given(order=orders(), day=a_day())
def test_a_stop_fills_at_its_price_or_worse_and_only_once_touched(
    venue: Venue, order: Order, day: list[Traded]
) -> None:
    if order.stop_price is None:
        return
    sign = order.side.sign
    for bar in day:
        reports = [each for each in venue.match([venue.submit(order).order], bar).reports if each.fill]
        for report in reports:
            assert report.fill is not None
            assert report.fill.price * sign >= order.stop_price * sign
            assert bar.high >= order.stop_price if sign > 0 else bar.low <= order.stop_price


@given(order=orders(), day=a_day())
def test_no_more_is_filled_than_was_asked_and_the_reports_add_up(venue: Venue, order: Order, day: list[Traded]) -> None:
    total = Decimal(0)
    for report in work(venue, order, *day):
        if report.fill:
            assert report.fill.quantity > 0
            total += report.fill.quantity
        assert report.order.filled == total
        assert report.order.filled + report.order.remaining == order.quantity
    assert total <= order.quantity


@given(order=orders(), day=a_day())
def test_no_order_is_filled_by_a_bar_that_opened_before_it(venue: Venue, order: Order, day: list[Traded]) -> None:
    late = order.model_copy(update={"at": NOON + timedelta(minutes=2)})
    before = [bar for bar in day if bar.opened_at < late.at]
    assert all(report.fill is None for report in work(venue, late, *before))


@given(order=orders(), day=a_day())
def test_a_fill_happens_after_its_order_and_within_its_bar(venue: Venue, order: Order, day: list[Traded]) -> None:
    for bar in day:
        for report in venue.match([venue.submit(order).order], bar).reports:
            if report.fill:
                assert order.at.isoformat() < report.fill.at <= bar.closed_at.isoformat()


@given(order=orders(), day=a_day())
def test_the_same_order_and_bars_give_the_same_reports(venue: Venue, order: Order, day: list[Traded]) -> None:
    assert work(venue, order, *day) == work(venue, order, *day)


@given(order=orders(), day=a_day())
def test_an_order_ends_at_its_valid_until(venue: Venue, order: Order, day: list[Traded]) -> None:
    if order.valid_until is None:
        return
    reports = work(venue, order, *day, traded(opened_at=NOON + timedelta(minutes=10)))
    assert not reports[-1].order.is_open
    assert all(
        order.at.isoformat() < report.fill.at <= order.valid_until.isoformat() for report in reports if report.fill
    )


def test_a_cancelled_order_keeps_what_was_filled(venue: Venue) -> None:
    started = venue.submit(an_order(quantity="2")).order.filled_by(Decimal(1), Decimal(100))
    report = venue.cancel(started)
    assert report.order.status is Status.CANCELLED
    assert (report.order.filled, report.order.remaining) == (1, 1)


def test_an_order_for_an_unknown_venue_is_rejected_with_the_known_ones(venue: Venue) -> None:
    report = venue.submit(an_order(venue="elsewhere"))
    assert report.order.status is Status.REJECTED
    assert "hyperliquid" in str(report.reason)


def test_a_bar_without_volume_fills_nothing(venue: Venue) -> None:
    assert venue.match([venue.submit(an_order()).order], traded(QUIET, volume="0")).reports == ()
