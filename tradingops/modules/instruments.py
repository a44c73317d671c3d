"""Instruments as modules know them: by symbol, as the market last told of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strands.market.instruments.instrument import Instrument, instrument_from
from strands.strand import Strand

KIND = "instrument"

Known = Mapping[str, Instrument]
#: Before the market told of any.
NONE: Known = {}


def hear(known: Known, strand: Strand) -> Known:
    """Return what is known after a strand of kind ``instrument``; raises BadInstrument for one that is none."""
    instrument = instrument_from(strand.payload["md_instrument"])
    symbol = strand.symbol or instrument.symbol
    return known if known.get(symbol) == instrument else {**known, symbol: instrument}


def of(known: Known, symbol: str | None) -> Instrument | None:
    """Return a symbol's instrument; None where the market has told of none."""
    return known.get(symbol or "")


def to_json(known: Known) -> dict[str, Any]:
    """Return what is known as JSON; ``from_json`` undoes it."""
    return {symbol: instrument.to_json() for symbol, instrument in known.items()}


def from_json(kept: Mapping[str, Any]) -> Known:
    """Return what ``to_json`` wrote; raises BadInstrument."""
    return {symbol: instrument_from(each) for symbol, each in kept.items()}
