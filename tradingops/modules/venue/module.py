"""The venue module: takes orders and bars, keeps the open orders, and answers with what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from portfolio.execution import attached, funding, order, traded, venue
from strands import tags
from strands.given import LEFT_UNDER_A_HALT, Given
from strands.market.instruments.instrument import Instrument, Sort
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import halts, instruments
from tradingops.modules import policy as policies
from tradingops.modules.venue import state as states
from tradingops.modules.venue.state import MODULE, VenueState

UPDATE, FUNDING = "order_update", "funding"

Answered = tuple[VenueState, Sequence[Strand]]


class VenueModule:
    """The module ``venue``: carries orders to a venue and its reports back. One partition a symbol.

    Under a halt of the desk, this module, the symbol or the venue named it rejects new orders other than exits.
    """

    name = MODULE
    version = "3"

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
            return self._bar(state, strand, given) if state.is_busy else (state, ())
        if strand.kind == instruments.KIND:
            return state._replace(instruments=instruments.hear(state.instruments, strand)), ()
        if tags.SUBMIT_ORDER in strand.tags:
            return self._submitted(state, strand, given)
        if tags.CANCEL_ORDER in strand.tags:
            return self._cancelled(state, strand, given)
        return state, ()

    def _venue(self, given: Given, state: VenueState, symbol: str | None) -> venue.Venue:
        """Return the venue under the policy in force, for the instrument that is traded."""
        policy, instrument = policies.effective(self.venue.policy, given), instruments.of(state.instruments, symbol)
        if policy is self.venue.policy and instrument is None:
            return self.venue
        return self.venue.under(policy, instrument)

    def _bar(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Work the open orders, and settle what holding cost; both are told in the order in which they happened."""
        at, bar = self._venue(given, state, strand.symbol), traded.of(strand)
        matched = at.match(state.open, bar, state.positions)
        settled = _settled(state, strand, bar, matched, at.policy.venues)
        after = state._replace(open=matched.orders, positions=matched.positions, due=settled.due)
        updates = _updates(strand, matched.reports)
        return after, _with_payments(strand, state, matched, updates, settled.payments)

    def _submitted(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Take an order once: one already open under its id is not taken again."""
        if any(each.id == strand.id for each in state.open):
            return state, ()
        try:
            asked = order.read(strand)
        except order.BadOrder as fault:
            return state, [_rejection(strand, str(fault))]
        if refusal := _halt(asked, strand.payload["order_spec"].get("exit_reason"), given) or _unfounded(asked, state):
            return state, [_rejection(strand, refusal)]
        report = self._venue(given, state, strand.symbol).submit(asked)
        if not report.order.is_open:
            return state, _updates(strand, [report])
        state, replaced = _replaced(state, report.order)
        positions = _known(state.positions, report.order)
        after = state._replace(open=(*state.open, report.order), positions=positions)
        return after, _updates(strand, [*replaced, report])

    def _cancelled(self, state: VenueState, strand: Strand, given: Given) -> Answered:
        """Take an order back; one that is not open, and never will be, is unknown for good.

        What is attached to an entry goes with what will not be filled of it.
        """
        wanted = str((strand.payload.get("order_spec") or {}).get("order_id", ""))
        found = next((each for each in state.open if each.id == wanted), None)
        if found is None:
            unknown = {**_NOTHING_DONE, "order_id": wanted, "status": order.Status.UNKNOWN.value}
            update = {**unknown, "reason": f"order_id: {wanted!r} is not open here", "final": True}
            return state, [_answer(strand, wanted or strand.id, strand.lifecycle_id, update, 0)]
        report = self._venue(given, state, strand.symbol).cancel(found)
        rest, ended = attached.after(report.order, state.open)
        return state._replace(open=rest), _updates(strand, [report, *ended])


def _settled(
    state: VenueState, strand: Strand, bar: traded.Traded, matched: venue.Matched, venues: Sequence[venue.Profile]
) -> funding.Settled:
    """Return what funding falls due in a bar; of what is no perpetual none does."""
    instrument = instruments.of(state.instruments, strand.symbol)
    if instrument is None or instrument.kind is not Sort.PERPETUAL:
        return _NO_FUNDING
    held = {name for positions in (state.positions, matched.positions) for name, held in positions.items() if held}
    return funding.settled(
        bar,
        rate=funding.rate_of(strand.payload["md_bar"]),
        before=state.positions,
        after=matched.positions,
        fills=[each.fill for each in matched.reports if each.fill],
        hours=_hours(sorted(held), instrument, venues),
        due=state.due,
    )


_NO_FUNDING = funding.Settled((), funding.NOTHING_DUE)


def _hours(names: Sequence[str], instrument: Instrument, venues: Sequence[venue.Profile]) -> dict[str, Decimal]:
    """Return the interval of funding at venues: the instrument's, else the venue's own; none at a venue unheard of."""
    known = {each.name: each.funding_hours for each in venues}
    return {name: instrument.funding_hours or known[name] for name in names if name in known}


def _with_payments(
    cause: Strand,
    state: VenueState,
    matched: venue.Matched,
    updates: Sequence[Strand],
    payments: Sequence[funding.Payment],
) -> list[Strand]:
    """Return updates with the settlements among them, each behind the fills that came before it."""
    if not payments:
        return list(updates)
    ordered, fills, waiting = list[Strand](), 0, list(enumerate(payments))
    for report, update in zip(matched.reports, updates, strict=True):
        while report.fill and waiting and waiting[0][1].follows <= fills:
            ordered.append(_payment(cause, state, *waiting.pop(0)))
        ordered.append(update)
        fills += report.fill is not None
    return [*ordered, *(_payment(cause, state, *each) for each in waiting)]


def _payment(cause: Strand, state: VenueState, nth: int, paid: funding.Payment) -> Strand:
    """Return a settlement as it is told: under the lifecycle of what protects the position, where something does."""
    protects = (each for each in state.open if each.venue == paid.venue and each.is_protective)
    return cause.answer(
        module=MODULE,
        kind=FUNDING,
        tags=(tags.ORDER_UPDATE, tags.DM_EXECUTION_FEEDBACK, tags.RISK_EXECUTION_FEEDBACK),
        payload={"vn_funding": paid.to_json()},
        lifecycle_id=next((each.lifecycle_id for each in protects), None),
        nth=nth,
    )


_NOTHING_DONE = {"filled_quantity": "0", "remaining": "0", "fill": None, "average_price": None}


def _halt(asked: order.Order, exit_reason: str | None, given: Given) -> str | None:
    """Return which halt keeps an order from being taken; none keeps what protects, and reduce-only none that reduces.

    One that names no venue is kept by the halt of any.
    """
    if not given.halts:
        return None
    venues = (f"venue:{asked.venue}",) if asked.venue else tuple(each for each in given.halts if each[:6] == "venue:")
    scopes = (f"module:{MODULE}", f"symbol:{asked.symbol}", *venues)
    reduces = asked.intent is order.Intent.EXIT and asked.reduce_only
    if not reduces:
        return halts.refusal(given, *scopes)
    protects = asked.group is not None or exit_reason in LEFT_UNDER_A_HALT
    return None if protects else halts.standstill(given, *scopes)


def _unfounded(asked: order.Order, state: VenueState) -> str | None:
    """Return why an order has nothing to stand on: it names another one that is not open."""
    open_here = {each.id for each in state.open}
    for field in ("attached_to", "replaces"):
        named = getattr(asked, field)
        if named is not None and named not in open_here:
            return f"{field}: {named!r} is not open here"
    return None


def _replaced(state: VenueState, asked: order.Order) -> tuple[VenueState, list[venue.Report]]:
    """Take back the order that another one replaces."""
    if asked.replaces is None:
        return state, []
    old = next(each for each in state.open if each.id == asked.replaces)
    report = venue.Report(old.now(order.Status.CANCELLED), reason=f"replaced by {asked.id}")
    return state._replace(open=tuple(each for each in state.open if each is not old)), [report]


def _known(positions: Mapping[str, Decimal], asked: order.Order) -> Mapping[str, Decimal]:
    """Return what is held by venue, taken from the first order that tells it where nothing was known."""
    if asked.held is None or asked.venue in positions:
        return positions
    return {**positions, asked.venue: asked.held}


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
