"""A lesson for people: when it applies, what it recommends, what it was worth so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from strands import figures, json_values, telling
from strands.telling import Tone

LEVELS = {2: "braid", 3: "meta-braid", 4: "meta²-braid"}
#: What a lesson of a level was made of.
MEMBERS = {2: "outcomes", 3: "braids", 4: "meta-braids"}
MODULES = {"alpha": "Alpha detector", "dm": "Decision maker", "trader": "Trader"}

_TEMPLATE = "template"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One thing that a lesson wants done, why, and the JSON that says so."""

    text: str
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a lesson was measured to be worth: results of the decisions it touched, with it and without it.

    Results are shares of the portfolio's value. None stands for what was not measured.
    """

    touched: int = 0
    flipped: int = 0
    differed: int = 0
    with_it: float | None = None
    without: float | None = None
    mean: float | None = None

    @property
    def gained(self) -> float | None:
        """What came with it less what would have come without."""
        return None if self.with_it is None or self.without is None else self.with_it - self.without

    @property
    def told(self) -> str:
        if not self.touched:
            return "It has touched no decision with a known result yet."
        turned = f", {self.flipped} of them turned into their opposite" if self.flipped else ""
        changed = f"; it changed the result of {self.differed}" if self.differed else ""
        return f"{self.touched} decision{'' if self.touched == 1 else 's'} with a known result{turned}{changed}."

    @property
    def tone(self) -> Tone:
        gained = self.gained if self.gained is not None else self.mean
        return telling.gain(gained)


def conditions(given: Any) -> list[tuple[str, str]]:
    """Return when a lesson applies, as pairs of a name and what it must be."""
    if isinstance(given, Mapping):
        return [
            (figures.spaced(name), _condition(value)) for name, value in given.items() if value not in (None, "", [])
        ]
    return [("when", _condition(each)) for each in json_values.items(given)]


def _condition(value: Any) -> str:
    if isinstance(value, list):
        return " or ".join(map(_condition, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{figures.spaced(name)} {_condition(each)}" for name, each in value.items())
    return figures.spaced(value) or "anything"


def recommendations(given: Any) -> list[Recommendation]:
    """Return what a lesson recommends, each in a sentence."""
    return [
        Recommendation(text=_recommended(each), because=figures.word(each.get("because")))
        for each in json_values.objects(given)
    ]


def _recommended(recommendation: Mapping[str, Any]) -> str:
    kind = figures.word(recommendation.get("type"))
    teller = _TELLERS.get(kind)
    if teller:
        return teller(recommendation)
    rest = (
        f"{figures.spaced(name)} {figures.word(value)}"
        for name, value in recommendation.items()
        if name not in ("type", "because")
    )
    return ": ".join(filter(None, (figures.spaced(kind) or "recommendation", ", ".join(rest))))


def _weight(recommendation: Mapping[str, Any]) -> str:
    who = figures.spaced(figures.word(recommendation.get("curator_type")).removesuffix("_curator")) or "a"
    return f"Let the {who} curator count {_changed(recommendation.get('adjustment'))}."


def _threshold(recommendation: Mapping[str, Any]) -> str:
    name = figures.spaced(recommendation.get("threshold_type")) or "a"
    return f"Set the {name} threshold to {figures.word(recommendation.get('threshold_value')) or figures.ABSENT}."


def _boost(recommendation: Mapping[str, Any]) -> str:
    when = recommendation.get("condition")
    pairs = conditions(when) if isinstance(when, Mapping) else []
    named = ", ".join(f"{name} is {value}" for name, value in pairs) or figures.spaced(when)
    said = f"Be {_changed(recommendation.get('boost_factor'), more='surer', less='less sure')}"
    return f"{said}, where {named}." if named else f"{said}."


def _risk(recommendation: Mapping[str, Any]) -> str:
    name = figures.spaced(recommendation.get("risk_type")) or "risk"
    return f"Take {_changed(recommendation.get('risk_value'))} {name}."


def _changed(value: Any, *, more: str = "more", less: str = "less") -> str:
    """Return a factor in words: 1.08 is ``8 % more``."""
    found = json_values.number(value)
    if found is None or found == 1:
        return f"neither {more} nor {less}"
    return f"{figures.rounded(100 * abs(found - 1), digits=1)} % {more if found > 1 else less}"


_TELLERS = {
    "curator_weight_adjustment": _weight,
    "threshold_adjustment": _threshold,
    "confidence_boost": _boost,
    "risk_adjustment": _risk,
}


def effect(given: Any) -> Effect:
    """Return the measured effect in a lesson's JSON."""
    told = json_values.mapping(given)

    def number(name: str) -> float | None:
        return json_values.number(told.get(name))

    return Effect(
        touched=int(number("touched") or 0),
        flipped=int(number("flipped") or 0),
        differed=int(number("differed") or 0),
        with_it=number("with_pnl"),
        without=number("without_pnl"),
        mean=number("mean"),
    )


def writer(name: str) -> str:
    """Return who wrote a lesson's words."""
    if not name or name == _TEMPLATE:
        return "written by the desk itself, from a template"
    return f"written by {name.replace(':', ', model ', 1)}"


def share(value: float | None) -> str:
    """Return a share of the portfolio's value with its sign, at the digits that small effects need."""
    return figures.percent(value, digits=4, signed=True)
