"""How fast a market's time passes, and that it waits for people where they are asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from strands.strand import Strand

MAX = "max"
#: How far a market may run ahead of its pace until it has something to ask people.
AHEAD = timedelta(hours=12)
#: Market seconds in a second of ours while people are asked: their deadline is in market time.
OURS = 1.0
NEVER = datetime.min.replace(tzinfo=UTC)


def speed_of(text: str) -> float | None:
    """Return seconds of market time a second; None for as fast as may be. Raises ValueError."""
    if text == MAX:
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ValueError(f"{text!r} is neither a number above 0 nor {MAX}")
    return speed


class Stop:
    """Whether to stop, told by a signal; sleeping ends as soon as it is told."""

    def __init__(self) -> None:
        self._told = threading.Event()

    def __bool__(self) -> bool:
        return self._told.is_set()

    def tell(self, *_: object) -> None:
        self._told.set()

    def wait(self, seconds: float) -> bool:
        """Sleep; return whether to stop."""
        return self._told.wait(max(0.0, seconds))


def _nothing() -> None:
    """Do nothing."""


@dataclass
class Pace:
    """How fast market time passes: ``speed`` seconds of it in a second of ours, from moment ``begins`` on.

    What lies before ``begins`` is said at once; without a speed everything is. Where ``asked`` tells whether people are
    asked something, time passes no faster than ours while they are, and until they first are the market runs ahead, by
    ``AHEAD`` at most. ``meanwhile`` is done every ``glance`` seconds of waiting.
    """

    speed: float | None
    begins: datetime | None
    stop: Stop
    meanwhile: Callable[[], None] = _nothing
    asked: Callable[[], bool] | None = None
    glance: float = 0.5
    clock: Callable[[], float] = time.monotonic
    #: How far market time has come, and our time then; the moment said last, and the speed since.
    _reached: datetime = NEVER
    _looked: float = 0.0
    _said: datetime | None = None
    _speed: float | None = None
    _was_asked: bool = False

    def wait_for(self, at: datetime) -> bool:
        """Sleep until a moment of market time has come; return whether to stop."""
        if self.speed is not None and not self.is_past(at) and not self._runs_ahead(at):
            if self._speed is None:
                self._reached, self._looked = self._said or self.begins or at, self.clock()
            while (left := self._left(at, self.speed)) > 0 and not self.stop.wait(min(left, self.glance)):
                self.meanwhile()
            self._said = at
        return bool(self.stop)

    def is_past(self, at: datetime) -> bool:
        """Return whether a moment lies before the pace begins."""
        return self.begins is not None and at <= self.begins

    def _runs_ahead(self, at: datetime) -> bool:
        """Return whether a moment is said at once since nobody has been asked anything yet."""
        if self.asked is None or self._was_asked or self.begins is None or at > self.begins + AHEAD:
            return False
        if self.asked():
            self._was_asked = True
            return False
        self._said = at
        return True

    def _left(self, at: datetime, fast: float) -> float:
        """Let market time come as far as it has by now; return how long it takes from here, in seconds of ours."""
        now, before = self.clock(), self._speed or fast
        self._reached += timedelta(seconds=(now - self._looked) * before)
        self._looked = now
        self._speed = min(fast, OURS) if self.asked is not None and self.asked() else fast
        if self._speed < before and self._said is not None:
            # A market behind its pace does not catch up at the expense of whoever is asked.
            self._reached = min(self._reached, self._said)
        return (at - self._reached).total_seconds() / self._speed


def in_time(moments: Iterator[tuple[datetime, list[Strand]]], pace: Pace) -> Iterator[tuple[datetime, list[Strand]]]:
    """Yield moments when their time has come, until told to stop."""
    for at, strands in moments:
        if pace.wait_for(at):
            return
        yield at, strands
