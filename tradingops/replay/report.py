"""The report of a run: trades, money, drawdown and refusals, folded from the strands that were said."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portfolio import ledger, metrics
from portfolio.execution import fill
from strands.strand import Strand

#: What a decision, an order and an execution say when nothing came of them.
REFUSED = "reject"
UNFILLED = frozenset({"failed", "cancelled", "rejected", "expired"})
DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A position from its entry to its exit, or to the last price known (``reason`` is then ``open``).

    ``pnl`` is net of fees and funding for what is closed, and before them for what is open [currency].
    """

    symbol: str
    direction: str
    quantity: Decimal
    entry_price: Decimal
    exit_price: Decimal
    entry_at: str | None
    exit_at: str | None
    pnl: Decimal
    fees: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """What a run began with and came to; ``value`` is cash and open positions at the last prices [currency].

    ``funding`` is what holding perpetuals cost; negative where more was received.
    """

    initial: Decimal
    cash: Decimal
    value: Decimal
    realized: Decimal
    unrealized: Decimal
    fees: Decimal
    funding: Decimal

    @property
    def earned(self) -> float:
        """The return on what the run began with [fraction]."""
        return round(float(self.value / self.initial - 1), DIGITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How often and how much closed trades won; None where there is nothing to divide by."""

    trades: int
    wins: int
    pnl: Decimal
    fees: Decimal
    won: Decimal
    lost: Decimal

    @property
    def win_rate(self) -> float | None:
        """Wins among closed trades [share]."""
        return round(self.wins / self.trades, DIGITS) if self.trades else None

    @property
    def profit_factor(self) -> float | None:
        """What winners won for each unit that losers lost."""
        return round(float(self.won / self.lost), DIGITS) if self.lost else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slippage:
    """Mean slippage of finished orders as predicted and as it was, positive where it cost; None without any [bps]."""

    orders: int
    predicted_bps: float | None
    real_bps: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a run came to; ``equity`` holds (moment, value), ``refusals`` counts by listener and reason."""

    money: Money
    odds: Odds
    by_symbol: Mapping[str, Odds]
    closed: Sequence[Trade]
    open: Sequence[Trade]
    equity: Sequence[tuple[str, Decimal]]
    max_drawdown: float
    sharpe: float | None
    said: Mapping[str, int]
    decisions: Mapping[str, int]
    refusals: Mapping[str, Mapping[str, int]]
    slippage: Mapping[str, Slippage]


def build(strands: Iterable[Strand], *, initial_cash: Decimal, marks: Mapping[str, str] | None = None) -> Report:
    """Return the report of a run from its strands in the order they were said.

    ``marks`` are the last prices by symbol; without them the last that the risk manager heard, or the price paid,
    stand in.
    """
    by_kind: defaultdict[str, list[Strand]] = defaultdict(list)
    for strand in strands:
        by_kind[strand.kind].append(strand)
    risk = by_kind["risk_update"]
    book = _book(by_kind["fill"], by_kind["funding"], initial_cash)
    prices = _prices(book, {**_risk_marks(risk), **(marks or {})})
    money, closed = _money(book, prices, initial_cash), [_closed(each) for each in by_kind["position"]]
    equity = _equity(risk)
    values = [float(initial_cash), *(float(value) for _, value in equity), float(money.value)]
    return Report(
        money=money,
        odds=_odds(closed),
        by_symbol={
            symbol: _odds([t for t in closed if t.symbol == symbol]) for symbol in sorted(_symbols(closed, book))
        },
        closed=closed,
        open=_open(book, prices, by_kind["fill"]),
        equity=equity,
        max_drawdown=round(max(metrics.max_drawdown(values), _worst(risk)), DIGITS),
        sharpe=risk[-1].payload["rm_portfolio_risk"].get("sharpe") if risk else None,
        said={kind: len(each) for kind, each in sorted(by_kind.items())},
        decisions=_counted(each.payload["dm_decision"]["decision_type"] for each in by_kind["decision"]),
        refusals=_refusals(by_kind),
        slippage=_slippage(by_kind["execution"]),
    )


def _book(fills: Sequence[Strand], settlements: Sequence[Strand], cash: Decimal) -> ledger.Book:
    book = ledger.opening(cash)
    for strand in fills:
        for told in strand.payload["fills"]:
            book = book.apply(fill.to_ledger(strand.symbol or "", told))
    for strand in settlements:
        book = book.settle(strand.symbol or "", Decimal(strand.payload["vn_funding"]["paid"]))
    return book


def _worst(updates: Sequence[Strand]) -> float:
    """Return the deepest fall that the risk manager saw, also between its words."""
    return float(updates[-1].payload["rm_portfolio_risk"].get("max_drawdown") or 0.0) if updates else 0.0


def _risk_marks(updates: Sequence[Strand]) -> dict[str, str]:
    return dict(updates[-1].payload["rm_portfolio_risk"].get("marks") or {}) if updates else {}


def _prices(book: ledger.Book, marks: Mapping[str, str]) -> dict[str, Decimal]:
    return {
        symbol: Decimal(marks[symbol]) if symbol in marks else held.avg_price
        for symbol, held in book.open_positions.items()
    }


def _money(book: ledger.Book, prices: Mapping[str, Decimal], initial: Decimal) -> Money:
    return Money(
        initial=initial,
        cash=book.cash,
        value=book.value(prices),
        realized=book.realized_pnl,
        unrealized=book.unrealized(prices),
        fees=book.fees,
        funding=book.funding,
    )


def _closed(position: Strand) -> Trade:
    outcome = position.payload["tr_outcome"]
    return Trade(
        symbol=position.symbol or "",
        direction=outcome["direction"],
        quantity=Decimal(outcome.get("quantity") or 0),
        entry_price=Decimal(outcome["entry_price"]),
        exit_price=Decimal(outcome["exit_price"]),
        entry_at=outcome.get("opened_at"),
        exit_at=outcome.get("closed_at") or position.at.isoformat(),
        pnl=Decimal(outcome["pnl"]),
        fees=Decimal(outcome["fees"]),
        reason=outcome["close_reason"],
    )


def _open(book: ledger.Book, prices: Mapping[str, Decimal], fills: Sequence[Strand]) -> list[Trade]:
    """Return what is still held, marked at the last prices; its entry is the last moment it was flat no more."""
    since = _opened_at(fills)
    return [
        Trade(
            symbol=symbol,
            direction=held.side,
            quantity=abs(held.quantity),
            entry_price=held.avg_price,
            exit_price=prices[symbol],
            entry_at=since.get(symbol),
            exit_at=None,
            pnl=held.unrealized(prices[symbol]),
            fees=ledger.ZERO,
            reason="open",
        )
        for symbol, held in book.open_positions.items()
    ]


def _opened_at(fills: Sequence[Strand]) -> dict[str, str]:
    """Return by symbol the moment of the fill that opened what is held now."""
    since: dict[str, str] = {}
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for strand in fills:
        for told in strand.payload["fills"]:
            bought = fill.to_ledger(strand.symbol or "", told)
            before = held[bought.symbol]
            held[bought.symbol] += bought.quantity
            if before * held[bought.symbol] <= 0:
                since[bought.symbol] = told.get("ts") or strand.at.isoformat()
    return since


def _equity(updates: Sequence[Strand]) -> list[tuple[str, Decimal]]:
    """Return the value at each moment that the risk manager spoke, its last word of the moment."""
    values = {each.at.isoformat(): Decimal(each.payload["rm_portfolio_risk"]["portfolio_value"]) for each in updates}
    return list(values.items())


def _symbols(closed: Sequence[Trade], book: ledger.Book) -> set[str]:
    return {trade.symbol for trade in closed} | set(book.positions)


def _odds(trades: Sequence[Trade]) -> Odds:
    earned = [trade.pnl for trade in trades]
    return Odds(
        trades=len(trades),
        wins=sum(1 for pnl in earned if pnl > 0),
        pnl=sum(earned, ledger.ZERO),
        fees=sum((trade.fees for trade in trades), ledger.ZERO),
        won=sum((pnl for pnl in earned if pnl > 0), ledger.ZERO),
        lost=-sum((pnl for pnl in earned if pnl < 0), ledger.ZERO),
    )


def _refusals(by_kind: Mapping[str, Sequence[Strand]]) -> dict[str, dict[str, int]]:
    """Return how often the decision maker said no, and orders came to nothing, by reason."""
    decided = [each.payload["dm_decision"] for each in by_kind.get("decision", ())]
    finished = [each.payload["exec_metrics"] for each in by_kind.get("execution", ())]
    # Of a stop and a target one always ends unfilled: that is no refusal.
    resting = {each.id for each in by_kind.get("order", ()) if each.payload["order_spec"].get("group")}
    updates = [each.payload["vn_update"] for each in by_kind.get("order_update", ()) if each.parent_id not in resting]
    return {
        "dm": _counted(each["reason"] for each in decided if each["decision_type"] == REFUSED),
        "trader": _counted(each["status"] for each in finished if each["status"] in UNFILLED),
        "venue": _counted(each["status"] for each in updates if each["status"] in UNFILLED),
    }


def _slippage(executions: Sequence[Strand]) -> dict[str, Slippage]:
    """Return the slippage of entries and of exits."""
    pairs: dict[str, list[tuple[float, float]]] = {"entry": [], "exit": []}
    for each in executions:
        measured = each.payload["exec_metrics"]
        predicted, real = (each.payload.get("tr_predict") or {}).get("slip_bps"), measured.get("slip_real_bps")
        if predicted is not None and real is not None:
            pairs.setdefault(measured["intent"], []).append((predicted, real))
    return {intent: _mean(each) for intent, each in pairs.items()}


def _mean(pairs: Sequence[tuple[float, float]]) -> Slippage:
    if not pairs:
        return Slippage(orders=0, predicted_bps=None, real_bps=None)
    predicted, real = (round(sum(side) / len(pairs), DIGITS) for side in zip(*pairs, strict=True))
    return Slippage(orders=len(pairs), predicted_bps=predicted, real_bps=real)


def _counted(words: Iterable[Any]) -> dict[str, int]:
    """Return how often each word occurs, the most frequent first."""
    return dict(sorted(Counter(map(str, words)).items(), key=lambda each: (-each[1], each[0])))
