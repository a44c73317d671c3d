"""A plan that waits, in words: a sentence, its terms, what every gate found, who said what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from portfolio.reviews.models import Review
from strands import figures, json_values
from strands.json_values import UNREADABLE, at
from strands.models import DecisionStrand, PeopleStrand

#: How a gate compares, in words.
COMPARED = {"<=": "at most", ">=": "at least", "<": "below", ">": "above", "==": "is", "in": "one of"}
SILENCE = {
    "reject": "rejected",
    "smaller": "traded at a smaller size",
    "escalate": "two people are asked once more, then rejected",
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
    have, entry = json_values.items(item.have), figures.price(item.entry_price)
    may = ", ".join(map(str, json_values.items(item.may_decide)))
    return {
        "item": item,
        "sentence": sentence(item),
        "brief": f"{item.direction} {figures.quantity(item.quantity)} {item.symbol} at {entry}",
        "size": figures.percent(item.size) if item.size is not None else figures.ABSENT,
        "stop": figures.price(item.stop_loss),
        "target": figures.price(item.take_profit),
        "people": f"{UNREADABLE if UNREADABLE in have else len(have)} of {PEOPLE[item.needs]}",
        "left": left(item, now),
        "names": may or ("not told yet" if item.outcome is None else "not told"),
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
            "comparison": COMPARED.get(str(at(each, "comparison")), at(each, "comparison")),
            "limit": _plain(at(each, "limit")),
            "distance": distance(at(each, "value"), at(each, "limit"), passed=at(each, "passed")),
            "passed": at(each, "passed"),
            "severity": at(each, "severity"),
        }
        for each in found
    ]


def distance(value: Any, limit: Any, *, passed: Any) -> str:
    """Return how far a gate's value is from its limit, to spare or too far; a dash where they are no numbers."""
    numbers = json_values.number(value), json_values.number(limit)
    if passed is None or None in numbers:
        return figures.ABSENT
    apart = figures.plain(float(f"{abs(numbers[0] - numbers[1]):.6g}"))  # type: ignore[operator]
    return f"{apart} {'to spare' if passed else 'too far'}"


def curators(strand: DecisionStrand | None) -> list[dict[str, Any]]:
    """Return what each curator said of the plan."""
    return [
        {
            "name": figures.spaced(str(at(each, "curator_type"))),
            "action": at(each, "action"),
            "contribution": _plain(at(each, "contribution")),
            "reason": at(each, "reason"),
        }
        for each in (json_values.items(strand.curator_decisions) if strand else ())
    ]


#: What of the portfolio a plan moves, each a share of the desk's value, as people say it.
MOVED = {
    "exposure": "exposure of the desk",
    "weight": "weight of the symbol",
    "concentration": "concentration",
    "risk": "value at risk",
}
#: What of the risk itself is told, each a share of value.
RISKS = {"var_95": "value at risk (95 %)", "cvar_95": "expected shortfall (95 %)", "drawdown": "drawdown of the desk"}


def risk(strand: DecisionStrand | None) -> list[tuple[str, str]]:
    """Return what the plan would do to the portfolio, what it would lose at its stop, and how the desk stands."""
    if strand is None:
        return []
    impact, risks = json_values.mapping(strand.portfolio_impact), json_values.mapping(strand.risk_metrics)
    pairs = [(words, impact.get(f"current_{name}"), impact.get(f"new_{name}")) for name, words in MOVED.items()]
    moved = [(words, f"{_share(one)} to {_share(other)}") for words, one, other in pairs if other is not None]
    stands = [(words, _share(risks[name])) for name, words in RISKS.items() if risks.get(name) is not None]
    lost = at_stop(strand)
    return [*([("lost at the stop", lost)] if lost else []), *moved, *stands]


def at_stop(strand: DecisionStrand) -> str:
    """Return what the plan loses where its stop is met, as a share of the desk's value; empty where it is not known."""
    plan = json_values.mapping(at(strand.dm_decision, "plan"))
    size, entry, stop = (json_values.number(plan.get(each)) for each in ("position_size", "entry_price", "stop_loss"))
    if size is None or not entry or stop is None:
        return ""
    return figures.percent(size * abs(entry - stop) / entry)


def lessons(strand: DecisionStrand | None) -> list[str]:
    """Return the ids of the lessons that were applied to a plan."""
    return [str(each) for each in json_values.items(at(strand.lesson_metadata, "lessons_applied"))] if strand else []


def changes(strand: DecisionStrand | None) -> list[str]:
    """Return what people changed of a plan, field by field, from what alpha made it."""
    if strand is None:
        return []
    told = json_values.mapping(at(strand.dm_decision, "review.changes"))
    before = json_values.mapping(at(strand.dm_decision, "review.before"))
    return [f"{figures.spaced(name)}: {before.get(name)} to {to}" for name, to in told.items()]


def _share(value: Any) -> str:
    number = json_values.number(value)
    return figures.ABSENT if number is None else figures.percent(number)


def answers(item: Review) -> list[dict[str, Any]]:
    """Return what became of every verdict and of silence, the newest first."""
    if not isinstance(item.answers, Mapping | None):
        return [{"verdict": UNREADABLE, "by": UNREADABLE}]
    told = json_values.objects([*(item.answers or {}).values()])
    return sorted(map(dict, told), key=lambda each: json_values.number(each.get("nth")) or 0, reverse=True)


def notes(found: Iterable[PeopleStrand]) -> list[dict[str, Any]]:
    """Return what people said beside a plan, and whom they gave it to."""
    return [
        {
            "at": each.at,
            "by": at(each.op_note, "user"),
            "to": at(each.op_note, "to"),
            "words": at(each.op_note, "reason"),
        }
        for each in found
    ]


def given(found: Iterable[PeopleStrand]) -> dict[str, str]:
    """Return, by lifecycle, the name of who a plan was given to last."""
    told = {each.lifecycle_id: at(each.op_note, "to") for each in found if at(each.op_note, "to")}
    return {str(lifecycle): str(name) for lifecycle, name in told.items()}


def as_planned(item: Review, name: str) -> str:
    """Return what a plan holds in a field that people may change; empty where it holds nothing."""
    value = item.size if name == "position_size" else getattr(item, name)
    return "" if value is None else figures.plain(value, figures=10).replace(",", "")


def text(price: Decimal | None) -> str | None:
    """Return a price as JSON tells it."""
    return None if price is None else str(price)


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return figures.plain(value)
