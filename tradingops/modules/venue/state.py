"""What the venue module remembers of one symbol, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from portfolio import ledger
from portfolio.execution import funding, order
from portfolio.execution.venue import NOTHING_HELD
from strands.wire import Kept, version_of
from tradingops.modules import instruments

MODULE = "venue"
#: The version of the shape of a kept state.
VERSION = 3


class VenueState(NamedTuple):
    """The open orders of one symbol, oldest first, what is held at each venue, signed, and its instrument.

    ``due`` is when funding is settled next, at each venue where a perpetual is held.
    """

    open: tuple[order.Order, ...] = ()
    positions: Mapping[str, Decimal] = NOTHING_HELD
    instruments: instruments.Known = instruments.NONE
    due: funding.Due = funding.NOTHING_DUE

    @property
    def is_busy(self) -> bool:
        """Whether a bar can matter."""
        return bool(self.open or self.due) or any(self.positions.values())


def dump(state: VenueState) -> Kept:
    """Return a state as JSON, with its version; ``load`` undoes it."""
    return {
        "version": VERSION,
        "open": [each.to_json() for each in state.open],
        "positions": {name: ledger.text(held) for name, held in sorted(state.positions.items())},
        "instruments": instruments.to_json(state.instruments),
        "due": {name: at.isoformat() for name, at in sorted(state.due.items())},
    }


def load(kept: Kept) -> VenueState:
    """Return the state that ``dump`` wrote, now or in an earlier version; raises NewerState.

    Before version 2 no positions were kept, and no instrument: the first order that names what is held tells them.
    Before version 3 nobody knew of funding: it counts from the first bar on.
    """
    version_of(kept, module=MODULE, newest=VERSION)
    return VenueState(
        open=tuple(order.Order.model_validate(each) for each in kept["open"]),
        positions={name: Decimal(held) for name, held in kept.get("positions", {}).items()},
        instruments=instruments.from_json(kept.get("instruments", {})),
        due={name: datetime.fromisoformat(at) for name, at in kept.get("due", {}).items()},
    )
