"""Rooms for the curators: how right each has been, how much it counts."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from curators import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.showing import html

#: Whose curators a table is about, by its name.
MODULES = {"ad": "alpha", "dm": "dm", "tr": "trader"}


class PerformanceAdmin(record.KeysetAdmin):
    """Scored opinions, the newest first: their keys begin with the moment."""

    list_display = ["when", "curator", "said", "correct", "contribution", "accuracy", "about"]
    list_display_links = ["when"]
    list_filter = [filters.exactly("curator_type", title="curator")]

    @display(description="when")
    def when(self, row: models.Performance) -> SafeString:
        return html.moment(row.created_at)

    @display(description="curator")
    def curator(self, row: models.Performance) -> SafeString:
        link = reverse("admin:console_scorecard_curator", args=[MODULES[self.opts.db_table[:2]], row.curator_type])
        return format_html('<a class="link" href="{}">{}</a>', link, figures.spaced(row.curator_type))

    @display(description="said")
    def said(self, row: models.Performance) -> SafeString:
        return html.pill((row.learning_metadata or {}).get("action"))

    @display(description="right", boolean=True)
    def correct(self, row: models.Performance) -> bool | None:
        correct = (row.learning_metadata or {}).get("correct")
        return correct if isinstance(correct, bool) else None

    @display(description="contribution")
    def contribution(self, row: models.Performance) -> SafeString:
        return html.figure(figures.score(row.contribution_score))

    @display(description="accuracy")
    def accuracy(self, row: models.Performance) -> SafeString:
        return html.figure(figures.score(row.accuracy_score))

    @display(description="about")
    def about(self, row: models.Performance) -> SafeString:
        judged = (getattr(row, name, None) for name in ("signal_id", "decision_id", "execution_id"))
        return html.lifecycle(next(filter(None, judged), None))


class WeightAdmin(record.RecordAdmin):
    list_display = ["id", "curator_type", "weight_", "confidence_", "updated"]
    list_filter = [filters.exactly("curator_type", title="curator")]
    ordering = ["curator_type", "id"]

    @display(description="weight", ordering="weight")
    def weight_(self, row: models.Weight) -> SafeString:
        return html.figure(figures.plain(row.weight))

    @display(description="confidence", ordering="confidence")
    def confidence_(self, row: models.Weight) -> SafeString:
        return html.figure(figures.score(row.confidence))

    @display(description="updated", ordering="updated_at")
    def updated(self, row: models.Weight) -> SafeString:
        return html.moment(row.updated_at)


for scored in (models.AlphaCuratorPerformance, models.DecisionCuratorPerformance, models.TraderCuratorPerformance):
    admin.site.register(scored, PerformanceAdmin)
for weighed in (models.AlphaCuratorWeight, models.DecisionCuratorWeight, models.TraderCuratorWeight):
    admin.site.register(weighed, WeightAdmin)
