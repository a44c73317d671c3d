"""The decision maker: hears plans, risk, bars and fills, and answers every plan with a decision and feedback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from curators.curator import Curator
from portfolio.execution import fill
from portfolio.execution.order import Intent
from strands import tags
from strands.given import Given
from strands.kinds import people
from strands.rulings import ruling
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import instruments, learning
from tradingops.modules import policy as policies
from tradingops.modules.decision import (
    decision,
    feedback,
    hearing,
    holdings,
    pending,
    review_ends,
    reviewing,
    risk_update,
)
from tradingops.modules.decision import state as states
from tradingops.modules.decision.policy import DecisionPolicy
from tradingops.modules.decision.reviews.policy import Needs
from tradingops.modules.decision.state import Day, DecisionState
from tradingops.modules.learning import Learning

Handled = tuple[DecisionState, Sequence[Strand]]


class DecisionMaker:
    """The single gate between alpha's plans and the trader."""

    name = decision.MODULE
    version = "4"

    def __init__(self, *, policy: DecisionPolicy | None = None, curators: Sequence[Curator] | None = None) -> None:
        self.policy = policy or DecisionPolicy()
        self.curators = curators
        self._handlers: dict[str, Callable[[DecisionState, Strand, Given], Handled]] = {
            "bar": _on_bar,
            instruments.KIND: _on_instrument,
            "risk_update": _on_risk_update,
            "fill": _on_fill,
            "funding": _on_funding,
            "halt": _on_halt,
            "execution": _on_execution,
            "position": self._on_position,
            people.VERDICT.name: self._on_verdict,
            people.REVIEWERS.name: self._on_reviewers,
            learning.COUNTERFACTUAL: self._on_counterfactual,
            learning.WORDS: self._on_lesson,
            learning.VERDICT: self._on_lesson,
        }

    def start(self, partition: str) -> DecisionState:
        """Return the state of a desk that owns its initial cash and has heard nothing."""
        return states.start(self.policy.initial_cash)

    def load(self, kept: Kept) -> DecisionState:
        """Return a state from what was kept of it; raises NewerState."""
        return states.load(kept)

    def dump(self, state: DecisionState) -> Kept:
        """Return a state as it is kept."""
        return states.dump(state)

    def handle(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        """Return the state after a strand, and a decision and feedback where it asked for one."""
        expired: Sequence[Strand] = ()
        if state.reviews:
            # Before whatever was heard, a verdict too: at the very deadline the deadline wins.
            state, expired = review_ends.expire(state, self._turn(strand, given))
        state, answers = self._heard(state, strand, given)
        return state, [*expired, *answers] if expired else answers

    def _heard(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        if tags.EVALUATE_PLAN in strand.tags:
            return self._on_signal(state, strand, given)
        handler = self._handlers.get(strand.kind)
        return handler(state, strand, given) if handler else (state, ())

    def _on_signal(self, state: DecisionState, signal: Strand, given: Given) -> Handled:
        turn = self._turn(signal, given)
        heard = turn.hear(state, signal)
        needs = reviewing.needed(heard.decided)
        if needs is not Needs.NONE:
            return reviewing.ask(heard, needs, turn)
        answer = decision.answer(signal, heard.decided)
        told = feedback.answer(signal, heard.decided, decision_id=answer.id)
        return hearing.settled(heard, answer), (answer, told)

    def _on_verdict(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        return reviewing.on_verdict(state, self._turn(strand, given))

    def _on_reviewers(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        return reviewing.on_reviewers(state, self._turn(strand, given))

    def _turn(self, cause: Strand, given: Given) -> review_ends.Turn:
        return review_ends.Turn(cause, given, policies.effective(self.policy, given), self.curators)

    def _on_position(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        plan_id = strand.payload["tr_outcome"].get("plan_id")
        plans = pending.closed(state.plans, plan_id) if plan_id else state.plans
        state = hearing.pruned(state._replace(plans=plans), given.now)
        outcomes = learning.outcomes_of(strand)
        return _learned(state, learning.conclude(state.learning, outcomes, cause=strand, learner=self._learner(given)))

    def _on_counterfactual(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        return _learned(state, learning.conclude_counterfactual(state.learning, strand, learner=self._learner(given)))

    def _on_lesson(self, state: DecisionState, strand: Strand, given: Given) -> Handled:
        return _learned(state, learning.take(state.learning, strand, learner=self._learner(given)))

    def _learner(self, given: Given) -> learning.Learner:
        policy = policies.effective(self.policy, given)
        return learning.Learner(module=self.name, lessons=policy.lessons, curating=policy.curators.learning)


def _on_bar(state: DecisionState, strand: Strand, given: Given) -> Handled:
    bar, symbol = strand.payload["md_bar"], strand.symbol or ""
    marks = {**state.marks, symbol: Decimal(bar["close"])}
    volumes = {**state.volumes, symbol: Decimal(bar["volume"])}
    # A price of what is not held moves no value; only a new day has to be noted.
    moved = symbol in state.held or state.day.on != given.now.date()
    state = state._replace(marks=marks, volumes=volumes)
    return (_valued(state, given.now) if moved else state), ()


def _on_instrument(state: DecisionState, strand: Strand, given: Given) -> Handled:
    return state._replace(instruments=instruments.hear(state.instruments, strand)), ()


def _on_risk_update(state: DecisionState, strand: Strand, given: Given) -> Handled:
    return state._replace(risk=risk_update.read(strand)), ()


def _on_fill(state: DecisionState, strand: Strand, given: Given) -> Handled:
    (done,) = strand.payload["fills"]
    traded = fill.to_ledger(strand.symbol or "", done)
    plans = state.plans
    if done.get("intent") != Intent.EXIT:
        plan_id = done.get("plan_id") or pending.of_lifecycle(plans, strand.lifecycle_id, strand.symbol)
        plans = pending.filled(plans, plan_id, abs(traded.quantity))
    # Until a bar marks it, a symbol is worth what was paid for it first.
    marks = state.marks if traded.symbol in state.marks else {**state.marks, traded.symbol: traded.price}
    return _valued(state._replace(book=state.book.apply(traded), plans=plans, marks=marks), given.now), ()


def _on_funding(state: DecisionState, strand: Strand, given: Given) -> Handled:
    paid = Decimal(strand.payload["vn_funding"]["paid"])
    return _valued(state._replace(book=state.book.settle(strand.symbol or "", paid)), given.now), ()


def _on_execution(state: DecisionState, strand: Strand, given: Given) -> Handled:
    spec = strand.payload["order_spec"]
    if spec.get("intent") == Intent.EXIT:
        return state, ()
    plans = pending.entered(state.plans, spec["plan_id"], something_filled=bool(strand.payload.get("fills")))
    return state._replace(plans=plans), ()


def _learned(state: DecisionState, learned: tuple[Learning, Sequence[Strand]]) -> Handled:
    memory, answers = learned
    return state._replace(learning=memory), answers


def _on_halt(state: DecisionState, halt: Strand, _: Given) -> Handled:
    """Return the state that measures losses from here where a person who resumed wants it so."""
    if not ruling.measures_from_here(halt):
        return state, ()
    value = holdings.value_of(state)
    return state._replace(peak=value, day=state.day._replace(value=value)), ()


def _valued(state: DecisionState, now: datetime) -> DecisionState:
    """Return the state with its peak, and the day's first value where a new day (UTC) has begun."""
    value, today = holdings.value_of(state), now.date()
    day = state.day if state.day.on == today else Day(today, value)
    return state._replace(peak=max(state.peak, value), day=day)
