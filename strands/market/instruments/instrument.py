"""An Instrument: what is traded under a symbol, in which steps and within which bounds, and who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any


class Sort(StrEnum):
    """What kind of thing an instrument is."""

    SPOT = "spot"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    FX = "fx"
    STOCK = "stock"


class Source(StrEnum):
    """Where a value comes from, from the weakest to the one that counts before all others."""

    INFERRED = "inferred"
    EXCHANGE = "exchange"
    FILE = "file"
    SETTING = "setting"


class BadInstrument(ValueError):
    """A value that no instrument has: the message names the symbol, the field, the value, the rule and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What is traded under a symbol; None for what nobody has told.

    ``tick`` is the least difference of two prices in ``quote``, ``lot`` that of two quantities in units of ``base``;
    quantities are bounded in units, notionals (price times quantity) in ``quote``. ``contract_size`` is how many units
    one contract stands for, ``fee_class`` the schedule of fees it belongs to, ``funding_hours`` the interval at which a
    perpetual's funding is settled, ``session_grid`` when it is traded (``24x7``, or hours with their zone). ``sources``
    says of every value told where it comes from.
    """

    symbol: str
    base: str | None = None
    quote: str | None = None
    kind: Sort | None = None
    tick: Decimal | None = None
    lot: Decimal | None = None
    least_quantity: Decimal | None = None
    greatest_quantity: Decimal | None = None
    least_notional: Decimal | None = None
    greatest_notional: Decimal | None = None
    contract_size: Decimal | None = None
    fee_class: str | None = None
    funding_hours: Decimal | None = None
    session_grid: str | None = None
    sources: Mapping[str, Source]

    def __post_init__(self) -> None:
        for low, high in _BOUNDS:
            least, greatest = getattr(self, low), getattr(self, high)
            if least is not None and greatest is not None and least > greatest:
                raise BadInstrument(
                    f"{self.symbol}: {low}: {least} is above {high} {greatest}; lower it, or raise that"
                )

    def told(self) -> Iterator[tuple[str, Any]]:
        """Yield each value that somebody told, under its name."""
        for name in VALUES:
            if (value := getattr(self, name)) is not None:
                yield name, value

    def too_small(self, quantity: Decimal, *, price: Decimal | None) -> str | None:
        """Return why an order of so many units is less than its venue takes, None where it is not known to be."""
        if self.least_quantity is not None and quantity < self.least_quantity:
            return f"quantity: {quantity:f} is below the {self.least_quantity:f} that an order must hold"
        if self.least_notional is None or price is None or quantity * price >= self.least_notional:
            return None
        worth = (quantity * price).normalize(_EXACT)
        return f"notional: {worth:f} is below the {self.least_notional:f} that an order must be worth"

    def to_json(self) -> dict[str, Any]:
        """Return the instrument as JSON, numbers as decimal text; ``instrument_from`` undoes it."""
        values = {name: format(value, "f") if isinstance(value, Decimal) else str(value) for name, value in self.told()}
        return {"symbol": self.symbol, **values, "sources": {name: str(self.sources[name]) for name in values}}


def made(symbol: str, values: Mapping[str, Any], *, source: Source) -> Instrument:
    """Return the instrument of values as anybody wrote them, all from one source; empty ones are not told.

    Raises BadInstrument for a name that no instrument has, and for a value that breaks its rule.
    """
    read = {name: _read(symbol, name, value) for name, value in values.items() if value is not None and value != ""}
    return Instrument(symbol=symbol, **read, sources=dict.fromkeys(read, source))


def instrument_from(kept: Mapping[str, Any]) -> Instrument:
    """Return the instrument that ``Instrument.to_json`` wrote; raises BadInstrument for anything else."""
    symbol, sources = kept.get("symbol"), kept.get("sources")
    if not isinstance(symbol, str) or not isinstance(sources, Mapping):
        raise BadInstrument(f"instrument: {kept!r} names no symbol and sources; tell it as an instrument is told")
    values = {name: value for name, value in kept.items() if name in VALUES and value is not None}
    read = {name: _read(symbol, name, value) for name, value in values.items()}
    try:
        return Instrument(symbol=symbol, **read, sources={name: Source(sources[name]) for name in read})
    except (KeyError, ValueError) as fault:
        raise BadInstrument(f"{symbol}: sources: {fault}; it is one of {', '.join(Source)} for each value") from None


def laid(under: Instrument | None, over: Instrument | None) -> Instrument | None:
    """Return one instrument laid over another of the same symbol, value by value; None where there is neither."""
    if under is None or over is None:
        return over or under
    values = dict(over.told())
    return replace(under, **values, sources={**under.sources, **{name: over.sources[name] for name in values}})


def _read(symbol: str, name: str, value: Any) -> Any:
    if name not in _READERS:
        raise BadInstrument(f"{symbol}: {name}: no value of an instrument; it has {', '.join(VALUES)}")
    reader, rule = _READERS[name]
    try:
        return reader(value)
    except (ValueError, TypeError, InvalidOperation):
        raise BadInstrument(f"{symbol}: {name}: {value!r} is not {rule}") from None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise TypeError(value)
    return value.strip()


def _number(value: object) -> Decimal:
    """Return a number as it is written; a float as the shortest text that reads back the same."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise TypeError(value)
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite() or abs(number.adjusted()) >= _MOST_DIGITS or number < 0:
        raise ValueError(value)
    return number.normalize(_EXACT)


def _step(value: object) -> Decimal:
    number = _number(value)
    if not number:
        raise ValueError(value)
    return number


def _hours(value: object) -> Decimal:
    number = _number(value)
    if not _LEAST_HOURS <= number <= _MOST_HOURS:
        raise ValueError(value)
    return number


#: What an interval of funding is within [h].
_LEAST_HOURS, _MOST_HOURS = Decimal("0.25"), Decimal(168)
#: Room for every digit of a number.
_EXACT = Context(prec=240)
#: The power of ten beyond which nothing is priced or counted.
_MOST_DIGITS = 40
_STEP: tuple[Callable[[object], Any], str] = (_step, "a number above zero, such as 0.01")
_BOUND: tuple[Callable[[object], Any], str] = (_number, "a number of zero or more")
_TEXT: tuple[Callable[[object], Any], str] = (_text, "text")

#: How each value is read, and what it must be.
_READERS: dict[str, tuple[Callable[[object], Any], str]] = {
    **dict.fromkeys(("base", "quote", "fee_class", "session_grid"), _TEXT),
    **dict.fromkeys(("tick", "lot", "contract_size", "greatest_quantity", "greatest_notional"), _STEP),
    **dict.fromkeys(("least_quantity", "least_notional"), _BOUND),
    "funding_hours": (_hours, f"a number of hours from {_LEAST_HOURS} to {_MOST_HOURS}"),
    "kind": (lambda value: Sort(_text(value)), f"one of {', '.join(Sort)}"),
}
_BOUNDS = (("least_quantity", "greatest_quantity"), ("least_notional", "greatest_notional"))
#: The names of an instrument's values, in the order in which they are shown.
VALUES = tuple(each.name for each in fields(Instrument) if each.name not in ("symbol", "sources"))
