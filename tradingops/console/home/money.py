"""What the desk earned: today, in seven days and in all, each sum made of the risk manager's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio import ledger
from strands import figures, json_values, telling
from strands.json_values import at

ZERO = ledger.ZERO
#: Days of the middle column, the one that runs among them.
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the risk manager said of the book at one moment [currency]; before it spoke first, all is nothing."""

    value: Decimal = ZERO
    realized: Decimal = ZERO
    unrealized: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def earned(self) -> Decimal:
        """What all its parts come to."""
        return self.realized + self.unrealized - self.fees - self.funding


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a span of market time came to; ``begun`` plus the parts is ``value``, to the last digit."""

    title: str
    begun: Decimal
    realized: Decimal
    unrealized: Decimal
    fees: Decimal
    funding: Decimal
    value: Decimal
    trades: int
    wins: int

    @property
    def change(self) -> Decimal:
        """How much more or less the book was worth at the end of the span."""
        return self.value - self.begun


def starts(now: datetime) -> tuple[datetime, datetime]:
    """Return when today and the seven days began, in UTC."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day, day - timedelta(days=WEEK_DAYS - 1)


def read(said: Any) -> Book | None:
    """Return the book of a risk update's ``rm_portfolio_risk``; None where it does not tell it whole."""
    told = json_values.mapping(said)
    names = {"value": "portfolio_value", "realized": "realized_pnl", "fees": "fees", "funding": "funding"}
    numbers = {name: figures.decimal(told.get(column)) for name, column in names.items()}
    open_now = [figures.decimal(at(each, "unrealized")) for each in json_values.mapping(told.get("positions")).values()]
    known = {name: number for name, number in numbers.items() if number is not None}
    counted = [each for each in open_now if each is not None]
    if (len(known), len(counted)) != (len(numbers), len(open_now)):
        return None
    return Book(**known, unrealized=ledger.total(counted))


def spans(now: Any, *, day: Any, week: Any, trades: Sequence[tuple[int, int]]) -> list[Earned]:
    """Return today, the seven days and all, of risk updates as they were said; nothing where the last is unreadable.

    ``day`` and ``week`` are the last ones before those spans began, None where there was none. Today's change is the
    one that the risk manager counts its daily limit by. ``trades`` are how many were closed and won in each span.
    """
    last = read(now)
    if last is None:
        return []
    began = Book(value=last.value - last.earned)
    before, earlier = read(day) or began, read(week) or began
    change = figures.decimal(json_values.mapping(now).get("daily_pnl"))
    begun = before.value if change is None else last.value - change
    told = (("Today", begun, before), ("7 days", earlier.value, earlier), ("All", began.value, began))
    return [
        _earned(title, begun, since, last, counted) for (title, begun, since), counted in zip(told, trades, strict=True)
    ]


def _earned(title: str, begun: Decimal, since: Book, last: Book, counted: tuple[int, int]) -> Earned:
    realized, fees, funding = last.realized - since.realized, last.fees - since.fees, last.funding - since.funding
    return Earned(
        title=title,
        begun=begun,
        realized=realized,
        unrealized=last.value - begun - realized + fees + funding,
        fees=fees,
        funding=funding,
        value=last.value,
        trades=counted[0],
        wins=counted[1],
    )


def lines(told: Sequence[Earned]) -> list[dict[str, Any]]:
    """Return the table of what was earned: a line a part, each with a cell for each span."""
    if not told:
        return []
    parts = (
        ("Equity at the start", "begun", False),
        ("Realised", "realized", True),
        ("Unrealised, change", "unrealized", True),
        ("Fees", "fees", False),
        ("Funding", "funding", False),
        ("Equity now", "value", False),
        ("Change", "change", True),
    )
    shown = [_line(name, [getattr(each, column) for each in told], signed) for name, column, signed in parts]
    for line, sign in ((shown[3], -1), (shown[4], -1)):
        line["cells"] = [_cell(sign * cell["amount"], signed=True) for cell in line["cells"]]
    counts = {"name": "Trades closed", "cells": [{"text": figures.count(each.trades)} for each in told]}
    rates = [figures.percent(each.wins / each.trades, digits=0) if each.trades else figures.ABSENT for each in told]
    return [*shown, counts, {"name": "Won", "cells": [{"text": each} for each in rates]}]


def _line(name: str, amounts: Sequence[Decimal], signed: bool) -> dict[str, Any]:
    return {"name": name, "cells": [_cell(each, signed=signed) for each in amounts]}


def _cell(amount: Decimal, *, signed: bool) -> dict[str, Any]:
    tone = telling.gain(amount) if signed else telling.Tone.PLAIN
    return {"amount": amount, "text": figures.money(amount, signed=signed), "tone": tone}


def positions(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the book holds as the risk manager said it, by symbol."""
    marks, held = json_values.mapping(said.get("marks")), json_values.mapping(said.get("positions"))
    return [_position(symbol, each, marks.get(symbol)) for symbol, each in sorted(held.items())]


def _position(symbol: str, told: Any, mark: Any) -> dict[str, Any]:
    quantity = figures.decimal(at(told, "quantity"))
    return {
        "symbol": symbol,
        "side": "" if quantity is None else "long" if quantity > 0 else "short",
        "size": at(told, "quantity") if quantity is None else abs(quantity),
        "entry_price": at(told, "avg_price"),
        "current_price": mark,
        "unrealized_pnl": at(told, "unrealized"),
    }
