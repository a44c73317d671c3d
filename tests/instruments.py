"""What tests say of instruments: a strand as the market tells it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from strands.market.instruments.instrument import Source, made
from strands.strand import Strand
from tradingops.modules.market import introductions


def told(symbol: str, at: datetime, **values: Any) -> Strand:
    """Return the strand that tells of a symbol's instrument."""
    return introductions.strand_of(made(symbol, values, source=Source.FILE), at)
