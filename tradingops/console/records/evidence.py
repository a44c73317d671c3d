"""A room for the evidence that experts found on the tape."""

from __future__ import annotations

from django.contrib import admin

from curators.dsi import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, link, moment, score, value
from tradingops.console.showing import html


def _about(row: models.Evidence) -> str:
    return f"{row.plan.symbol} {row.plan.direction}" if row.plan else "tape, experts, sums"


@admin.register(models.Evidence)
class EvidenceAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        link("evidence page", "console_evidence", lambda row: [row.evidence_id], _about, of=["evidence_id"]),
        score("mx_evidence", "evidence"),
        Column("confirmed", lambda row: row.mx_confirm, of=["mx_confirm"], boolean=True),
        figure("mx_evidence_boost", figures.plain, "boost"),
        figure("mx_processing_latency_ms", figures.count, "latency, ms"),
        value("plan", "lifecycle", lambda plan: html.lifecycle(plan.lifecycle_id if plan else None)),
    ]
    list_filter = [filters.one_of("mx_confirm", ("True", "False"), title="confirmed")]
    list_select_related = ["plan"]
