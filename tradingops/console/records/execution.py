"""A room for how well executions went."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from portfolio.execution import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.showing import html


@admin.register(models.ExecutionPerformance)
class ExecutionPerformanceAdmin(record.KeysetAdmin):
    """Executions, newest first: a row's key is the id of the strand that reported it."""

    list_display = ["when", "symbol", "venue", "score", "slippage", "latency"]
    list_display_links = ["when"]
    list_filter = [filters.exactly("venue"), filters.exactly("symbol")]

    @display(description="when")
    def when(self, row: models.ExecutionPerformance) -> SafeString:
        return html.moment(row.created_at)

    @display(description="score")
    def score(self, row: models.ExecutionPerformance) -> SafeString:
        return html.figure(figures.score(row.execution_score))

    @display(description="slippage, bps")
    def slippage(self, row: models.ExecutionPerformance) -> SafeString:
        return html.figure(figures.plain(row.slippage_bps))

    @display(description="latency, ms")
    def latency(self, row: models.ExecutionPerformance) -> SafeString:
        return html.figure(figures.count(row.latency_ms))
