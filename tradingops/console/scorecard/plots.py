"""Plots of the scorecard as geometry: where dots and lines lie in a drawing, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from curators.calibration import Bin
from strands import figures

#: The area inside a plot's axes, in the units of its drawing.
LEFT, TOP, RIGHT, BOTTOM = 34.0, 8.0, 232.0, 150.0
#: The radius of a dot with one outcome, and of the dot with the most.
SMALLEST, LARGEST = 3.0, 9.0
#: As many lines as their colours tell apart.
MOST_LINES = 6
#: The area of a plot over time.
LONG_LEFT, LONG_RIGHT, LONG_TOP, LONG_BOTTOM = 40.0, 592.0, 8.0, 132.0
#: The least span of weights that a plot shows, so that a still weight is no landscape.
LEAST_SPAN = 0.02


@dataclass(frozen=True, slots=True)
class Dot:
    """One bin of a reliability plot."""

    x: float
    y: float
    radius: float
    told: str


@dataclass(frozen=True, slots=True)
class Reliability:
    """What a curator stated against how often it was right; ``told`` is the plot in words."""

    dots: tuple[Dot, ...]
    bins: tuple[Bin, ...]
    told: str

    left, top, right, bottom = LEFT, TOP, RIGHT, BOTTOM
    middle = (LEFT + RIGHT) / 2

    @property
    def rows(self) -> list[tuple[str, int, str, str]]:
        """The plot as a table: range of confidence, outcomes, mean confidence, share right."""
        return [
            (_range(each), each.n, _share(each.confidence), _share(each.share_right)) for each in self.bins if each.n
        ]


@dataclass(frozen=True, slots=True)
class Point:
    """One weight at one moment."""

    at: datetime
    weight: float


@dataclass(frozen=True, slots=True)
class Course:
    """How one weight went; ``points`` are an SVG polyline's."""

    name: str
    points: str
    first: Point
    last: Point

    @property
    def change(self) -> float:
        return self.last.weight - self.first.weight

    @property
    def told(self) -> str:
        first, last = (figures.fixed(each.weight, digits=4) for each in (self.first, self.last))
        return f"{self.name or 'weight'}: from {first} to {last}"


@dataclass(frozen=True, slots=True)
class Courses:
    """Weights over time in one drawing; ``ticks`` are heights with the weight there."""

    lines: tuple[Course, ...]
    ticks: tuple[tuple[float, str], ...]
    start: datetime
    end: datetime
    left_out: int

    left, right = LONG_LEFT, LONG_RIGHT

    @property
    def told(self) -> str:
        return "Weight over time. " + "; ".join(each.told for each in self.lines) + "."


def reliability(bins: Sequence[Bin]) -> Reliability:
    """Return the reliability plot of bins, the dot with the most outcomes the largest."""
    most = max((each.n for each in bins), default=0)
    return Reliability(
        dots=tuple(_dot(each, most=most) for each in bins if each.n),
        bins=tuple(bins),
        told=_told(bins),
    )


def courses(points: dict[str, list[Point]]) -> Courses | None:
    """Return weights over time, the most moved first, each named; None without a point."""
    moved = sorted((name for name in points if points[name]), key=lambda name: (-_moved(points[name]), name))
    shown = moved[:MOST_LINES]
    every = [point for name in shown for point in points[name]]
    if not every:
        return None
    start, end = min(each.at for each in every), max(each.at for each in every)
    low, high = _spread([each.weight for each in every])
    frame = _Frame(start, end, low, high)
    lines = [Course(name, frame.line(points[name]), points[name][0], points[name][-1]) for name in shown]
    ticks = [(frame.y(weight), figures.fixed(weight, digits=3)) for weight in (high, (low + high) / 2, low)]
    return Courses(tuple(lines), tuple(ticks), start, end, left_out=len(moved) - len(shown))


@dataclass(frozen=True, slots=True)
class _Frame:
    """Moments and weights as places in a drawing."""

    start: datetime
    end: datetime
    low: float
    high: float

    def line(self, points: Sequence[Point]) -> str:
        """Return a polyline; a single point becomes a level line."""
        places = [(self._x(each.at), self.y(each.weight)) for each in points]
        if len(places) == 1:
            places = [(LONG_LEFT, places[0][1]), (LONG_RIGHT, places[0][1])]
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)

    def y(self, weight: float) -> float:
        return round(LONG_BOTTOM - (weight - self.low) / (self.high - self.low) * (LONG_BOTTOM - LONG_TOP), 1)

    def _x(self, at: datetime) -> float:
        span = (self.end - self.start).total_seconds()
        return LONG_LEFT + ((at - self.start).total_seconds() / span if span else 1.0) * (LONG_RIGHT - LONG_LEFT)


def _moved(points: Sequence[Point]) -> float:
    weights = [each.weight for each in points]
    return max(weights) - min(weights)


def _spread(weights: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and highest weight with a little room, at least the least span apart, within 0 and 1."""
    low, high = min(weights), max(weights)
    room = max(LEAST_SPAN - (high - low), 0.1 * (high - low)) / 2
    return max(low - room, 0.0), min(high + room, max(high, 1.0))


def _dot(bin: Bin, *, most: int) -> Dot:
    stated, right = bin.confidence or 0.0, bin.share_right or 0.0
    told = f"{_range(bin)}: said {_share(stated)}, right {_share(right)}, {figures.count(bin.n)} outcomes"
    return Dot(
        x=round(LEFT + stated * (RIGHT - LEFT), 1),
        y=round(BOTTOM - right * (BOTTOM - TOP), 1),
        radius=round(SMALLEST + (LARGEST - SMALLEST) * (bin.n / most) ** 0.5, 1),
        told=told,
    )


def _told(bins: Sequence[Bin]) -> str:
    heard = [each for each in bins if each.n]
    if not heard:
        return "No outcome is known yet."
    said = "; ".join(f"said {_share(each.confidence)}, right {_share(each.share_right)}" for each in heard)
    return f"Stated confidence against how often it was right, by range: {said}."


def _range(bin: Bin) -> str:
    return f"{figures.count(100 * bin.lower)}–{figures.percent(bin.upper, digits=0)}"


def _share(value: float | None) -> str:
    return figures.percent(value, digits=0)
