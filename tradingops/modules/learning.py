"""Learning: what a module judged is kept until it is told what became of it; then its curators and lessons hear it.

A module keeps three things in its state. ``judged`` is what it judged and waits for, by plan: what its curators said,
what was at stake, which lessons had a say and what would have been without each. ``curators`` is the standing of its
curators, ``learned`` its clusters and lessons.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from curators import panel, reckoning, weights
from curators.curator import Curator
from curators.learning_policy import LearningPolicy
from strands import tags
from strands.lessons import application, braiding, governance, member
from strands.lessons.lesson import Applied
from strands.lessons.outcome import Outcome, Unreadable
from strands.lessons.policy import LessonPolicy
from strands.strand import Strand
from strands.wire import State

JUDGED, CURATORS, LEARNED = "judged", "curators", "learned"

#: What a module says of what it learned, and what others say of its lessons.
SCORES, CHANGE = "curator_scores", "lesson"
WORDS, VERDICT = "lesson_words", "lesson_verdict"
OF_LESSONS = frozenset({WORDS, VERDICT})
COUNTERFACTUAL = "counterfactual"

COLUMN = "lesson_metadata"

Json = Mapping[str, Any]
Heard = tuple[State, list[Strand]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Who learns, and by which numbers."""

    module: str
    lessons: LessonPolicy
    curating: LearningPolicy


def start() -> State:
    """Return the part of a state that learning keeps, before anything was judged."""
    return {JUDGED: {}, CURATORS: {}, LEARNED: braiding.start()}


def grown(state: State, fresh: State) -> State:
    """Return a state that an earlier version left, with what this version keeps besides; the same where it is whole."""
    return state if JUDGED in state else {**fresh, **state}


def seated(state: State, seats: Sequence[Curator], policy: LearningPolicy) -> State:
    """Return the state in which every curator that now sits has a standing; the same where all have."""
    standing = weights.seated(state[CURATORS], {each.name: each.weight for each in seats}, policy=policy)
    return state if standing is state[CURATORS] else {**state, CURATORS: standing}


def compact(verdict: panel.Verdict) -> list[dict[str, Any]]:
    """Return what scoring needs of each hearing; reasons and figures stay in the strand that was judged."""
    return [
        {
            "curator_type": each.curator,
            "action": each.voice.value,
            "stops": each.stops,
            "contribution": each.contribution,
            "confidence": each.confidence,
            "evidence": {"weight_adjustment": each.weight},
        }
        for each in verdict.hearings
    ]


def keep(state: State, plan_id: str, record: Json, *, most: int) -> State:
    """Return the state with one more judgement that waits for its outcome; the oldest is let go beyond the most."""
    judged = {**state[JUDGED], plan_id: dict(record)}
    while len(judged) > most:
        del judged[next(iter(judged))]
    return {**state, JUDGED: judged}


def amended(state: State, plan_id: str, **more: Any) -> State:
    """Return the state with more known of a judgement that waits; the same where none of the plan does."""
    record = state[JUDGED].get(plan_id)
    return state if record is None else {**state, JUDGED: {**state[JUDGED], plan_id: {**record, **more}}}


def forgotten(state: State, plan_id: str) -> State:
    """Return the state without a judgement of which nothing will be heard any more."""
    if plan_id not in state[JUDGED]:
        return state
    return {**state, JUDGED: {each: record for each, record in state[JUDGED].items() if each != plan_id}}


def outcomes_of(position: Strand) -> list[dict[str, Any]]:
    """Return the outcome of every plan that a closed position carried out; none where it tells no result."""
    told = position.payload["tr_outcome"]
    if told.get("pnl_percent") is None:
        return []
    plan_ids = told.get("plan_ids") or [told.get("plan_id")]
    common = {name: told.get(name) for name in ("pnl_percent", "r_multiple", "close_reason", "direction", "opened_at")}
    closed_at = told.get("closed_at") or position.at.isoformat()
    return [{**common, "plan_id": each, "actual": True, "closed_at": closed_at} for each in plan_ids if each]


def applied(state: State, situation: Json, policy: LessonPolicy) -> Applied:
    """Return the lessons that apply to what a module is about to judge."""
    return application.applied(state[LEARNED], situation=situation, policy=policy)


def heard_counterfactual(state: State, strand: Strand, *, learner: Learner) -> Heard:
    """Return the state after alpha told what a plan would have come to, and what the module has to say of that.

    A plan that would never have been entered is forgotten.
    """
    told = strand.payload[COLUMN]
    if told["outcome"] is None:
        return forgotten(state, told["plan_id"]), []
    return heard(state, [told["outcome"]], cause=strand, learner=learner)


def heard(state: State, outcomes: Sequence[Json], *, cause: Strand, learner: Learner) -> Heard:
    """Return the state after it is known what became of plans, and what the module has to say of that.

    An outcome that cannot be read teaches nothing; what is said then is why.
    """
    said: list[Strand] = []
    for told in outcomes:
        plan_id = str(told.get("plan_id"))
        record = state[JUDGED].get(plan_id)
        if record is None:
            continue
        state = forgotten(state, plan_id)
        try:
            outcome = Outcome.from_json(told, policy=learner.lessons)
        except Unreadable as fault:
            said.append(_refused(plan_id, record, str(fault), cause, learner))
        else:
            state, more = _ended(state, record, outcome, told, cause, learner)
            said += more
    return state, said


def _refused(plan_id: str, record: Json, reason: str, cause: Strand, learner: Learner) -> Strand:
    empty = {"plan_id": plan_id, "subject_id": record["subject_id"], "outcome": None, "scores": [], "weights": []}
    return _say(cause, learner, SCORES, {**empty, "refused": reason}, parent_id=record["subject_id"], record=record)


def _ended(state: State, record: Json, outcome: Outcome, told: Json, cause: Strand, learner: Learner) -> Heard:
    """Let curators, lessons and clusters hear the end of one judgement."""
    standing, scored = reckoning.reckon(
        state[CURATORS],
        record["hearings"],
        plan_id=outcome.plan_id,
        subject_id=record["subject_id"],
        sigma=record["sigma"],
        curated=record["curated"],
        outcome=told,
        size=record["stake"],
        publish_at=record["publish_at"],
        at=cause.at,
        cause=cause.id,
        policy=learner.curating,
    )
    said = []
    if scored["scores"]:
        said.append(_say(cause, learner, SCORES, scored, parent_id=record["subject_id"], record=record))
    learned, changes = _proven(state[LEARNED], record, outcome, learner, cause.at)
    learned, braids = braiding.hear_outcome(
        learned, member=_member(record, outcome, scored["scores"], learner), at=cause.at, policy=learner.lessons
    )
    said += [_say(cause, learner, CHANGE, each, parent_id=each["lesson_id"], record=record) for each in changes]
    said += [_braid(cause, learner, each, record) for each in braids]
    return {**state, CURATORS: standing, LEARNED: learned}, said


def _member(record: Json, outcome: Outcome, scores: Sequence[Json], learner: Learner) -> member.Member:
    return member.of(
        learner.module,
        subject_id=record["subject_id"],
        columns=record["columns"],
        parts=record["parts"],
        outcome=outcome,
        scores=scores,
        policy=learner.lessons,
    )


def _proven(
    learned: Json, record: Json, outcome: Outcome, learner: Learner, at: datetime
) -> tuple[Json, list[dict[str, Any]]]:
    """Tell each lesson that had a say what came of it, and what would have come without it."""
    changes: list[dict[str, Any]] = []
    passes, size = record["passes"], record["size"]
    for use in record["uses"]:
        learned, changed = governance.heard(
            learned,
            lesson_id=use["lesson_id"],
            with_pnl=outcome.pnl_percent * size if passes else 0.0,
            without_pnl=outcome.pnl_percent * use["size"] if use["passes"] else 0.0,
            flipped=passes != use["passes"],
            at=at,
            policy=learner.lessons,
        )
        changes += changed
    return learned, changes


def told(state: State, strand: Strand, *, learner: Learner) -> Heard:
    """Return the state after somebody outside spoke of a lesson: a writer its words, a person a verdict."""
    if strand.kind == VERDICT:
        learned, changes = _decided(state[LEARNED], strand.payload.get("op_verdict"), learner)
    else:
        learned, changes = _worded(state[LEARNED], strand.payload.get("op_note"), learner)
    said = [
        strand.answer(
            module=learner.module,
            kind=CHANGE,
            payload={COLUMN: change},
            parent_id=change["lesson_id"],
            lifecycle_id=strand.lifecycle_id,
        )
        for change in changes
    ]
    return {**state, LEARNED: learned}, said


def _decided(learned: Json, verdict: Any, learner: Learner) -> tuple[Json, list[dict[str, Any]]]:
    if not isinstance(verdict, Mapping):
        return learned, []
    return governance.decided(learned, verdict, policy=learner.lessons)


def _worded(learned: Json, note: Any, learner: Learner) -> tuple[Json, list[dict[str, Any]]]:
    if not isinstance(note, Mapping):
        return learned, []
    return governance.worded(
        learned,
        lesson_id=str(note.get("lesson_id")),
        lesson=note.get("lesson"),
        writer=str(note.get("model") or note.get("writer") or "endpoint"),
        policy=learner.lessons,
    )


def _say(cause: Strand, learner: Learner, kind: str, said: Json, *, parent_id: str, record: Json) -> Strand:
    """Return a word about a judgement that ended, in the lifecycle of what was judged."""
    columns = record["columns"]
    return cause.answer(
        module=learner.module,
        kind=kind,
        payload={COLUMN: dict(said)},
        parent_id=parent_id,
        lifecycle_id=record["lifecycle_id"],
        symbol=columns.get("symbol"),
        timeframe=columns.get("timeframe"),
        regime=columns.get("regime"),
    )


def _braid(cause: Strand, learner: Learner, braid: Json, record: Json) -> Strand:
    """Return a lesson as a strand under its own id, addressed to whoever may find better words for it."""
    columns = braid["clustering_columns"]
    said = _say(
        cause, learner, braid["kind"], braid, parent_id=record["subject_id"], record={**record, "columns": columns}
    )
    payload = {**said.payload, **PLACED[learner.module](braid)}
    return replace(said, id=braid["lesson_id"], tags=(tags.WRITE_LESSON,), payload=payload)


def _in_alpha(braid: Json) -> dict[str, Any]:
    """Return where the specification keeps a braid of alpha: in the columns of a plan and its pack."""
    plan = {
        "lesson": braid["lesson"],
        "source_strands": [each["id"] for each in braid["source_strands"]],
        "accumulated_score": braid["accumulated_score"],
        "cluster_columns": braid["clustering_columns"],
        "strand_count": braid["strand_count"],
        "braid_level": braid["braid_level"],
    }
    pack = {
        "signal_type": "braid_lesson",
        "pattern_detected": braid["clustering_columns"].get("pattern_detected"),
        "direction": braid["clustering_columns"].get("signal_type"),
        "points_of_interest": [],
        "confidence_score": round(braid["accumulated_score"] / braid["strand_count"], 6),
    }
    return {"trading_plan": plan, "signal_pack": pack}


#: The column of each module in which the specification looks for a braid.
PLACED: dict[str, Callable[[Json], dict[str, Any]]] = {
    "alpha": _in_alpha,
    "dm": lambda braid: {"dm_decision": dict(braid)},
    "trader": lambda braid: {"exec_metrics": dict(braid)},
}
