"""Reviewing: plans that pass every gate and still need people are asked about, answered, and ended in time.

The decision maker stays the single gate: a verdict counts only where the plan passes every gate again at that moment,
and silence is no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from strands.strand import Strand
from tradingops.modules.decision import decision, feedback, review_ends, review_strands
from tradingops.modules.decision.decision import Decision
from tradingops.modules.decision.hearing import Heard
from tradingops.modules.decision.review_ends import Said, Turn
from tradingops.modules.decision.reviews import verdict as verdicts
from tradingops.modules.decision.reviews import waiting
from tradingops.modules.decision.reviews.policy import Needs
from tradingops.modules.decision.reviews.verdict import Verdict, Word
from tradingops.modules.decision.reviews.waiting import PriceBand, Waiting
from tradingops.modules.decision.state import DecisionState

REJECTED_BY_PEOPLE = "review_rejected"
#: What persons begin with who act by an account of the system: no role of the console bounds them.
ACCOUNT = "account:"


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
    state, superseded = review_ends.superseded(state, plan_id, turn)
    heard = heard._replace(state=state)
    if len(state.reviews) >= terms.most_waiting:
        state, said = review_ends.ended_at_once(heard, turn)
        return state, [*superseded, *said]
    signal = waiting.kept_of(turn.cause)
    band = _price_band(turn)
    shown = review_strands.hash_of(decided, signal, changes={}, policy=turn.given.policy.key, band=band)
    item = Waiting(
        item="",
        signal=signal,
        needs=needs,
        deadline=review_ends.deadline_of(decided, turn),
        silence=terms.silence,
        price_band=band,
        shown=shown,
        policy=turn.given.policy.key,
    )
    question = review_strands.asked(item, decided)
    item = item._replace(item=question.id)
    told = feedback.of_a_review(turn.cause, decided, review_id=question.id)
    return state._replace(reviews={**state.reviews, plan_id: item}), [*superseded, question, told]


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
    state = review_ends.kept(state, said.plan_id, item)
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
    able = tuple(str(each) for each in told.get("people") or ())
    # Who lost the right is for it no more; whoever changed the plan is never told among those who may approve it.
    approvals = tuple(each for each in item.approvals if each in item.authors or _counts(each, able))
    item = item._replace(may_decide=able, approvals=approvals)
    state = review_ends.kept(state, str(plan_id), item)
    can = set(able) - set(item.authors) | set(item.approvals)
    names = [str(each) for each in told.get("names") or ()]
    answer = review_strands.answered(item, turn.cause, reason=None, may_decide=names)
    if len(can) >= item.needs.people:
        return state, [answer]
    few = f"{len(can)} of {item.needs.people} people may decide on it: {', '.join(sorted(can)) or 'nobody'}"
    return review_ends.silent(state, str(plan_id), turn, unanswerable=few, may_decide=names)


# --- verdicts


def _counts(person: str, able: Sequence[str]) -> bool:
    """Return whether somebody is among those who may decide; whoever is at the command line always is."""
    return person in able or person.startswith(ACCOUNT)


def _unfit(item: Waiting, said: Verdict) -> str | None:
    """Return why a verdict cannot count, whatever the plan has come to."""
    if item.may_decide is not None and not _counts(said.person, item.may_decide) and said.person not in item.authors:
        return f"by: {said.by} is none of those who may decide: {', '.join(item.may_decide) or 'nobody'}"
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
    end = review_ends.End(outcome=review_strands.REJECTED, people=(said.by,), words=ended)
    return review_ends.concluded(heard._replace(decided=made), item, turn, end, [answer])


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
        counted = review_ends.versioned(counted, heard.decided, turn)
    answer = review_strands.answered(counted, turn.cause, verdict=said, reason=None, lapsed=said.lapsed)
    anew = [review_strands.asked(counted, heard.decided, cause=turn.cause)] if said.word is Word.MODIFY else []
    return review_ends.kept(heard.state, said.plan_id, counted), [answer, *anew]


def _approved(heard: Heard, item: Waiting, said: Verdict, turn: Turn) -> Said:
    outcome = review_strands.CHANGED if item.changes else review_strands.APPROVED
    answer = review_strands.answered(item, turn.cause, verdict=said, reason=None, outcome=outcome, lapsed=said.lapsed)
    people = _names(item)
    words = f"decided by {' and '.join(people)}: {outcome} at {turn.now.isoformat()}"
    return review_ends.concluded(
        heard, item, turn, review_ends.End(outcome=outcome, people=people, words=words), [answer]
    )


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


def _shown_anew(state: DecisionState, item: Waiting, turn: Turn, said: list[Strand]) -> Said:
    """Return an item as it is under the policy in force now, so that people see what they decide on."""
    if item.policy == turn.given.policy.key:
        return state, said
    heard = turn.hear(state, item.signal)
    if not heard.decided.passes:
        return state, said
    needs = max(item.needs, needed(heard.decided), key=lambda each: each.people)
    anew = review_ends.versioned(item._replace(approvals=(), needs=needs), heard.decided, turn)
    plan_id = str(decision.plan_id(item.signal))
    return review_ends.kept(state, plan_id, anew), [*said, review_strands.asked(anew, heard.decided, cause=turn.cause)]


def _price_band(turn: Turn) -> PriceBand:
    """Return between which prices a verdict counts: around the one that the plan was made at."""
    price = Decimal(turn.cause.payload["trading_plan"]["entry_price"])
    width = price * Decimal(str(turn.policy.review.price_band))
    return PriceBand(price - width, price + width)
