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
from tradingops.modules import policy as policies
from tradingops.modules.risk import automatic_halts, book_risk, report, windows
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk import state as states
from tradingops.modules.risk.policy import RiskPolicy
from tradingops.modules.risk.state import RiskState

NAME = "risk"
VERSION = "3"

#: Its own scope alone: a desk that is halted still wants to know what its book may lose.
SCOPE = f"module:{NAME}"

_SILENCE: Sequence[Strand] = ()


class RiskManager:
    """The whole desk's risk manager.

    It speaks at each bar while something is held, when a fill leaves nothing held, whenever a limit's level changes,
    and at least every hour of market time; only fills and funding change its book. A limit that halts the desk does so
    in the update that tells of it, once until it is no longer reached. While its module is halted it says
    nothing, and folds on.
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
        """Return the state after a strand, and the risk update it calls for; bars, fills and funding change it."""
        if strand.kind == "bar":
            policy = policies.effective(self.policy, given)
            return _valued(_with_bar(state, strand, policy), strand, given, policy)
        if strand.kind == "fill":
            policy = policies.effective(self.policy, given)
            return _valued(_with_fills(state, strand), strand, given, policy)
        if strand.kind == "funding":
            policy = policies.effective(self.policy, given)
            paid = Decimal(strand.payload["vn_funding"]["paid"])
            settled = state._replace(book=state.book.settle(strand.symbol or "", paid))
            return _valued(settled, strand, given, policy)
        if ruling.measures_from_here(strand):
            return state._replace(equity=equities.measured_anew(state.equity), halted_for=frozenset()), _SILENCE
        return state, _SILENCE


def _with_bar(state: RiskState, bar: Strand, policy: RiskPolicy) -> RiskState:
    """Return the state with a bar's close as its symbol's mark and its return remembered."""
    symbol = bar.symbol or ""
    window = windows.extended(state.windows.get(symbol), bar, keep=policy.window_bars)
    mark = Decimal(bar.payload["md_bar"]["close"])
    return state._replace(marks={**state.marks, symbol: mark}, windows={**state.windows, symbol: window})


def _with_fills(state: RiskState, feedback: Strand) -> RiskState:
    """Return the state with the fills in the book; a symbol without a bar yet is marked at the price it traded at."""
    book, symbol, marks = state.book, feedback.symbol or "", dict(state.marks)
    for each in feedback.payload["fills"]:
        fill = fills.to_ledger(symbol, each)
        book = book.apply(fill)
        marks.setdefault(symbol, fill.price)
    return state._replace(book=book, marks=marks)


def _valued(state: RiskState, cause: Strand, given: Given, policy: RiskPolicy) -> tuple[RiskState, Sequence[Strand]]:
    """Return the state with the book valued, and the risk update if there is something to say."""
    is_bar, is_flat, due = cause.kind == "bar", state.book.is_flat, _is_due(state.said_at, given.now, policy)
    value = state.book.cash if is_flat else state.book.value(state.marks)
    state = state._replace(equity=equities.marked(state.equity, value, at=given.now, ends_a_period=is_bar))
    # The way most bars go: cash alone is worth what it was, and nobody waits for a word.
    if (is_bar and is_flat and not due) or given.halts.get(SCOPE) is HaltState.HALTED:
        return state, _SILENCE
    found = book_risk.assess(
        exposure_of(state.book, state.marks),
        panel=windows.panel_of(state.windows),
        equity=state.equity,
        bar_seconds=_bar_seconds(state, cause, policy),
        policy=policy,
    )
    # What a book came to is told as it closes, so that no page shows the value before for as long as an hour.
    is_over = is_flat and cause.kind == "fill"
    reached = automatic_halts.reached(found.uses, policy)
    halted_for = frozenset(each.limit.name for each in reached)
    if not (
        due or is_over or (is_bar and not is_flat) or found.levels != state.levels or halted_for - state.halted_for
    ):
        return state._replace(halted_for=halted_for) if halted_for != state.halted_for else state, _SILENCE
    payload = report.payload_of(found, state=state, cause=cause.kind, policy=policy)
    if halts := automatic_halts.told(_update(cause, payload), reached, halted_for=state.halted_for, policy=policy):
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
