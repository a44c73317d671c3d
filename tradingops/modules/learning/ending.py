"""Endings: what became of a plan ends the judgement on it, and its curators and lessons learn from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from curators import reckoning
from strands.lessons import braiding, governance, member
from strands.lessons.outcome import Outcome, Unreadable
from strands.strand import Strand
from tradingops.modules.learning import memory, words
from tradingops.modules.learning.judgement import Judgement
from tradingops.modules.learning.memory import Learning
from tradingops.modules.learning.words import Learner

COUNTERFACTUAL = "counterfactual"

Json = Mapping[str, Any]
Learned = tuple[Learning, list[Strand]]


def outcomes_of(position: Strand) -> list[dict[str, Any]]:
    """Return the outcome of every plan that a closed position carried out; none where it tells no result."""
    outcome = position.payload["tr_outcome"]
    if outcome.get("pnl_percent") is None:
        return []
    plan_ids = outcome.get("plan_ids") or [outcome.get("plan_id")]
    shared = ("pnl_percent", "r_multiple", "close_reason", "direction", "opened_at")
    common = {name: outcome.get(name) for name in shared}
    closed_at = outcome.get("closed_at") or position.at.isoformat()
    return [{**common, "plan_id": each, "actual": True, "closed_at": closed_at} for each in plan_ids if each]


def conclude_counterfactual(learning: Learning, strand: Strand, *, learner: Learner) -> Learned:
    """Return the memory after alpha told what a plan would have come to, and what the module says of that.

    A plan that would never have been entered is forgotten.
    """
    ended = strand.payload[words.COLUMN]
    if ended["outcome"] is None:
        return memory.forgotten(learning, ended["plan_id"]), []
    return conclude(learning, [ended["outcome"]], cause=strand, learner=learner)


def conclude(
    learning: Learning, outcomes: Sequence[Json], *, cause: Strand, learner: Learner, said: Sequence[Strand] = ()
) -> Learned:
    """Return the memory after it is known what became of plans, and what the module says of that.

    An outcome that cannot be read teaches nothing; what is said then is why. ``said`` are the answers of the same turn
    before these: one lesson may change several times in it, and each change is a word of its own.
    """
    answers: list[Strand] = []
    for told in outcomes:
        plan_id = str(told.get("plan_id"))
        judgement = learning.judged.get(plan_id)
        if judgement is None:
            continue
        learning = memory.forgotten(learning, plan_id)
        try:
            outcome = Outcome.from_json(told, policy=learner.lessons)
        except Unreadable as fault:
            answers.append(_refused(plan_id, judgement, str(fault), cause, learner))
        else:
            learning, more = _ended(learning, judgement, outcome, told, cause, learner, [*said, *answers])
            answers += more
    return learning, answers


def _refused(plan_id: str, judgement: Judgement, reason: str, cause: Strand, learner: Learner) -> Strand:
    subject = judgement.subject_id
    scored: dict[str, Any] = {"plan_id": plan_id, "subject_id": subject, "outcome": None, "scores": [], "weights": []}
    content = {**scored, "refused": reason}
    return words.say(cause, learner, words.SCORES, content, parent_id=subject, judgement=judgement)


def _ended(
    learning: Learning,
    judgement: Judgement,
    outcome: Outcome,
    told: Json,
    cause: Strand,
    learner: Learner,
    said: Sequence[Strand],
) -> Learned:
    """Let curators, lessons and clusters learn from the end of one judgement, after what was said in the turn."""
    subject = judgement.subject_id
    records, scored = reckoning.reckon(
        learning.curators,
        judgement.hearings,
        plan_id=outcome.plan_id,
        subject_id=subject,
        sigma=judgement.sigma,
        curated=judgement.curated,
        outcome=told,
        size=judgement.stake,
        publish_at=judgement.publish_at,
        at=cause.at,
        cause=cause.id,
        policy=learner.curating,
    )
    answers = list[Strand]()
    if scored["scores"]:
        answers.append(words.say(cause, learner, words.SCORES, scored, parent_id=subject, judgement=judgement))
    lessons, changes = _measured(learning.lessons, judgement, outcome, learner, cause.at)
    lessons, braids = braiding.hear_outcome(
        lessons, member=_member(judgement, outcome, scored["scores"], learner), at=cause.at, policy=learner.lessons
    )
    for each in changes:
        answers.append(_change(each, [*said, *answers], judgement=judgement, cause=cause, learner=learner))
    answers += [words.braid(cause, learner, each, judgement) for each in braids]
    return learning._replace(curators=records, lessons=lessons), answers


def _change(change: Json, said: Sequence[Strand], *, judgement: Judgement, cause: Strand, learner: Learner) -> Strand:
    """Return the change of a lesson as a word, told apart from those about it that were said before."""
    lesson_id = change["lesson_id"]
    nth = sum(each.kind == words.CHANGE and each.parent_id == lesson_id for each in said)
    return words.say(cause, learner, words.CHANGE, change, parent_id=lesson_id, judgement=judgement, nth=nth)


def _member(judgement: Judgement, outcome: Outcome, scores: Sequence[Json], learner: Learner) -> member.Member:
    return member.of(
        learner.module,
        subject_id=judgement.subject_id,
        columns=judgement.columns,
        parts=judgement.parts,
        outcome=outcome,
        scores=scores,
        policy=learner.lessons,
    )


def _measured(
    lessons: Json, judgement: Judgement, outcome: Outcome, learner: Learner, at: datetime
) -> tuple[Json, list[dict[str, Any]]]:
    """Measure each lesson that had a say by what came of it, and by what would have come without it."""
    changes: list[dict[str, Any]] = []
    for use in judgement.uses:
        lessons, changed = governance.measure(
            lessons,
            lesson_id=use.lesson_id,
            with_pnl=outcome.pnl_percent * judgement.size if judgement.passes else 0.0,
            without_pnl=outcome.pnl_percent * use.size if use.passes else 0.0,
            flipped=judgement.passes != use.passes,
            at=at,
            policy=learner.lessons,
        )
        changes += changed
    return lessons, changes
