"""What trader and venue tests say to them: bars, decisions, orders, halts, and the two of them on one wire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio.execution.order import Order
from portfolio.execution.traded import Traded
from portfolio.execution.venues.paper import PaperPolicy, PaperVenue
from strands import strand, tags
from strands.given import HaltState
from strands.strand import Strand
from strands.wires.memory import MemoryWire
from tradingops import engine
from tradingops.modules.trader.module import Trader
from tradingops.modules.trader.policy import TraderPolicy
from tradingops.modules.trader.state import TraderState
from tradingops.modules.venue.module import VenueModule
from tradingops.people import acts

NOON = datetime(2022, 1, 3, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BTC = "BTC-PERP"

#: Open, high, low, close.
Prices = Sequence[float | str]
QUIET: Prices = (100, "100.2", "99.8", 100)
DOWN: Prices = (100, 100.1, 97.5, 98)

#: Features that hold in a market where nothing happens.
CALM = {"atr_14": 0.5, "vol_20": 0.002, "volume": 1000.0, "volume_ratio": 1.5, "regime": "ranging"}


def a_bar(
    prices: Prices = QUIET,
    *,
    at: datetime = NOON,
    volume: str = "1000",
    features: dict[str, Any] | None = None,
    symbol: str = BTC,
) -> Strand:
    """Return a completed one-minute bar, known from ``at`` on."""
    told = dict(zip(("open", "high", "low", "close"), map(str, prices), strict=True))
    return strand.first(
        module="market",
        kind="bar",
        at=at,
        symbol=symbol,
        timeframe="1m",
        tags=(tags.TRADER_MARKET_UPDATE, tags.VENUE_MARKET_UPDATE),
        payload={
            "md_bar": {"opened_at": (at - MINUTE).isoformat(), **told, "volume": volume},
            "md_features": {**CALM, "volume": float(volume), **(features or {})},
        },
    )


def traded(prices: Prices = QUIET, *, opened_at: datetime = NOON, volume: str = "1000") -> Traded:
    """Return what traded during one minute."""
    numbers = [Decimal(str(each)) for each in (*prices, volume)]
    return Traded(opened_at, opened_at + MINUTE, *numbers)


def an_order(**changed: Any) -> Order:
    """Return an open market order to buy one unit, said at noon."""
    told = {
        "id": "ORDER",
        "lifecycle_id": "LIFE",
        "symbol": BTC,
        "at": NOON,
        "venue": "hyperliquid",
        "side": "buy",
        "order_type": "market",
        "quantity": "1",
        "expected_price": "100",
    }
    return Order.model_validate({**told, **changed})


def a_trading_plan(*, at: datetime = NOON, direction: str = "long", **changed: Any) -> dict[str, Any]:
    """Return a sound plan entered at market at 100, its stop two away and its target four."""
    sign = 1 if direction == "long" else -1
    return {
        "plan_id": "PLAN",
        "signal_id": "SIGNAL",
        "symbol": BTC,
        "timeframe": "1m",
        "direction": direction,
        "entry_conditions": [{"type": "confidence_threshold", "value": 0.6}],
        "entry_price": "100",
        "position_size": 0.05,
        "max_position_size": 0.1,
        "risk_per_trade": 0.02,
        "stop_loss": str(100 - 2 * sign),
        "take_profit": str(100 + 4 * sign),
        "risk_reward_ratio": 2.0,
        "confidence_score": 0.8,
        "strength_score": 0.9,
        "tier": "strong",
        "order_type": "market",
        "slippage_tolerance": 0.005,
        "time_horizon": "5m",
        "valid_until": (at + 5 * MINUTE).isoformat(),
        "created_at": at.isoformat(),
        "venue_preferences": [],
        "market_context": dict(CALM),
        "signal_metadata": {},
        "quantity": "10",
        **changed,
    }


def a_decision(*, at: datetime = NOON, nth: object = 0, told: dict[str, Any] | None = None, **plan: Any) -> Strand:
    """Return an approved decision; ``told`` changes the decision, all else its plan."""
    approved = a_trading_plan(at=at, **plan)
    decision = {
        "decision_type": "approve",
        "reason": None,
        "gates": [{"gate": "exposure", "severity": "hard", "passed": True}],
        "plan": approved,
        "plan_id": approved["plan_id"],
        "valid_until": (at + timedelta(hours=1)).isoformat(),
        **(told or {}),
    }
    return strand.first(
        module="dm",
        kind="decision",
        at=at,
        symbol=BTC,
        timeframe="1m",
        tags=(tags.EXECUTE_PLAN,),
        payload={"dm_decision": decision},
        cause=(nth,),
    )


def a_halt(scope: str = "desk", state: str = "reduce-only", *, at: datetime = NOON, nth: object = 0) -> Strand:
    """Return a person's ruling on how far a scope may trade."""
    asked = acts.Asked(by="ada", reason="a test", at=at, asked_at=at + timedelta(microseconds=nth))
    return acts.halt(scope, HaltState(state), asked=asked)


#: The venues of a desk in tests: the second is the cheapest.
VENUES: list[dict[str, Any]] = [
    {"name": name, "maker_bps": fee, "taker_bps": fee, "latency_ms": latency}
    for name, fee, latency in (("hyperliquid", "0.5", 5), ("binance", "0.1", 15), ("coinbase", "0.25", 20))
]


class Trading:
    """A trader and a paper venue on a wire in memory, told bars one minute after another from noon on."""

    def __init__(
        self,
        *,
        trader: dict[str, Any] | None = None,
        paper: dict[str, Any] | None = None,
        protection: str | None = None,
    ) -> None:
        self.wire = MemoryWire()
        venues = VENUES if protection is None else [{**each, "protection": protection} for each in VENUES]
        self.trader = Trader(policy=TraderPolicy(**{"venues": venues, **(trader or {})}))
        self.venue = VenueModule(venue=PaperVenue(policy=PaperPolicy(**{"venues": venues, **(paper or {})})))
        self.now, self.rulings = NOON, 0

    def hears(self, *told: Strand) -> Trading:
        """Publish strands and let venue and trader go on until both are quiet."""
        self.wire.publish(told)
        engine.drain((self.venue, self.trader), self.wire, engine.market_time)
        faults = [each.fault for each in self.wire.turns if each.fault]
        if faults:
            raise faults[0]
        return self

    def minutes(self, *bars: Prices, **more: Any) -> Trading:
        """Let bars pass, one a minute."""
        for prices in bars:
            self.now += MINUTE
            self.hears(a_bar(prices, at=self.now, **more))
        return self

    def decides(self, **plan: Any) -> Trading:
        """Let the decision maker approve a plan at this moment."""
        return self.hears(a_decision(at=self.now, **plan))

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Return the payloads of all strands of a kind, in order."""
        return [dict(each.payload) for each in self.strands(kind)]

    def strands(self, kind: str) -> list[Strand]:
        """Return all strands of a kind, in order."""
        return [each for each in self.wire.strands.values() if each.kind == kind]

    def halts(self, scope: str = "desk", state: str = "reduce-only") -> Trading:
        """Let a person halt a scope at this moment."""
        self.rulings += 1
        return self.hears(a_halt(scope, state, at=self.now, nth=self.rulings))

    def reports(self) -> list[tuple[str, str, str | None]]:
        """Return the intent, the ending and the reason of each execution that is over."""
        measured = [each["exec_metrics"] for each in self.said("execution")]
        return [(each["intent"], each["status"], each["reason"]) for each in measured]

    def orders(self) -> list[str]:
        """Return the intent of each order sent to be worked."""
        return [each["order_spec"]["intent"] for each in self.asked()]

    def asked(self) -> list[dict[str, Any]]:
        """Return the payload of each order sent to be worked; those that rest to protect are told by ``resting``."""
        return [dict(each.payload) for each in self.sent()]

    def sent(self) -> list[Strand]:
        """Return each order sent to be worked."""
        return [each for each in self.strands("order") if not each.payload["order_spec"].get("group")]

    def resting(self) -> list[tuple[str, Decimal, Decimal]]:
        """Return the type, price and workable quantity of each stop and target that rests at a venue now."""
        state = self.wire.states["venue"].get(BTC) or self.venue.start(BTC)
        return [
            (each.order_type.value, each.stop_price or each.limit_price or Decimal(0), each.workable)
            for each in state.open
            if each.is_protective
        ]

    @property
    def state(self) -> TraderState:
        """The trader's state."""
        return self.wire.states["trader"].get(BTC) or self.trader.start(BTC)

    @property
    def quantity(self) -> Decimal:
        """The quantity held."""
        return self.state.position.quantity

    @property
    def outcomes(self) -> list[dict[str, Any]]:
        """The outcome of each position that was closed."""
        return [each["tr_outcome"] for each in self.said("position")]


def round_trip(value: Any) -> Any:
    """Return a value after a trip through JSON."""
    return json.loads(json.dumps(value))


def flat(strands: Iterable[Strand]) -> list[tuple[str, Any]]:
    """Return ids and payloads, for comparing what was said."""
    return [(each.id, round_trip(dict(each.payload))) for each in strands]
