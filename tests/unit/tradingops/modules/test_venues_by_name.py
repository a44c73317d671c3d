"""Every venue is reached by its name: the trader sends an order there first, and it is taken there and filled."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio.execution import venue
from portfolio.execution.order import Status
from portfolio.execution.venues.paper import PaperVenue
from tests.trading import an_order, traded
from tradingops.modules.trader.placing import venue_choice
from tradingops.modules.trader.policy import TraderPolicy

#: The names that orders are routed by.
NAMES = (
    "hyperliquid",
    "binance",
    "coinbase",
)


def first_choice(name: str) -> str:
    ranked = venue_choice.ranked(
        quantity=Decimal(10), depth=Decimal(100), records={}, preferences=[name], route_hint=None, rules=TraderPolicy()
    )
    return ranked[0][0]


@pytest.mark.parametrize("name", NAMES)
def test_an_order_goes_to_the_venue_that_its_plan_names(name: str) -> None:
    taken = PaperVenue().submit(an_order(venue=name))
    assert taken.order.status is Status.ACCEPTED, taken.reason
    [report] = PaperVenue().match([taken.order], traded((100, 101, 99, 100))).reports
    assert report.fill
    assert (report.fill.venue, first_choice(name)) == (name, name)


def test_every_venue_is_tried_here() -> None:
    assert {profile.name for profile in venue.PROFILES} == set(NAMES)
