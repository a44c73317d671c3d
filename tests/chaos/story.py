"""What flows while things are killed: plans over several symbols, and bars for their orders to be filled by.

Stops and targets lie within the reach of a bar or two, so that positions come and go: a plan in three is entered.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from portfolio.plans.plan import OrderType, TradingPlan
from strands.strand import Strand, first
from tradingops import environments

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
SYMBOLS = ("AAA-USD", "BBB-USD", "CCC-USD", "DDD-USD")
#: Longer than any run: what waits must be handled, not expire.
PATIENT = "timeout:86400"
#: Minutes of bars before the first plan: the decision maker acts on no plan before risk has spoken.
WARM_UP = 20
MINUTE = timedelta(minutes=1)
#: What a desk is told before the first plan, so that it trades often.
EAGER = {"dm.min_confidence": "0", "dm.max_correlation": "1", "dm.min_risk_reward": "1"}
#: Longer than modules lie apart: a process that was killed comes back minutes of market time later.
VALID = timedelta(hours=1)
#: How far a plan's stop and its target lie from its entry, and how far a bar reaches to either side.
STOP, TARGET, REACH = Decimal("1.6"), Decimal("2.4"), 2.0


def level(minute: int) -> float:
    """Return where the market stands as a minute begins."""
    return 100 + (minute * 7 % 23 - 11) * 0.1


def plan(number: int) -> Strand:
    """Return a signal with a sound plan, told apart by its number."""
    from tests import factories

    symbol = SYMBOLS[number % len(SYMBOLS)]
    at = BEGIN + MINUTE * (WARM_UP + number // 8)
    price = Decimal(f"{level(WARM_UP + number // 8 - 1) + 0.2:.2f}")
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
    """Yield the bar strands of each minute: a quiet saw-tooth, wide enough for stops and targets to be met."""
    from strands.market.bar import Bar, Timeframe

    market = environments.market_data()
    for minute in range(minutes):
        opens = level(minute)
        made = [
            Bar(
                symbol,
                Timeframe.M1,
                BEGIN + MINUTE * minute,
                f"{opens:.2f}",
                f"{opens + REACH:.2f}",
                f"{opens - REACH:.2f}",
                f"{opens + 0.2:.2f}",
                "5000",
            )
            for symbol in SYMBOLS
        ]
        yield [_patient(each) for each in market.announce(made)]


def _patient(strand: Strand) -> Strand:
    from dataclasses import replace

    return replace(strand, tags=(*strand.tags, PATIENT))
