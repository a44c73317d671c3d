"""What the dashboard says, computed from rows: today's decisions, the health of each module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from strands.given import DESK
from strands.json_values import UNREADABLE
from strands.telling import Tone
from tradingops.console.home.freshness import Freshness
from tradingops.heartbeat import DEAD_AFTER
from tradingops.people.halting import Standing

#: Decisions so old count as today's.
TODAY = timedelta(hours=24)
#: A delivery that waits longer than this, in seconds, is shown as late.
LATE_AFTER = 30


@dataclass(frozen=True)
class Outcomes:
    """Today's decisions by outcome, and why plans were refused, the commonest reason first."""

    total: int
    counts: list[tuple[str, int, float]]
    refusals: list[tuple[str, int, float]]


@dataclass(frozen=True)
class Health:
    """How one module does: whether it is at work, and what it has yet to do."""

    name: str
    title: str
    status: str
    tone: Tone
    beat_at: datetime | None
    workers: int
    turns: int
    waiting: int
    retrying: int
    failed: int
    lag_seconds: float | None
    last_turn_at: datetime | None

    @property
    def is_late(self) -> bool:
        return self.lag_seconds is not None and self.lag_seconds > LATE_AFTER


def outcomes(rows: Sequence[tuple[str | None, str | None, int]], *, most: int = 6) -> Outcomes:
    """Return decisions counted by type and by reason; each row is a type, a reason and how many."""
    total = sum(count for *_, count in rows)
    by_type: dict[str, int] = {}
    by_reason: dict[str, int] = {}
    for decided, reason, count in rows:
        by_type[decided or UNREADABLE] = by_type.get(decided or UNREADABLE, 0) + count
        if decided == "reject":
            by_reason[reason or "no reason given"] = by_reason.get(reason or "no reason given", 0) + count
    return Outcomes(total, _shares(by_type, of=total), _shares(by_reason, of=sum(by_reason.values()))[:most])


def _shares(counts: dict[str, int], *, of: int) -> list[tuple[str, int, float]]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(name, count, round(100 * count / of, 1) if of else 0.0) for name, count in ordered]


def health(*, name: str, title: str, now: datetime, row: dict[str, Any]) -> Health:
    """Return one module's health from what was counted of its workers, deliveries and turns."""
    beat, waiting, failed = row.get("beat_at"), row.get("waiting") or 0, row.get("failed") or 0
    alive = beat is not None and (now - beat).total_seconds() <= DEAD_AFTER
    oldest = row.get("oldest")
    status, tone = _status(alive=alive, ever=beat is not None, waiting=waiting, failed=failed)
    return Health(
        name=name,
        title=title,
        status=status,
        tone=tone,
        beat_at=beat,
        workers=row.get("workers") or 0,
        turns=row.get("turns") or 0,
        waiting=waiting,
        retrying=row.get("retrying") or 0,
        failed=failed,
        lag_seconds=(now - oldest).total_seconds() if oldest else None,
        last_turn_at=row.get("last_turn_at"),
    )


def _status(*, alive: bool, ever: bool, waiting: int, failed: int) -> tuple[str, Tone]:
    if alive:
        return ("running, with failures", Tone.WARNING) if failed else ("running", Tone.GOOD)
    if waiting:
        return "stopped, strands wait", Tone.BAD
    return ("no heartbeat", Tone.BAD) if ever else ("not running", Tone.MUTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whether the desk is running, in a word and its tone, and every reason why not, in sentences."""

    word: str
    tone: Tone
    reasons: list[str]


def state(halts: Sequence[Standing], modules: Sequence[Health], markets: Sequence[Freshness]) -> State:
    """Return how the desk stands: the gravest word wins, and all reasons are told. Halts have lines of their own."""
    stopped = [each for each in modules if each.tone in (Tone.BAD, Tone.MUTED)]
    late, failed = [each for each in modules if each.is_late], [each for each in modules if each.failed]
    stale = [each for each in markets if each.is_stale]
    reasons = [
        *(f"{each.title}: {each.status}." for each in stopped),
        *(f"{each.title}: {each.waiting:,} strands wait, the oldest too long." for each in late),
        *(f"{each.title}: {each.failed:,} strands set aside." for each in failed),
        *(f"{each.symbol}: {each.told}." for each in stale),
    ]
    by_desk = [each for each in halts if each.scope == DESK]
    words = [
        (str(by_desk[0].state).capitalize() if by_desk else "", Tone.BAD),
        ("Stopped" if stopped else "", Tone.BAD),
        ("Market data stale" if stale and len(stale) == len(markets) else "", Tone.BAD),
        ("Running, partly halted" if halts else "", Tone.WARNING),
        ("Running, with faults" if reasons else "", Tone.WARNING),
        ("Running", Tone.GOOD),
    ]
    word, tone = next((word, tone) for word, tone in words if word)
    return State(word=word, tone=tone, reasons=reasons)
