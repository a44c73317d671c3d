"""Inference: what the name of a symbol and the digits of its bars tell of an instrument, where nobody else does.

Prices are multiples of the tick and volumes sums of lots, so the finest digit that bars ever showed bounds both. What
is inferred can only grow finer, with the bar that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Context, Decimal
from typing import Any, NamedTuple

from strands.market.bar import Bar
from strands.market.instruments.instrument import Instrument, Sort, Source, made

#: A price of more figures was worked out by a program, and its last digits are no market's.
_CUT = Context(prec=12)
#: A lot that is inferred is worth less than this power of ten [quote currency]: volumes may be rounded, too.
LOT_WORTH = 2

_PAIR = re.compile(r"^([A-Za-z0-9.]+)[/_-]([A-Za-z]{3,})(?::([A-Za-z0-9]+))?$")
_PERPETUAL = re.compile(r"^([A-Za-z0-9.]+)[-_]?(?:PERP|SWAP)$", re.IGNORECASE)


class Shown(NamedTuple):
    """How fine prices and quantities were so far: the powers of ten of tick and lot."""

    tick: int
    lot: int

    def values(self) -> dict[str, Any]:
        """Return tick and lot as values of an instrument."""
        return {"tick": Decimal(1).scaleb(self.tick), "lot": Decimal(1).scaleb(self.lot)}


def instrument(symbol: str, shown: Shown) -> Instrument:
    """Return what a symbol's name and what its bars showed tell."""
    return made(symbol, {**of_name(symbol), **shown.values()}, source=Source.INFERRED)


def of_name(symbol: str) -> dict[str, Any]:
    """Return base, quote and kind as far as a symbol spells them out: ``BTC/USDT``, ``BTC/USDT:USDT``, ``BTC-PERP``."""
    if perpetual := _PERPETUAL.match(symbol):
        return {"base": perpetual[1], "kind": Sort.PERPETUAL}
    if pair := _PAIR.match(symbol):
        return {"base": pair[1], "quote": pair[2], **({"kind": Sort.PERPETUAL} if pair[3] else {})}
    return {}


def finer(shown: Shown | None, bars: Sequence[Bar]) -> Iterator[tuple[int, Shown]]:
    """Yield the place of each bar that shows more than those before it, with what is shown from it on."""
    start = 0
    if shown is None and bars:
        shown, start = _with(None, bars[0]), 1
        yield 0, shown
    while shown is not None and (place := _next(shown, bars, start)) is not None:
        now = _with(shown, bars[place])
        if now != shown:
            yield place, now
        shown, start = now, place + 1


def tick_of(prices: Sequence[str]) -> Decimal:
    """Return the tick as one bar alone shows it: the longest fraction among its prices, zeros at its end included."""
    return Decimal(1).scaleb(min(0, *(int(Decimal(price).as_tuple().exponent) for price in prices)))


def _with(shown: Shown | None, bar: Bar) -> Shown:
    tick = min(_finest(price) for price in bar[3:7])
    # The price lies below 10 ** (adjusted + 1), so that a lot of 10 ** worth is worth less than 10 ** LOT_WORTH.
    worth = LOT_WORTH - 1 - Decimal(bar.close).adjusted()
    lot = min(_finest(bar.volume), worth) if Decimal(bar.volume) else worth
    return Shown(tick, lot) if shown is None else Shown(min(shown.tick, tick), min(shown.lot, lot))


def _finest(text: str) -> int:
    """Return the power of ten of a number's last digit that counts: -2 for 0.25, 2 for 300."""
    return int(_CUT.create_decimal(text).normalize(_CUT).as_tuple().exponent)


def _next(shown: Shown, bars: Sequence[Bar], start: int) -> int | None:
    """Return the place of the next bar with a digit beyond what was shown: hardly a bar has one, and all are asked."""
    tick, lot = shown
    if tick > 0 or lot > 0:
        return next((place for place in range(start, len(bars)) if _with(shown, bars[place]) != shown), None)
    prices, volumes = 1 - tick, 1 - lot
    for place in range(start, len(bars)):
        _, _, _, opened, high, low, close, volume, _, _ = bars[place]
        if (
            "." in opened[-prices:]
            and "." in high[-prices:]
            and "." in low[-prices:]
            and "." in close[-prices:]
            and "." in volume[-volumes:]
        ):
            continue
        if any(_beyond(text, prices) for text in (opened, high, low, close)) or _beyond(volume, volumes):
            return place
    return None


def _beyond(text: str, figures: int) -> bool:
    """Say whether a number has a digit other than zero after all but one of so many figures behind its point."""
    _, point, decimals = text.partition(".")
    return len(decimals.rstrip("0")) >= figures if point and "e" not in text.lower() else "e" in text.lower()
