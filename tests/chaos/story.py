"""What flows while things are killed: plans over several symbols, and bars for their orders to be filled by.

Stops and targets lie within the reach of a bar or two, so that positions come and go; the target is met more often
than the stop and no symbol moves with another, so that neither losses nor a likeness stop the desk from entering more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio.plans.plan import OrderType, TradingPlan
from strands.market.bar import Bar, Timeframe
from strands.strand import Strand, first
from tradingops import environments

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
SYMBOLS = ("AAA-USD", "BBB-USD", "CCC-USD", "DDD-USD")
#: Longer than any run: what waits must be handled, not expire.
PATIENT = "timeout:86400"
#: Minutes of bars before the first plan: the decision maker acts on no plan before risk has spoken.
WARM_UP = 20
MINUTE = timedelta(minutes=1)
#: Plans told with each minute of bars, one a symbol.
PER_MINUTE = len(SYMBOLS)
#: What a desk is told before the first plan, so that it trades often.
EAGER = {
    "dm.min_confidence": "0",
    "dm.max_correlation": "1",
    "dm.min_risk_reward": "1",
    "dm.max_open_plans_per_symbol": "5",
}
#: Longer than modules lie apart: a process that was killed comes back minutes of market time later.
VALID = timedelta(hours=1)
#: How far a plan's stop and its target lie from its entry, and how far a bar reaches to its side and to the other.
STOP, TARGET, REACH, OTHER_SIDE = Decimal("1.6"), Decimal("2.4"), 4.0, 0.8
#: By symbol: the pace of its saw-tooth, in how many minutes it comes back, and every how many bars reach downwards.
SHAPES = ((7, 23, 4), (11, 29, 3), (5, 19, 5), (13, 31, 4))


def level(symbol: str, minute: int) -> float:
    """Return where a symbol's market stands as a minute begins."""
    pace, period, _ = SHAPES[SYMBOLS.index(symbol)]
    return 100 + (minute * pace % period - period // 2) * 0.1


def plan(number: int) -> Strand:
    """Return a signal with a sound plan, told apart by its number."""
    from tests import factories

    symbol = SYMBOLS[number % len(SYMBOLS)]
    at = BEGIN + MINUTE * (WARM_UP + number // PER_MINUTE)
    price = Decimal(f"{level(symbol, WARM_UP + number // PER_MINUTE - 1) + 0.2:.2f}")
    made: TradingPlan = factories.a_plan(
        symbol=symbol,
        entry_conditions=({"type": "confidence_threshold", "value": 0.6},),
        entry_price=price,
        stop_loss=price - STOP,
        take_profit=price + TARGET,
        risk_reward_ratio=1.5,
        order_type=OrderType.MARKET,
        slippage_tolerance=0.05,
        created_at=at,
        valid_until=at + VALID,
        plan_id=f"{number:08d}-0000-5000-8000-000000000000",
    )
    return first(
        module="alpha",
        kind="signal",
        at=at,
        symbol=symbol,
        timeframe="1m",
        regime="trending_up",
        tags=["dm:evaluate_plan", PATIENT],
        payload={
            "sig_sigma": made.strength_score,
            "sig_confidence": made.confidence_score,
            "sig_direction": made.direction,
            "trading_plan": made.to_json(),
        },
        cause=(number,),
    )


def bars(minutes: int) -> Iterator[list[Strand]]:
    """Yield the bar strands of each minute: saw-teeth of short bars that reach far to one side."""
    market = environments.market_data()
    for minute in range(minutes):
        yield [_patient(each) for each in market.announce([_bar(symbol, minute) for symbol in SYMBOLS])]


def _bar(symbol: str, minute: int) -> Bar:
    opens, (_, _, falls) = level(symbol, minute), SHAPES[SYMBOLS.index(symbol)]
    up, down = (OTHER_SIDE, REACH) if minute % falls == 0 else (REACH, OTHER_SIDE)
    prices = opens, opens + up, opens - down, opens + 0.2
    return Bar(symbol, Timeframe.M1, BEGIN + MINUTE * minute, *(f"{price:.2f}" for price in prices), "5000")


def _patient(strand: Strand) -> Strand:
    from dataclasses import replace

    return replace(strand, tags=(*strand.tags, PATIENT))
