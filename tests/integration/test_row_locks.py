"""Another session holds rows of waiting deliveries: nothing of a partition is handled out of its order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from strands.wires.postgres import PostgresWire
from tests.toys import Echo, a_plan, a_trader, number_of
from tradingops import connections, engine

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ("trader:market_update",)


@contextmanager
def held(*numbers: int) -> Iterator[None]:
    """Hold the delivery rows of some plans in a session of its own, as a person's or a backup's may."""
    with connections.wire() as other, other.transaction():
        other.execute(
            "SELECT FROM deliveries JOIN ad_strands ON ad_strands.id = strand_id "
            "WHERE (trading_plan->>'number')::int = ANY(%s) FOR UPDATE OF deliveries",
            [list(numbers)],
        )
        yield


def drain(wire: PostgresWire, module: Echo, *, limit: int = 100) -> None:
    engine.drain([module], wire, engine.market_time, limit=limit)


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("first", range(5))
def test_what_comes_after_a_row_that_is_held_waits_with_it(real_wire: PostgresWire, first: int, limit: int) -> None:
    real_wire.publish([a_plan(number) for number in range(5)])
    echo = Echo()
    with held(first):
        drain(real_wire, echo, limit=limit)
        assert echo.heard == list(range(first))
    drain(real_wire, echo, limit=limit)
    assert echo.heard == list(range(5))


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_a_partition_whose_row_is_held_stops_no_other(real_wire: PostgresWire, limit: int) -> None:
    """However much waits in the partition that is held, and however small the batch."""
    symbols = ["A"] * 6 + ["B", "A", "C", "B"]
    real_wire.publish([a_plan(number, symbol=symbol, tags=TAGS) for number, symbol in enumerate(symbols)])
    trader = a_trader()
    with held(0):
        drain(real_wire, trader, limit=limit)
        assert trader.heard == [6, 8, 9]
    drain(real_wire, trader, limit=limit)
    assert trader.heard == [6, 8, 9, 0, 1, 2, 3, 4, 5, 7]


def test_what_is_urgent_goes_before_a_row_that_is_held_and_behind_it_nothing_does(real_wire: PostgresWire) -> None:
    urgent = a_plan(3, tags=["dm:evaluate_plan", "priority:high"])
    real_wire.publish([a_plan(1, tags=["dm:evaluate_plan", "priority:low"]), a_plan(2, tags=_MEDIUM), urgent])
    echo = Echo()
    with held(2):
        drain(real_wire, echo)
        assert echo.heard == [3]
    drain(real_wire, echo)
    assert echo.heard == [3, 2, 1]


_MEDIUM = ("dm:evaluate_plan", "priority:medium")


def test_a_row_held_in_a_lane_of_two_partitions_holds_one_of_them(real_wire: PostgresWire, rival: PostgresWire) -> None:
    real_wire.publish([a_plan(number, symbol="AB"[number % 2], tags=TAGS) for number in range(4)])
    with held(1), rival.take("trader", 100) as batch:
        assert [number_of(turn.strand) for turn in batch.turns] == [0, 2]


@pytest.mark.parametrize("limit", [1, 2])
def test_an_urgent_strand_is_claimed_before_older_ones(real_wire: PostgresWire, limit: int) -> None:
    """Also by a batch that is too small for all that waits."""
    real_wire.publish([a_plan(number, tags=_MEDIUM) for number in range(4)])
    real_wire.publish([a_plan(9, tags=["dm:evaluate_plan", "priority:high"])])
    with real_wire.take("dm", limit) as batch:
        assert [number_of(turn.strand) for turn in batch.turns] == [9, 0][:limit]
