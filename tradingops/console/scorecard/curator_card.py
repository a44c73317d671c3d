"""The figures of curators for people: each with what it means, and the scores that it was made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from curators import calibration, kpis
from curators.learning_policy import LearningPolicy
from strands import figures
from tradingops.console.scorecard import plots
from tradingops.console.scorecard.plots import Courses, Point, Reliability
from tradingops.console.showing import curators

Row = Mapping[str, Any]

_COUNTS = ("n", "correct", "vetoes", "vetoes_correct", "nudges", "nudges_correct", "against", "against_correct")
_SUMS = ("brier_sum", "impact_sum", "nudge_sum", "saved", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: its label, its value in words, what it means, and the list of scores behind it."""

    label: str
    value: str
    means: str
    behind: str = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What vetoes and nudges saved or missed: in shares of the portfolio's value, and in currency where it is known."""

    saved: float
    missed: float
    money_saved: float | None
    money_missed: float | None

    @property
    def net(self) -> float:
        return self.saved - self.missed

    @property
    def told(self) -> str:
        """The difference in words, with its sign."""
        return figures.percent(self.net, signed=True) if self.saved or self.missed else figures.ABSENT

    @property
    def money(self) -> float | None:
        """What it came to in currency, None where no portfolio's value is known for any of it."""
        if self.money_saved is None and self.money_missed is None:
            return None
        return (self.money_saved or 0.0) - (self.money_missed or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One weight as it stands; ``about`` is its symbol where the module learns by symbol."""

    about: str
    weight: float | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One curator with all that is known of it."""

    name: str
    title: str
    n: int
    correct: int
    figures: tuple[Figure, ...]
    worth: Worth
    alerts: tuple[str, ...]
    reliability: Reliability
    error: float | None
    weights: tuple[Weighing, ...]
    courses: Courses | None
    first_at: datetime | None
    last_at: datetime | None

    @property
    def share_right(self) -> float | None:
        return self.correct / self.n if self.n else None

    @property
    def weight(self) -> str:
        """Its weight in words; where it has one a symbol, the lowest and the highest."""
        known = sorted(each.weight for each in self.weights if each.weight is not None)
        if not known:
            return "as configured"
        low, high = (figures.fixed(each, digits=3) for each in (known[0], known[-1]))
        return low if low == high else f"{low} to {high}"


def cards(sums: Sequence[Row], courses: Sequence[Row], weights: Sequence[Row], *, policy: LearningPolicy) -> list[Card]:
    """Return a card for each curator that was scored or has a weight, by name."""
    names = sorted({row["curator"] for row in (*sums, *weights)})
    return [
        _card(
            name,
            sums=[row for row in sums if row["curator"] == name],
            courses=[row for row in courses if row["curator"] == name],
            weights=[row for row in weights if row["curator"] == name],
            policy=policy,
        )
        for name in names
    ]


def _card(
    name: str, *, sums: Sequence[Row], courses: Sequence[Row], weights: Sequence[Row], policy: LearningPolicy
) -> Card:
    whole: Row = next((row for row in sums if row["bin"] is None), {})
    bins = _bins(sums, count=policy.bins)
    told = kpis.of({name: _record(whole, bins, policy=policy)}, policy=policy)[name]
    return Card(
        name=name,
        title=curators.title(name),
        n=int(whole.get("n") or 0),
        correct=int(whole.get("correct") or 0),
        figures=tuple(_figures(told)),
        worth=_worth(whole),
        alerts=tuple(_alert(each) for each in told["alerts"]),
        reliability=plots.reliability(calibration.reliability(bins)),
        error=calibration.expected_error(bins),
        weights=tuple(_weighing(row) for row in weights),
        courses=plots.courses(_points(courses)),
        first_at=whole.get("first_at"),
        last_at=whole.get("last_at"),
    )


def _bins(sums: Sequence[Row], *, count: int) -> list[calibration.Tally]:
    bins = calibration.empty(count)
    for row in sums:
        if row["bin"] is not None and 0 <= row["bin"] < count:
            bins[row["bin"]] = [row["n"], row["confidence"] or 0.0, row["correct"]]
    return bins


def _record(whole: Row, bins: list[calibration.Tally], *, policy: LearningPolicy) -> dict[str, Any]:
    """Return sums as the record that the figures of curators are made of."""
    return {
        **{name: int(whole.get(name) or 0) for name in _COUNTS},
        **{name: float(whole.get(name) or 0.0) for name in _SUMS},
        "bins": bins,
        "weight": policy.max_weight,
        "base": policy.max_weight,
        "learning_accuracy": policy.unknown,
    }


_FIGURES = (
    ("accuracy", "accuracy", "share of its opinions that were right", "right"),
    ("calibration", "calibration", "1 where it is right as often as it says (1 − calibration error)", "all"),
    ("impact", "impact", "above 0.50 where it moved scores the right way", "nudges"),
    ("score", "overall", "accuracy, calibration and impact, weighed", "all"),
    ("brier", "Brier score", "mean squared error of its stated confidence; 0 is best", "all"),
    ("veto_accuracy", "vetoes right", "share of its vetoes of plans that would have lost", "vetoes"),
    ("nudge_effectiveness", "nudges right", "share of its nudges that pushed the right way", "nudges"),
    ("precision", "precision", "share of the plans it spoke for that won", "right"),
    ("recall", "recall", "share of the winning plans that it spoke for", "wrong"),
    ("f1", "F1", "precision and recall in one figure", "all"),
)


def _figures(told: Mapping[str, Any]) -> Iterable[Figure]:
    for key, label, means, behind in _FIGURES:
        yield Figure(
            label=label, value=figures.score(told[key]) if told["n"] else figures.ABSENT, means=means, behind=behind
        )
    yield Figure(
        label="veto rate",
        value=figures.percent(told["veto_rate"], digits=1),
        means="share of opinions that were vetoes",
        behind="vetoes",
    )
    mean = told["mean_nudge"]
    shown = figures.fixed(mean, digits=3, signed=True)
    yield Figure(label="mean nudge", value=shown, means="how far it moves a score, as a logarithm", behind="nudges")


def _worth(whole: Row) -> Worth:
    return Worth(
        saved=float(whole.get("saved") or 0.0),
        missed=float(whole.get("missed") or 0.0),
        money_saved=whole.get("money_saved"),
        money_missed=whole.get("money_missed"),
    )


def _alert(alert: Mapping[str, Any]) -> str:
    name, value, limit = alert["figure"], alert["value"], alert["limit"]
    if name == "veto_rate":
        value, limit = (figures.percent(each, digits=0) for each in (value, limit))
        return f"Vetoes {value} of what it hears; the limit is {limit}"
    if name == "mean_nudge":
        moved = figures.fixed(value, digits=3, signed=True)
        return f"Nudges by {moved} on average; the limit is ±{figures.fixed(limit, digits=2)}"
    value, limit = (figures.fixed(each, digits=3) for each in (value, limit))
    return f"{figures.spaced(name)} {value}; the limit is {limit}"


def _weighing(row: Row) -> Weighing:
    about, colon, _ = str(row["id"]).rpartition(":")
    return Weighing(about=about if colon else "", weight=row["weight"], at=row["updated_at"])


def _points(rows: Sequence[Row]) -> dict[str, list[Point]]:
    """Return the points of each symbol's line."""
    points: dict[str, list[Point]] = {}
    for row in rows:
        points.setdefault(row["symbol"] or "", []).append(Point(row["at"], row["weight"]))
    return points
