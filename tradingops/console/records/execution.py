"""Rooms for how well executions went, and for what closed positions came to."""

from __future__ import annotations

from django.contrib import admin

from portfolio.execution import models
from portfolio.trades.models import Trade, TradeSum
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import figure, gain, moment, pill, price, score
from tradingops.console.showing import html


@admin.register(models.ExecutionPerformance)
class ExecutionPerformanceAdmin(record.KeysetAdmin):
    """Executions, newest first: a row's key is the id of the strand that reported it."""

    story = staticmethod(lambda row: html.story(row.pk))

    list_display = [
        moment("created_at"),
        "symbol",
        "venue",
        score("execution_score", "score"),
        figure("slippage_bps", figures.plain, "slippage, bps"),
        figure("latency_ms", figures.count, "latency, ms"),
    ]
    list_filter = [filters.exactly("venue"), filters.exactly("symbol")]


@admin.register(Trade)
class TradeAdmin(record.KeysetAdmin):
    """Trades, newest first: a row's key is the id of the strand that closed the position."""

    story = staticmethod(lambda row: html.story(row.pk))

    list_display = [
        moment("closed_at", "closed"),
        "symbol",
        pill("direction"),
        figure("quantity", figures.quantity),
        price("entry_price", "entry"),
        price("exit_price", "exit"),
        pill("close_reason", "reason"),
        gain("pnl", "P&L"),
        figure("fees", figures.money),
        figure("funding", figures.money),
        figure("r_multiple", figures.score, "R"),
        moment("opened_at", "opened"),
        "regime",
    ]
    list_filter = [filters.exactly("symbol"), filters.exactly("close_reason")]


@admin.register(TradeSum)
class TradeSumAdmin(record.KeysetAdmin):
    """What trades came to by groups, as the pages of Home and trades read it."""

    list_display = [
        "by",
        "name",
        "symbol",
        pill("direction"),
        pill("close_reason", "reason"),
        figure("trades", figures.count),
        figure("wins", figures.count),
        gain("pnl", "P&L"),
        figure("fees", figures.money),
        figure("funding", figures.money),
    ]
    list_filter = [
        filters.one_of("by", ("all", "day", "hour", "regime", "curator")),
        filters.exactly("name"),
        filters.exactly("symbol"),
    ]
