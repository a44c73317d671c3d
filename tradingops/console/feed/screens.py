"""What a screen asks for: a filter, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from strands import tables
from strands.kinds import ROLES
from tradingops.console.feed.frames import TICKS, Frame
from tradingops.console.feed.policy import StreamPolicy

#: The largest number that a strand can have.
MOST_SAID = 2**63 - 1
#: The kinds of ticks.
_OF_TICKS = ROLES[TICKS].names


class Misunderstood(ValueError):
    """A message from a screen that names no known request; the text says which field and what it may be."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a screen wants to see; an empty set wants everything, ticks come only when asked for.

    ``within`` are the symbols that its person may see, None for all: it is never the screen that says so.
    """

    symbols: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    ticks: bool = False
    within: frozenset[str] | None = None

    @property
    def named(self) -> list[str] | None:
        """The symbols that pass, None for all of them and for what has none."""
        if self.within is None:
            return sorted(self.symbols) or None
        return sorted(self.within & self.symbols if self.symbols else self.within)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables in which what it wants can be."""
        heard = {name: table for name, table in tables.TABLES.items() if self.ticks or name != TICKS}
        return tuple(table.name for name, table in heard.items() if not self.modules or name in self.modules)

    def wants(self, frame: Frame) -> bool:
        """Return whether a frame passes."""
        return (
            (self.ticks or frame.module != TICKS)
            and (self.within is None or frame.symbol in self.within)
            and (not self.symbols or frame.symbol in self.symbols)
            and (not self.kinds or frame.kind in self.kinds)
            and (not self.modules or frame.module in self.modules)
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a screen has come: its place in one hub's stream, and the number up to which it has missed nothing."""

    epoch: str
    position: int
    settled: int


def filter_of(asked: Any, *, policy: StreamPolicy) -> Filter:
    """Return the filter in a message; asking for the market, or for what it says, asks for ticks.

    Raises Misunderstood.
    """
    if not isinstance(asked, dict):
        raise Misunderstood("filter: give an object with any of symbols, kinds, modules, ticks")
    symbols, kinds, modules = (_names(asked, name, policy) for name in ("symbols", "kinds", "modules"))
    ticks = asked.get("ticks") is True or TICKS in modules or not kinds.isdisjoint(_OF_TICKS)
    return Filter(symbols=symbols, kinds=kinds, modules=modules, ticks=ticks)


def cursor_of(asked: Any) -> Cursor | None:
    """Return the cursor in a message, None for a screen that comes for the first time. Raises Misunderstood."""
    if asked is None:
        return None
    if not isinstance(asked, dict) or not isinstance(asked.get("epoch"), str):
        raise Misunderstood("cursor: give an object with epoch, position and settled, or null")
    position, settled = asked.get("position"), asked.get("settled")
    if type(position) is not int or type(settled) is not int or min(position, settled) < 0:
        raise Misunderstood("cursor: position and settled are whole numbers from 0 on")
    if max(position, settled) > MOST_SAID:
        raise Misunderstood(f"cursor: position and settled are at most {MOST_SAID}")
    return Cursor(asked["epoch"], position, settled)


def _is_text(name: str) -> bool:
    """Return whether a database takes a text: no NUL, and no half of a character."""
    return "\x00" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _names(asked: dict[str, Any], field: str, policy: StreamPolicy) -> frozenset[str]:
    given = asked.get(field, [])
    if (
        not isinstance(given, list)
        or len(given) > policy.most_names
        or not all(isinstance(name, str) and _is_text(name) for name in given)
    ):
        raise Misunderstood(f"filter.{field}: give at most {policy.most_names} names, each a text without NUL")
    return frozenset(given)
