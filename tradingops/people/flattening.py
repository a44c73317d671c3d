"""Flattening a scope: what there is to close, the word to close it, and what became of each leg.

A leg is flat when its venues hold nothing and work no order of it, by their own account; until then it is closing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import connections

from portfolio import ledger
from strands.given import DESK
from strands.json_values import at
from strands.market.instruments.instrument import Instrument
from strands.models import ModuleState, TraderStrand
from strands.strand import Strand
from tradingops.countersigns import rule
from tradingops.mandates.mandate import Deed
from tradingops.modules import instruments
from tradingops.modules.venue import state as venues
from tradingops.people import acts, halting, resting, say
from tradingops.people.resting import Resting

if TYPE_CHECKING:
    from tradingops.modules.trader.state import Holding, TraderState

#: The close of the newest bar of each of some symbols.
_NEWEST = """
    SELECT symbol, (SELECT md_bar ->> 'close' FROM md_strands
                     WHERE md_strands.symbol = asked.symbol AND kind = 'bar' ORDER BY id DESC LIMIT 1)
      FROM unnest(%s::text[]) AS asked (symbol)
"""
#: How often it is looked whether a leg is flat, in seconds.
GLANCE = 0.2


class Result(StrEnum):
    """What became of a leg: by its fills, not by anybody's acknowledgement."""

    FLAT = "flat"
    PART = "part"
    TOO_SMALL = "below minimum"
    REFUSED = "refused"
    CLOSING = "closing"


#: What a leg does not get beyond without another word of a person's, or of the market's.
ENDS = (Result.FLAT, Result.REFUSED, Result.TOO_SMALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What is held and under way in one symbol; quantities signed, money in the currency.

    ``value`` is what its venues hold together, on both sides where they hold it on both. ``orders`` are those that rest
    or work at venues, protection included; ``waiting`` are plans that were not entered yet.
    ``stop`` and ``target`` are those of the position, ``leaving`` says why it is being left. ``resting`` is each of the
    orders and waiting plans, ``holding`` the position as the trader holds it.
    """

    symbol: str
    quantity: Decimal
    at_venues: Mapping[str, Decimal]
    mark: Decimal | None
    value: Decimal
    orders: int
    waiting: int
    entry: Decimal = ledger.ZERO
    stop: Decimal | None = None
    target: Decimal | None = None
    leaving: str = ""
    resting: tuple[Resting, ...] = ()
    holding: Holding | None = None
    instrument: Instrument | None = None

    @property
    def unrealized(self) -> Decimal | None:
        """What closing at the mark would earn, before costs; None where there is no mark."""
        return None if self.mark is None else (self.mark - self.entry) * self.quantity

    @property
    def apart(self) -> Mapping[str, Decimal]:
        """What each venue holds, where one is long and another short; empty otherwise."""
        return self.at_venues if len({held > 0 for held in self.at_venues.values()}) > 1 else {}

    @property
    def size(self) -> Decimal:
        """How much is held, by the trader's account or by its venues', whichever is more; no sign."""
        return _size(self.quantity, self.at_venues)

    @property
    def too_small(self) -> str:
        """Why nothing that its venues hold may be closed: it is less than they take. Empty where they may yet."""
        if self.instrument is None or not self.at_venues or any(each.purpose == "exit" for each in self.resting):
            return ""
        found = [self.instrument.too_small(abs(held), price=self.mark) for held in self.at_venues.values()]
        return "; ".join(each for each in found if each) if all(found) else ""

    @property
    def is_flat(self) -> bool:
        """Whether nothing is held, nothing rests and nothing waits."""
        return not (self.quantity or any(self.at_venues.values()) or self.orders or self.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A leg as it was, what is left of it, and why where something is."""

    leg: Leg
    left: Decimal
    result: Result
    reason: str = ""


class NotFlattened(ValueError):
    """A scope that cannot be flattened: the message names it and the way out."""


def legs(scope: str = DESK, *, using: str = "default") -> list[Leg]:
    """Return what there is to close in a scope (``desk``, ``symbol:X`` or ``venue:X``), by symbol.

    A venue's legs are the symbols that it holds some of, whole. Raises NotFlattened for another scope.
    """
    sort, _, name = scope.partition(":")
    if scope != DESK and (sort not in ("symbol", "venue") or not name):
        raise NotFlattened(f"scope: {scope!r} cannot be flattened; it is desk, symbol:NAME or venue:NAME")
    found = [each for each in _legs(using) if not each.is_flat]
    if sort == "symbol":
        return [each for each in found if each.symbol == name]
    return [each for each in found if sort != "venue" or each.at_venues.get(name)]


def close(those: Sequence[Leg], *, asked: acts.Asked, countersigned: str = "", using: str = "default") -> str:
    """Ask the trader to close each leg; return the id of the command.

    The strands are those of this command, however often they are said; ``countersigned`` is the request that a second
    person is confirming. Raises mandate.Outside, and NotFlattened where that person lacks.
    """
    two = rule.in_force(using=using)
    if not countersigned and two.takes_two(worth(those)):
        raise NotFlattened(
            f"size: {worth(those):f} is above {two.above:f}: closing it takes a second person; ask for one"
        )
    command = f"flatten {countersigned or f'{asked.by} {asked.asked_at.isoformat()}'}"
    halts = {each.scope: each.state.value for each in halting.standing(using=using)}
    # All are made before one is said: where one lies outside a mandate, none is closed.
    told = {"halts": halts, **({"countersigned": countersigned} if countersigned else {})}
    strands = [_closing(leg, asked=asked, command=command, **told) for leg in those]
    for strand in strands:
        say.publish(strand, using=using)
    return command


def _size(quantity: Decimal, at_venues: Mapping[str, Decimal]) -> Decimal:
    return max(abs(quantity), ledger.total(map(abs, at_venues.values())))


def worth(those: Iterable[Leg]) -> Decimal:
    """Return what closing these comes to at the last price: what the trader holds or its venues, whichever is more."""
    return ledger.total(each.size * (each.mark or each.entry) for each in those)


def _closing(leg: Leg, *, asked: acts.Asked, command: str, **told: Any) -> Strand:
    wanted: dict[str, Any] = {"mark": ledger.text(leg.mark)} if leg.mark else {}
    must_be_allowed(leg, asked=asked)
    return acts.intervention(leg.symbol, "close", asked=asked, command=command, **told, **wanted)


def must_be_allowed(leg: Leg, *, asked: acts.Asked) -> None:
    """Raise Outside where a mandate of who asks does not allow to touch a leg: its symbol, its size, its venues."""
    asked.must_be_allowed(Deed(symbol=leg.symbol, notional=leg.value))
    for venue in leg.at_venues:
        asked.must_be_allowed(Deed(symbol=leg.symbol, venue=venue))


def outcomes(before: Sequence[Leg], *, since: acts.Asked, using: str = "default") -> list[Outcome]:
    """Return what has become of each leg by now."""
    after = {each.symbol: each for each in _legs(using)}
    refused = _refusals([each.symbol for each in before], since=since, using=using)
    return [_outcome(leg, after.get(leg.symbol), refused.get(leg.symbol, "")) for leg in before]


def wait(before: Sequence[Leg], *, since: acts.Asked, seconds: float, using: str = "default") -> list[Outcome]:
    """Return what has become of each leg once none gets any further, after so many seconds at the latest."""
    until = time.monotonic() + seconds
    while True:
        found = outcomes(before, since=since, using=using)
        if time.monotonic() >= until or all(each.result in ENDS for each in found):
            return found
        time.sleep(GLANCE)


def _outcome(leg: Leg, now: Leg | None, refused: str) -> Outcome:
    if now is None or now.is_flat:
        return Outcome(leg=leg, left=ledger.ZERO, result=Result.FLAT)
    left = now.quantity
    if refused:
        return Outcome(leg=leg, left=left, result=Result.REFUSED, reason=refused)
    if now.too_small:
        why = f"{ledger.text(left)} left below the venue's minimum ({now.too_small})"
        return Outcome(leg=leg, left=left, result=Result.TOO_SMALL, reason=why)
    if now.size < leg.size:
        return Outcome(leg=leg, left=left, result=Result.PART, reason=_left(leg, now))
    return Outcome(leg=leg, left=left, result=Result.CLOSING, reason="the venue has not said that it is done")


def _left(leg: Leg, now: Leg) -> str:
    """Return what is left of a leg, of one that lay apart venue by venue."""
    if not leg.apart:
        return f"{ledger.text(now.quantity)} left"
    return ", ".join(
        f"{ledger.text(now.at_venues[name])} left at {name}" if name in now.at_venues else f"flat at {name}"
        for name in sorted(leg.apart)
    )


def _legs(using: str) -> Iterator[Leg]:
    """Yield every symbol that the trader or a venue knows anything of."""
    # Here and not above: whoever serves pages need not load what the trader judges by before somebody asks.
    from tradingops.modules.trader import kept
    from tradingops.modules.trader.state import TraderState

    told, known = (_states(listener, using) for listener in ("trader", "venue"))
    traders = {symbol: kept.load(state) for symbol, state in told.items()}
    places = {symbol: venues.load(state) for symbol, state in known.items()}
    held = {symbol for symbol, state in traders.items() if state.position.quantity}
    held |= {symbol for symbol, place in places.items() if any(place.positions.values())}
    marks = _marks(sorted(held), using)
    for symbol in sorted({*traders, *places}):
        place = places.get(symbol) or venues.VenueState()
        yield _leg(symbol, traders.get(symbol) or TraderState(), place, marks.get(symbol))


def _states(listener: str, using: str) -> dict[str, Any]:
    rows = ModuleState.objects.using(using).filter(listener=listener)
    return {partition: json.loads(state) for partition, state in rows.values_list("partition", "state")}


def _leg(symbol: str, state: TraderState, place: venues.VenueState, mark: Decimal | None) -> Leg:
    quantity, held = state.position.quantity, state.holding
    known = {name: each for name, each in place.positions.items() if each}
    at_venues = known or {name: each for name, each in state.at_venues.items() if each}
    price = mark or state.position.avg_price
    value = _size(quantity, at_venues) * price
    return Leg(
        symbol=symbol,
        quantity=quantity,
        at_venues=at_venues,
        mark=mark,
        value=value,
        orders=len(place.open),
        waiting=len(state.waiting),
        entry=state.position.avg_price,
        stop=held.stop_loss if held else None,
        target=held.take_profit if held else None,
        leaving=(held.exit_reason or "") if held else "",
        resting=resting.of(state),
        holding=held,
        instrument=instruments.of(state.instruments, symbol),
    )


def _marks(symbols: Sequence[str], using: str) -> dict[str, Decimal]:
    """Return the close of each symbol's newest bar, of those that have one."""
    if not symbols:
        return {}
    with connections[using].cursor() as cursor:
        cursor.execute(_NEWEST, [list(symbols)])
        return {symbol: Decimal(close) for symbol, close in cursor.fetchall() if close is not None}


def _refusals(symbols: Sequence[str], *, since: acts.Asked, using: str) -> dict[str, str]:
    """Return why the trader refused to close, by symbol, of what it was asked since."""
    said = TraderStrand.objects.using(using).filter(
        kind="monitoring", symbol__in=symbols, at__gte=since.at, created_at__gte=since.asked_at
    )
    found = said.filter(monitoring_state__state="refused").order_by("id")
    rows = found.values_list("symbol", "monitoring_state")
    return {symbol: str(at(state, "reason")) for symbol, state in rows if symbol}
