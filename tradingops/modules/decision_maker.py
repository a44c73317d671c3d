"""The decision maker: hears plans, risk, bars, fills and people; answers every plan with a decision and feedback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from curators import roster, weights
from curators.curator import Curator
from portfolio import ledger
from portfolio.execution import fill
from portfolio.execution.order import Intent
from strands import tags
from strands.given import Given
from strands.lessons.lesson import Applied
from strands.strand import Strand
from strands.wire import Kept, State, version_of
from tradingops.modules import learning
from tradingops.modules import policy as policies
from tradingops.modules.decision import (
    answers,
    facts,
    fusion,
    holdings,
    judging,
    pending,
    risk_heard,
    validation,
)
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.shares import rounded
from tradingops.modules.decision.weighed import Weighed

Heard = tuple[State, Sequence[Strand]]

NAME = "dm"
STATE_VERSION = 1

#: How the ledger spells a quantity of zero.
NOTHING = ledger.text(ledger.ZERO)


class DecisionMaker:
    """The single gate between alpha's plans and the trader.

    Its state is the book, the last marks and volumes, the last risk update, the plans that wait or are open, the peak
    and the day's first value; all bounded by the symbols and the open plans.
    """

    name = NAME
    version = "2"

    def __init__(self, *, policy: DecisionPolicy | None = None, curators: Sequence[Curator] | None = None) -> None:
        self.policy = policy or DecisionPolicy()
        self.curators = curators
        self._hear: dict[str, Callable[[State, Strand, Given], Heard]] = {
            "bar": self._bar,
            "risk_update": self._risk_update,
            "fill": self._fill,
            "execution": self._execution,
            "position": self._position,
            learning.COUNTERFACTUAL: self._counterfactual,
            learning.WORDS: self._lesson,
            learning.VERDICT: self._lesson,
        }

    def start(self, partition: str) -> State:
        """Return the state of a desk that owns its initial cash and has heard nothing."""
        cash = ledger.text(self.policy.initial_cash)
        return {
            "book": ledger.opening(self.policy.initial_cash).to_json(),
            "marks": {},
            "volumes": {},
            "risk": None,
            "plans": {},
            "peak": cash,
            "day": {"date": None, "value": cash},
            "alphas": {},
            "learning": learning.start(),
        }

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=NAME, newest=STATE_VERSION)
        state = _grown({**self.start(""), **policies.without(kept), "learning": learning.load(kept)})
        return {name: value for name, value in state.items() if name not in ("judged", "curators", "learned")}

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state, "learning": state["learning"].to_json()}

    def _seats(self, policy: DecisionPolicy) -> Sequence[Curator]:
        """Return who judges: those it was made with, or those the policy seats."""
        return roster.seat(NAME, policy.curators) if self.curators is None else self.curators

    def _learner(self, given: Given) -> learning.Learner:
        policy = policies.effective(self.policy, given)
        return learning.Learner(module=NAME, lessons=policy.lessons, curating=policy.curators.learning)

    def handle(self, state: State, strand: Strand, given: Given) -> Heard:
        """Return the state after a strand, and a decision and feedback where it asked for one."""
        if tags.EVALUATE_PLAN in strand.tags:
            return self._signal(state, strand, given)
        hear = self._hear.get(strand.kind)
        return hear(state, strand, given) if hear else (state, ())

    def _signal(self, state: State, signal: Strand, given: Given) -> Heard:
        policy = policies.effective(self.policy, given)
        seats = self._seats(policy)
        learned = learning.seated(state["learning"], seats, policy.curators.learning)
        state = {**_pruned(state, given.now), "learning": learned}
        ask = validation.read(signal)
        state, fused = _fused(state, ask, given.now, policy)
        court = judging.Court(
            signal=signal,
            ask=ask,
            fused=fused,
            facts=facts.of(state, given),
            policy=policy,
            curators=seats,
            weights=weights.current(state["learning"].curators),
        )
        lessons = learning.applied(state["learning"], judging.situation(signal, ask), policy.lessons)
        decided = court.decide(lessons)
        decision = answers.decision_strand(signal, decided)
        if weighed := decided.case.weighed:
            state = _kept(state, court, weighed, decided, decision, lessons)
        return state, (decision, answers.feedback_strand(signal, decided, decision))

    def _bar(self, state: State, strand: Strand, given: Given) -> Heard:
        bar, symbol = strand.payload["md_bar"], strand.symbol or ""
        marks = {**state["marks"], symbol: bar["close"]}
        volumes = {**state["volumes"], symbol: bar["volume"]}
        state = {**state, "marks": marks, "volumes": volumes}
        # A price of what is not held moves no value; only a new day has to be noted.
        moved = symbol in _held(state) or state["day"]["date"] != given.now.date().isoformat()
        return (_valued(state, given.now) if moved else state), ()

    def _risk_update(self, state: State, strand: Strand, given: Given) -> Heard:
        return {**state, "risk": risk_heard.kept(strand)}, ()

    def _fill(self, state: State, strand: Strand, given: Given) -> Heard:
        (told,) = strand.payload["fills"]
        bought = fill.to_ledger(strand.symbol or "", told)
        book = ledger.book_from(state["book"]).apply(bought)
        plans: pending.Plans = state["plans"]
        if told.get("intent") != Intent.EXIT:
            plan = told.get("plan_id") or pending.of_lifecycle(plans, strand.lifecycle_id, strand.symbol)
            plans = pending.filled(plans, plan, abs(bought.quantity))
        marks = state["marks"]
        if bought.symbol not in marks:
            marks = {**marks, bought.symbol: ledger.text(bought.price)}
        return _valued({**state, "book": book.to_json(), "plans": plans, "marks": marks}, given.now), ()

    def _execution(self, state: State, strand: Strand, given: Given) -> Heard:
        spec = strand.payload["order_spec"]
        if spec.get("intent") == Intent.EXIT:
            return state, ()
        plans = pending.entered(state["plans"], spec["plan_id"], something_filled=bool(strand.payload.get("fills")))
        return {**state, "plans": plans}, ()

    def _position(self, state: State, strand: Strand, given: Given) -> Heard:
        plan_id = strand.payload["tr_outcome"].get("plan_id")
        plans = pending.closed(state["plans"], plan_id) if plan_id else state["plans"]
        state = _pruned({**state, "plans": plans}, given.now)
        outcomes = learning.outcomes_of(strand)
        learned, answers = learning.conclude(state["learning"], outcomes, cause=strand, learner=self._learner(given))
        return {**state, "learning": learned}, answers

    def _counterfactual(self, state: State, strand: Strand, given: Given) -> Heard:
        learned, answers = learning.conclude_counterfactual(state["learning"], strand, learner=self._learner(given))
        return {**state, "learning": learned}, answers

    def _lesson(self, state: State, strand: Strand, given: Given) -> Heard:
        learned, answers = learning.take(state["learning"], strand, learner=self._learner(given))
        return {**state, "learning": learned}, answers


def _grown(grown: State) -> State:
    """Return a state that an earlier version left; of its plans nobody wrote down what their stops would lose."""
    return {**grown, "plans": {each: {"at_risk": 0.0, **plan} for each, plan in grown["plans"].items()}}


def _fused(state: State, ask: validation.Ask, now: datetime, policy: DecisionPolicy) -> tuple[State, fusion.Fused]:
    """Return the state with one more alpha of its symbol, and what the alphas that still hold say together."""
    alphas, fused = fusion.fuse(
        state["alphas"], ask.plan, sigma=ask.sigma, confidence=ask.confidence, now=now, policy=policy.fusion
    )
    return {**state, "alphas": alphas}, fused


def _kept(
    state: State,
    court: judging.Court,
    weighed: Weighed,
    decided: answers.Decision,
    decision: Strand,
    lessons: Applied,
) -> State:
    """Return the state with a judgement that waits for its outcome, and the money of a plan that passed kept back."""
    uses = judging.uses(court, lessons.without())
    record = judging.record(court, weighed, decided, decision, uses)
    most = court.policy.judgements_remembered
    state = {**state, "learning": learning.keep(state["learning"], weighed.plan.plan_id, record, most=most)}
    return _reserved(state, weighed, decision, decided, court.policy) if decided.passes else state


def _reserved(
    state: State, weighed: Weighed, decision: Strand, decided: answers.Decision, policy: DecisionPolicy
) -> State:
    """Return the state with a plan's money kept back, until no fill of it can come any more."""
    plan = weighed.plan
    plans = pending.approved(
        state["plans"],
        plan_id=plan.plan_id,
        symbol=plan.symbol,
        direction=plan.direction.value,
        decision_id=decision.id,
        lifecycle_id=decision.lifecycle_id,
        quantity=weighed.final.bought.quantity,
        price=plan.entry_price,
        at_risk=rounded(weighed.final.bought.weight * plan.stop_fraction),
        until=pending.until(plan.valid_until, decided.valid_until, grace_seconds=policy.reserve_grace_seconds),
    )
    return {**state, "plans": plans}


def _pruned(state: State, now: datetime) -> State:
    """Return the state without plans that nothing will be heard of again."""
    plans: dict[str, Any] = dict(pending.pruned(state["plans"], now=now, held=_held(state)))
    return {**state, "plans": plans}


def _held(state: State) -> frozenset[str]:
    """Return the symbols of which something is held."""
    positions = state["book"]["positions"]
    return frozenset(symbol for symbol, position in positions.items() if position["quantity"] != NOTHING)


def _valued(state: State, now: datetime) -> State:
    """Return the state with its peak, and the day's first value where a new day (UTC) has begun."""
    value = holdings.value_of(state)
    day = state["day"]
    if day["date"] != (today := now.date().isoformat()):
        day = {"date": today, "value": ledger.text(value)}
    peak = ledger.text(value) if value > Decimal(state["peak"]) else state["peak"]
    return {**state, "peak": peak, "day": day}
