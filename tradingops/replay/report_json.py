"""A report as JSON: money as decimal strings, shares and ratios as numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portfolio import ledger
from tradingops.replay.report import Money, Odds, Report, Slippage, Trade


def to_json(report: Report) -> dict[str, Any]:
    """Return every figure of a report under its name."""
    money = {name: ledger.text(getattr(report.money, name)) for name in Money.__slots__}
    return {
        "money": {**money, "return": report.money.earned},
        "max_drawdown": report.max_drawdown,
        "sharpe": report.sharpe,
        "trades": _odds_json(report.odds),
        "by_symbol": {symbol: _odds_json(odds) for symbol, odds in report.by_symbol.items()},
        "decisions": dict(report.decisions),
        "refusals": {listener: dict(reasons) for listener, reasons in report.refusals.items()},
        "slippage": {
            intent: {name: getattr(each, name) for name in Slippage.__slots__}
            for intent, each in report.slippage.items()
        },
        "said": dict(report.said),
        "closed": [_trade_json(trade) for trade in report.closed],
        "open": [_trade_json(trade) for trade in report.open],
        "equity": [[at, ledger.text(value)] for at, value in report.equity],
    }


def _odds_json(odds: Odds) -> dict[str, Any]:
    return {
        "count": odds.trades,
        "wins": odds.wins,
        "win_rate": odds.win_rate,
        "profit_factor": odds.profit_factor,
        "pnl": ledger.text(odds.pnl),
        "fees": ledger.text(odds.fees),
    }


def _trade_json(trade: Trade) -> dict[str, Any]:
    values = {name: getattr(trade, name) for name in Trade.__slots__}
    return {name: ledger.text(value) if isinstance(value, Decimal) else value for name, value in values.items()}
