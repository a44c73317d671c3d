"""Rooms for modules as creatures: how they perform, what they share, how they replicate."""

from __future__ import annotations

from functools import partial

from django.contrib import admin

from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import figure, moment, pill, score
from tradingops.lineage import models


@admin.register(models.ModulePerformance)
class ModulePerformanceAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        "module",
        score("performance_score", "performance"),
        figure("trading_plan_success_rate", partial(figures.percent, digits=0), "plans that won"),
        score("sharpe_ratio", "Sharpe ratio"),
        figure("max_drawdown", figures.percent, "worst drawdown"),
        "market_regime",
    ]
    list_select_related = ["module"]


@admin.register(models.IntelligenceSharing)
class IntelligenceSharingAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        "sender_module",
        "intelligence_type",
        "sharing_scope",
        score("confidence_level", "confidence"),
    ]
    list_filter = [filters.one_of("sharing_scope", ("broadcast", "targeted", "private"), title="scope")]
    list_select_related = ["sender_module"]


@admin.register(models.Replication)
class ReplicationAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        "parent_module",
        "child_module",
        "trigger_type",
        pill("replication_status", "status"),
    ]
    list_filter = [
        filters.one_of("trigger_type", models.CUES, title="cue"),
        filters.one_of("replication_status", ("initiated", "in_progress", "completed", "failed"), title="status"),
    ]
    list_select_related = ["parent_module", "child_module"]


@admin.register(models.ReplicationTrigger)
class ReplicationTriggerAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        "module",
        "trigger_type",
        "trigger_priority",
        pill("status"),
        moment("processed_at", "processed"),
    ]
    list_filter = [
        filters.one_of("trigger_type", models.CUES, title="cue"),
        filters.one_of("status", ("active", "processed", "expired", "cancelled")),
    ]
    list_select_related = ["module"]
