"""A report printed for people: tables whose numbers align, and an equity curve of one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tradingops.replay.report import Odds, Report, Trade

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 64

#: How many of the trades are listed; the others are counted.
LISTED = 20


def text(report: Report, *, bars: int, seconds: float) -> str:
    """Return the whole report, as wide as a terminal of 100 columns."""
    rate = f"{bars / seconds:,.0f} bars/s" if seconds > 0 else "no time at all"
    parts = [
        f"{bars:,} bars in {seconds:.2f} s ({rate})",
        _money(report),
        _equity(report),
        _titled("Trades", _symbols(report)),
        _titled("Decisions", _counts({"": report.decisions})),
        _titled("Refusals", _counts(report.refusals)),
        _titled("Slippage [bps]", _slippage(report)),
        _titled("Closed", _trades(report.closed)),
        _titled("Open, at the last price", _trades(report.open)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def sparkline(values: Sequence[float], *, width: int = WIDTH) -> str:
    """Return a line of blocks, low to high, each standing for an equal part of the values."""
    if not values:
        return ""
    width = min(width, len(values))
    sampled = [values[(step + 1) * len(values) // width - 1] for step in range(width)]
    low, high = min(sampled), max(sampled)
    if high == low:
        return BLOCKS[0] * width
    return "".join(BLOCKS[round((value - low) / (high - low) * (len(BLOCKS) - 1))] for value in sampled)


def table(rows: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return rows as aligned columns, the first ``left`` of them to the left and the rest to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _titled(title: str, body: str) -> str:
    return f"{title}\n{body}" if body else ""


def _money(report: Report) -> str:
    money = report.money
    rows = [
        ("Value", _amount(money.value), f"{money.earned:+.2%}"),
        ("  cash", _amount(money.cash), ""),
        ("  realized", _amount(money.realized), ""),
        ("  unrealized", _amount(money.unrealized), ""),
        ("  fees", _amount(money.fees), ""),
        *([("  funding", _amount(money.funding), "")] if money.funding else []),
        ("Max drawdown", f"{report.max_drawdown:.2%}", ""),
        ("Sharpe", _ratio(report.sharpe), ""),
    ]
    return table(rows)


def _equity(report: Report) -> str:
    values = [float(value) for _, value in report.equity]
    if not values:
        return ""
    first, last = report.equity[0][0][:16], report.equity[-1][0][:16]
    scale = f"{first} to {last}, {_amount(min(values))} to {_amount(max(values))}"
    return f"Equity\n{sparkline(values)}\n{scale}"


def _symbols(report: Report) -> str:
    lines = {**report.by_symbol, **({"all": report.odds} if len(report.by_symbol) > 1 else {})}
    return table([_HEAD, *(_odds(symbol, odds) for symbol, odds in lines.items())]) if lines else ""


_HEAD = ("symbol", "trades", "won", "win rate", "profit factor", "net pnl", "fees")


def _odds(symbol: str, odds: Odds) -> tuple[str, ...]:
    rate = "-" if odds.win_rate is None else f"{odds.win_rate:.1%}"
    factor, earned = _ratio(odds.profit_factor), _amount(odds.pnl)
    return symbol, str(odds.trades), str(odds.wins), rate, factor, earned, _amount(odds.fees)


def _counts(groups: Mapping[str, Mapping[str, int]]) -> str:
    rows = [
        (" ".join(filter(None, (group, word))), f"{count:,}")
        for group, counts in groups.items()
        for word, count in counts.items()
    ]
    return table(rows) if rows else ""


def _slippage(report: Report) -> str:
    rows = [
        (intent, f"{each.orders:,}", _ratio(each.predicted_bps), _ratio(each.real_bps))
        for intent, each in report.slippage.items()
        if each.orders
    ]
    return table([("orders", "count", "predicted", "real"), *rows]) if rows else ""


def _trades(trades: Sequence[Trade]) -> str:
    if not trades:
        return ""
    rows = [_trade(trade) for trade in trades[-LISTED:]]
    earlier = len(trades) - len(rows)
    listed = table([("symbol", "", "entered", "quantity", "entry", "exit", "pnl", "reason"), *rows], left=3)
    return f"({earlier:,} earlier not listed)\n{listed}" if earlier else listed


def _trade(trade: Trade) -> tuple[str, ...]:
    prices = (_price(trade.entry_price), _price(trade.exit_price))
    quantity = f"{trade.quantity.normalize():f}"
    return (
        trade.symbol,
        trade.direction,
        (trade.entry_at or "")[:16],
        quantity,
        *prices,
        _amount(trade.pnl),
        trade.reason,
    )


def _amount(number: Decimal | float) -> str:
    return f"{number:,.2f}"


def _price(number: Decimal) -> str:
    return f"{number:.8g}"


def _ratio(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"
