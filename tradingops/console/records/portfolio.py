"""Rooms for what the portfolio holds: its state over time, open positions."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from portfolio import models
from strands import figures, telling
from tradingops.console.records import filters, record
from tradingops.console.showing import html


@admin.register(models.PortfolioState)
class PortfolioStateAdmin(record.KeysetAdmin):
    """States, newest first: a row's key is the id of the risk update that told it."""

    list_display = ["when", "value", "cash", "var", "drawdown", "sharpe"]
    list_display_links = ["when"]

    @display(description="when")
    def when(self, row: models.PortfolioState) -> SafeString:
        return html.moment(row.at)

    @display(description="value")
    def value(self, row: models.PortfolioState) -> SafeString:
        return html.figure(figures.money(row.portfolio_value))

    @display(description="cash")
    def cash(self, row: models.PortfolioState) -> SafeString:
        return html.figure(figures.money(row.cash_balance))

    @display(description="VaR 95")
    def var(self, row: models.PortfolioState) -> SafeString:
        return html.figure(figures.percent(row.var_95))

    @display(description="worst drawdown")
    def drawdown(self, row: models.PortfolioState) -> SafeString:
        return html.figure(figures.percent(row.max_drawdown))

    @display(description="Sharpe ratio")
    def sharpe(self, row: models.PortfolioState) -> SafeString:
        return html.figure(figures.score(row.sharpe_ratio))


@admin.register(models.DecisionPosition)
class DecisionPositionAdmin(record.RecordAdmin):
    list_display = ["symbol", "side_", "size_", "entry", "current", "unrealized", "updated"]
    list_filter = [filters.one_of("side", models.DecisionPosition.Side.values), filters.exactly("symbol")]
    ordering = ["symbol", "id"]

    @display(description="side", ordering="side")
    def side_(self, row: models.DecisionPosition) -> SafeString:
        return html.pill(row.side)

    @display(description="size", ordering="size")
    def size_(self, row: models.DecisionPosition) -> SafeString:
        return html.figure(figures.quantity(row.size))

    @display(description="entry", ordering="entry_price")
    def entry(self, row: models.DecisionPosition) -> SafeString:
        return html.figure(figures.price(row.entry_price))

    @display(description="now", ordering="current_price")
    def current(self, row: models.DecisionPosition) -> SafeString:
        return html.figure(figures.price(row.current_price))

    @display(description="unrealised", ordering="unrealized_pnl")
    def unrealized(self, row: models.DecisionPosition) -> SafeString:
        return html.gain(row.unrealized_pnl)

    @display(description="updated", ordering="updated_at")
    def updated(self, row: models.DecisionPosition) -> SafeString:
        return html.moment(row.updated_at)


@admin.register(models.TraderPosition)
class TraderPositionAdmin(record.RecordAdmin):
    list_display = ["symbol", "side", "held", "average", "unrealized", "realized", "updated"]
    list_filter = [filters.exactly("symbol")]
    ordering = ["symbol", "id"]

    @display(description="side")
    def side(self, row: models.TraderPosition) -> SafeString:
        word = "long" if row.quantity > 0 else "short" if row.quantity < 0 else "flat"
        return html.part(telling.pill(word))

    @display(description="quantity", ordering="quantity")
    def held(self, row: models.TraderPosition) -> SafeString:
        return html.figure(figures.quantity(row.quantity))

    @display(description="average cost", ordering="avg_price")
    def average(self, row: models.TraderPosition) -> SafeString:
        return html.figure(figures.price(row.avg_price))

    @display(description="unrealised", ordering="unrealized_pnl")
    def unrealized(self, row: models.TraderPosition) -> SafeString:
        return html.gain(row.unrealized_pnl)

    @display(description="realised", ordering="realized_pnl")
    def realized(self, row: models.TraderPosition) -> SafeString:
        return html.gain(row.realized_pnl)

    @display(description="updated", ordering="updated_at")
    def updated(self, row: models.TraderPosition) -> SafeString:
        return html.moment(row.updated_at)
