"""What every module that learns says of it: how right its curators were, what became of its lessons, new lessons."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds.kind import Kind, Look
from strands.telling import Part, Payload, Tone


class Outcome(TypedDict, total=False):
    """What became of a plan; ``actual`` is false where it was followed on the bars and not entered."""

    plan_id: str
    actual: bool
    pnl_percent: float
    r_multiple: float
    close_reason: str
    direction: str
    opened_at: str
    closed_at: str


class Score(TypedDict, total=False):
    curator: str
    action: str
    contribution: float
    confidence: float
    weight: float
    correct: bool
    accuracy: float
    impact: float
    effect: dict[str, float]
    actual: bool
    reason: str


class Scores(TypedDict, total=False):
    """How right each curator was about one plan; ``refused`` is why an outcome could not be read."""

    plan_id: str
    subject_id: str
    outcome: Outcome | None
    scores: list[Score]
    weights: list[dict[str, Any]]
    standing: dict[str, dict[str, float]]
    refused: str


class Change(TypedDict, total=False):
    """What happened to a lesson, and what it is worth by then."""

    lesson_id: str
    standing: str
    before: str
    cause: str
    note: str | None
    effect: dict[str, Any]
    lesson: dict[str, Any]
    writer: str


class Braid(TypedDict, total=False):
    """A lesson out of strands that are alike."""

    lesson_id: str
    lesson_type: str
    module: str
    kind: str
    braid_level: int
    clustering_columns: dict[str, Any]
    source_strands: list[dict[str, Any]]
    strand_count: int
    successes: int
    accumulated_score: float
    mean_outcome: float
    confidence: float
    recommendations: list[dict[str, Any]]
    lesson: dict[str, Any]
    standing: str
    writer: str
    created_at: str


class Applied(TypedDict, total=False):
    """Which lessons had a say in what is judged, and what they changed."""

    lesson_enhanced: bool
    lessons_applied: list[str]
    confidence_boost: float
    weights: dict[str, float]
    thresholds: dict[str, float]
    risk: dict[str, Any]
    matches: list[dict[str, Any]]


class ScoresPayload(TypedDict, total=False):
    lesson_metadata: Scores


class ChangePayload(TypedDict, total=False):
    lesson_metadata: Change


def _scores(payload: Payload) -> list[Part]:
    if refused := telling.words(at(payload, "lesson_metadata.refused")):
        return [Part("not scored", Tone.WARNING, pill=True), Part(refused)]
    said = json_values.objects(at(payload, "lesson_metadata.scores"))
    scores = [each for each in said if isinstance(each.get("correct"), bool)]
    right = sum(each["correct"] for each in scores)
    moved = len(json_values.items(at(payload, "lesson_metadata.weights")))
    pnl = at(payload, "lesson_metadata.outcome.pnl_percent")
    return [
        Part(f"{right} of {len(scores)} curators were right", Tone.GOOD if 2 * right > len(scores) else Tone.PLAIN),
        Part(f"{moved} weight{'' if moved == 1 else 's'} moved" if moved else ""),
        telling.labelled("outcome", figures.percent(pnl, signed=True), telling.gain(pnl)),
        Part(telling.words(at(payload, "lesson_metadata.outcome.close_reason")), Tone.MUTED),
    ]


def _change(payload: Payload) -> list[Part]:
    before, standing = (telling.words(at(payload, f"lesson_metadata.{name}")) for name in ("before", "standing"))
    effect = at(payload, "lesson_metadata.effect.effect")
    return [
        telling.pill(at(payload, "lesson_metadata.standing")),
        Part(f"was {before}" if before and before != standing else "measured again"),
        Part(telling.words(at(payload, "lesson_metadata.note"))),
        telling.labelled("worth", figures.percent(effect, digits=3, signed=True), telling.gain(effect)),
        telling.labelled("because of", telling.words(at(payload, "lesson_metadata.cause")), Tone.MUTED),
    ]


def _braid(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "lesson_metadata.standing") or "learned"),
        Part(telling.words(at(payload, "lesson_metadata.lesson.title"))),
        telling.labelled("from", _members(at(payload, "lesson_metadata.strand_count"))),
        telling.labelled("confidence", figures.score(at(payload, "lesson_metadata.confidence")), Tone.MUTED),
    ]


def _members(count: Any) -> str:
    told = figures.count(count)
    return told if told == figures.ABSENT else f"{told} strands"


SCORES = Kind(
    name="curator_scores",
    means="how right each curator was about a plan, and what its weight became",
    payload=ScoresPayload,
    unheard="the module moved its own weights when it said so",
    reads=(
        "lesson_metadata.refused",
        "lesson_metadata.scores",
        "lesson_metadata.weights",
        "lesson_metadata.outcome.pnl_percent",
        "lesson_metadata.outcome.close_reason",
    ),
    line=_scores,
    look=Look("curator scores", Tone.MUTED),
)
CHANGE = Kind(
    name="lesson",
    means="a lesson was measured, retired, reworded or decided on",
    payload=ChangePayload,
    unheard="the module that learned it goes by it already",
    reads=(
        "lesson_metadata.standing",
        "lesson_metadata.before",
        "lesson_metadata.note",
        "lesson_metadata.cause",
        "lesson_metadata.effect.effect",
    ),
    line=_change,
    look=Look("lesson", Tone.INFO),
)


def of_a_learner(braids: type) -> tuple[Kind, ...]:
    """Return the kinds of a module that learns; ``braids`` is the payload of its braids, with the columns it adds."""
    return (
        SCORES,
        CHANGE,
        _braids("braid", "a lesson out of strands that are alike", "braid", braids),
        _braids("meta_braid", "a lesson out of braids that are alike", "braid of braids", braids),
        _braids("meta2_braid", "a lesson out of meta braids that are alike", "braid of the third level", braids),
    )


def _braids(name: str, means: str, label: str, payload: type) -> Kind:
    return Kind(
        name=name,
        means=means,
        payload=payload,
        hearers=(tags.WRITE_LESSON,),
        reads=(
            "lesson_metadata.standing",
            "lesson_metadata.lesson.title",
            "lesson_metadata.strand_count",
            "lesson_metadata.confidence",
        ),
        line=_braid,
        look=Look(label, Tone.GOOD),
    )
