"""A room for how well executions went."""

from __future__ import annotations

from django.contrib import admin

from portfolio.execution import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import figure, moment, score
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
