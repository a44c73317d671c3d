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


def _judged(row: models.Performance) -> str | None:
    judged = (getattr(row, name, None) for name in ("signal_id", "decision_id", "execution_id"))
    return next(filter(None, judged), None)


class PerformanceAdmin(record.KeysetAdmin):
    """Scored opinions, the newest first: their keys begin with the moment."""

    list_display = [
        moment("created_at"),
        link(
            "curator",
            "console_scorecard_curator",
            lambda row: [_module(row), row.curator_type],
            lambda row: html.worded(row.curator_type),
        ),
        Column("said", lambda row: html.pill((row.learning_metadata or {}).get("action"))),
        Column("right", _correct, boolean=True),
        score("contribution_score", "contribution"),
        score("accuracy_score", "accuracy"),
        Column("about", lambda row: html.lifecycle(_judged(row))),
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


for scored in (models.AlphaCuratorPerformance, models.DecisionCuratorPerformance, models.TraderCuratorPerformance):
    admin.site.register(scored, PerformanceAdmin)
for weighed in (models.AlphaCuratorWeight, models.DecisionCuratorWeight, models.TraderCuratorWeight):
    admin.site.register(weighed, WeightAdmin)
