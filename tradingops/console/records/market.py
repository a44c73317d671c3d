"""Rooms for the market: kept bars, and what was odd about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from strands import figures, telling
from strands.market import models
from tradingops.console.records import filters, record
from tradingops.console.showing import html


class BarAdmin(record.KeysetAdmin):
    """Bars of one timeframe, the last kept first."""

    list_display = ["when", "symbol", "open_", "high_", "low_", "close_", "change", "volume_"]
    list_display_links = ["when"]
    list_filter = [filters.exactly("symbol")]
    search_fields = ["symbol"]
    search_help_text = "Exact symbol"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        word = search_term.strip().upper()
        return (queryset.filter(symbol=word) if word else queryset), False

    @display(description="opened")
    def when(self, row: models.Bar) -> SafeString:
        return html.moment(row.timestamp)

    @display(description="open")
    def open_(self, row: models.Bar) -> SafeString:
        return html.figure(figures.price(row.open))

    @display(description="high")
    def high_(self, row: models.Bar) -> SafeString:
        return html.figure(figures.price(row.high))

    @display(description="low")
    def low_(self, row: models.Bar) -> SafeString:
        return html.figure(figures.price(row.low))

    @display(description="close")
    def close_(self, row: models.Bar) -> SafeString:
        return html.figure(figures.price(row.close))

    @display(description="change")
    def change(self, row: models.Bar) -> SafeString:
        share = (row.close - row.open) / row.open if row.open else None
        return html.figure(figures.percent(share, signed=True), tone=telling.gain(share))

    @display(description="volume")
    def volume_(self, row: models.Bar) -> SafeString:
        return html.figure(figures.plain(row.volume))


for model in (models.MarketData1m, models.MarketData15m, models.MarketData1h):
    admin.site.register(model, BarAdmin)


@admin.register(models.AnomalyEvent)
class AnomalyEventAdmin(record.RecordAdmin):
    list_display = ["when", "symbol", "anomaly", "score", "plan"]
    list_display_links = ["when"]
    list_filter = [filters.exactly("symbol"), filters.exactly("anomaly_type", title="type")]
    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: models.AnomalyEvent) -> SafeString:
        return html.moment(row.timestamp)

    @display(description="type")
    def anomaly(self, row: models.AnomalyEvent) -> SafeString:
        return html.part(telling.Part(figures.spaced(row.anomaly_type), telling.Tone.WARNING, pill=True))

    @display(description="score")
    def score(self, row: models.AnomalyEvent) -> SafeString:
        return html.figure(figures.score(row.anomaly_score))

    @display(description="plan")
    def plan(self, row: models.AnomalyEvent) -> SafeString:
        return html.short(str(row.trading_plan_id) if row.trading_plan_id else None)
