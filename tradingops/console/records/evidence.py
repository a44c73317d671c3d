"""A room for the evidence that experts found on the tape."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from curators.dsi import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.showing import html


@admin.register(models.Evidence)
class EvidenceAdmin(record.RecordAdmin):
    list_display = ["when", "page", "evidence", "confirmed", "boost", "latency", "about"]
    list_display_links = ["when"]
    list_filter = [filters.one_of("mx_confirm", ("True", "False"), title="confirmed")]
    list_select_related = ["plan"]
    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="evidence page")
    def page(self, row: models.Evidence) -> SafeString:
        link = reverse("admin:console_evidence", args=[row.evidence_id])
        about = f"{row.plan.symbol} {row.plan.direction}" if row.plan else "tape, experts, sums"
        return format_html('<a class="link" href="{}">{}</a>', link, about)

    @display(description="when")
    def when(self, row: models.Evidence) -> SafeString:
        return html.moment(row.timestamp)

    @display(description="evidence")
    def evidence(self, row: models.Evidence) -> SafeString:
        return html.figure(figures.score(row.mx_evidence))

    @display(description="confirmed", boolean=True)
    def confirmed(self, row: models.Evidence) -> bool:
        return row.mx_confirm

    @display(description="boost")
    def boost(self, row: models.Evidence) -> SafeString:
        return html.figure(figures.plain(row.mx_evidence_boost))

    @display(description="latency, ms")
    def latency(self, row: models.Evidence) -> SafeString:
        return html.figure(figures.count(row.mx_processing_latency_ms))

    @display(description="lifecycle")
    def about(self, row: models.Evidence) -> SafeString:
        return html.lifecycle(row.plan.lifecycle_id if row.plan else None)
