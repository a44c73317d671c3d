"""The panels of a story: what was seen, planned and decided, as labelled facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from strands import figures, json_values
from strands.json_values import UNREADABLE, Closed
from strands.kinds import refusals
from strands.telling import Tone
from tradingops.console.lifecycle import costs
from tradingops.console.lifecycle.story import Story, Told
from tradingops.console.showing.moments import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; ``bar`` is a share from 0 to 1 to draw beside it, ``is_moment`` says that it is ISO 8601."""

    label: str
    value: str
    tone: Tone = Tone.PLAIN
    bar: float | None = None
    is_moment: bool = False

    @property
    def title(self) -> str:
        """What hovering says: of a value that cannot be read, which one it is."""
        return self.label if UNREADABLE in self.value else ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Facts under a title; a long one opens on demand."""

    title: str
    facts: tuple[Fact, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Gate:
    """A row of the table of gates."""

    name: str
    severity: str
    value: str
    comparison: str
    limit: str
    passed: bool | None
    distance: str


_SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "in": "one of"}
_ARROWS = {1.0: "▲", -1.0: "▼", 0.0: "–"}
_SHOWN_KEYS = 40


def before(story: Story) -> list[Panel]:
    """Return what was seen and planned."""
    signal = story.signal
    return _filled((*(_of_signal(signal) if signal else ()), _plan(story.plan), _features(story.cause)))


def intelligence(story: Story) -> list[Panel]:
    """Return what a signal was made of besides its figures: the parts of its score, each under its own title."""
    if story.signal is None:
        return []
    pack = json_values.mapping(story.signal.get("signal_pack"))
    parts = {**json_values.mapping(story.signal.get("module_intelligence")), **pack}
    whole = Panel(
        "Parts of the signal", tuple(rest_of({name: parts[name] for name in parts if not _is_large(name, parts)}))
    )
    grouped = (
        Panel(figures.spaced(name).capitalize(), tuple(rest_of(part)), folded=True)
        for name, part in parts.items()
        if _is_group(name, part)
    )
    return _filled((whole, *grouped))


#: What a signal's pack repeats from elsewhere on the page.
_REPEATED = frozenset(
    (
        *("features", "market_context", "llm_format", "points_of_interest", "pack_id", "signal_id", "trading_plan_id"),
        *("signal_type", "direction", "confidence_score", "regime", "created_at", "module", "version"),
    )
)


def _is_group(name: str, part: Any) -> bool:
    return name not in _REPEATED and isinstance(part, dict) and bool(part)


def _is_large(name: str, parts: Mapping[str, Any]) -> bool:
    return name in _REPEATED or isinstance(parts[name], dict)


def decided(story: Story) -> list[Panel]:
    """Return what the last decision weighed."""
    decision = story.last("dm", "decision")
    return _filled(_of_decision(decision)) if decision else []


def _filled(made: Iterable[Panel]) -> list[Panel]:
    return [panel for panel in made if panel.facts]


def gates(story: Story) -> list[Gate]:
    """Return what every gate of the last decision found, in the decision's order."""
    decision = story.last("dm", "decision")
    return [_gate(each) for each in json_values.objects(decision.get("dm_decision", "gates"))] if decision else []


# --- signal and plan


def _of_signal(signal: Told) -> tuple[Panel, ...]:
    regime = json_values.mapping(signal.get("regime_context"))
    seen = (
        _scored("strength", signal.get("sig_sigma")),
        _scored("confidence", signal.get("sig_confidence")),
        Fact("direction", figures.word(signal.get("sig_direction")) or figures.ABSENT),
        Fact("tier", figures.word(signal.get("trading_plan", "tier")) or figures.ABSENT),
        Fact("regime", figures.spaced(signal.regime or regime.get("regime")) or figures.ABSENT),
        Fact("regime confidence", figures.score(regime.get("confidence"))),
        Fact("trend", figures.word(regime.get("trend")) or figures.ABSENT),
        Fact("votes", _votes(regime.get("votes")) or figures.ABSENT),
    )
    events = tuple(rest_of(json_values.mapping(signal.get("event_context"))))
    return Panel("Signal", seen), Panel("Events", events, folded=True)


def _votes(votes: Any) -> str:
    """Return which way each timeframe points, the shortest first."""
    said = json_values.mapping(votes)
    if isinstance(said, Closed):
        return UNREADABLE
    ordered = [name for name in TIMEFRAMES if name in said] + [name for name in said if name not in TIMEFRAMES]
    return "  ".join(f"{name} {_ARROWS.get(json_values.number(said[name]) or 0.0, '?')}" for name in ordered)


def _plan(plan: Mapping[str, Any]) -> Panel:
    if not plan:
        return Panel("Plan", tuple(rest_of(plan)))
    entry = json_values.number(plan.get("entry_price"))
    quantity, context = plan.get("quantity"), json_values.mapping(plan.get("market_context"))
    size = figures.percent(plan.get("position_size")) + (
        f", {figures.quantity(quantity)}" if quantity is not None else ""
    )
    shown = (
        Fact("entry", figures.price(plan.get("entry_price"))),
        Fact("stop", _away(plan.get("stop_loss"), entry), Tone.BAD),
        Fact("target", _away(plan.get("take_profit"), entry), Tone.GOOD),
        Fact("size", size),
        Fact("reward to risk", figures.score(plan.get("risk_reward_ratio"))),
        Fact("cost to risk", figures.score(context.get("cost_of_risk"))),
        Fact("stop by the ATR of", figures.word(context.get("atr_timeframe")) or figures.ABSENT),
        Fact("order", figures.word(plan.get("order_type")) or figures.ABSENT),
        Fact("horizon", figures.word(plan.get("time_horizon")) or figures.ABSENT),
        Fact("valid until", figures.word(plan.get("valid_until")) or figures.ABSENT, is_moment=True),
        *_conditions(plan.get("entry_conditions")),
    )
    return Panel("Plan", shown)


def _away(price: Any, entry: float | None) -> str:
    """Return a price and how far it lies from the entry."""
    found = json_values.number(price)
    if found is None or not entry:
        return figures.price(price)
    return f"{figures.price(found)} ({figures.percent(found / entry - 1, signed=True)})"


def _conditions(conditions: Any) -> Iterable[Fact]:
    for each in json_values.objects(conditions):
        named = figures.spaced(each.get("type")) or "condition"
        yield Fact(f"enter if {named}", shown(each.get("value")))


def _features(cause: Told | None) -> Panel:
    features = json_values.mapping(cause.get("md_features")) if cause else {}
    return Panel("Features of the bar", tuple(rest_of(features)), folded=True)


# --- decision


def _of_decision(decision: Told) -> tuple[Panel, ...]:
    said = json_values.mapping(decision.get("dm_decision"))
    kind = figures.word(said.get("decision_type"))
    tone = Tone.BAD if refusals.is_refusal(kind) else Tone.WARNING if kind == "modify" else Tone.GOOD
    decided = (
        Fact("decision", kind or figures.ABSENT, tone),
        _scored("score", said.get("score")),
        *(Fact(name, value) for name, value in _parts(said.get("score_parts"))),
        Fact("reason", refusals.why(said) or figures.ABSENT),
        *(Fact("modified", shown(each)) for each in json_values.items(said.get("modifications"))),
    )
    return (
        Panel("Decision", decided),
        Panel("Risk scores", tuple(rest_of(json_values.mapping(decision.get("risk_metrics"))))),
        Panel("Allocation", tuple(rest_of(json_values.mapping(said.get("allocation"))))),
        Panel("Budget", tuple(rest_of(json_values.mapping(decision.get("dm_budget"))))),
        Panel("Portfolio impact", tuple(_impact(decision))),
        Panel("Asymmetries", tuple(rest_of(json_values.mapping(decision.get("asymmetries"))))),
    )


def _impact(decision: Told) -> Iterable[Fact]:
    """Return each measure as it was and as it would be, the cost with its unit, then the rest."""
    impact = json_values.mapping(decision.get("portfolio_impact"))
    rest = dict(impact)
    paid = json_values.number(rest.get("expected_cost"))
    if paid is not None:
        rest.pop("expected_cost")
        yield Fact("expected cost of one side", costs.told(paid, costs.planned(decision)))
    for key in impact:
        name = key.removeprefix(_CURRENT)
        if key != name and f"{_NEW}{name}" in impact:
            yield Fact(figures.spaced(name), f"{shown(rest.pop(key))} → {shown(rest.pop(f'{_NEW}{name}'))}")
            rest.pop(f"{name}_delta", None)
    yield from rest_of(impact if isinstance(impact, Closed) else rest)


_CURRENT, _NEW = "current_", "new_"


def _parts(parts: Any) -> Iterable[tuple[str, str]]:
    """Return what each part added to the score."""
    for name, part in json_values.mapping(parts).items():
        found = json_values.number(part)
        yield f"· {figures.spaced(name)}", shown(part) if found is None else figures.fixed(found, digits=3, signed=True)


def _gate(gate: Mapping[str, Any]) -> Gate:
    value, limit, passed = gate.get("value"), gate.get("limit"), gate.get("passed")
    comparison = figures.word(gate.get("comparison"))
    return Gate(
        name=figures.spaced(gate.get("gate")) or figures.ABSENT,
        severity=figures.word(gate.get("severity")),
        value="not measured" if value is None else shown(value),
        comparison=_SIGNS.get(comparison, comparison),
        limit=refusals.wanted(limit) if isinstance(limit, list) else shown(limit),
        passed=passed if isinstance(passed, bool) else None,
        distance=_distance(gate),
    )


def _distance(gate: Mapping[str, Any]) -> str:
    """Return how far a failed gate is from passing, and how much room a passed one leaves."""
    value, limit = json_values.number(gate.get("value")), json_values.number(gate.get("limit"))
    if gate.get("passed") is False:
        return figures.brief(gate.get("distance"))
    return figures.ABSENT if value is None or limit is None else f"{figures.brief(abs(limit - value))} left"


# --- facts of any kind


def rest_of(found: Mapping[str, Any]) -> Iterable[Fact]:
    """Return the facts of any object, an object within under its own label; changes as before and after."""
    if isinstance(found, Closed):
        yield Fact("all of it", UNREADABLE, Tone.WARNING)
    for name, value in list(found.items())[:_SHOWN_KEYS]:
        if isinstance(value, dict):
            yield Fact(figures.spaced(name), _within(value))
        elif value not in (None, [], ""):
            yield _plainly(name, value)


def _plainly(name: str, value: Any) -> Fact:
    score = json_values.number(value) if name in _SCORES else None
    return Fact(figures.spaced(name), shown(value), bar=score if score is not None and 0 <= score <= 1 else None)


_SCORES = frozenset(("size", "var", "correlation", "liquidity", "volatility", "overall", "score"))


def _within(value: Mapping[str, Any]) -> str:
    if {"before", "after"} <= value.keys():
        return f"{shown(value['before'])} → {shown(value['after'])}"
    return (
        ", ".join(f"{figures.spaced(name)} {shown(each)}" for name, each in value.items() if each is not None)
        or figures.ABSENT
    )


def _scored(label: str, value: Any) -> Fact:
    found = json_values.number(value)
    return Fact(label, figures.score(value), bar=found if found is not None and 0 <= found <= 1 else None)


def shown(value: Any) -> str:
    """Return any JSON value in a few words."""
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return _within(value)
    found = json_values.number(value)
    return figures.plain(value) or figures.ABSENT if found is None else figures.brief(found)
