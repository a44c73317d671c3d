"""The risk manager: from bars and fills, what the book may lose and how near each limit is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio.execution import fill as fills
from portfolio.exposure import exposure_of
from strands import tags
from strands.given import Given, HaltState
from strands.rulings import ruling
from strands.strand import Strand
from strands.wire import Kept
from tradingops.modules import instruments
from tradingops.modules import policy as policies
from tradingops.modules.risk import automatic_halts, book_risk, data_age, report, venue_errors, windows
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk import state as states
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.state import RiskState

NAME = "risk"
VERSION = "4"

#: Its own scope alone: a desk that is halted still wants to know what its book may lose.
SCOPE = f"module:{NAME}"

_SILENCE: Sequence[Strand] = ()


class RiskManager:
    """The whole desk's risk manager.

    It speaks at each bar while something is held, when a fill leaves nothing held, whenever a limit's level changes,
    when data or a venue fails or is well again, and at least every hour of market time; only fills and funding change
    its book. What halts a scope does so in the update that tells of it, once until it is no longer reached. While its
    module is halted it says nothing, and folds on.
    """

    name = NAME
    version = VERSION

    def __init__(self, policy: RiskPolicy | None = None) -> None:
        self.policy = policy or RiskPolicy()

    def start(self, partition: str) -> RiskState:
        """Return the state before the first strand: a book of cash alone."""
        return states.opening(self.policy.initial_cash)

    def load(self, kept: Kept) -> RiskState:
        """Return a state from what was kept of it; raises NewerState."""
        return states.load(kept, module=NAME)

    def dump(self, state: RiskState) -> Kept:
        """Return a state as it is kept."""
        return states.dump(state)

    def handle(self, state: RiskState, strand: Strand, given: Given) -> tuple[RiskState, Sequence[Strand]]:
        """Return the state after a strand, and the risk update it calls for."""
        told = _TOLD.get(strand.kind)
        if told is not None:
            policy = policies.effective(self.policy, given)
            return _valued(told(state, strand, given, policy), strand, given, policy)
        if strand.kind == instruments.KIND:
            return state._replace(ages=data_age.with_grid(state.ages, strand)), _SILENCE
        if ruling.measures_from_here(strand):
            still = frozenset(filter(automatic_halts.is_fault, state.halted_for))
            return state._replace(equity=equities.measured_anew(state.equity), halted_for=still), _SILENCE
        return state, _SILENCE


def _with_bar(state: RiskState, bar: Strand, given: Given, policy: RiskPolicy) -> RiskState:
    """Return the state with a bar's close as its symbol's mark and its return remembered; one without a price is none.

    What a position is worth goes on by its last price: an absent one is no loss, and no recovery.
    """
    symbol, mark = bar.symbol or "", data_age.price_of(bar, now=given.now)
    ages = data_age.with_bar(state.ages, bar, is_sound=mark is not None, held=state.book.open_positions, policy=policy)
    if mark is None:
        return state._replace(ages=ages)
    window = windows.extended(state.windows.get(symbol), bar, keep=policy.window_bars)
    return state._replace(marks={**state.marks, symbol: mark}, windows={**state.windows, symbol: window}, ages=ages)


def _with_timer(state: RiskState, timer: Strand, _given: Given, policy: RiskPolicy) -> RiskState:
    """Return the state with the ages of all symbols by the moment that a timer tells."""
    held = state.book.open_positions
    return state._replace(ages=data_age.with_timer(state.ages, timer, held=held, policy=policy))


def _with_fault(state: RiskState, notice: Strand, _given: Given, policy: RiskPolicy) -> RiskState:
    """Return the state with one more fault of the venue that a notice names; without one nothing changes."""
    venue = venue_errors.venue_of(notice)
    if venue is None:
        return state
    return state._replace(errors=venue_errors.with_fault(state.errors, venue, at=notice.at, policy=policy))


def _with_funding(state: RiskState, strand: Strand, _given: Given, _policy: RiskPolicy) -> RiskState:
    """Return the state with a settlement in the book."""
    paid = Decimal(strand.payload["vn_funding"]["paid"])
    return state._replace(book=state.book.settle(strand.symbol or "", paid))


def _with_fills(state: RiskState, feedback: Strand, _given: Given, _policy: RiskPolicy) -> RiskState:
    """Return the state with the fills in the book; a symbol without a bar yet is marked at the price it traded at."""
    book, symbol, marks = state.book, feedback.symbol or "", dict(state.marks)
    for each in feedback.payload["fills"]:
        fill = fills.to_ledger(symbol, each)
        book = book.apply(fill)
        marks.setdefault(symbol, fill.price)
    return state._replace(book=book, marks=marks)


#: What each kind that is heard changes, before the book is valued.
_TOLD = {
    "bar": _with_bar,
    "fill": _with_fills,
    "funding": _with_funding,
    "timer": _with_timer,
    "monitoring": _with_fault,
}


def _valued(state: RiskState, cause: Strand, given: Given, policy: RiskPolicy) -> tuple[RiskState, Sequence[Strand]]:
    """Return the state with the book valued, and the risk update if there is something to say."""
    is_bar, is_flat, due = cause.kind == "bar", state.book.is_flat, _is_due(state.said_at, given.now, policy)
    value = state.book.cash if is_flat else state.book.value(state.marks)
    state = state._replace(equity=equities.marked(state.equity, value, at=given.now, ends_a_period=is_bar))
    if state.errors:
        state = state._replace(errors=venue_errors.recent(state.errors, at=given.now, policy=policy))
    faults = automatic_halts.of_faults(state.ages, state.errors, policy)
    faulty = automatic_halts.keys(faults)
    news = faulty != frozenset(filter(automatic_halts.is_fault, state.halted_for))
    # The way most bars go: cash alone is worth what it was, and nobody waits for a word.
    if (is_bar and is_flat and not due and not news) or given.halts.get(SCOPE) is HaltState.HALTED:
        return state, _SILENCE
    found = book_risk.assess(
        exposure_of(state.book, state.marks),
        panel=windows.panel_of(state.windows),
        equity=state.equity,
        bar_seconds=_bar_seconds(state, cause, policy),
        policy=policy,
        grids=state.ages.grids,
    )
    # What a book came to is told as it closes, so that no page shows the value before for as long as an hour.
    is_over = is_flat and cause.kind == "fill"
    reached = [*automatic_halts.of_limits(found.uses, policy), *faults]
    halted_for = automatic_halts.keys(reached)
    if not (
        (due or is_over or news)
        or (is_bar and not is_flat)
        or (found.levels != state.levels or halted_for - state.halted_for)
    ):
        return state._replace(halted_for=halted_for) if halted_for != state.halted_for else state, _SILENCE
    payload = report.payload_of(found, state=state, cause=cause.kind, policy=policy)
    if faults:
        payload["rm_alert_data"]["reached"] = [each.to_json() for each in faults]
    if halts := automatic_halts.told(_update(cause, payload), reached, halted_for=state.halted_for):
        payload["rm_alert_data"]["halts"] = halts
    return state._replace(levels=found.levels, said_at=given.now, halted_for=halted_for), (_update(cause, payload),)


def _is_due(said_at: datetime | None, now: datetime, policy: RiskPolicy) -> bool:
    """Return whether the desk has gone without a word for as long as it may."""
    return said_at is None or now >= said_at + timedelta(minutes=policy.say_every_minutes)


def _bar_seconds(state: RiskState, cause: Strand, policy: RiskPolicy) -> int:
    """Return the length of the bars that bring the desk round: those of the cause's symbol."""
    window = state.windows.get(cause.symbol or "")
    return windows.seconds_of(window.timeframe) if window else policy.bar_minutes * 60


def _update(cause: Strand, payload: dict[str, object]) -> Strand:
    to = (tags.DM_RISK_UPDATE, tags.TRADER_RISK_UPDATE)
    return cause.answer(module=NAME, kind="risk_update", tags=to, payload=payload)
