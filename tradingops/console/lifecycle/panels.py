"""The panels of a story: what was seen, planned and decided, as labelled facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradingops.console.lifecycle.story import Story, Told
from tradingops.console.showing import facts, refusals
from tradingops.console.showing.lines import Tone
from tradingops.console.showing.moments import TIMEFRAMES


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled value; ``bar`` is a share from 0 to 1 to draw beside it, ``is_moment`` says that it is ISO 8601."""

    label: str
    value: str
    tone: Tone = Tone.CALM
    bar: float | None = None
    is_moment: bool = False


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
    pack = facts.mapping(story.signal.get("signal_pack"))
    parts = {**facts.mapping(story.signal.get("module_intelligence")), **pack}
    whole = Panel(
        "Parts of the signal", tuple(rest_of({name: parts[name] for name in parts if not _is_large(name, parts)}))
    )
    grouped = (
        Panel(facts.spaced(name).capitalize(), tuple(rest_of(part)), folded=True)
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
    return [_gate(each) for each in facts.objects(decision.get("dm_decision", "gates"))] if decision else []


# --- signal and plan


def _of_signal(signal: Told) -> tuple[Panel, ...]:
    regime = facts.mapping(signal.get("regime_context"))
    seen = (
        _scored("strength", signal.get("sig_sigma")),
        _scored("confidence", signal.get("sig_confidence")),
        Fact("direction", facts.word(signal.get("sig_direction")) or "–"),
        Fact("tier", facts.word(signal.get("trading_plan", "tier")) or "–"),
        Fact("regime", facts.spaced(signal.regime or regime.get("regime")) or "–"),
        Fact("regime confidence", facts.score(regime.get("confidence"))),
        Fact("trend", facts.word(regime.get("trend")) or "–"),
        Fact("votes", _votes(regime.get("votes")) or "–"),
    )
    events = tuple(rest_of(facts.mapping(signal.get("event_context"))))
    return Panel("Signal", seen), Panel("Events", events, folded=True)


def _votes(votes: Any) -> str:
    """Return which way each timeframe points, the shortest first."""
    said = facts.mapping(votes)
    ordered = [name for name in TIMEFRAMES if name in said] + [name for name in said if name not in TIMEFRAMES]
    return "  ".join(f"{name} {_ARROWS.get(facts.number(said[name]) or 0.0, '?')}" for name in ordered)


def _plan(plan: Mapping[str, Any]) -> Panel:
    if not plan:
        return Panel("Plan", ())
    entry = facts.number(plan.get("entry_price"))
    quantity = plan.get("quantity")
    size = facts.share(plan.get("position_size")) + (f", {facts.quantity(quantity)}" if quantity is not None else "")
    shown = (
        Fact("entry", facts.price(entry)),
        Fact("stop", _away(plan.get("stop_loss"), entry), Tone.BAD),
        Fact("target", _away(plan.get("take_profit"), entry), Tone.GOOD),
        Fact("size", size),
        Fact("reward to risk", facts.score(plan.get("risk_reward_ratio"))),
        Fact("order", facts.word(plan.get("order_type")) or "–"),
        Fact("horizon", facts.word(plan.get("time_horizon")) or "–"),
        Fact("valid until", facts.word(plan.get("valid_until")) or "–", is_moment=True),
        *_conditions(plan.get("entry_conditions")),
    )
    return Panel("Plan", shown)


def _away(price: Any, entry: float | None) -> str:
    """Return a price and how far it lies from the entry."""
    found = facts.number(price)
    if found is None or not entry:
        return facts.price(found)
    return f"{facts.price(found)} ({100 * (found / entry - 1):+.2f} %)"


def _conditions(conditions: Any) -> Iterable[Fact]:
    for each in facts.objects(conditions):
        named = facts.spaced(each.get("type")) or "condition"
        yield Fact(f"enter if {named}", shown(each.get("value")))


def _features(cause: Told | None) -> Panel:
    features = facts.mapping(cause.get("md_features")) if cause else {}
    return Panel("Features of the bar", tuple(rest_of(features)), folded=True)


# --- decision


def _of_decision(decision: Told) -> tuple[Panel, ...]:
    said = facts.mapping(decision.get("dm_decision"))
    kind = facts.word(said.get("decision_type"))
    tone = Tone.BAD if refusals.is_refusal(kind) else Tone.WARN if kind == "modify" else Tone.GOOD
    decided = (
        Fact("decision", kind or "–", tone),
        _scored("score", said.get("score")),
        *(Fact(name, value) for name, value in _parts(said.get("score_parts"))),
        Fact("reason", refusals.why(said) or "–"),
        *(Fact("modified", shown(each)) for each in facts.items(said.get("modifications"))),
    )
    return (
        Panel("Decision", decided),
        Panel("Risk scores", tuple(rest_of(facts.mapping(decision.get("risk_metrics"))))),
        Panel("Allocation", tuple(rest_of(facts.mapping(said.get("allocation"))))),
        Panel("Budget", tuple(rest_of(facts.mapping(decision.get("dm_budget"))))),
        Panel("Portfolio impact", tuple(_impact(facts.mapping(decision.get("portfolio_impact"))))),
        Panel("Asymmetries", tuple(rest_of(facts.mapping(decision.get("asymmetries"))))),
    )


def _impact(impact: Mapping[str, Any]) -> Iterable[Fact]:
    """Return each measure as it was and as it would be, then the rest."""
    rest = dict(impact)
    for key in impact:
        name = key.removeprefix(_CURRENT)
        if key != name and f"{_NEW}{name}" in impact:
            yield Fact(facts.spaced(name), f"{shown(rest.pop(key))} → {shown(rest.pop(f'{_NEW}{name}'))}")
            rest.pop(f"{name}_delta", None)
    yield from rest_of(rest)


_CURRENT, _NEW = "current_", "new_"


def _parts(parts: Any) -> Iterable[tuple[str, str]]:
    """Return what each part added to the score."""
    for name, part in facts.mapping(parts).items():
        found = facts.number(part)
        yield f"· {facts.spaced(name)}", shown(part) if found is None else f"{found:+.3f}"


def _gate(gate: Mapping[str, Any]) -> Gate:
    value, limit, passed = gate.get("value"), gate.get("limit"), gate.get("passed")
    comparison = facts.word(gate.get("comparison"))
    return Gate(
        name=facts.spaced(gate.get("gate")) or "–",
        severity=facts.word(gate.get("severity")),
        value="not measured" if value is None else shown(value),
        comparison=_SIGNS.get(comparison, comparison),
        limit=refusals.wanted(limit) if isinstance(limit, list) else shown(limit),
        passed=passed if isinstance(passed, bool) else None,
        distance=_distance(gate),
    )


def _distance(gate: Mapping[str, Any]) -> str:
    """Return how far a failed gate is from passing, and how much room a passed one leaves."""
    value, limit = facts.number(gate.get("value")), facts.number(gate.get("limit"))
    if gate.get("passed") is False:
        missed = facts.number(gate.get("distance"))
        return "–" if missed is None else facts.brief(missed)
    return "–" if value is None or limit is None else f"{facts.brief(abs(limit - value))} left"


# --- facts of any kind


def rest_of(found: Mapping[str, Any]) -> Iterable[Fact]:
    """Return the facts of any object, an object within under its own label; changes as before and after."""
    for name, value in list(found.items())[:_SHOWN_KEYS]:
        if isinstance(value, dict):
            yield Fact(facts.spaced(name), _within(value))
        elif value not in (None, [], ""):
            yield _plainly(name, value)


def _plainly(name: str, value: Any) -> Fact:
    score = facts.number(value) if name in _SCORES else None
    return Fact(facts.spaced(name), shown(value), bar=score if score is not None and 0 <= score <= 1 else None)


_SCORES = frozenset(("size", "var", "correlation", "liquidity", "volatility", "overall", "score"))


def _within(value: Mapping[str, Any]) -> str:
    if {"before", "after"} <= value.keys():
        return f"{shown(value['before'])} → {shown(value['after'])}"
    return ", ".join(f"{facts.spaced(name)} {shown(each)}" for name, each in value.items() if each is not None) or "–"


def _scored(label: str, value: Any) -> Fact:
    found = facts.number(value)
    return Fact(label, facts.score(value), bar=found if found is not None and 0 <= found <= 1 else None)


def shown(value: Any) -> str:
    """Return any JSON value in a few words."""
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return _within(value)
    found = facts.number(value)
    return facts.word(value) or "–" if found is None else facts.brief(found)
