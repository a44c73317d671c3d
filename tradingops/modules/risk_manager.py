"""The risk manager: hears bars and fills, and answers with what the book may lose and how near each limit is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from portfolio import ledger
from portfolio.execution import fill as fills
from portfolio.exposure import exposure_of
from strands import tags
from strands.given import Given
from strands.strand import Strand
from strands.wire import Kept, State, version_of
from tradingops.modules import policy as policies
from tradingops.modules.risk import equity as equities
from tradingops.modules.risk import report, windows
from tradingops.modules.risk.assessment import assess
from tradingops.modules.risk.policy import RiskPolicy

NAME = "risk"
VERSION = "1"
STATE_VERSION = 1

_SILENCE: Sequence[Strand] = ()


class RiskManager:
    """The whole desk's risk manager; its state is the book, the marks, and what is remembered of returns and equity.

    It speaks at each bar while something is held, whenever a limit's level changes, and at least every hour of market
    time; only fills change its book.
    """

    name = NAME
    version = VERSION

    def __init__(self, policy: RiskPolicy | None = None) -> None:
        self.policy = policy or RiskPolicy()

    def start(self, partition: str) -> State:
        """Return the state before anything was heard: a book of cash alone."""
        cash = self.policy.initial_cash
        return {
            "book": ledger.opening(cash).to_json(),
            "marks": {},
            "windows": {},
            "equity": equities.opening(cash),
            "levels": {},
            "said_at": None,
        }

    def load(self, kept: Kept) -> State:
        """Return a state from what was kept of it; raises NewerState."""
        version_of(kept, module=NAME, newest=STATE_VERSION)
        return policies.without(kept)

    def dump(self, state: State) -> Kept:
        """Return a state as it is kept."""
        return {"version": STATE_VERSION, **state}

    def handle(self, state: State, strand: Strand, given: Given) -> tuple[State, Sequence[Strand]]:
        """Return the state after hearing a strand, and the risk update it calls for; other kinds change nothing."""
        if strand.kind == "bar":
            policy = policies.effective(self.policy, given)
            return _told(_with_bar(state, strand, policy), strand, given.now, policy)
        if strand.kind == "fill":
            policy = policies.effective(self.policy, given)
            return _told(_with_fills(state, strand), strand, given.now, policy)
        return state, _SILENCE


def _with_bar(state: State, bar: Strand, policy: RiskPolicy) -> State:
    """Return the state with a bar's close as its symbol's mark and its return remembered."""
    symbol = bar.symbol or ""
    window = windows.extended(state["windows"].get(symbol), bar, keep=policy.window_bars)
    return {
        **state,
        "marks": {**state["marks"], symbol: bar.payload["md_bar"]["close"]},
        "windows": {**state["windows"], symbol: window},
    }


def _with_fills(state: State, said: Strand) -> State:
    """Return the state with the fills in the book; a symbol without a bar yet is marked at the price it traded at."""
    book, symbol = ledger.book_from(state["book"]), said.symbol or ""
    marks = dict(state["marks"])
    for told in said.payload["fills"]:
        fill = fills.to_ledger(symbol, told)
        book = book.apply(fill)
        marks.setdefault(symbol, ledger.text(fill.price))
    return {**state, "book": book.to_json(), "marks": marks}


def _told(state: State, cause: Strand, now: datetime, policy: RiskPolicy) -> tuple[State, Sequence[Strand]]:
    """Return the state with the book valued, and the risk update if there is something to say."""
    due = _is_due(state["said_at"], now, policy)
    if cause.kind == "bar" and not due and ledger.is_flat(state["book"]):
        # The way most bars go: cash alone is worth what it was, and nobody waits for a word.
        cash = Decimal(state["book"]["cash"])
        return {**state, "equity": equities.marked(state["equity"], cash, at=now, ends_a_period=True)}, _SILENCE
    book = ledger.book_from(state["book"])
    marks = {symbol: Decimal(mark) for symbol, mark in state["marks"].items()}
    equity = equities.marked(state["equity"], book.value(marks), at=now, ends_a_period=cause.kind == "bar")
    state = {**state, "equity": equity}
    held = bool(book.open_positions)
    assessment = assess(
        exposure_of(book, marks),
        panel=windows.panel_of(state["windows"]),
        equity=equity,
        bar_seconds=_bar_seconds(state, cause, policy),
        policy=policy,
    )
    before, levels = state["levels"], assessment.levels
    if not (due or (held and cause.kind == "bar") or levels != before):
        return state, _SILENCE
    payload = report.payload_of(
        assessment, book=book, marks=marks, equity=equity, levels=levels, before=before, cause=cause.kind, policy=policy
    )
    after = {**state, "levels": levels, "said_at": now.isoformat()}
    return after, (_update(cause, payload),)


def _is_due(said_at: str | None, now: datetime, policy: RiskPolicy) -> bool:
    """Return whether the desk has gone without a word for as long as it may."""
    if said_at is None:
        return True
    return now >= datetime.fromisoformat(said_at) + timedelta(minutes=policy.say_every_minutes)


def _bar_seconds(state: State, cause: Strand, policy: RiskPolicy) -> int:
    """Return the length of the bars that bring the desk round: those of the cause's symbol."""
    window = state["windows"].get(cause.symbol)
    return windows.seconds_of(window["timeframe"]) if window else policy.bar_minutes * 60


def _update(cause: Strand, payload: dict[str, object]) -> Strand:
    to = (tags.DM_RISK_UPDATE, tags.TRADER_RISK_UPDATE)
    return cause.answer(module=NAME, kind="risk_update", tags=to, payload=payload)
