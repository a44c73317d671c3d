"""Rooms for what the portfolio holds: its state over time, open positions."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import admin
from django.utils.safestring import SafeString

from portfolio import models, triggers
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, gain, moment, pill, price, score
from tradingops.console.showing import html


@admin.register(models.PortfolioState)
class PortfolioStateAdmin(record.KeysetAdmin):
    """States, newest first: a row's key is the id of the risk update that told it."""

    list_display = [
        moment("at"),
        figure("portfolio_value", figures.money, "value"),
        figure("cash_balance", figures.money, "cash"),
        figure("var_95", figures.percent, "VaR 95"),
        figure("max_drawdown", figures.percent, "worst drawdown"),
        score("sharpe_ratio", "Sharpe ratio"),
    ]


@admin.register(models.EquityRange)
class EquityRangeAdmin(record.KeysetAdmin):
    """Between which values the portfolio lay, as Home's curve reads it."""

    list_display = [
        "by",
        moment("begins"),
        figure("least", figures.money),
        figure("greatest", figures.money),
        moment("least_at", "least at"),
        moment("greatest_at", "greatest at"),
    ]
    list_filter = [filters.one_of("by", tuple(triggers.LENGTHS))]


@admin.register(models.DecisionPosition)
class DecisionPositionAdmin(record.RecordAdmin):
    list_display = [
        "symbol",
        pill("side"),
        figure("size", figures.quantity),
        price("entry_price", "entry"),
        price("current_price", "now"),
        gain("unrealized_pnl", "unrealised"),
        moment("updated_at", "updated"),
    ]
    list_filter = [filters.one_of("side", models.DecisionPosition.Side.values), filters.exactly("symbol")]
    ordering = ["symbol", "id"]


def _side(quantity: Decimal) -> SafeString:
    return html.pill("long" if quantity > 0 else "short" if quantity < 0 else "flat")


@admin.register(models.TraderPosition)
class TraderPositionAdmin(record.RecordAdmin):
    list_display = [
        "symbol",
        Column("side", lambda row: _side(row.quantity), of=["quantity"]),
        figure("quantity", figures.quantity),
        price("avg_price", "average cost"),
        gain("unrealized_pnl", "unrealised"),
        gain("realized_pnl", "realised"),
        moment("updated_at", "updated"),
    ]
    list_filter = [filters.exactly("symbol")]
    ordering = ["symbol", "id"]
