"""Rooms for modules as creatures: how they perform, what they share, how they replicate."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.showing import html
from tradingops.lineage import models


class HistoryAdmin(record.RecordAdmin):
    """Records of modules, newest first."""

    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: Any) -> SafeString:
        return html.moment(row.timestamp)


@admin.register(models.ModulePerformance)
class ModulePerformanceAdmin(HistoryAdmin):
    list_display = ["when", "module", "performance", "success", "sharpe", "drawdown", "market_regime"]
    list_display_links = ["when"]
    list_select_related = ["module"]

    @display(description="performance")
    def performance(self, row: models.ModulePerformance) -> SafeString:
        return html.figure(figures.score(row.performance_score))

    @display(description="plans that won")
    def success(self, row: models.ModulePerformance) -> SafeString:
        return html.figure(figures.percent(row.trading_plan_success_rate, digits=0))

    @display(description="Sharpe ratio")
    def sharpe(self, row: models.ModulePerformance) -> SafeString:
        return html.figure(figures.score(row.sharpe_ratio))

    @display(description="worst drawdown")
    def drawdown(self, row: models.ModulePerformance) -> SafeString:
        return html.figure(figures.percent(row.max_drawdown))


@admin.register(models.IntelligenceSharing)
class IntelligenceSharingAdmin(HistoryAdmin):
    list_display = ["when", "sender_module", "intelligence_type", "sharing_scope", "confidence"]
    list_display_links = ["when"]
    list_filter = [filters.one_of("sharing_scope", ("broadcast", "targeted", "private"), title="scope")]
    list_select_related = ["sender_module"]

    @display(description="confidence")
    def confidence(self, row: models.IntelligenceSharing) -> SafeString:
        return html.figure(figures.score(row.confidence_level))


@admin.register(models.Replication)
class ReplicationAdmin(HistoryAdmin):
    list_display = ["when", "parent_module", "child_module", "trigger_type", "status"]
    list_display_links = ["when"]
    list_filter = [
        filters.one_of("trigger_type", models.CUES, title="cue"),
        filters.one_of("replication_status", ("initiated", "in_progress", "completed", "failed"), title="status"),
    ]
    list_select_related = ["parent_module", "child_module"]

    @display(description="status")
    def status(self, row: models.Replication) -> SafeString:
        return html.pill(row.replication_status)


@admin.register(models.ReplicationTrigger)
class ReplicationTriggerAdmin(HistoryAdmin):
    list_display = ["when", "module", "trigger_type", "trigger_priority", "state", "processed"]
    list_display_links = ["when"]
    list_filter = [
        filters.one_of("trigger_type", models.CUES, title="cue"),
        filters.one_of("status", ("active", "processed", "expired", "cancelled")),
    ]
    list_select_related = ["module"]

    @display(description="status")
    def state(self, row: models.ReplicationTrigger) -> SafeString:
        return html.pill(row.status)

    @display(description="processed")
    def processed(self, row: models.ReplicationTrigger) -> SafeString:
        return html.moment(row.processed_at)
