"""The frames of the recent past, each under its position in the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import takewhile

from tradingops.console.feed.frames import Frame

Placed = tuple[int, Frame]


@dataclass(slots=True)
class Lane:
    """One kind of frames; ``forgotten`` is the position of the newest one that is no longer here."""

    most: int
    forgotten: int = 0
    placed: deque[Placed] = field(default_factory=deque)

    def add(self, placed: Placed) -> None:
        self.placed.append(placed)
        if len(self.placed) > self.most:
            self.forgotten = self.placed.popleft()[0]

    def after(self, position: int) -> list[Placed]:
        """Return the frames behind a position, oldest first; costs no more than it returns."""
        newest_first = list(takewhile(lambda placed: placed[0] > position, reversed(self.placed)))
        newest_first.reverse()
        return newest_first


class Ring:
    """The last frames. Ticks have a lane of their own, so that a fast market pushes no decision out."""

    def __init__(self, most: int) -> None:
        self.position = 0
        self._story, self._ticks = Lane(most), Lane(most)

    def add(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            self.position += 1
            lane = self._ticks if frame.is_tick else self._story
            lane.add((self.position, frame))

    def reaches(self, position: int, *, ticks: bool) -> bool:
        """Return whether everything behind a position is still here."""
        return all(lane.forgotten <= position for lane in self._lanes(ticks=ticks)) and position <= self.position

    def after(self, position: int, *, ticks: bool) -> Iterator[Frame]:
        """Return the frames behind a position, oldest first."""
        lanes = [lane.after(position) for lane in self._lanes(ticks=ticks)]
        return (frame for _, frame in merge(*lanes, key=_place))

    def newest(self, *, ticks: bool) -> Iterator[Frame]:
        """Return what is here, newest first."""
        lanes = [reversed(lane.placed) for lane in self._lanes(ticks=ticks)]
        return (frame for _, frame in merge(*lanes, key=_place, reverse=True))

    def _lanes(self, *, ticks: bool) -> tuple[Lane, ...]:
        return (self._story, self._ticks) if ticks else (self._story,)


def _place(placed: Placed) -> int:
    return placed[0]
