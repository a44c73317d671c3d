"""Reviewing: plans that pass every gate and still need people are asked about, answered, and ended in time.

The decision maker stays the single gate: a verdict counts only where the plan passes every gate again at that moment,
and silence is no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from strands.given import Given
from strands.strand import Strand
from tradingops.modules.decision import decision, feedback, hearing, review_strands
from tradingops.modules.decision.decision import Decision
from tradingops.modules.decision.hearing import Curators, Heard
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.reviews import verdict as verdicts
from tradingops.modules.decision.reviews import waiting
from tradingops.modules.decision.reviews.policy import Needs, Silence
from tradingops.modules.decision.reviews.verdict import Verdict, Word
from tradingops.modules.decision.reviews.waiting import PriceBand, Waiting
from tradingops.modules.decision.state import DecisionState

Said = tuple[DecisionState, list[Strand]]

INBOX_FULL = "inbox_full"
REJECTED_BY_PEOPLE, NOBODY_ANSWERED, NOBODY_CAN = "review_rejected", "review_expired", "review_unanswerable"


class Turn(NamedTuple):
    """What one turn hands to a review: what was heard, what was given, and by what it is judged."""

    cause: Strand
    given: Given
    policy: DecisionPolicy
    curators: Curators

    @property
    def now(self) -> datetime:
        return self.given.now

    def hear(self, state: DecisionState, signal: Strand) -> Heard:
        """Return a plan judged anew, in the circumstances of this turn."""
        return hearing.hear(state, signal, self.given, policy=self.policy, curators=self.curators)


def needed(decided: Decision) -> Needs:
    """Return how many people a plan needs that passed every gate; none for one that did not."""
    appraisal = decided.case.appraisal
    if appraisal is None or not decided.passes:
        return Needs.NONE
    return decided.case.policy.review.needed(
        size=appraisal.final.bought.weight,
        symbol=appraisal.plan.symbol,
        confidence=appraisal.confidence,
        regime=decided.case.ask.regime,
    )


def ask(heard: Heard, needs: Needs, turn: Turn) -> Said:
    """Return the state in which a plan waits for people, the question, and word of it to alpha."""
    state, decided = heard.state, heard.decided
    terms, plan_id = turn.policy.review, str(decision.plan_id(turn.cause))
    if len(state.reviews) >= terms.most_waiting:
        return _ended_at_once(heard, turn)
    signal = waiting.kept_of(turn.cause)
    band = _price_band(turn)
    shown = review_strands.hash_of(decided, signal, changes={}, policy=turn.given.policy.key, band=band)
    item = Waiting(
        item="",
        signal=signal,
        needs=needs,
        deadline=_deadline(decided, turn),
        silence=terms.silence,
        price_band=band,
        shown=shown,
        policy=turn.given.policy.key,
    )
    question = review_strands.asked(item, decided)
    item = item._replace(item=question.id)
    told = feedback.of_a_review(turn.cause, decided, review_id=question.id)
    return state._replace(reviews={**state.reviews, plan_id: item}), [question, told]


def expire(state: DecisionState, turn: Turn) -> Said:
    """Return the state after what silence brings for every plan whose deadline has come, the earliest first."""
    due = [(each.deadline, each.item, plan_id) for plan_id, each in state.reviews.items() if not each.is_open(turn.now)]
    said: list[Strand] = []
    for _, _, plan_id in sorted(due):
        state, more = _silent(state, plan_id, turn)
        said.extend(more)
    return state, said


def on_verdict(state: DecisionState, turn: Turn) -> Said:
    """Return the state after a verdict, and what became of it: counted, or refused with its reason."""
    try:
        said = verdicts.read(turn.cause)
    except verdicts.Misspoken as fault:
        return state, [review_strands.unknown(turn.cause, None, reason=str(fault))]
    item = state.reviews.get(said.plan_id)
    if item is None:
        reason = state.ended.get(said.plan_id, f"plan_id: {said.plan_id} waits for nobody; nothing was done")
        return state, [review_strands.unknown(turn.cause, said, reason=reason)]
    item = item._replace(approvals=tuple(each for each in item.approvals if each not in said.lapsed))
    state = _kept(state, said.plan_id, item)
    if unfit := _unfit(item, said):
        return state, [review_strands.answered(item, turn.cause, verdict=said, reason=unfit, lapsed=said.lapsed)]
    if said.word is Word.REJECT:
        return _rejected(state, item, said, turn)
    return _for_it(state, item, said, turn)


def on_reviewers(state: DecisionState, turn: Turn) -> Said:
    """Return the state after word of who may decide on a plan: where they are too few, silence acts at once."""
    told = turn.cause.payload.get("op_verdict")
    plan_id = told.get("plan_id") if isinstance(told, dict) else None
    item = state.reviews.get(str(plan_id))
    if item is None or not isinstance(told, dict):
        return state, []
    can = {str(each) for each in told.get("people") or ()} - set(item.authors) | set(item.approvals)
    names = [str(each) for each in told.get("names") or ()]
    answer = review_strands.answered(item, turn.cause, reason=None, may_decide=names)
    if len(can) >= item.needs.people:
        return state, [answer]
    few = f"{len(can)} of {item.needs.people} people may decide on it: {', '.join(sorted(can)) or 'nobody'}"
    return _silent(state, str(plan_id), turn, unanswerable=few, may_decide=names)


# --- verdicts


def _unfit(item: Waiting, said: Verdict) -> str | None:
    """Return why a verdict cannot count, whatever the plan has come to."""
    if said.shown != item.shown:
        return f"plan_hash: you saw {said.shown}, the plan is now {item.shown}; look again and decide anew"
    if said.word is Word.APPROVE and said.person in item.approvals:
        return f"by: {said.by} is for it already; nobody counts twice, somebody else must be the second"
    if said.word is Word.APPROVE and said.person in item.authors:
        return f"by: {said.by} changed the plan and is its author; somebody else must approve it"
    return None


def _rejected(state: DecisionState, item: Waiting, said: Verdict, turn: Turn) -> Said:
    heard, item = turn.hear(state, item.signal), _counted(item, said, turn)
    answer = review_strands.answered(
        item, turn.cause, verdict=said, reason=None, outcome=review_strands.REJECTED, lapsed=said.lapsed
    )
    made = review_strands.refused(heard.decided, reason=REJECTED_BY_PEOPLE)
    ended = f"decided by {said.by}: rejected at {turn.now.isoformat()}"
    end = _End(outcome=review_strands.REJECTED, people=(said.by,), words=ended)
    return _concluded(heard._replace(decided=made), item, turn, end, [answer])


def _for_it(state: DecisionState, item: Waiting, said: Verdict, turn: Turn) -> Said:
    """Return what a verdict for a plan comes to, as it stands or changed: every gate decides again."""
    changed = _changed(item, said)
    heard = turn.hear(state, changed.signal)
    price = said.mark or state.marks.get(item.signal.symbol or "")
    obstacle = _obstacle(price, item, heard.decided, turn)
    if obstacle is not None:
        reason, finding = obstacle
        answer = review_strands.answered(
            item, turn.cause, verdict=said, reason=reason, finding=finding, lapsed=said.lapsed
        )
        return _shown_anew(state, item, turn, [answer])
    needs = max(item.needs, needed(heard.decided), key=lambda each: each.people)
    counted = _counted(changed._replace(needs=needs, approvals=(*changed.approvals, said.person)), said, turn)
    if len(counted.approvals) >= needs.people:
        return _approved(heard, counted, said, turn)
    if said.word is Word.MODIFY:
        counted = _versioned(counted, heard.decided, turn)
    answer = review_strands.answered(counted, turn.cause, verdict=said, reason=None, lapsed=said.lapsed)
    anew = [review_strands.asked(counted, heard.decided, cause=turn.cause)] if said.word is Word.MODIFY else []
    return _kept(heard.state, said.plan_id, counted), [answer, *anew]


def _approved(heard: Heard, item: Waiting, said: Verdict, turn: Turn) -> Said:
    outcome = review_strands.CHANGED if item.changes else review_strands.APPROVED
    answer = review_strands.answered(item, turn.cause, verdict=said, reason=None, outcome=outcome, lapsed=said.lapsed)
    people = _names(item)
    words = f"decided by {' and '.join(people)}: {outcome} at {turn.now.isoformat()}"
    return _concluded(heard, item, turn, _End(outcome=outcome, people=people, words=words), [answer])


def _names(item: Waiting) -> tuple[str, ...]:
    """Return the names of those whose word counts, as they were when they gave it."""
    named = {each["person"]: each["by"] for each in item.verdicts}
    return tuple(named.get(each, each) for each in item.approvals)


def _changed(item: Waiting, said: Verdict) -> Waiting:
    """Return an item with the changes of a verdict made: what others said of it before counts no more."""
    if said.word is not Word.MODIFY:
        return item
    plan = {**item.signal.payload["trading_plan"], **said.changes}
    signal = waiting.kept_of(item.signal, plan=_with_ratio(plan))
    as_made = {name: item.signal.payload["trading_plan"].get(name) for name in said.changes}
    return item._replace(
        signal=signal,
        changes={**item.changes, **said.changes},
        before={**as_made, **item.before},
        approvals=(),
        authors=tuple(dict.fromkeys((*item.authors, said.person))),
    )


def _counted(item: Waiting, said: Verdict, turn: Turn) -> Waiting:
    """Return an item that remembers a verdict which counted, for the record of its decision."""
    told = {
        "id": turn.cause.id,
        "by": said.by,
        "person": said.person,
        "verdict": said.word.value,
        "comment": said.reason,
        "changes": dict(said.changes),
        "hash": said.shown,
        "at": turn.now.isoformat(),
    }
    return item._replace(verdicts=(*item.verdicts, told))


def _with_ratio(plan: dict[str, Any]) -> dict[str, Any]:
    """Return a plan that tells the ratio of its own prices; the gates judge the plan that makes no sense."""
    entry, stop, target = (Decimal(plan[name]) for name in verdicts.PRICES)
    risked = abs(entry - stop)
    return {**plan, "risk_reward_ratio": round(float(abs(target - entry) / risked), 4)} if risked else plan


def _obstacle(
    price: Decimal | None, item: Waiting, decided: Decision, turn: Turn
) -> tuple[str, dict[str, Any] | None] | None:
    """Return why a plan may not be approved now, with what the gate found, None where nothing stands against it."""
    if item.policy != turn.given.policy.key:
        return "policy: it changed since the plan was shown; look again and decide anew", None
    if price is not None and not item.price_band.holds(price):
        low, high = item.price_band.to_json()
        finding = {"gate": "price_band", "value": str(price), "limit": [low, high], "passed": False}
        return f"price_band: {price} lies outside {low} to {high}, the band it was shown with", finding
    stopped = next((each for each in decided.findings if each.stops), None)
    if stopped is not None:
        found = stopped.to_json()
        return f"{stopped.gate}: {stopped.value} is not {stopped.comparison.value} {stopped.limit}", found
    return None


# --- silence


def _silent(
    state: DecisionState,
    plan_id: str,
    turn: Turn,
    *,
    unanswerable: str | None = None,
    may_decide: Sequence[str] | None = None,
) -> Said:
    """Return what the policy does with a plan on which not enough people decided."""
    item = state.reviews[plan_id]
    acts = item.silence
    may_escalate = acts is Silence.ESCALATE and unanswerable is None and not item.escalated
    if may_escalate and (escalated := _escalated(state, item, plan_id, turn)):
        return escalated
    smaller = _smaller(item, turn) if acts is Silence.SMALLER else item
    heard = turn.hear(state, smaller.signal)
    why = unanswerable or f"expired at {item.deadline.isoformat()}: nobody decided in time"
    answer = review_strands.answered(
        item, turn.cause, reason=why, outcome=review_strands.EXPIRED, may_decide=may_decide
    )
    made = heard.decided
    if acts is not Silence.SMALLER:
        made = review_strands.refused(made, reason=NOBODY_CAN if unanswerable else NOBODY_ANSWERED)
    words = why if unanswerable else f"expired at {item.deadline.isoformat()}"
    end = _End(outcome=review_strands.EXPIRED, people=(), words=words, silence=acts.value)
    return _concluded(heard._replace(decided=made), smaller, turn, end, [answer])


def _escalated(state: DecisionState, item: Waiting, plan_id: str, turn: Turn) -> Said | None:
    """Return a plan asked about once more, of two people; None where its own end leaves no time for that."""
    heard = turn.hear(state, item.signal)
    deadline = _deadline(heard.decided, turn)
    if not heard.decided.passes or deadline <= turn.now:
        return None
    why = f"expired at {item.deadline.isoformat()}: two people are asked until {deadline.isoformat()}"
    anew = item._replace(needs=Needs.TWO, deadline=deadline, escalated=True)
    anew = _versioned(anew, heard.decided, turn)
    told = [
        review_strands.answered(anew, turn.cause, reason=why),
        review_strands.asked(anew, heard.decided, cause=turn.cause),
    ]
    return _kept(heard.state, plan_id, anew), told


def _smaller(item: Waiting, turn: Turn) -> Waiting:
    plan = dict(item.signal.payload["trading_plan"])
    size = plan["position_size"] * turn.policy.review.smaller_share
    changes = {**item.changes, verdicts.SIZE: size}
    return item._replace(signal=waiting.kept_of(item.signal, plan={**plan, verdicts.SIZE: size}), changes=changes)


# --- how an item goes on, or ends


class _End(NamedTuple):
    """How a review ended: its outcome, who decided, and the words for whoever comes late."""

    outcome: str
    people: tuple[str, ...]
    words: str
    silence: str | None = None


def _concluded(heard: Heard, item: Waiting, turn: Turn, end: _End, said: Sequence[Strand]) -> Said:
    """Return the state after a review, with what the decision in the end needs remembered."""
    decided = heard.decided
    answer, told = review_strands.decided(
        item, turn.cause, decided, outcome=end.outcome, people=end.people, silence=end.silence
    )
    state, plan_id = hearing.settled(heard, answer), str(decision.plan_id(item.signal))
    left = {each: other for each, other in state.reviews.items() if each != plan_id}
    ended = dict([*state.ended.items(), (plan_id, end.words)][-turn.policy.review.most_ended :])
    return state._replace(reviews=left, ended=ended), [*said, answer, told]


def _ended_at_once(heard: Heard, turn: Turn) -> Said:
    """Return a plan refused for which no place is left among those that wait."""
    made = review_strands.refused(heard.decided, reason=INBOX_FULL)
    answer = decision.answer(turn.cause, made)
    told = feedback.answer(turn.cause, made, decision_id=answer.id)
    return hearing.settled(heard._replace(decided=made), answer), [answer, told]


def _shown_anew(state: DecisionState, item: Waiting, turn: Turn, said: list[Strand]) -> Said:
    """Return an item as it is under the policy in force now, so that people see what they decide on."""
    if item.policy == turn.given.policy.key:
        return state, said
    heard = turn.hear(state, item.signal)
    if not heard.decided.passes:
        return state, said
    needs = max(item.needs, needed(heard.decided), key=lambda each: each.people)
    anew = _versioned(item._replace(approvals=(), needs=needs), heard.decided, turn)
    plan_id = str(decision.plan_id(item.signal))
    return _kept(state, plan_id, anew), [*said, review_strands.asked(anew, heard.decided, cause=turn.cause)]


def _versioned(item: Waiting, decided: Decision, turn: Turn) -> Waiting:
    """Return an item with the hash of what it shows now."""
    key = turn.given.policy.key
    shown = review_strands.hash_of(decided, item.signal, changes=item.changes, policy=key, band=item.price_band)
    return item._replace(shown=shown, policy=key, version=item.version + 1)


def _kept(state: DecisionState, plan_id: str, item: Waiting) -> DecisionState:
    return state._replace(reviews={**state.reviews, plan_id: item})


def _deadline(decided: Decision, turn: Turn) -> datetime:
    """Return until when people may answer: while what they decide can still be carried out."""
    terms, plan = turn.policy.review, decided.case.ask.plan
    by_policy = turn.now + timedelta(seconds=terms.answer_seconds)
    if plan is None:
        return by_policy
    return max(turn.now, min(by_policy, plan.valid_until - timedelta(seconds=terms.act_seconds)))


def _price_band(turn: Turn) -> PriceBand:
    """Return between which prices a verdict counts: around the one that the plan was made at."""
    price = Decimal(turn.cause.payload["trading_plan"]["entry_price"])
    width = price * Decimal(str(turn.policy.review.price_band))
    return PriceBand(price - width, price + width)
