"""The venue module: takes orders and bars, keeps the open orders, and answers with what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from portfolio.execution import order, traded, venue
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept, State, version_of

UPDATE = "order_update"
STATE_VERSION = 1


class VenueModule:
    """The module ``venue``: carries orders to a venue and its reports back. One partition a symbol."""

    name = "venue"
    version = "1"

    def __init__(self, *, venue: venue.Venue) -> None:
        self.venue = venue

    def start(self, partition: str) -> State:
        """Return no open orders."""
        return {"open": []}

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=self.name, newest=STATE_VERSION)
        return {name: value for name, value in kept.items() if name != "version"}

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state}

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Work the open orders in a bar; take an order; take one back."""
        if strand.kind == "bar":
            return self._bar(state, strand) if state["open"] else (state, ())
        if tags.SUBMIT_ORDER in strand.tags:
            return self._submitted(state, strand)
        if tags.CANCEL_ORDER in strand.tags:
            return self._cancelled(state, strand)
        return state, ()

    def _bar(self, state: State, strand: Strand) -> tuple[State, Sequence[Strand]]:
        matched = self.venue.match(_orders(state), traded.of(strand))
        return _with(state, matched.orders), _say(strand, matched.reports)

    def _submitted(self, state: State, strand: Strand) -> tuple[State, Sequence[Strand]]:
        """Take an order once: one already open under its id is not taken again."""
        working = _orders(state)
        if any(each.id == strand.id for each in working):
            return state, ()
        try:
            report = self.venue.submit(order.read(strand))
        except order.BadOrder as refusal:
            return state, [_answer(strand, strand.id, strand.lifecycle_id, _rejected(strand, refusal), 0)]
        after = _with(state, [*working, report.order]) if report.order.is_open else state
        return after, _say(strand, [report])

    def _cancelled(self, state: State, strand: Strand) -> tuple[State, Sequence[Strand]]:
        """Take an order back; one that is not open, and never will be, is unknown for good."""
        wanted = str((strand.payload.get("order_spec") or {}).get("order_id", ""))
        working = _orders(state)
        found = next((each for each in working if each.id == wanted), None)
        if found is None:
            unknown = {**_NOTHING_DONE, "order_id": wanted, "status": order.Status.UNKNOWN.value}
            update = {**unknown, "reason": f"order_id: {wanted!r} is not open here", "final": True}
            return state, [_answer(strand, wanted or strand.id, strand.lifecycle_id, update, 0)]
        rest = [each for each in working if each is not found]
        return _with(state, rest), _say(strand, [self.venue.cancel(found)])


_NOTHING_DONE = {"filled_quantity": "0", "remaining": "0", "fill": None, "average_price": None}


def _orders(state: State) -> list[order.Order]:
    return [order.Order.model_validate(each) for each in state["open"]]


def _with(state: State, working: Sequence[order.Order]) -> State:
    return {**state, "open": [each.to_json() for each in working]}


def _rejected(strand: Strand, refusal: order.BadOrder) -> dict[str, object]:
    return {**_NOTHING_DONE, "order_id": strand.id, "status": order.Status.REJECTED.value, "reason": str(refusal)}


def _say(cause: Strand, reports: Sequence[venue.Report]) -> list[Strand]:
    """Return one update a report: caused by the bar or order it answers, and belonging to its order."""
    updates: dict[str, int] = {}
    answers = []
    for each in reports:
        nth = updates[each.order.id] = updates.get(each.order.id, -1) + 1
        answers.append(_answer(cause, each.order.id, each.order.lifecycle_id, each.to_json(), nth))
    return answers


def _answer(cause: Strand, order_id: str, lifecycle_id: str | None, update: Mapping[str, object], nth: int) -> Strand:
    return cause.answer(
        module=VenueModule.name,
        kind=UPDATE,
        tags=(tags.ORDER_UPDATE,),
        payload={"vn_update": update},
        parent_id=order_id,
        lifecycle_id=lifecycle_id,
        nth=nth,
    )
