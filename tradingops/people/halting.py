"""Halting and resuming a scope, and what stands halted at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connections

from strands.given import DESK, HaltState
from strands.rulings import ruling
from strands.rulings.ruling import HALT
from tradingops.people import acts, breaches, say


class RefusedHalt(ValueError):
    """A halt that would be in force nowhere: the message names the field, the value, the rule and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A scope that does not trade freely: who said so, why, since when (market time), and until when, if it ends."""

    scope: str
    state: HaltState
    by: str
    reason: str
    since: datetime
    until: datetime | None
    strand: str


#: The halt that counts for each scope at a moment of market time, with what its strand says besides.
_STANDING = f"""
    SELECT kept.scope, kept.state, strand.op_halt ->> 'by', strand.op_halt ->> 'reason',
           COALESCE(kept.begins, strand.at), kept.ends, kept.ruling
      FROM (SELECT DISTINCT ON (scope) * FROM halts
             WHERE (begins IS NULL OR begins <= %(now)s) AND (ends IS NULL OR %(now)s < ends)
             ORDER BY scope, said DESC) AS kept
      JOIN op_strands AS strand ON strand.id = kept.ruling
     WHERE kept.state <> '{HaltState.ACTIVE}'
     ORDER BY kept.scope <> 'desk', kept.scope
"""


#: In one question, as every page asks it.
_KEPT = """
    SELECT EXISTS (SELECT FROM halts WHERE state <> %s),
           EXISTS (SELECT FROM countersigns WHERE state = 'asked' AND until > clock_timestamp())
"""


class Kept(NamedTuple):
    """What there may be to tell on every page: halts, and what waits for a second person."""

    halts: bool
    waiting: bool


def standing(*, now: datetime | None = None, using: str = "default", known: Kept | None = None) -> list[Standing]:
    """Return what does not trade freely at a moment of market time, by default the desk's present; the desk first.

    ``known`` is what ``kept`` said, where it was asked before.
    """
    if not (known or kept(using=using)).halts:
        return []
    with connections[using].cursor() as cursor:
        cursor.execute(_STANDING, {"now": now or say.present(using)})
        return [_standing(*row) for row in cursor.fetchall()]


def _standing(
    scope: str, state: str, by: str | None, reason: str | None, since: datetime, until: datetime | None, strand: str
) -> Standing:
    return Standing(
        scope=scope,
        state=HaltState(state),
        by=by or "",
        reason=reason or "",
        since=since,
        until=until,
        strand=strand,
    )


def kept(*, using: str = "default") -> Kept:
    """Return whether anything may stand halted, or waits: asked for every page, and mostly neither does."""
    with connections[using].cursor() as cursor:
        cursor.execute(_KEPT, [HaltState.ACTIVE.value])
        return Kept(*cursor.fetchone())


def halt(
    scope: str, state: HaltState, *, asked: acts.Asked, until: datetime | None = None, using: str = "default"
) -> str:
    """Put a scope into a state, from now on or until a moment of market time; return the id of what was said.

    It is in force when this returns: no order that it concerns commits after it. Raises RefusedHalt.
    """
    if until is not None and until <= asked.at:
        raise RefusedHalt(f"until: {until.isoformat()} is not after the desk's present, {asked.at.isoformat()}")
    strand = acts.halt(scope, state, asked=asked, term=acts.Term(ends=until))
    try:
        ruling.read(strand)
    except ruling.RefusedRuling as fault:
        raise RefusedHalt(str(fault).removeprefix(f"op_{HALT}.")) from None
    say.publish(strand, using=using)
    return strand.id


def resume(scope: str, *, asked: acts.Asked, measure_from_here: bool = False, using: str = "default") -> str:
    """Let a scope trade again; return the id of what was said.

    A scope that the desk's own policy halted stays so while its rule is still broken, unless losses are to be
    measured from here on; the references before and after are recorded. Raises RefusedHalt.
    """
    stands = standing(using=using)
    if scope not in {each.scope for each in stands}:
        raise RefusedHalt(f"scope: {scope} is not halted; {told(stands)}")
    measure = _references(scope, using) if measure_from_here else None
    if still := breaches.still_reached(scope, losses=measure is None, using=using):
        raise RefusedHalt(
            f"scope: {scope} stays as it is: {'; '.join(still)}. Wait until it is not, raise the limit, or, for "
            "losses, measure from here (--measure-from-here)"
        )
    strand = acts.halt(scope, HaltState.ACTIVE, asked=asked, measure=measure)
    say.publish(strand, using=using)
    return strand.id


def _references(scope: str, using: str) -> dict[str, dict[str, str]]:
    """Return the references of losses before and from here on; raises RefusedHalt for a scope that has none."""
    if scope != DESK:
        raise RefusedHalt(f"measure from here: losses are the desk's, not those of {scope}; resume it without")
    found = breaches.measured_from_here(using=using)
    if found is None:
        raise RefusedHalt("measure from here: the risk manager has told of no losses yet; resume without")
    return found


def told(stands: Iterable[Standing]) -> str:
    """Return what stands halted in words."""
    return ", ".join(f"{each.scope} is {each.state}" for each in stands) or "nothing is"
