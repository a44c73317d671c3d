"""The ledger: fills change a book, and no digit of the money is ever lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import reduce
from typing import Any

ZERO = Decimal(0)

#: Sums and products of money; a digit that would not fit raises decimal.Inexact instead of being rounded away.
EXACT = Context(prec=240, rounding=ROUND_HALF_EVEN, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])

#: Quotients, which seldom end: significant digits of an average price.
QUOTIENT = Context(prec=28, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])

#: The finest step of cost that a partial close moves out of a position [currency]; the rest of the cost stays behind.
COST_STEP = Decimal("1e-18")

#: Largest power of ten, up or down, of a quantity, price, fee or funding.
MAX_EXPONENT = 40


class LedgerError(ValueError):
    """The ledger refuses this number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A quantity bought (positive) or sold (negative) at a price, with the fee paid for it (negative: a rebate).

    Raises LedgerError for a quantity of zero, a price that is not positive, and numbers that are not finite or lie
    beyond ten to the power of plus or minus forty.
    """

    symbol: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    at: str | None = None

    def __post_init__(self) -> None:
        for name in ("quantity", "price", "fee"):
            _check(name, getattr(self, name))
        if not self.quantity:
            raise LedgerError("quantity: 0 is no fill; give a signed quantity other than zero")
        if self.price <= 0:
            raise LedgerError(f"price: {self.price} is not above zero; give the price paid for one unit")

    @property
    def notional(self) -> Decimal:
        """The money that changed hands, without the fee: never negative."""
        return EXACT.multiply(self.quantity, self.price).copy_abs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """The net quantity of one symbol (negative: short), what it cost, and what it has earned so far.

    ``cost`` is the signed money that the open quantity was opened for, kept exact; the average price is derived from
    it. ``realized_pnl`` is gross: fees are counted apart, in ``fees``, and so is what holding it cost, in ``funding``
    (negative: received).
    """

    symbol: str
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO

    @property
    def avg_price(self) -> Decimal:
        """The average price of the open quantity, to 28 digits; zero when flat."""
        return QUOTIENT.divide(self.cost, self.quantity) if self.quantity else ZERO

    @property
    def side(self) -> str:
        """``long``, ``short`` or ``flat``."""
        if not self.quantity:
            return "flat"
        return "long" if self.quantity > 0 else "short"

    def value(self, mark: Decimal) -> Decimal:
        """Return what the open quantity is worth at a price; negative for a short."""
        return EXACT.multiply(self.quantity, mark)

    def unrealized(self, mark: Decimal) -> Decimal:
        """Return what closing at a price would earn, before fees."""
        return EXACT.subtract(self.value(mark), self.cost)

    def apply(self, fill: Fill) -> Position:
        """Return the position after a fill; one that crosses zero closes the old position and opens a new one."""
        charged = replace(self, fees=EXACT.add(self.fees, fill.fee))
        if not self.quantity or (fill.quantity > 0) == (self.quantity > 0):
            return charged._opened(fill.quantity, fill.price)
        if fill.quantity.copy_abs() <= self.quantity.copy_abs():
            return charged._closed(fill.quantity, fill.price)
        closing = EXACT.minus(self.quantity)
        return charged._closed(closing, fill.price)._opened(EXACT.subtract(fill.quantity, closing), fill.price)

    def settle(self, paid: Decimal) -> Position:
        """Return the position after funding was paid (negative: received)."""
        return replace(self, funding=EXACT.add(self.funding, paid))

    def _opened(self, quantity: Decimal, price: Decimal) -> Position:
        cost = EXACT.add(self.cost, EXACT.multiply(quantity, price))
        return replace(self, quantity=EXACT.add(self.quantity, quantity), cost=cost)

    def _closed(self, quantity: Decimal, price: Decimal) -> Position:
        released = self._cost_of(quantity)
        earned = EXACT.minus(EXACT.add(EXACT.multiply(quantity, price), released))
        return replace(
            self,
            quantity=EXACT.add(self.quantity, quantity),
            cost=EXACT.subtract(self.cost, released),
            realized_pnl=EXACT.add(self.realized_pnl, earned),
        )

    def _cost_of(self, closing: Decimal) -> Decimal:
        """Return the cost that closing a quantity (of the opposite sign) releases: all of it for the last unit."""
        left = EXACT.add(self.quantity, closing)
        if not left:
            return self.cost
        share = QUOTIENT.divide(EXACT.minus(closing), self.quantity)
        return EXACT.multiply(self.cost, share).quantize(COST_STEP, context=_STEPPED)


_STEPPED = Context(prec=EXACT.prec, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


@dataclass(frozen=True, slots=True)
class Book:
    """Cash and the positions by symbol at a moment; flat positions stay, with what they earned."""

    cash: Decimal
    positions: Mapping[str, Position] = field(default_factory=dict)

    def apply(self, fill: Fill) -> Book:
        """Return the book after a fill: cash pays for the quantity and the fee."""
        paid = EXACT.add(EXACT.multiply(fill.quantity, fill.price), fill.fee)
        after = self.position(fill.symbol).apply(fill)
        return Book(EXACT.subtract(self.cash, paid), {**self.positions, fill.symbol: after})

    def settle(self, symbol: str, paid: Decimal) -> Book:
        """Return the book after funding of a symbol was paid out of its cash (negative: received)."""
        _check("paid", paid)
        after = self.position(symbol).settle(paid)
        return Book(EXACT.subtract(self.cash, paid), {**self.positions, symbol: after})

    def fund(self, amount: Decimal) -> Book:
        """Return the book with cash paid in (positive) or out (negative)."""
        _check("amount", amount)
        return Book(EXACT.add(self.cash, amount), self.positions)

    def position(self, symbol: str) -> Position:
        """Return the position in a symbol; a flat one when nothing was ever traded."""
        return self.positions.get(symbol) or Position(symbol=symbol)

    @property
    def is_flat(self) -> bool:
        """Whether it holds nothing but cash."""
        return not any(held.quantity for held in self.positions.values())

    @property
    def open_positions(self) -> dict[str, Position]:
        """The positions that are not flat, by symbol, sorted."""
        return {symbol: held for symbol, held in sorted(self.positions.items()) if held.quantity}

    @property
    def realized_pnl(self) -> Decimal:
        """What all closed quantities earned, before fees."""
        return total(held.realized_pnl for held in self.positions.values())

    @property
    def fees(self) -> Decimal:
        """What all fills cost in fees."""
        return total(held.fees for held in self.positions.values())

    @property
    def funding(self) -> Decimal:
        """What holding has cost in funding; negative where more was received."""
        return total(held.funding for held in self.positions.values())

    def value(self, marks: Mapping[str, Decimal]) -> Decimal:
        """Return cash plus what the open positions are worth; raises LedgerError where a mark is missing."""
        return EXACT.add(self.cash, self.net_exposure(marks))

    def exposure(self, marks: Mapping[str, Decimal]) -> Decimal:
        """Return the gross notional: the sum of what each open position is worth, long or short."""
        return total(held.value(_mark(marks, held)).copy_abs() for held in self.open_positions.values())

    def net_exposure(self, marks: Mapping[str, Decimal]) -> Decimal:
        """Return the net notional: longs minus shorts."""
        return total(held.value(_mark(marks, held)) for held in self.open_positions.values())

    def unrealized(self, marks: Mapping[str, Decimal]) -> Decimal:
        """Return what closing everything at the marks would earn, before fees."""
        return total(held.unrealized(_mark(marks, held)) for held in self.open_positions.values())

    def to_json(self) -> dict[str, Any]:
        """Return the book as JSON, exact: every number a decimal string; ``book_from`` undoes it."""
        held = {symbol: position_to_json(position) for symbol, position in sorted(self.positions.items())}
        return {"cash": text(self.cash), "positions": held}


def opening(cash: Decimal) -> Book:
    """Return a book that owns cash alone."""
    _check("cash", cash)
    return Book(cash)


def book_from(json: Mapping[str, Any]) -> Book:
    """Return the book that ``Book.to_json`` wrote."""
    held = {symbol: position_from(symbol, each) for symbol, each in json["positions"].items()}
    return Book(Decimal(json["cash"]), held)


def position_to_json(position: Position) -> dict[str, str]:
    """Return a position's numbers as decimal strings, without its symbol."""
    return {name: text(getattr(position, name)) for name in _NUMBERS}


def position_from(symbol: str, json: Mapping[str, str]) -> Position:
    """Return the position that ``position_to_json`` wrote, also before it wrote of funding."""
    written = {"funding": "0", **json}
    return Position(symbol=symbol, **{name: Decimal(written[name]) for name in _NUMBERS})


def total(numbers: Iterable[Decimal]) -> Decimal:
    """Return the exact sum of numbers."""
    return reduce(EXACT.add, numbers, ZERO)


def text(value: Decimal) -> str:
    """Return a number in plain digits, exact, without an exponent or trailing zeros: ``46319.5``."""
    return format(EXACT.normalize(value), "f") if value else "0"


_NUMBERS = ("quantity", "cost", "realized_pnl", "fees", "funding")


def _mark(marks: Mapping[str, Decimal], position: Position) -> Decimal:
    mark = marks.get(position.symbol)
    if mark is None:
        raise LedgerError(
            f"marks: no price for {position.symbol}, of which {text(position.quantity)} is held; mark what is open"
        )
    return mark


def _check(name: str, number: Decimal) -> None:
    if not isinstance(number, Decimal) or not number.is_finite():
        raise LedgerError(f"{name}: {number!r} is not a finite Decimal; build it from a decimal string")
    if number and (number.adjusted() >= MAX_EXPONENT or int(number.as_tuple().exponent) < -MAX_EXPONENT):
        raise LedgerError(f"{name}: {number} lies beyond 1e±{MAX_EXPONENT}; the ledger keeps money exact only within")
