"""What a person may act on: bounds by symbols, venues, size and mode, and the one function that decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

#: Every symbol, or every venue, where a deed concerns more than one.
EVERY = "every one"


class Outside(PermissionError):
    """Something asked for beyond a mandate: the message names the field, the value, the bound and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """One mandate: an empty set, or no size, bounds nothing. ``most_notional`` in the desk's currency."""

    name: str = ""
    symbols: frozenset[str] = frozenset()
    venues: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    most_notional: Decimal | None = None


#: Nobody's mandate: everything within the role.
UNBOUNDED: tuple[Mandate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What somebody is about to do: None where a field does not matter, EVERY where it concerns all of them."""

    symbol: str | None = None
    venue: str | None = None
    notional: Decimal | None = None
    mode: str | None = None


def of_scope(scope: str) -> Deed:
    """Return what halting or resuming a scope concerns: the desk and a module concern every symbol and venue."""
    sort, _, name = scope.partition(":")
    if sort == "symbol":
        return Deed(symbol=name)
    if sort == "venue":
        return Deed(symbol=EVERY, venue=name)
    return Deed(symbol=EVERY, venue=EVERY)


def refusal(mandates: Iterable[Mandate], deed: Deed) -> str:
    """Return why a deed lies outside, empty where every mandate lets it pass: one more never lets anybody do more."""
    return next(filter(None, (_refusal(each, deed) for each in mandates)), "")


def symbols(mandates: Iterable[Mandate]) -> frozenset[str] | None:
    """Return the symbols that all of these leave, None where none of them bounds any."""
    bounds = [each.symbols for each in mandates if each.symbols]
    return frozenset.intersection(*bounds) if bounds else None


def _refusal(mandate: Mandate, deed: Deed) -> str:
    named = {
        "symbol": (deed.symbol, mandate.symbols),
        "venue": (deed.venue, mandate.venues),
        "mode": (deed.mode, mandate.modes),
    }
    for field, (value, bound) in named.items():
        if bound and value is not None and value not in bound:
            return _words(mandate, f"{field}: {value} is outside", ", ".join(sorted(bound)))
    most = mandate.most_notional
    if most is not None and deed.notional is not None and (deed.notional.is_nan() or abs(deed.notional) > most):
        return _words(mandate, f"size: {abs(deed.notional):f} is more", f"at most {most:f}")
    return ""


def _words(mandate: Mandate, fault: str, bound: str) -> str:
    name = f"the mandate {mandate.name!r}" if mandate.name else "the mandate"
    return f"{fault}: {name} allows {bound}. Ask somebody without that bound, or an administrator to widen it."
