"""A room for how well executions went."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from portfolio.execution import models
from strands import cells, figures, records


@admin.register(models.ExecutionPerformance)
class ExecutionPerformanceAdmin(records.KeysetAdmin):
    """Executions, newest first: a row's key is the id of the strand that reported it."""

    list_display = ["when", "symbol", "venue", "score", "slippage", "latency"]
    list_display_links = ["when"]
    list_filter = [records.exactly("venue"), records.exactly("symbol")]

    @display(description="when")
    def when(self, row: models.ExecutionPerformance) -> SafeString:
        return cells.moment(row.created_at)

    @display(description="score")
    def score(self, row: models.ExecutionPerformance) -> SafeString:
        return cells.figure(figures.score(row.execution_score))

    @display(description="slippage, bps")
    def slippage(self, row: models.ExecutionPerformance) -> SafeString:
        return cells.figure(figures.plain(row.slippage_bps))

    @display(description="latency, ms")
    def latency(self, row: models.ExecutionPerformance) -> SafeString:
        return cells.figure(figures.count(row.latency_ms))
