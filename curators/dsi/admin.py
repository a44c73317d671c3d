"""A room for the evidence that experts found on the tape."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from curators.dsi import models
from strands import cells, figures, records


@admin.register(models.Evidence)
class EvidenceAdmin(records.RecordAdmin):
    list_display = ["when", "evidence", "confirmed", "boost", "latency", "about"]
    list_display_links = ["when"]
    list_filter = [records.one_of("mx_confirm", ("True", "False"), title="confirmed")]
    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: models.Evidence) -> SafeString:
        return cells.moment(row.timestamp)

    @display(description="evidence")
    def evidence(self, row: models.Evidence) -> SafeString:
        return cells.figure(figures.score(row.mx_evidence))

    @display(description="confirmed", boolean=True)
    def confirmed(self, row: models.Evidence) -> bool:
        return row.mx_confirm

    @display(description="boost")
    def boost(self, row: models.Evidence) -> SafeString:
        return cells.figure(figures.plain(row.mx_evidence_boost))

    @display(description="latency, ms")
    def latency(self, row: models.Evidence) -> SafeString:
        return cells.figure(figures.count(row.mx_processing_latency_ms))

    @display(description="plan")
    def about(self, row: models.Evidence) -> SafeString:
        return cells.short(str(row.plan_id) if row.plan_id else None)
