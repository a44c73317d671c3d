"""What the feed command does: where it begins, and how a moment is published."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import structlog
from django.db import connection

from portfolio.reviews.models import Review
from strands import ids
from strands.market.bar import Bar, Timeframe
from strands.market.feeds import simulated
from strands.market.instruments.instrument import BadInstrument, Instrument, instrument_from
from strands.strand import Strand
from strands.wires.lockstep import Lockstep, Waiting
from strands.wires.postgres import PostgresWire
from tradingops import engine, heartbeat
from tradingops.management import pacing
from tradingops.modules.decision.reviews import due
from tradingops.modules.market import bar_strand

log = structlog.get_logger("tradingops.feed")

LAST_SAID = """
    SELECT id, at, coalesce(md_bar ->> 'opened_at', '') FROM md_strands
     WHERE id >= %(from)s AND id < %(to)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
     ORDER BY id DESC LIMIT 100
"""
SAID = """
    SELECT at, md_bar FROM md_strands
     WHERE id >= %(from)s AND id < %(to)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
     ORDER BY id
"""
#: The first bar after the last gap: where the run of bars began that the last one belongs to.
RUN_BEGAN = """
    SELECT at, md_bar FROM (
        SELECT at, md_bar, lag(at) OVER (ORDER BY at) AS before FROM md_strands
         WHERE symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
           AND at <= %(last)s) AS run
     WHERE before IS NULL OR at - before > %(step)s
     ORDER BY at DESC LIMIT 1
"""
INSTRUMENTS_TOLD = """
    SELECT DISTINCT ON (symbol) symbol, md_instrument FROM md_strands
     WHERE kind = 'instrument' AND symbol = ANY(%(symbols)s) AND md_instrument IS NOT NULL
     ORDER BY symbol, said DESC
"""
ALL_TIME = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))


def last_said(symbol: str, timeframe: Timeframe, between: tuple[datetime, datetime] = ALL_TIME) -> datetime | None:
    """Return when the last bar on the wire closed that closed between two moments, the second left out.

    A bar whose id is not the one that a feed gives it was said by nobody's feed, and is not followed.
    """
    asked: dict[str, Any] = {"from": ids.lower_bound(between[0]), "to": ids.lower_bound(between[1])}
    with connection.cursor() as cursor:
        cursor.execute(LAST_SAID, {**asked, "symbol": symbol, "timeframe": timeframe.value})
        found = cursor.fetchall()
    cause = bar_strand.heading(symbol, timeframe, tags=(), rolled=False).cause
    return next((at for identity, at, opened in found if _is_named(identity, at, opened, cause)), None)


def _is_named(identity: str, at: datetime, opened: str, cause: str) -> bool:
    """Return whether an id is the one that a feed gives a bar."""
    return at >= ids.EPOCH and identity == bar_strand.identity_of(at, opened, cause)


def differing(bars: Sequence[Bar]) -> list[datetime]:
    """Return when those bars opened that were said before with other numbers; bars are of one symbol and timeframe."""
    symbol, timeframe = bars[0].symbol, bars[0].timeframe
    asked: dict[str, Any] = {
        "from": ids.lower_bound(bars[0].closed_at),
        "to": ids.lower_bound(bars[-1].closed_at + timedelta(milliseconds=1)),
    }
    ours = {bar.opened_at: bar for bar in bars}
    with connection.cursor() as cursor:
        cursor.execute(SAID, {**asked, "symbol": symbol, "timeframe": timeframe.value})
        said = ((at - timeframe.span, _read(told)) for at, told in cursor)
        return [opened for opened, told in said if opened in ours and not _is_same(ours[opened], told)]


def _is_same(bar: Bar, told: dict[str, str]) -> bool:
    return all(Decimal(getattr(bar, name)) == Decimal(told[name]) for name in simulated.PRICES)


def story_began(symbol: str, timeframe: Timeframe) -> tuple[datetime, dict[str, str]] | None:
    """Return when the last unbroken run of a symbol's bars opened, and its first bar as it was said."""
    last = last_said(symbol, timeframe)
    asked: dict[str, Any] = {"symbol": symbol, "timeframe": timeframe.value, "step": timeframe.span, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(RUN_BEGAN, asked)
        row = cursor.fetchone()
    return (row[0] - timeframe.span, _read(row[1])) if row else None


def instruments_told(symbols: Sequence[str]) -> dict[str, Instrument]:
    """Return what the wire was last told of each of these symbols' instruments; one that cannot be read is not told."""
    with connection.cursor() as cursor:
        cursor.execute(INSTRUMENTS_TOLD, {"symbols": list(symbols)})
        rows = cursor.fetchall()
    found = {}
    for symbol, payload in rows:
        with suppress(BadInstrument):
            found[symbol] = instrument_from(_read(payload))
    return found


def _read(value: str | dict[str, Any]) -> dict[str, Any]:
    """Return a JSON column as a cursor gives it: as text, or read already."""
    return dict(json.loads(value)) if isinstance(value, str) else value


def resume_story(feed: Callable[[datetime], simulated.Simulated], fresh: datetime) -> simulated.Simulated:
    """Return the simulated market that goes on with the story already on the wire, or a fresh one.

    A story goes on when the same seed and symbols tell its first bar again; otherwise the fresh one begins no earlier
    than the bars that are there end.
    """
    told = feed(fresh)
    symbol, timeframe = told.series[0]
    began = story_began(symbol, timeframe)
    if began is None:
        return told
    again = feed(began[0])
    if _first_of(again, symbol) == {name: began[1].get(name) for name in simulated.PRICES}:
        return again
    last = last_said(symbol, timeframe)
    return feed(max(fresh, last)) if last else told


def _first_of(feed: simulated.Simulated, symbol: str) -> dict[str, str]:
    first: Bar = next(bar for bar in next(iter(feed)) if bar.symbol == symbol)
    return {name: getattr(first, name) for name in simulated.PRICES}


@dataclass
class Publisher:
    """Puts moments on the wire, ``together`` at a time, and in lockstep lets the whole desk answer each."""

    wire: PostgresWire
    modules: Sequence[engine.Module]
    stop: pacing.Stop
    together: int = 1
    beat: float = 2.0
    backlog: int = 5000
    poll: float = 0.2
    first_wait: float = 0.1
    most_wait: float = 5.0
    said: int = 0
    new: int = 0
    turns: Counter[str] = field(default_factory=Counter)
    _held: list[Sequence[Strand]] = field(default_factory=list)
    _beaten: float | None = None

    def __post_init__(self) -> None:
        self._lockstep = Lockstep(self.wire, self.modules, engine.market_time, alarm=due.come)
        self._heart = heartbeat.Heart(heartbeat.here(), self.modules)

    def say(self, strands: Sequence[Strand]) -> None:
        """Publish a moment, at once or, where nobody waits for it, together with the next ones."""
        self._held.append(strands)
        if len(self._held) >= self.together:
            self.flush()

    def flush(self) -> None:
        """Publish what is held; a lost database is waited for, and nothing is said twice."""
        held, self._held = self._held, []
        self.said += sum(map(len, held))
        self._insist(lambda: self._play(held) if self.modules else self._publish(held))

    def be_alive(self) -> None:
        """Let the desk, in lockstep, hear what people said while the market is silent, and say that it is at work."""
        if self.modules:
            self._insist(lambda: self._play(()))

    def asks_people(self) -> bool:
        """Return whether a plan waits for people."""
        return Review.objects.filter(outcome__isnull=True).exists()

    def close(self) -> None:
        """Publish what is held and take leave."""
        self.flush()
        if self.modules:
            self._insist(lambda: self._heart.leave(self.wire.connection))

    def _publish(self, moments: Sequence[Sequence[Strand]]) -> None:
        """Publish moments; then wait while too much is unheard."""
        self.new += self.wire.publish([strand for moment in moments for strand in moment])
        told = False
        while not self.stop and (waiting := self.wire.waiting()) > self.backlog:
            if not told:
                log.warning("waiting for listeners; is run_module running?", unheard=waiting, at_most=self.backlog)
            told = True
            self.stop.wait(self.poll)

    def _play(self, moments: Sequence[Sequence[Strand]]) -> None:
        """Let the desk hear moments in lockstep; where something else waits, or a module fails, turn by turn."""
        self._be_alive()
        try:
            played = self._lockstep.play(moments)
        except psycopg.OperationalError:
            raise
        except Waiting:
            self._turn_by_turn(moments)
        except Exception as fault:  # noqa: BLE001  (whatever a module raises is recorded when it is taken turn by turn)
            log.info("taking turn by turn", because=str(fault)[:200])
            self._turn_by_turn(moments)
        else:
            self.new += played.new
            self.turns += played.turns

    def _turn_by_turn(self, moments: Sequence[Sequence[Strand]]) -> None:
        """Let each moment settle before the next, with retries and setting aside."""
        for moment in ((), *moments):
            self.new += self.wire.publish(moment)
            engine.drain(self.modules, self.wire, engine.market_time, tally=self.turns)

    def _be_alive(self) -> None:
        if self._beaten is None or time.monotonic() - self._beaten > self.beat:
            self._beaten = time.monotonic()
            self._heart.beat(self.wire.connection, turns=self.turns, faults=0)

    def _insist(self, action: Callable[[], None]) -> None:
        """Do it, however long the database is away, unless told to stop."""
        wait = self.first_wait
        while True:
            try:
                return action()
            except psycopg.OperationalError as fault:
                log.warning("database lost", error=str(fault).strip().splitlines()[:1], again_in=wait)
            if self.stop.wait(wait):
                return None
            wait = min(wait * 2, self.most_wait)
