"""What the decision maker says: decisions, feedback to alpha, plans that it asks others to review."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds import learning, refusals, reviews
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Gate(TypedDict, total=False):
    gate: str
    severity: str
    value: Any
    limit: Any
    comparison: str
    passed: bool | None
    distance: float | None


class Decision(TypedDict, total=False):
    """A plan's fate, what every gate found, and what the trader is to do."""

    decision_type: str
    score: float | None
    score_parts: dict[str, Any]
    allocation: dict[str, float]
    reason: str | None
    gates: list[Gate]
    plan_id: str | None
    plan: dict[str, Any] | None
    modifications: list[dict[str, Any]]
    valid_until: str
    execution_instructions: dict[str, Any]
    risk_parameters: dict[str, Any]
    allocation_parameters: dict[str, Any]
    crypto_parameters: dict[str, Any]
    monitoring_requirements: dict[str, Any]
    review: reviews.Review


class Feedback(TypedDict, total=False):
    decision_type: str
    feedback_type: str
    reason: str | None
    insights: dict[str, Any]
    plan_id: str | None
    decision_id: str


class DecisionPayload(TypedDict, total=False):
    alpha_bundle_ref: str
    dm_alpha: dict[str, Any]
    dm_budget: dict[str, Any]
    dm_decision: Decision
    risk_metrics: dict[str, Any]
    portfolio_impact: dict[str, Any]
    asymmetries: dict[str, Any]
    curator_decisions: list[dict[str, Any]]
    lesson_metadata: learning.Applied


class FeedbackPayload(TypedDict, total=False):
    dm_decision: Feedback
    alpha_bundle_ref: str


class Answer(TypedDict, total=False):
    plan_id: str | None
    reason: str | None
    review: reviews.Review


class AnswerPayload(TypedDict, total=False):
    dm_decision: Answer


class BraidPayload(TypedDict, total=False):
    lesson_metadata: learning.Braid
    dm_decision: learning.Braid


_DECISION_READS = (
    "dm_decision.decision_type",
    "dm_decision.score",
    "dm_decision.reason",
    "dm_decision.gates",
    "dm_decision.modifications",
    "dm_decision.plan.direction",
    "dm_decision.plan.quantity",
)


def _decision(payload: Payload) -> list[Part]:
    decision = at(payload, "dm_decision")
    direction = at(decision, "plan.direction")
    return [
        telling.pill(at(decision, "decision_type")),
        Part(telling.words(direction), telling.tone_of(direction)),
        telling.labelled("score", figures.score(at(decision, "score"))),
        _why(decision),
        telling.labelled("quantity", figures.quantity(at(decision, "plan.quantity")), Tone.MUTED),
    ]


def _why(decision: Any) -> Part:
    """Return what stopped a plan, else what was changed, else the reason that a change gives."""
    kind = at(decision, "decision_type")
    if refusals.is_refusal(kind):
        return Part(refusals.why(decision), Tone.BAD)
    changed = "; ".join(filter(None, map(_changed, json_values.items(at(decision, "modifications")))))
    if kind == "modify":
        return Part(changed or refusals.why(decision), Tone.WARNING)
    return Part(changed)


def _changed(modification: Any) -> str:
    """Return a modification in words: ``position size 0.13 to 0.10, position limit``."""
    if isinstance(modification, str):
        return telling.words(modification)
    named = next(filter(None, (at(modification, name) for name in ("field", "what", "type"))), modification)
    before, after = (_value(at(modification, name)) for name in ("from", "to"))
    moved = f"{before} to {after}" if before and after else ""
    said = " ".join(filter(None, (telling.words(named), moved)))
    return ", ".join(filter(None, (said, telling.words(at(modification, "because")))))


def _value(value: Any) -> str:
    return telling.words(value) if figures.decimal(value) is None else figures.brief(value)


def _feedback(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "dm_decision.decision_type")),
        Part(telling.words(at(payload, "dm_decision.feedback_type"))),
        Part(telling.words(at(payload, "dm_decision.reason")), Tone.MUTED),
    ]


def _review(payload: Payload) -> list[Part]:
    direction = at(payload, "dm_decision.plan.direction")
    return [
        Part("waits", Tone.WARNING, pill=True),
        Part(telling.words(direction), telling.tone_of(direction)),
        telling.labelled("quantity", figures.quantity(at(payload, "dm_decision.plan.quantity"))),
        telling.labelled("people", telling.words(at(payload, "dm_decision.review.needs"))),
        telling.labelled("until", telling.words(at(payload, "dm_decision.review.deadline"))),
        telling.labelled("version", figures.plain(at(payload, "dm_decision.review.version")), Tone.MUTED),
    ]


def _answer(payload: Payload) -> list[Part]:
    review = at(payload, "dm_decision.review")
    outcome = telling.words(at(review, "outcome"))
    counted = "counted" if at(review, "counted") is True else "not counted"
    return [
        Part(outcome or counted, Tone.INFO if outcome else Tone.WARNING, pill=True),
        Part(telling.words(at(review, "verdict"))),
        telling.labelled("by", telling.words(at(review, "by"))),
        Part(telling.words(at(review, "reason"))),
    ]


DECISION = Kind(
    name="decision",
    means="a plan approved, modified or rejected; a no goes to nobody",
    payload=DecisionPayload,
    hearers=(tags.EXECUTE_PLAN,),
    reads=_DECISION_READS,
    line=_decision,
    look=Look("decision", Tone.INFO),
)
FEEDBACK = Kind(
    name="feedback",
    means="what alpha may learn from a decision, for every plan",
    payload=FeedbackPayload,
    hearers=(tags.DECISION_FEEDBACK,),
    reads=("dm_decision.decision_type", "dm_decision.feedback_type", "dm_decision.reason"),
    line=_feedback,
    look=Look("feedback", Tone.MUTED),
)
REVIEW = Kind(
    name="review",
    means="a plan that passed every gate and waits for people: on which terms, and all that they are shown of it",
    payload=DecisionPayload,
    hearers=(tags.REVIEW_PLAN,),
    unheard="people answer it; the company is not asked yet",
    reads=(
        "dm_decision.plan.direction",
        "dm_decision.plan.quantity",
        "dm_decision.review.needs",
        "dm_decision.review.deadline",
        "dm_decision.review.version",
    ),
    line=_review,
    look=Look("review", Tone.WARNING),
)
ANSWER = Kind(
    name="review_answer",
    means="what became of a verdict on a plan that waits, or of silence: counted, or why not",
    payload=AnswerPayload,
    unheard="people read it",
    reads=(
        "dm_decision.review.verdict",
        "dm_decision.review.by",
        "dm_decision.review.counted",
        "dm_decision.review.outcome",
        "dm_decision.review.reason",
    ),
    line=_answer,
    look=Look("review answer", Tone.INFO),
)

ROLE = Role(
    name="dm",
    table="dm_strands",
    words="decisions",
    kinds=(DECISION, FEEDBACK, REVIEW, ANSWER, *learning.of_a_learner(BraidPayload)),
)
