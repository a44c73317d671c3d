"""A Strand: who said what, about what, because of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from strands import ids, tags

Payload = Mapping[str, Any]
#: The longest chain of answers: what the column of hops can hold.
MOST_HOPS = 32_767


class TooManyHops(ValueError):
    """A strand at the end of the longest chain cannot be answered."""

    def __init__(self, strand: Strand) -> None:
        super().__init__(
            f"hop: {strand.hop} of strand {strand.id} is the most that a chain of answers may have ({MOST_HOPS}); "
            "say it anew as a first cause"
        )


class SaidTwice(ValueError):
    """Two answers of one turn have one id: the wire would keep the first and lose the other."""

    def __init__(self, answer: Strand) -> None:
        super().__init__(
            f"id: {answer.id} is that of two answers of one turn, the second a {answer.kind} of {answer.module} "
            f"about {answer.parent_id}; an answer has an id of its own: tell them apart by nth"
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strand:
    """One immutable message from one module, addressed by its tags.

    ``payload`` maps the columns of the module's own table to JSON values. ``at`` is the moment of the first cause;
    ``hop`` counts the answers since. Two strands with one id are the same strand.
    """

    id: str
    module: str
    kind: str
    at: datetime
    symbol: str | None = None
    timeframe: str | None = None
    tags: tuple[str, ...] = ()
    parent_id: str | None = None
    lifecycle_id: str | None = None
    session_bucket: str | None = None
    regime: str | None = None
    module_id: str | None = None
    hop: int = 0
    payload: Payload = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Strand) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def answer(
        self,
        *,
        module: str,
        kind: str,
        tags: Iterable[str] = (),
        payload: Payload | None = None,
        nth: int = 0,
        parent_id: str | None = None,
        lifecycle_id: str | None = None,
        symbol: str | None = None,
        timeframe: str | None = None,
        regime: str | None = None,
    ) -> Strand:
        """Return a strand caused by this one.

        ``nth`` tells apart the answers of one module and kind to one strand. ``parent_id`` and ``lifecycle_id`` name
        another strand where the answer belongs to it rather than to this one: a bar causes a fill, and the fill
        belongs to its order. Raises TooManyHops at the end of the longest chain.
        """
        parent = parent_id or self.id
        symbol = symbol or self.symbol
        hop = self.hop + 1
        if hop > MOST_HOPS:
            raise TooManyHops(self)
        return Strand(
            id=ids.strand_id(self.at, hop, self.id, parent, module, kind, symbol, nth),
            module=module,
            kind=kind,
            at=self.at,
            symbol=symbol,
            timeframe=timeframe or self.timeframe,
            tags=_canonical(tags),
            parent_id=parent,
            lifecycle_id=lifecycle_id or self.lifecycle_id or self.id,
            session_bucket=self.session_bucket,
            regime=regime or self.regime,
            hop=hop,
            payload=payload or {},
        )


def said_once(answers: Sequence[Strand]) -> Sequence[Strand]:
    """Return the answers of a turn as they are; raises SaidTwice where two have one id."""
    if len(answers) > 1 and len({each.id for each in answers}) != len(answers):
        counted = Counter(each.id for each in answers)
        raise SaidTwice(next(each for each in reversed(answers) if counted[each.id] > 1))
    return answers


def first(
    *,
    module: str,
    kind: str,
    at: datetime,
    symbol: str | None = None,
    timeframe: str | None = None,
    tags: Iterable[str] = (),
    payload: Payload | None = None,
    regime: str | None = None,
    cause: tuple[object, ...] = (),
) -> Strand:
    """Return a strand that nothing on the wire caused; ``cause`` tells apart those of one module, kind and moment."""
    identity = ids.strand_id(at, 0, "", module, kind, symbol, timeframe, *cause)
    return Strand(
        id=identity,
        module=module,
        kind=kind,
        at=at,
        symbol=symbol,
        timeframe=timeframe,
        tags=_canonical(tags),
        lifecycle_id=identity,
        session_bucket=session_bucket(at),
        regime=regime,
        payload=payload or {},
    )


def session_bucket(at: datetime) -> str:
    """Return the trading session of a moment by its hour in UTC: ASIA, EU, US or OFF."""
    return _SESSIONS[at.hour]


#: ASIA 00-07, EU 07-13, US 13-21, OFF 21-24 UTC.
_SESSIONS = ("ASIA",) * 7 + ("EU",) * 6 + ("US",) * 8 + ("OFF",) * 3

_KNOWN: dict[tuple[str, ...], tuple[str, ...]] = {}


def _canonical(given: Iterable[str]) -> tuple[str, ...]:
    """Return canonical tags; the few combinations that a desk uses are remembered."""
    given = tuple(given)
    known = _KNOWN.get(given)
    if known is None:
        known = tags.normalise(given)
        if len(_KNOWN) < 1024:
            _KNOWN[given] = known
    return known
