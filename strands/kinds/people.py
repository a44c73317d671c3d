"""What people say, and writers outside like them: notes, halts, published policies, verdicts, words for lessons."""

from __future__ import annotations

from typing import Any, TypedDict

from strands import figures, json_values, tags, telling
from strands.json_values import at
from strands.kinds import countersigns, policies, reviews
from strands.kinds.kind import Kind, Look, Role
from strands.telling import Part, Payload, Tone


class Note(TypedDict, total=False):
    """What a person did about deliveries, and why."""

    action: str
    reason: str
    user: str
    listener: str
    strand_ids: list[str]


class Halt(TypedDict, total=False):
    """``scope`` is ``desk``, ``venue:X``, ``symbol:X`` or ``module:X``; ``state`` active, reduce-only or halted.

    One by a policy names the ``rule``, its ``value`` and its ``limit``. ``measure`` holds the references of the losses
    that were, and that are from here on, where whoever resumed wanted them so.
    """

    scope: str
    state: str
    by: str
    reason: str
    rule: str
    value: float
    limit: float
    measure: dict[str, dict[str, str]]


class Intervention(TypedDict, total=False):
    """``action`` is close, move or cancel; prices are decimal strings, ``mark`` the price that the person saw.

    ``command`` tells one flatten from another; ``halts`` are those in force as it was said. ``countersigned`` is the
    request that a second person confirmed.
    """

    action: str
    stop_loss: str
    take_profit: str
    order_id: str
    plan_id: str
    mark: str
    by: str
    reason: str
    command: str
    halts: dict[str, str]
    countersigned: str


class LessonVerdict(TypedDict, total=False):
    lesson_id: str
    standing: str
    by: str
    note: str


class Words(TypedDict, total=False):
    """What a writer outside made of a lesson, with what it cost."""

    lesson_id: str
    writer: str
    model: str
    lesson: dict[str, Any]
    notes: list[str]
    cached: bool


class RefusedWords(TypedDict, total=False):
    lesson_id: str
    writer: str
    model: str
    status: str
    reason: str
    cached: bool


class NotePayload(TypedDict, total=False):
    op_note: Note


class HaltPayload(TypedDict, total=False):
    op_halt: Halt


class InterventionPayload(TypedDict, total=False):
    op_intervention: Intervention


class VerdictPayload(TypedDict, total=False):
    op_verdict: reviews.Verdict


class ReviewersPayload(TypedDict, total=False):
    op_verdict: reviews.Reviewers


class ReviewDuePayload(TypedDict, total=False):
    op_verdict: reviews.Due


class LessonVerdictPayload(TypedDict, total=False):
    op_verdict: LessonVerdict


class WordsPayload(TypedDict, total=False):
    op_note: Words


class RefusedWordsPayload(TypedDict, total=False):
    op_note: RefusedWords


def _note(payload: Payload) -> list[Part]:
    strands = len(json_values.items(at(payload, "op_note.strand_ids")))
    return [
        Part(telling.words(at(payload, "op_note.action")) or "note", Tone.INFO, pill=True),
        Part(f"{strands} strand{'' if strands == 1 else 's'} of {_listener(payload)}" if strands else ""),
        telling.labelled("by", telling.words(at(payload, "op_note.user"))),
        Part(telling.words(at(payload, "op_note.reason") or at(payload, "op_note.text"))),
    ]


def _listener(payload: Payload) -> str:
    return telling.words(at(payload, "op_note.listener")) or "nobody"


def _halt(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "op_halt.state")),
        Part(telling.words(at(payload, "op_halt.scope"))),
        telling.labelled("by", telling.words(at(payload, "op_halt.by"))),
        Part(telling.words(at(payload, "op_halt.reason"))),
    ]


def _intervention(payload: Payload) -> list[Part]:
    return [
        Part(telling.words(at(payload, "op_intervention.action")), Tone.WARNING, pill=True),
        telling.labelled("stop", figures.price(at(payload, "op_intervention.stop_loss"))),
        telling.labelled("target", figures.price(at(payload, "op_intervention.take_profit"))),
        telling.labelled(
            "order", telling.words(at(payload, "op_intervention.order_id") or at(payload, "op_intervention.plan_id"))
        ),
        telling.labelled("by", telling.words(at(payload, "op_intervention.by"))),
        Part(telling.words(at(payload, "op_intervention.reason"))),
    ]


def _lesson_verdict(payload: Payload) -> list[Part]:
    return [
        telling.pill(at(payload, "op_verdict.standing")),
        telling.labelled("by", telling.words(at(payload, "op_verdict.by"))),
        Part(telling.words(at(payload, "op_verdict.note"))),
    ]


def _reviewers(payload: Payload) -> list[Part]:
    people = ", ".join(filter(None, map(telling.words, json_values.items(at(payload, "op_verdict.names")))))
    return [
        telling.labelled("may decide", people or "nobody"),
        Part(telling.words(at(payload, "op_verdict.reason"))),
        telling.labelled("plan", telling.words(at(payload, "op_verdict.plan_id")), Tone.MUTED),
    ]


def _review_due(payload: Payload) -> list[Part]:
    return [
        Part(telling.words(at(payload, "op_verdict.reason"))),
        telling.labelled("plan", telling.words(at(payload, "op_verdict.plan_id")), Tone.MUTED),
    ]


def _words(payload: Payload) -> list[Part]:
    return [
        Part("reworded", Tone.INFO, pill=True),
        Part(telling.words(at(payload, "op_note.lesson.title"))),
        _writer(payload),
    ]


def _writer(payload: Payload) -> Part:
    named = at(payload, "op_note.model") or at(payload, "op_note.writer")
    return telling.labelled("by", telling.words(named), Tone.MUTED)


def _refused_words(payload: Payload) -> list[Part]:
    return [
        Part(telling.words(at(payload, "op_note.status")) or "refused", Tone.BAD, pill=True),
        Part(telling.words(at(payload, "op_note.reason"))),
        _writer(payload),
    ]


NOTE = Kind(
    name="note",
    means="who requeued or skipped what, and why",
    payload=NotePayload,
    unheard="people read it; it was done in the same transaction",
    reads=(
        "op_note.action",
        "op_note.strand_ids",
        "op_note.listener",
        "op_note.user",
        "op_note.reason",
        "op_note.text",
    ),
    line=_note,
    look=Look("note", Tone.INFO),
)
HALT = Kind(
    name="halt",
    means="how far a scope may trade: freely, only to reduce, or not at all",
    payload=HaltPayload,
    hearers=tags.addressed("halt"),
    reads=("op_halt.state", "op_halt.scope", "op_halt.by", "op_halt.reason"),
    line=_halt,
    look=Look("halt", Tone.BAD),
)
INTERVENTION = Kind(
    name="intervention",
    means="what a person wants done about a position or an order",
    payload=InterventionPayload,
    hearers=(tags.INTERVENE,),
    reads=(
        "op_intervention.action",
        "op_intervention.stop_loss",
        "op_intervention.take_profit",
        "op_intervention.order_id",
        "op_intervention.plan_id",
        "op_intervention.by",
        "op_intervention.reason",
    ),
    line=_intervention,
    look=Look("intervention", Tone.WARNING),
)
VERDICT = reviews.verdict("op_verdict", VerdictPayload)
REVIEWERS = Kind(
    name="reviewers",
    means="who may decide on a plan that waits, told as it begins to and as rights change",
    payload=ReviewersPayload,
    hearers=(tags.REVIEW_VERDICT,),
    reads=("op_verdict.names", "op_verdict.plan_id", "op_verdict.reason"),
    line=_reviewers,
    look=Look("reviewers", Tone.MUTED),
)
REVIEW_DUE = Kind(
    name="review_due",
    means="the deadline of a plan that waits has come, told with the first bar at or past it",
    payload=ReviewDuePayload,
    hearers=(tags.REVIEW_VERDICT,),
    reads=("op_verdict.reason", "op_verdict.plan_id"),
    line=_review_due,
    look=Look("deadline", Tone.MUTED),
)
LESSON_VERDICT = Kind(
    name="lesson_verdict",
    means="a person activates or retires a lesson",
    payload=LessonVerdictPayload,
    hearers=tags.addressed("lesson"),
    reads=("op_verdict.standing", "op_verdict.by", "op_verdict.note"),
    line=_lesson_verdict,
    look=Look("lesson verdict", Tone.INFO),
)
LESSON_WORDS = Kind(
    name="lesson_words",
    means="what a writer outside made of a lesson",
    payload=WordsPayload,
    hearers=tags.addressed("lesson"),
    reads=("op_note.lesson.title", "op_note.model", "op_note.writer"),
    line=_words,
    look=Look("lesson words", Tone.MUTED),
)
LESSON_WORDS_REFUSED = Kind(
    name="lesson_words_refused",
    means="why a writer outside made nothing of a lesson",
    payload=RefusedWordsPayload,
    unheard="the lesson keeps the words it has",
    reads=("op_note.status", "op_note.reason", "op_note.model", "op_note.writer"),
    line=_refused_words,
    look=Look("lesson words refused", Tone.BAD),
)

ROLE = Role(
    name="op",
    table="op_strands",
    words="words of people",
    kinds=(
        NOTE,
        HALT,
        policies.CHANGED,
        policies.PUBLISHED,
        policies.WITHDRAWN,
        INTERVENTION,
        countersigns.ASKED,
        countersigns.ANSWERED,
        VERDICT,
        REVIEWERS,
        REVIEW_DUE,
        LESSON_VERDICT,
        LESSON_WORDS,
        LESSON_WORDS_REFUSED,
    ),
)
