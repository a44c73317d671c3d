"""Rooms for the curators: how right each has been, how much it counts."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from curators import models
from strands import cells, figures, records


class PerformanceAdmin(records.RecordAdmin):
    list_display = ["when", "curator_type", "contribution", "accuracy", "about"]
    list_display_links = ["when"]
    list_filter = [records.exactly("curator_type", title="curator")]
    ordering = ["-created_at", "-id"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: models.Performance) -> SafeString:
        return cells.moment(row.created_at)

    @display(description="contribution")
    def contribution(self, row: models.Performance) -> SafeString:
        return cells.figure(figures.score(row.contribution_score))

    @display(description="accuracy")
    def accuracy(self, row: models.Performance) -> SafeString:
        return cells.figure(figures.score(row.accuracy_score))

    @display(description="about")
    def about(self, row: models.Performance) -> SafeString:
        return cells.short(getattr(row, "decision_id", None) or getattr(row, "execution_id", None))


class WeightAdmin(records.RecordAdmin):
    list_display = ["curator_type", "weight_", "confidence_", "updated"]
    list_filter = [records.exactly("curator_type", title="curator")]
    ordering = ["curator_type", "id"]

    @display(description="weight", ordering="weight")
    def weight_(self, row: models.Weight) -> SafeString:
        return cells.figure(figures.plain(row.weight))

    @display(description="confidence", ordering="confidence")
    def confidence_(self, row: models.Weight) -> SafeString:
        return cells.figure(figures.score(row.confidence))

    @display(description="updated", ordering="updated_at")
    def updated(self, row: models.Weight) -> SafeString:
        return cells.moment(row.updated_at)


for scored in (models.DecisionCuratorPerformance, models.TraderCuratorPerformance):
    admin.site.register(scored, PerformanceAdmin)
for weighed in (models.DecisionCuratorWeight, models.TraderCuratorWeight):
    admin.site.register(weighed, WeightAdmin)
