"""A plan that waits, in words: a sentence, its terms, what every gate found, who said what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from portfolio.reviews.models import Review
from strands import figures, json_values
from strands.json_values import at
from strands.models import DecisionStrand

SILENCE = {
    "reject": "it is rejected",
    "smaller": "it is traded at a smaller size",
    "escalate": "two people are asked once more, then it is rejected",
}
PEOPLE = {"one": "one person", "two": "two people"}


def sentence(item: Review) -> str:
    """Return what would be bought or sold, where it is wrong and where right."""
    side = "Buy" if item.direction == "long" else "Sell short"
    size = figures.percent(item.size) if item.size is not None else "an unknown share"
    entry, stop, target = (figures.price(each) for each in (item.entry_price, item.stop_loss, item.take_profit))
    bought = f"{side} {figures.quantity(item.quantity)} {item.symbol} at {entry}"
    return f"{bought} ({size} of value), wrong at {stop}, right at {target}."


def row(item: Review, *, now: datetime) -> dict[str, Any]:
    """Return a plan as its line on the list."""
    have = len(item.have or ())
    return {
        "item": item,
        "sentence": sentence(item),
        "left": left(item, now),
        "people": f"{have} of {PEOPLE[item.needs]}",
        "names": ", ".join(map(str, item.may_decide or ())) or "not told yet",
        "then": SILENCE.get(item.silence, item.silence),
    }


def left(item: Review, now: datetime) -> str:
    """Return how much market time is left to answer."""
    seconds = max(item.deadline - now, timedelta(0)).total_seconds()
    return figures.age(seconds) if seconds else "no time"


def gates(strand: DecisionStrand | None) -> list[dict[str, Any]]:
    """Return what every gate found, with value, limit and distance."""
    found = json_values.items(at(strand.dm_decision, "gates")) if strand else ()
    return [
        {
            "name": figures.spaced(str(at(each, "gate"))),
            "value": _plain(at(each, "value")),
            "comparison": at(each, "comparison"),
            "limit": _plain(at(each, "limit")),
            "distance": _plain(at(each, "distance")),
            "passed": at(each, "passed"),
            "severity": at(each, "severity"),
        }
        for each in found
    ]


def curators(strand: DecisionStrand | None) -> list[dict[str, Any]]:
    """Return what each curator said of the plan."""
    return [
        {
            "name": figures.spaced(str(at(each, "curator_type"))),
            "action": at(each, "action"),
            "reason": at(each, "reason"),
        }
        for each in (json_values.items(strand.curator_decisions) if strand else ())
    ]


def risk(strand: DecisionStrand | None) -> list[tuple[str, str]]:
    """Return what the plan would do to the portfolio, and what lessons were applied."""
    if strand is None:
        return []
    moved = json_values.mapping(strand.portfolio_impact)
    told = [
        (figures.spaced(name), f"{_plain(at(each, 'before'))} to {_plain(at(each, 'after'))}")
        for name, each in moved.items()
        if isinstance(each, Mapping)
    ]
    lessons = json_values.items(at(strand.lesson_metadata, "lessons_applied"))
    return [*told, ("lessons applied", ", ".join(map(str, lessons)) or "none")]


def answers(item: Review) -> list[dict[str, Any]]:
    """Return what became of every verdict and of silence, the newest first."""
    return sorted((item.answers or {}).values(), key=lambda told: told["nth"], reverse=True)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return figures.plain(value)
