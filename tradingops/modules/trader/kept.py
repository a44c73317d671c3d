"""How the trader's state is kept on the wire, and read again, also as the version before kept it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pydantic

from portfolio import ledger
from strands.wire import Kept, version_of
from tradingops.modules import instruments, learning
from tradingops.modules.trader.sheet import MODULE
from tradingops.modules.trader.state import EntryPlan, Execution, Holding, Record, TraderState

#: The version of the shape of a kept state.
VERSION = 3

#: The fields that are read and written by their types.
_TYPED: Mapping[str, pydantic.TypeAdapter[Any]] = {
    "plans": pydantic.TypeAdapter(tuple[str, ...]),
    "waiting": pydantic.TypeAdapter(tuple[EntryPlan, ...]),
    "executions": pydantic.TypeAdapter(dict[str, Execution]),
    "holding": pydantic.TypeAdapter(Holding | None),
    "venues": pydantic.TypeAdapter(dict[str, Record]),
    "at_venues": pydantic.TypeAdapter(dict[str, Decimal]),
    "known_at": pydantic.TypeAdapter(datetime | None),
}


def dump(state: TraderState) -> Kept:
    """Return a state as JSON, with its version; ``load`` undoes it."""
    return {
        "version": VERSION,
        "level": state.level,
        **{name: typed.dump_python(getattr(state, name), mode="json") for name, typed in _TYPED.items()},
        "position": ledger.position_to_json(state.position),
        "learning": state.learning.to_json(),
        "instruments": instruments.to_json(state.instruments),
    }


def load(kept: Kept) -> TraderState:
    """Return the state that ``dump`` wrote, or that an earlier version left; raises NewerState."""
    version = version_of(kept, module=MODULE, newest=VERSION)
    if version == 0:
        kept = _of_version_0(kept)
    if version < 2:
        kept = {**kept, "at_venues": _where_held(kept), "known_at": None}
    return TraderState(
        level=kept["level"],
        position=ledger.position_from("", kept["position"]),
        learning=learning.load(kept),
        instruments=instruments.from_json(kept.get("instruments", {})),
        **{name: typed.validate_python(kept[name]) for name, typed in _TYPED.items()},
    )


def _where_held(kept: Kept) -> Kept:
    """Return what is held by venue for a state that did not say it: all of it where most was executed."""
    quantity = kept["position"]["quantity"]
    records = kept["venues"]
    likeliest = max(sorted(records), key=lambda name: records[name]["executions"], default="")
    return {likeliest: quantity} if Decimal(quantity) else {}


def _of_version_0(kept: Kept) -> Kept:
    """Return a state of version 0 in the shape of version 1: of an order's terms, one was the price expected."""
    return {**kept, "executions": {key: _execution_of_version_0(each) for key, each in kept["executions"].items()}}


def _execution_of_version_0(kept: Kept) -> Kept:
    orders = {
        order_id: {**each, "expected_price": each["terms"]["expected_price"]}
        for order_id, each in kept["orders"].items()
    }
    return {**kept, "orders": orders, "verdict": kept.get("heard", {}), "predict": kept["predict"] or None}
