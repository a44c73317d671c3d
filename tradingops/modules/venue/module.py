"""The venue module: takes orders and bars, keeps the open orders, and answers with what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portfolio.execution import order, traded, venue
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import halts, instruments
from tradingops.modules import policy as policies
from tradingops.modules.venue import state as states
from tradingops.modules.venue.state import MODULE, VenueState

UPDATE = "order_update"

Answered = tuple[VenueState, Sequence[Strand]]


class VenueModule:
    """The module ``venue``: carries orders to a venue and its reports back. One partition a symbol.

    Under a halt of the desk, this module, the symbol or the venue named it rejects new orders other than exits.
    """

    name = MODULE
    version = "2"

    def __init__(self, *, venue: venue.Venue) -> None:
        self.venue = venue

    def start(self, partition: str) -> VenueState:
        """Return no open orders."""
        return VenueState()

    def load(self, kept: Kept) -> VenueState:
        """Return a state from what was kept of it; raises NewerState."""
        return states.load(kept)

    def dump(self, state: VenueState) -> Kept:
        """Return a state as it is kept."""
        return states.dump(state)

    def handle(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Work the open orders in a bar; take an order; take one back."""
        if strand.kind == "bar":
            return self._bar(state, strand, given) if state.open else (state, ())
        if strand.kind == instruments.KIND:
            return state._replace(instruments=instruments.hear(state.instruments, strand)), ()
        if tags.SUBMIT_ORDER in strand.tags:
            return self._submitted(state, strand, given)
        if tags.CANCEL_ORDER in strand.tags:
            return self._cancelled(state, strand, given)
        return state, ()

    def _venue(self, given: Given) -> venue.Venue:
        """Return the venue under the policy in force."""
        policy = policies.effective(self.venue.policy, given)
        return self.venue if policy is self.venue.policy else self.venue.under(policy)

    def _bar(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        matched = self._venue(given).match(state.open, traded.of(strand))
        return state._replace(open=matched.orders), _updates(strand, matched.reports)

    def _submitted(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Take an order once: one already open under its id is not taken again."""
        if any(each.id == strand.id for each in state.open):
            return state, ()
        try:
            asked = order.read(strand)
        except order.BadOrder as refusal:
            return state, [_rejection(strand, str(refusal))]
        if halt := _halt(asked, given):
            return state, [_rejection(strand, halt)]
        report = self._venue(given).submit(asked)
        after = state._replace(open=(*state.open, report.order)) if report.order.is_open else state
        return after, _updates(strand, [report])

    def _cancelled(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Take an order back; one that is not open, and never will be, is unknown for good."""
        wanted = str((strand.payload.get("order_spec") or {}).get("order_id", ""))
        found = next((each for each in state.open if each.id == wanted), None)
        if found is None:
            unknown = {**_NOTHING_DONE, "order_id": wanted, "status": order.Status.UNKNOWN.value}
            update = {**unknown, "reason": f"order_id: {wanted!r} is not open here", "final": True}
            return state, [_answer(strand, wanted or strand.id, strand.lifecycle_id, update, 0)]
        rest = tuple(each for each in state.open if each is not found)
        return state._replace(open=rest), _updates(strand, [self._venue(given).cancel(found)])


_NOTHING_DONE = {"filled_quantity": "0", "remaining": "0", "fill": None, "average_price": None}


def _halt(asked: order.Order, given: Given) -> str | None:
    """Return which halt keeps an order from being taken; none keeps an exit."""
    if asked.intent is order.Intent.EXIT:
        return None
    return halts.refusal(given, f"module:{MODULE}", f"symbol:{asked.symbol}", f"venue:{asked.venue}")


def _rejection(strand: Strand, reason: str) -> Strand:
    update = {**_NOTHING_DONE, "order_id": strand.id, "status": order.Status.REJECTED.value, "reason": reason}
    return _answer(strand, strand.id, strand.lifecycle_id, update, 0)


def _updates(cause: Strand, reports: Sequence[venue.Report]) -> list[Strand]:
    """Return one update a report: caused by the bar or order it answers, and belonging to its order."""
    updates: dict[str, int] = {}
    answers = []
    for each in reports:
        nth = updates[each.order.id] = updates.get(each.order.id, -1) + 1
        answers.append(_answer(cause, each.order.id, each.order.lifecycle_id, each.to_json(), nth))
    return answers


def _answer(cause: Strand, order_id: str, lifecycle_id: str | None, update: Mapping[str, object], nth: int) -> Strand:
    return cause.answer(
        module=MODULE,
        kind=UPDATE,
        tags=(tags.ORDER_UPDATE,),
        payload={"vn_update": update},
        parent_id=order_id,
        lifecycle_id=lifecycle_id,
        nth=nth,
    )
