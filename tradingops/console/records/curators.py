"""Rooms for the curators: how right each has been, how much it counts."""

from __future__ import annotations

from django.contrib import admin

from curators import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, link, moment, score
from tradingops.console.showing import html


def _module(row: models.Performance) -> str:
    """Return whose curators a table is about, by its name."""
    return {"ad": "alpha", "dm": "dm", "tr": "trader"}[row._meta.db_table[:2]]


def _correct(row: models.Performance) -> bool | None:
    correct = (row.learning_metadata or {}).get("correct")
    return correct if isinstance(correct, bool) else None


def _about(strand: str | None) -> str | None:
    return html.story(strand) if strand else None


class PerformanceAdmin(record.KeysetAdmin):
    """Scored opinions, the newest first: their keys begin with the moment."""

    columns = [
        moment("created_at"),
        link(
            "curator",
            "console_scorecard_curator",
            lambda row: [_module(row), row.curator_type],
            lambda row: figures.spaced(row.curator_type),
            of=["curator_type"],
        ),
        Column("said", lambda row: html.pill((row.learning_metadata or {}).get("action")), of=["learning_metadata"]),
        Column("right", _correct, of=["learning_metadata"], boolean=True),
        score("contribution_score", "contribution"),
        score("accuracy_score", "accuracy"),
    ]
    list_filter = [filters.exactly("curator_type", title="curator")]


class WeightAdmin(record.RecordAdmin):
    list_display = [
        "id",
        "curator_type",
        figure("weight", figures.plain),
        score("confidence"),
        moment("updated_at", "updated"),
    ]
    list_filter = [filters.exactly("curator_type", title="curator")]
    ordering = ["curator_type", "id"]


@admin.register(models.AlphaCuratorPerformance)
class AlphaPerformanceAdmin(PerformanceAdmin):
    list_display = PerformanceAdmin.columns
    story = staticmethod(lambda row: _about(row.signal_id))


@admin.register(models.DecisionCuratorPerformance)
class DecisionPerformanceAdmin(PerformanceAdmin):
    list_display = PerformanceAdmin.columns
    story = staticmethod(lambda row: _about(row.decision_id))


@admin.register(models.TraderCuratorPerformance)
class TraderPerformanceAdmin(PerformanceAdmin):
    list_display = PerformanceAdmin.columns
    story = staticmethod(lambda row: _about(row.execution_id))


for weighed in (models.AlphaCuratorWeight, models.DecisionCuratorWeight, models.TraderCuratorWeight):
    admin.site.register(weighed, WeightAdmin)
