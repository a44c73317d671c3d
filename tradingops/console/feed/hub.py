"""The hub: what one console process has read goes out to all its screens, each line encoded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

from tradingops.console.feed import frames
from tradingops.console.feed.frames import Frame
from tradingops.console.feed.policy import StreamPolicy
from tradingops.console.feed.ring import Ring
from tradingops.console.feed.screens import Cursor, Filter


class Health(StrEnum):
    """How the hub stands to the database."""

    CONNECTING = "connecting"
    LIVE = "live"
    BEHIND = "behind"
    LOST = "lost"


class Answer(StrEnum):
    """What a cursor comes to."""

    RESUMED = "resumed"
    ELSEWHERE = "elsewhere"
    TOO_OLD = "too old"


@dataclass(slots=True, eq=False)
class Screen:
    """One open page: what it wants, what waits for it, and how much it has not acknowledged.

    ``wake`` tells whoever writes to the page that something waits.
    """

    wake: Callable[[], None]
    wants: Filter = field(default_factory=Filter)
    outbox: list[str] = field(default_factory=list)
    unacknowledged: int = 0
    too_slow: bool = False


class Hub:
    """Frames in, letters out. ``epoch`` tells this hub's positions from those of any other."""

    def __init__(self, *, policy: StreamPolicy) -> None:
        self.policy = policy
        self.epoch = ""
        self.ring = Ring(policy.ring)
        self.health = Health.CONNECTING
        self.settled = 0
        self.screens: set[Screen] = set()

    # -- what is read

    def begin(self, *, epoch: str, past: Sequence[Frame]) -> None:
        """Start a stream with some frames of the past; screens of an earlier one are told to load anew."""
        self.epoch = epoch
        self.ring = Ring(self.policy.ring)
        self.ring.add(past)
        self._tell_all(frames.letter("resync", epoch=epoch))

    def publish(self, said: Sequence[Frame], *, settled: int) -> None:
        """Send frames to every screen that wants them; one letter for all screens that want the same."""
        self.ring.add(said)
        self.settled = settled
        letters: dict[Filter, tuple[str, int]] = {}
        for screen in tuple(self.screens):
            if screen.wants not in letters:
                letters[screen.wants] = self._letter([frame for frame in said if screen.wants.wants(frame)])
            self._offer(screen, *letters[screen.wants])

    def become(self, health: Health) -> None:
        """Tell every screen how the hub stands to the database, when that changes."""
        if health is not self.health:
            self.health = health
            self._tell_all(frames.letter("state", health=health.value))

    def beat(self) -> None:
        """Give every screen a sign of life."""
        self._tell_all(frames.letter("beat", health=self.health.value))

    # -- screens

    def greet(self, screen: Screen) -> None:
        """Tell a new screen what it must know; it hears nothing more until it subscribes."""
        self._offer(
            screen,
            frames.letter(
                "hello",
                epoch=self.epoch,
                health=self.health.value,
                ack_every=self.policy.ack_every,
                beat_seconds=self.policy.beat_seconds,
            ),
        )

    def subscribe(self, screen: Screen, wants: Filter) -> None:
        """Let a screen hear from now on what it wants."""
        screen.wants = wants
        self.screens.add(screen)

    def leave(self, screen: Screen) -> None:
        self.screens.discard(screen)

    def resume(self, screen: Screen, cursor: Cursor) -> Answer:
        """Offer a screen what it missed, where its cursor is of this hub and the ring still has it all."""
        if cursor.epoch != self.epoch:
            return Answer.ELSEWHERE
        if not self.ring.reaches(cursor.position, ticks=screen.wants.ticks):
            return Answer.TOO_OLD
        missed = [
            each for each in self.ring.after(cursor.position, ticks=screen.wants.ticks) if screen.wants.wants(each)
        ]
        if len(missed) >= self.policy.window:
            return Answer.TOO_OLD
        self.send(screen, "resumed", missed)
        return Answer.RESUMED

    def recent(self, wants: Filter) -> list[Frame]:
        """Return the newest frames in the ring that a filter wants, oldest first, as many as a page opens with."""
        newest = islice(filter(wants.wants, self.ring.newest(ticks=wants.ticks)), self.policy.history)
        return list(newest)[::-1]

    def send(self, screen: Screen, kind: str, said: Sequence[Frame] = (), **rest: Any) -> None:
        """Offer one screen a letter of its own."""
        self._offer(screen, frames.letter(kind, said, **self._place(), **rest), len(said))

    def acknowledge(self, screen: Screen, count: int) -> None:
        """Note that a screen has dealt with so many more frames."""
        screen.unacknowledged = max(0, screen.unacknowledged - count)

    # -- letters

    def _place(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "position": self.ring.position, "settled": self.settled}

    def _letter(self, said: Sequence[Frame]) -> tuple[str, int]:
        """Return a letter with frames and the place they lead to, and how many they are; no letter for none."""
        return (frames.letter("frames", said, **self._place()), len(said)) if said else ("", 0)

    def _tell_all(self, letter: str) -> None:
        for screen in tuple(self.screens):
            self._offer(screen, letter)

    def _offer(self, screen: Screen, letter: str, count: int = 0) -> None:
        """Put a letter into a screen's outbox; one that does not keep up is marked and hears nothing more."""
        if screen.too_slow or not letter:
            return
        screen.unacknowledged += count
        if screen.unacknowledged > self.policy.window or len(screen.outbox) > self.policy.window:
            screen.too_slow = True
            self.leave(screen)
        else:
            screen.outbox.append(letter)
        screen.wake()
