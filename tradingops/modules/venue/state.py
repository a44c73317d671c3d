"""What the venue module remembers of one symbol, and how it is kept."""

from __future__ import annotations

from typing import NamedTuple

from portfolio.execution import order
from strands.wire import Kept, version_of
from tradingops.modules import instruments

MODULE = "venue"
#: The version of the shape of a kept state.
VERSION = 2


class VenueState(NamedTuple):
    """The open orders of one symbol, oldest first, and its instrument."""

    open: tuple[order.Order, ...] = ()
    instruments: instruments.Known = instruments.NONE


def dump(state: VenueState) -> Kept:
    """Return a state as JSON, with its version; ``load`` undoes it."""
    return {
        "version": VERSION,
        "open": [each.to_json() for each in state.open],
        "instruments": instruments.to_json(state.instruments),
    }


def load(kept: Kept) -> VenueState:
    """Return the state that ``dump`` wrote, now or in an earlier version, without instruments; raises NewerState."""
    version_of(kept, module=MODULE, newest=VERSION)
    return VenueState(
        open=tuple(order.Order.model_validate(each) for each in kept["open"]),
        instruments=instruments.from_json(kept.get("instruments", {})),
    )
