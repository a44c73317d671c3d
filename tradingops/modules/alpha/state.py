"""AlphaState: what a symbol's detector keeps between turns, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from curators.dsi import evidence as dsi
from strands.wire import Kept, version_of
from tradingops.modules import instruments, learning
from tradingops.modules.alpha import following, record, slots, tape
from tradingops.modules.alpha.following import Following
from tradingops.modules.alpha.intelligence import seasons
from tradingops.modules.alpha.intelligence.seasons import Seasons
from tradingops.modules.alpha.planning import asymmetries
from tradingops.modules.alpha.planning.asymmetries import Interest
from tradingops.modules.alpha.policy import AlphaPolicy
from tradingops.modules.alpha.record import Record
from tradingops.modules.alpha.slots import Slots
from tradingops.modules.alpha.tape import Tapes

NAME = "alpha"
#: The version of what ``dump`` writes; raise it with the shape, and let ``load`` read the one before.
VERSION = 2


class AlphaState(NamedTuple):
    """One symbol's state; never changed in place. ``experts`` is what DSI keeps of its experts, as it keeps it."""

    slots: Slots
    following: Following
    learning: learning.Learning
    tapes: Tapes
    seasons: Seasons
    experts: Mapping[str, Any]
    record: Record
    open_interest: Interest
    instruments: instruments.Known


def with_prices(state: AlphaState, tapes: Tapes, by_season: Seasons) -> AlphaState:
    """Return a state with other tapes and seasons."""
    # Written out, for every bar comes here and ``_replace`` takes three times as long.
    return AlphaState(
        state.slots,
        state.following,
        state.learning,
        tapes,
        by_season,
        state.experts,
        state.record,
        state.open_interest,
        state.instruments,
    )


def start(policy: AlphaPolicy) -> AlphaState:
    """Return the state before anything happened."""
    return AlphaState(
        slots=Slots(),
        following=Following(),
        learning=learning.start(),
        tapes={},
        seasons={},
        experts=dsi.start(policy.dsi),
        record=(),
        open_interest=(),
        instruments=instruments.NONE,
    )


def dump(state: AlphaState) -> Kept:
    """Return a state as JSON values, with its version."""
    return {
        "version": VERSION,
        "slots": slots.to_json(state.slots),
        "following": following.to_json(state.following),
        "learning": state.learning.to_json(),
        "tapes": tape.to_json(state.tapes),
        "seasons": seasons.to_json(state.seasons),
        "experts": dict(state.experts),
        "record": record.to_json(state.record),
        "open_interest": asymmetries.to_json(state.open_interest),
        "instruments": instruments.to_json(state.instruments),
    }


def load(kept: Kept, policy: AlphaPolicy) -> AlphaState:
    """Return the state that ``dump`` wrote, or one of version 0 or 1, which know no instruments; raises NewerState."""
    parts = kept if version_of(kept, module=NAME, newest=VERSION) else _parts_of_version_0(kept, policy)
    return AlphaState(
        slots=slots.from_json(parts["slots"]),
        following=following.from_json(parts["following"]),
        learning=learning.load(kept),
        tapes=tape.from_json(parts["tapes"]),
        seasons=seasons.from_json(parts["seasons"]),
        experts=parts["experts"],
        record=record.from_json(parts["record"]),
        open_interest=asymmetries.from_json(parts["open_interest"]),
        instruments=instruments.from_json(parts.get("instruments", {})),
    )


def _parts_of_version_0(kept: Kept, policy: AlphaPolicy) -> dict[str, Any]:
    """Return a flat state of version 0 in parts; one from before alpha learned holds nothing but its slots."""
    return {
        "slots": {
            "taken": kept["slots"],
            "last_signal_at": kept["last_signal_at"],
            "last_withheld_at": kept.get("last_withheld_at"),
        },
        "following": {"plans": kept.get("followed", {}), "side_cost": kept.get("side_cost")},
        "tapes": kept.get("tape", {}),
        "seasons": kept.get("seasons", {}),
        "experts": kept["experts"] if "experts" in kept else dsi.start(policy.dsi),
        "record": kept.get("record", ()),
        "open_interest": kept.get("open_interest", ()),
    }
