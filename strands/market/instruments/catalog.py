"""The catalog: of each symbol what a desk was told of its instrument, by settings, by a file, by an exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from strands.market.instruments.instrument import BadInstrument, Instrument, Source, laid, made

#: The first part of a setting's name: ``instruments.BTC-PERP.tick``.
PREFIX = "instruments."

Instruments = Mapping[str, Instrument]
Lookup = Callable[[str], Instrument | None]


def nobody_knows(symbol: str) -> None:
    """Know nothing of any symbol."""


def is_asked(key: str) -> bool:
    """Say whether a setting is a value of an instrument."""
    return key.startswith(PREFIX)


def asked(settings: Mapping[str, Any]) -> Instruments:
    """Return the instruments that settings name as ``instruments.SYMBOL.VALUE``, by symbol; raises BadInstrument.

    A symbol may hold dots: the last one ends it.
    """
    values: dict[str, dict[str, Any]] = {}
    for key, value in settings.items():
        symbol, dot, name = key.removeprefix(PREFIX).rpartition(".")
        if is_asked(key) and not (dot and symbol):
            raise BadInstrument(f"{key}: names no symbol and value; say {PREFIX}SYMBOL.tick, such as BTC-PERP.tick=0.5")
        if is_asked(key):
            values.setdefault(symbol, {})[name] = value
    return {symbol: made(symbol, each, source=Source.SETTING) for symbol, each in values.items()}


def lookup(*, asked: Instruments, listed: Instruments, exchange: Lookup = nobody_knows) -> Lookup:
    """Return what tells of a symbol: settings over a file over an exchange, value by value."""
    return lambda symbol: laid(laid(exchange(symbol), listed.get(symbol)), asked.get(symbol))
