"""A room for the evidence that experts found on the tape."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse

from curators.dsi import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, link, moment, score
from tradingops.console.showing import html


def _about(row: models.Evidence) -> str:
    return f"{row.plan.symbol} {row.plan.direction}" if row.plan else "tape, experts, sums"


def _story(row: models.Evidence) -> str:
    """Return the story of the plan that the evidence is about, of evidence alone its own page."""
    if row.plan and row.plan.lifecycle_id:
        return html.story(row.plan.lifecycle_id)
    return reverse("admin:console_evidence", args=[row.evidence_id])


@admin.register(models.Evidence)
class EvidenceAdmin(record.HistoryAdmin):
    story = staticmethod(_story)
    list_display = [
        moment("timestamp"),
        link("evidence page", "console_evidence", lambda row: [row.evidence_id], _about, of=["evidence_id"]),
        score("mx_evidence", "evidence"),
        Column("confirmed", lambda row: row.mx_confirm, of=["mx_confirm"], boolean=True),
        figure("mx_evidence_boost", figures.plain, "boost"),
        figure("mx_processing_latency_ms", figures.count, "latency, ms"),
    ]
    list_filter = [filters.one_of("mx_confirm", ("True", "False"), title="confirmed")]
    list_select_related = ["plan"]
