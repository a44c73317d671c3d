"""How plans that wait end: by silence as their deadline comes, by what took them away, or by what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from strands.given import Given
from strands.strand import Strand
from tradingops.modules.decision import decision, feedback, hearing, review_strands
from tradingops.modules.decision.decision import Decision
from tradingops.modules.decision.hearing import Curators, Heard
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.reviews import verdict as verdicts
from tradingops.modules.decision.reviews import waiting
from tradingops.modules.decision.reviews.policy import Needs, Silence
from tradingops.modules.decision.reviews.waiting import Waiting
from tradingops.modules.decision.state import DecisionState

Said = tuple[DecisionState, list[Strand]]

INBOX_FULL, HALTED = "inbox_full", "halted"
NOBODY_ANSWERED, NOBODY_CAN, WITHDRAWN = "review_expired", "review_unanswerable", "review_withdrawn"


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


def expire(state: DecisionState, turn: Turn) -> Said:
    """Return the state after what silence brings for every plan whose deadline has come, the earliest first."""
    due = [(each.deadline, each.item, plan_id) for plan_id, each in state.reviews.items() if not each.is_open(turn.now)]
    said: list[Strand] = []
    for _, _, plan_id in sorted(due):
        state, more = silent(state, plan_id, turn)
        said.extend(more)
    return state, said


def silent(
    state: DecisionState,
    plan_id: str,
    turn: Turn,
    *,
    unanswerable: str | None = None,
    may_decide: Sequence[str] | None = None,
) -> Said:
    """Return what the policy does with a plan on which not enough people decided."""
    item = state.reviews[plan_id]
    if away := _away(state, item, turn):
        return _withdrawn(state, item, turn, because=away)
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
    end = End(outcome=review_strands.EXPIRED, people=(), words=words, silence=acts.value)
    return concluded(heard._replace(decided=made), smaller, turn, end, [answer])


def _away(state: DecisionState, item: Waiting, turn: Turn) -> str | None:
    """Return what took a plan away from people as its deadline came; None where they only did not answer."""
    decided = turn.hear(state, item.signal).decided
    halted = next((each for each in decided.findings if each.gate == HALTED and each.stops), None)
    if halted is not None:
        return f"halted: {halted.value} as its deadline came, so nobody could have approved it"
    plan = decided.case.ask.plan
    if plan is not None and plan.valid_until <= turn.now:
        return f"valid_until: the plan itself ended at {plan.valid_until.isoformat()}"
    return None


def superseded(state: DecisionState, plan_id: str, turn: Turn) -> Said:
    """Return the state without the plans that a newer one of the same symbol and timeframe takes the place of."""
    said: list[Strand] = []
    for each, item in list(state.reviews.items()):
        if (item.signal.symbol, item.signal.timeframe) == (turn.cause.symbol, turn.cause.timeframe) and each != plan_id:
            state, more = _withdrawn(state, item, turn, because=f"superseded by the newer plan {plan_id}")
            said.extend(more)
    return state, said


def _withdrawn(state: DecisionState, item: Waiting, turn: Turn, *, because: str) -> Said:
    """Return the state without a plan on which nobody can decide any more."""
    heard = turn.hear(state, item.signal)
    answer = review_strands.answered(item, turn.cause, reason=because, outcome=review_strands.WITHDRAWN)
    made = review_strands.refused(heard.decided, reason=WITHDRAWN)
    words = f"withdrawn at {turn.now.isoformat()}: {because}"
    end = End(outcome=review_strands.WITHDRAWN, people=(), words=words)
    return concluded(heard._replace(decided=made), item, turn, end, [answer])


def _escalated(state: DecisionState, item: Waiting, plan_id: str, turn: Turn) -> Said | None:
    """Return a plan asked about once more, of two people; None where its own end leaves no time for that."""
    heard = turn.hear(state, item.signal)
    deadline = deadline_of(heard.decided, turn)
    if not heard.decided.passes or deadline <= turn.now:
        return None
    why = f"expired at {item.deadline.isoformat()}: two people are asked until {deadline.isoformat()}"
    anew = item._replace(needs=Needs.TWO, deadline=deadline, escalated=True)
    anew = versioned(anew, heard.decided, turn)
    told = [
        review_strands.answered(anew, turn.cause, reason=why),
        review_strands.asked(anew, heard.decided, cause=turn.cause),
    ]
    return kept(heard.state, plan_id, anew), told


def _smaller(item: Waiting, turn: Turn) -> Waiting:
    plan = dict(item.signal.payload["trading_plan"])
    size = plan["position_size"] * turn.policy.review.smaller_share
    changes = {**item.changes, verdicts.SIZE: size}
    return item._replace(signal=waiting.kept_of(item.signal, plan={**plan, verdicts.SIZE: size}), changes=changes)


class End(NamedTuple):
    """How a review ended: its outcome, who decided, and the words for whoever comes late."""

    outcome: str
    people: tuple[str, ...]
    words: str
    silence: str | None = None


def concluded(heard: Heard, item: Waiting, turn: Turn, end: End, said: Sequence[Strand]) -> Said:
    """Return the state after a review, with what the decision in the end needs remembered."""
    decided = heard.decided
    answer, told = review_strands.decided(
        item, turn.cause, decided, outcome=end.outcome, people=end.people, silence=end.silence
    )
    state, plan_id = hearing.settled(heard, answer), str(decision.plan_id(item.signal))
    left = {each: other for each, other in state.reviews.items() if each != plan_id}
    ended = dict([*state.ended.items(), (plan_id, end.words)][-turn.policy.review.most_ended :])
    return state._replace(reviews=left, ended=ended), [*said, answer, told]


def ended_at_once(heard: Heard, turn: Turn) -> Said:
    """Return a plan refused for which no place is left among those that wait."""
    made = review_strands.refused(heard.decided, reason=INBOX_FULL)
    answer = decision.answer(turn.cause, made)
    told = feedback.answer(turn.cause, made, decision_id=answer.id)
    return hearing.settled(heard._replace(decided=made), answer), [answer, told]


def kept(state: DecisionState, plan_id: str, item: Waiting) -> DecisionState:
    return state._replace(reviews={**state.reviews, plan_id: item})


def versioned(item: Waiting, decided: Decision, turn: Turn) -> Waiting:
    """Return an item with the hash of what it shows now."""
    key = turn.given.policy.key
    shown = review_strands.hash_of(decided, item.signal, changes=item.changes, policy=key, band=item.price_band)
    return item._replace(shown=shown, policy=key, version=item.version + 1)


def deadline_of(decided: Decision, turn: Turn) -> datetime:
    """Return until when people may answer: while what they decide can still be carried out."""
    terms, plan = turn.policy.review, decided.case.ask.plan
    by_policy = turn.now + timedelta(seconds=terms.answer_seconds)
    if plan is None:
        return by_policy
    return max(turn.now, min(by_policy, plan.valid_until - timedelta(seconds=terms.act_seconds)))
