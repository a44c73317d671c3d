"""Sizing: how much of a portfolio one plan may take, and the quantity that buys it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from strands.market.instruments import steps
from strands.market.instruments.instrument import Instrument

#: Figures that count of a quantity whose lot nobody told.
FIGURES = 8

#: Products and quotients of sizes; quantities are rounded down afterwards, so a digit lost here never buys more.
SIZES = Context(prec=40, rounding=ROUND_DOWN, traps=[InvalidOperation, DivisionByZero, Overflow])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kelly:
    """What the Kelly criterion assumes of a plan: its mean return at full strength and the deviation of that return."""

    edge: float = 0.01
    deviation: float = 0.02
    cap: float = 0.5

    def fraction(self, strength: float) -> float:
        """Return mean over variance, ``strength * edge / deviation**2``, between 0 and the cap [share of value]."""
        return min(max(strength, 0.0) * self.edge / self.deviation**2, self.cap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brakes:
    """What holds a risk budget back: a share of Kelly, a ceiling, and the drawdown at which nothing is left."""

    kelly_share: float = 0.25
    ceiling: float = 0.10
    max_drawdown: float = 0.10

    def drawdown_factor(self, drawdown: float) -> float:
        """Return 1 without drawdown, falling in a straight line to 0 at the largest drawdown borne."""
        return min(max(1.0 - drawdown / self.max_drawdown, 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much of the portfolio a plan may lose at its stop, and each number that led there [shares of value]."""

    base: float
    scaling: float
    kelly: float
    kelly_brake: float
    ceiling: float
    drawdown_factor: float
    risk_budget: float

    def to_json(self) -> dict[str, float]:
        """Return every number under its name."""
        return {name: getattr(self, name) for name in self.__slots__}


def risk_budget(
    *, base: float, strength: float, drawdown: float, kelly: Kelly, brakes: Brakes, scaling: float = 1.0
) -> Budget:
    """Return the smallest of the scaled base, the share of Kelly and the ceiling, times the drawdown factor."""
    fraction = kelly.fraction(strength)
    kelly_brake = brakes.kelly_share * fraction
    factor = brakes.drawdown_factor(drawdown)
    return Budget(
        base=base,
        scaling=scaling,
        kelly=fraction,
        kelly_brake=kelly_brake,
        ceiling=brakes.ceiling,
        drawdown_factor=factor,
        risk_budget=min(base * scaling, kelly_brake, brakes.ceiling) * factor,
    )


def size_for_risk(*, budget: float, stop_distance: float) -> float:
    """Return the share of value to hold so that a stop this far away loses the budget; none without a distance.

    ``stop_distance`` is a fraction of the entry price.
    """
    return budget / stop_distance if stop_distance > 0 else 0.0


def quantity(*, fraction: float, value: Decimal, price: Decimal) -> Decimal:
    """Return the quantity that a fraction of a portfolio's value buys at a price, to forty figures rounded down.

    Zero where the fraction or the value is not positive. Raises ValueError for a price that is not positive.
    """
    if not price.is_finite() or price <= 0:
        raise ValueError(f"price: {price} is not a positive number; give the price of one unit")
    if fraction <= 0 or value <= 0:
        return Decimal(0)
    return SIZES.divide(SIZES.multiply(Decimal(repr(fraction)), value), price)


def in_lots(quantity: Decimal, *, price: Decimal, instrument: Instrument | None) -> Decimal:
    """Return a quantity rounded down to whole lots, and to what one order of the instrument may hold at a price.

    Where nobody told the lot it is cut to figures that count: a rule of no market, and none that a price can break.
    """
    most = [quantity]
    if instrument is not None:
        most += [instrument.greatest_quantity] if instrument.greatest_quantity else []
        most += [SIZES.divide(instrument.greatest_notional, price)] if instrument.greatest_notional else []
    lot = None if instrument is None else instrument.lot
    return steps.to_figures(min(most), figures=FIGURES) if lot is None else steps.down(min(most), lot)


def of_least(quantity: Decimal, *, price: Decimal, instrument: Instrument | None) -> float | None:
    """Return how many times the least order a quantity at a price is; None for an instrument that has no least."""
    if instrument is None:
        return None
    notional = SIZES.multiply(quantity, price)
    asked = ((quantity, instrument.least_quantity), (notional, instrument.least_notional))
    shares = [float(SIZES.divide(each, least)) for each, least in asked if least]
    return min(shares) if shares else None
