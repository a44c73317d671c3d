"""How a story was judged: what each curator said, which lessons were applied, what the evidence was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from strands import figures, json_values, telling
from strands.telling import Tone
from tradingops.console.lifecycle.story import Story, Told
from tradingops.console.showing import curators, experts

#: Where a module's strands keep what its curators said, and under which names within it.
_HEARD_IN = ("curator_decisions", "curator_feedback", "tr_execution")
_HEARD_AS = ("curators", "hearings")

_TONES = {"veto": Tone.BAD, "failed": Tone.BAD, "abstained": Tone.PLAIN, "approve": Tone.GOOD}
_SILENT = {"abstained": "had nothing to say", "failed": "could not be heard"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One curator before its panel, and how right it turned out to be once that is known."""

    curator: str
    title: str
    voice: str
    tone: Tone
    stops: bool
    nudge: str
    weight: str
    confidence: float | None
    reason: str
    evidence: str
    correct: bool | None
    worth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One lesson that was applied."""

    lesson_id: str
    relevance: str
    factor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one module's curators and lessons made of a plan; ``sum_told`` spells out what it came to."""

    module: str
    title: str
    hearings: tuple[Hearing, ...]
    sum_told: str
    lessons: tuple[Use, ...]
    boost: str
    lessons_told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The evidence of a signal in a few figures; ``strand_id`` leads to its page."""

    strand_id: str
    evidence: float | None
    confidence: float | None
    confirmed: bool
    boost: str
    source: str
    experts: tuple[tuple[str, str, float | None], ...]


def of_signal(story: Story) -> Judgement | None:
    """Return what alpha's own curators and lessons made of its signal."""
    return _judgement(story, story.signal, "alpha", "Alpha’s own curators")


def of_decision(story: Story) -> Judgement | None:
    """Return what the decision maker's curators and lessons made of the plan."""
    return _judgement(story, story.last("dm", "decision"), "dm", "The decision maker’s curators")


def of_orders(story: Story) -> Judgement | None:
    """Return what the trader's curators and lessons made of the plan: of the first of its strands that says so."""
    said = (each for each in story.told if each.module == "trader" and hearings_in(each))
    return _judgement(story, next(said, None), "trader", "The trader’s curators")


def _judgement(story: Story, told: Told | None, module: str, title: str) -> Judgement | None:
    if told is None:
        return None
    said = hearings_in(told)
    scores = _scores(story, module)
    learned = _learned(told)
    uses = tuple(_uses(learned))
    if not said and not uses:
        return None
    boost = json_values.number(learned.get("confidence_boost"))
    return Judgement(
        module=module,
        title=title,
        hearings=tuple(_hearing(each, scores.get(figures.word(each.get("curator_type")), {})) for each in said),
        sum_told=_sum(said),
        lessons=uses,
        boost="" if learned.get("confidence_boost") is None else figures.factor(learned.get("confidence_boost")),
        lessons_told=_lessons_told(uses, boost, learned),
    )


def _learned(told: Told) -> Mapping[str, Any]:
    """Return what a strand says of the lessons that were applied to it."""
    kept = json_values.mapping(told.get("lesson_metadata"))
    return kept if kept.get("lessons_applied") else {}


def hearings_in(told: Told) -> list[dict[str, Any]]:
    """Return the curators' records in a strand, wherever its module keeps them."""
    for column in _HEARD_IN:
        kept = told.get(column)
        for found in (kept, *(json_values.dig(kept, name) for name in _HEARD_AS)):
            records = [each for each in json_values.items(found) if isinstance(each, dict) and each.get("curator_type")]
            if records:
                return records
    return []


def _hearing(said: Mapping[str, Any], score: Mapping[str, Any]) -> Hearing:
    name, voice = figures.word(said.get("curator_type")), figures.word(said.get("action")) or "abstained"
    evidence = json_values.mapping(said.get("evidence"))
    contribution = json_values.number(said.get("contribution"))
    heard = voice not in _SILENT
    correct = score.get("correct")
    return Hearing(
        curator=name,
        title=curators.title(name),
        voice=voice,
        tone=_nudged(contribution) if voice == "nudge" else _TONES.get(voice, Tone.PLAIN),
        stops=said.get("stops") is True or voice == "veto",
        nudge=figures.fixed(said.get("contribution"), digits=4, signed=True) if voice == "nudge" else figures.ABSENT,
        weight=figures.factor(evidence.get("weight_adjustment")) if heard else figures.ABSENT,
        confidence=json_values.number(said.get("confidence")) if heard else None,
        reason=figures.word(said.get("reason")) or _SILENT.get(voice, figures.ABSENT),
        evidence=_told_evidence(evidence),
        correct=correct if isinstance(correct, bool) else None,
        worth=_worth(score),
    )


def _nudged(contribution: float | None) -> Tone:
    return Tone.PLAIN if not contribution else Tone.GOOD if contribution > 0 else Tone.WARNING


def _told_evidence(evidence: Mapping[str, Any]) -> str:
    """Return the numbers that a curator gave for its opinion."""
    named = ((name, value) for name, value in evidence.items() if name != "weight_adjustment")
    return ", ".join(f"{figures.spaced(name)} {shown}" for name, value in named if (shown := _plainly(value)))


def _plainly(value: Any) -> str:
    found = json_values.number(value)
    return figures.brief(found) if found is not None and not isinstance(value, str) else figures.spaced(value)


def _worth(score: Mapping[str, Any]) -> str:
    """Return what an opinion saved or missed [share of the portfolio's value]."""
    saved, missed = (json_values.number(json_values.dig(score, "effect", name)) or 0.0 for name in ("saved", "missed"))
    if saved:
        return f"saved {figures.percent(saved, digits=3)}"
    return f"missed {figures.percent(missed, digits=3)}" if missed else ""


def _sum(said: Iterable[Mapping[str, Any]]) -> str:
    """Return what the opinions came to, spelled out."""
    records = list(said)
    stopped_by = [each for each in records if each.get("stops") is True or each.get("action") == "veto"]
    if stopped_by:
        names = ", ".join(curators.title(figures.word(each.get("curator_type"))) for each in stopped_by)
        return f"Stopped by {names}: no nudge counts, and the score stays as it was."
    nudges = [json_values.number(each.get("contribution")) or 0.0 for each in records if each.get("action") == "nudge"]
    if not any(nudges):
        return "No nudge moved the score." if records else ""
    total = math.fsum(nudges)
    summed, power = figures.fixed(total, digits=4, signed=True), figures.fixed(math.exp(total), digits=4)
    return f"The nudges add up to {summed}: the score is multiplied by e to that power, {power}."


def _scores(story: Story, module: str) -> dict[str, Mapping[str, Any]]:
    """Return how right each curator of a module turned out to be, by its name."""
    told = story.last(module, "curator_scores")
    scores = json_values.objects(told.get("lesson_metadata", "scores")) if told else []
    return {figures.word(each.get("curator")): each for each in scores}


def _uses(learned: Mapping[str, Any]) -> Iterable[Use]:
    matches = {figures.word(each.get("lesson_id")): each for each in json_values.objects(learned.get("matches"))}
    for lesson_id in filter(None, map(figures.word, json_values.items(learned.get("lessons_applied")))):
        match = matches.get(lesson_id, {})
        yield Use(
            lesson_id=lesson_id,
            relevance=figures.score(match.get("relevance")),
            factor=figures.factor(match.get("boost_factor")),
        )


def _lessons_told(uses: tuple[Use, ...], boost: float | None, learned: Mapping[str, Any]) -> str:
    """Return what lessons came to together."""
    if not uses:
        return ""
    moved = (
        "They left the confidence as it was."
        if boost is None or boost == 1
        else f"Together they {'raised' if boost > 1 else 'lowered'} the confidence to "
        f"{figures.fixed(boost, digits=3)} times what it was."
    )
    others = (
        *(f"the {curators.title(name)} curator counts × {value}" for name, value in _named(learned, "weights")),
        *(f"{figures.spaced(name)} × {value}" for name, value in _named(learned, "risk")),
        *(f"the {figures.spaced(name)} threshold is {value} at least" for name, value in _named(learned, "thresholds")),
    )
    return f"{moved} Besides, {', '.join(others)}." if others else moved


def _named(learned: Mapping[str, Any], group: str) -> Iterable[tuple[str, str]]:
    for name, value in json_values.mapping(learned.get(group)).items():
        yield name, figures.word(value)


# --- evidence


def evidence(story: Story) -> Summary | None:
    """Return the evidence that a signal carries."""
    told = json_values.mapping(story.signal.get("dsi_evidence")) if story.signal else {}
    if story.signal is None or not told:
        return None
    return Summary(
        strand_id=story.signal.id,
        evidence=json_values.number(told.get("mx_evidence")),
        confidence=json_values.number(told.get("mx_confidence")),
        confirmed=told.get("mx_confirm") is True,
        boost=figures.factor(told.get("mx_evidence_boost")),
        source=figures.word(told.get("source")) or figures.word(told.get("mx_source")),
        experts=tuple(_experts(told)),
    )


def _experts(told: Mapping[str, Any]) -> Iterable[tuple[str, str, float | None]]:
    """Yield the name of each expert with its evidence in words and as a share."""
    for each in experts.experts(told):
        yield each.name, figures.score(each.evidence), each.evidence


# --- what came of it for others


def learned(story: Story) -> list[tuple[str, str]]:
    """Return the lessons that this story completed: their ids and titles."""
    braids = (each for each in story.told if each.kind in _BRAIDS)
    return [(each.id, figures.word(each.get("lesson_metadata", "lesson", "title")) or each.id) for each in braids]


_BRAIDS = frozenset(("braid", "meta_braid", "meta2_braid"))


# --- what would have been


def counterfactual(story: Story) -> tuple[str, Tone] | None:
    """Return what a plan that was not entered would have come to."""
    told = story.last("alpha", "counterfactual")
    outcome = json_values.mapping(told.get("lesson_metadata", "outcome")) if told else {}
    if not outcome:
        return None
    return curators.outcome_in_words(outcome), telling.gain(outcome.get("pnl_percent"))
