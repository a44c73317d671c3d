"""What the decision maker remembers between turns; a JSON object only where a wire keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from portfolio import ledger
from strands.wire import Kept, version_of
from tradingops.modules import instruments, learning
from tradingops.modules.decision import fusion, pending, risk_update
from tradingops.modules.decision.reviews import waiting
from tradingops.modules.learning import Learning

#: The version of the JSON object, not of the module's answers.
VERSION = 4


class Day(NamedTuple):
    """The day (UTC) of the last valuation, None before the first, and what the desk was worth as it began."""

    on: date | None
    value: Decimal


class DecisionState(NamedTuple):
    """The desk as the decision maker knows it; bounded by the symbols and the open plans, never changed in place.

    ``marks`` and ``volumes`` are each symbol's last price and last bar's volume; what is held has a mark from its first
    fill on. ``peak`` is the most that the desk was ever worth. ``reviews`` are the plans that wait for people: no money
    is kept back for them, so that one which nobody answers holds up no other.
    """

    book: ledger.Book
    marks: Mapping[str, Decimal]
    volumes: Mapping[str, Decimal]
    risk: risk_update.RiskUpdate | None
    plans: pending.Plans
    peak: Decimal
    day: Day
    alphas: fusion.Alphas
    learning: Learning
    instruments: instruments.Known = instruments.NONE
    reviews: waiting.Reviews = {}
    ended: waiting.Ended = {}

    @property
    def held(self) -> frozenset[str]:
        """The symbols of which something is held."""
        return frozenset(symbol for symbol, position in self.book.positions.items() if position.quantity)


def start(cash: Decimal) -> DecisionState:
    """Return the state of a desk that owns cash and has heard nothing."""
    return DecisionState(
        book=ledger.opening(cash),
        marks={},
        volumes={},
        risk=None,
        plans={},
        peak=cash,
        day=Day(None, cash),
        alphas={},
        learning=learning.start(),
    )


def dump(state: DecisionState) -> Kept:
    """Return a state as it is kept; ``load`` undoes it."""
    day = state.day
    return {
        "version": VERSION,
        "book": state.book.to_json(),
        "marks": _texts(state.marks),
        "volumes": _texts(state.volumes),
        "risk": state.risk.to_json() if state.risk else None,
        "plans": {plan_id: plan.to_json() for plan_id, plan in state.plans.items()},
        "peak": ledger.text(state.peak),
        "day": {"date": day.on.isoformat() if day.on else None, "value": ledger.text(day.value)},
        "alphas": {symbol: [each.to_json() for each in alphas] for symbol, alphas in state.alphas.items()},
        "learning": state.learning.to_json(),
        "instruments": instruments.to_json(state.instruments),
        "reviews": [[plan_id, each.to_json()] for plan_id, each in state.reviews.items()],
        "ended": list(map(list, state.ended.items())),
    }


def load(kept: Kept) -> DecisionState:
    """Return the state that ``dump`` wrote, or that an earlier version left; raises NewerState.

    Version 0 has the same fields, with learning spread among them; its oldest states know neither alphas nor learning.
    Before version 4 no plan waited for people.
    """
    version_of(kept, module="dm", newest=VERSION)
    day, risk = kept["day"], kept["risk"]
    return DecisionState(
        book=ledger.book_from(kept["book"]),
        marks=_decimals(kept["marks"]),
        volumes=_decimals(kept["volumes"]),
        risk=risk_update.load(risk) if risk else None,
        plans={plan_id: pending.load(plan) for plan_id, plan in kept["plans"].items()},
        peak=Decimal(kept["peak"]),
        day=Day(date.fromisoformat(day["date"]) if day["date"] else None, Decimal(day["value"])),
        alphas={symbol: tuple(map(fusion.load, alphas)) for symbol, alphas in kept.get("alphas", {}).items()},
        learning=learning.load(kept),
        instruments=instruments.from_json(kept.get("instruments", {})),
        reviews={plan_id: waiting.load(each) for plan_id, each in kept.get("reviews", ())},
        ended=dict(kept.get("ended", ())),
    )


def _texts(numbers: Mapping[str, Decimal]) -> dict[str, str]:
    return {symbol: str(number) for symbol, number in numbers.items()}


def _decimals(texts: Mapping[str, str]) -> dict[str, Decimal]:
    return {symbol: Decimal(text) for symbol, text in texts.items()}
