"""What the venue module remembers of one symbol, and how it is kept."""

from __future__ import annotations

from typing import NamedTuple

from portfolio.execution import order
from strands.wire import Kept, version_of

MODULE = "venue"
#: The version of the shape of a kept state.
VERSION = 1


class VenueState(NamedTuple):
    """The open orders of one symbol, oldest first."""

    open: tuple[order.Order, ...] = ()


def dump(state: VenueState) -> Kept:
    """Return a state as JSON, with its version; ``load`` undoes it."""
    return {"version": VERSION, "open": [each.to_json() for each in state.open]}


def load(kept: Kept) -> VenueState:
    """Return the state that ``dump`` wrote, now or before it named a version; raises NewerState."""
    version_of(kept, module=MODULE, newest=VERSION)
    return VenueState(tuple(order.Order.model_validate(each) for each in kept["open"]))
