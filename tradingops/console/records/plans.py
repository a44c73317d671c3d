"""Rooms for trading plans and the answers they got."""

from __future__ import annotations

from django.contrib import admin

from portfolio.plans import models
from portfolio.reviews.models import Review
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, gain, identity, moment, pill, price, score
from tradingops.console.showing import html


def _story(row: models.TradingPlan | models.Approval) -> str | None:
    return html.story(row.lifecycle_id) if row.lifecycle_id else None


@admin.register(models.TradingPlan)
class TradingPlanAdmin(record.HistoryAdmin):
    story = staticmethod(_story)
    list_display = [
        moment("timestamp"),
        "symbol",
        pill("direction"),
        score("signal_strength", "strength"),
        price("entry_price", "entry"),
        price("stop_loss", "stop"),
        price("take_profit", "target"),
        Column(
            "status",
            lambda row: html.pill(row.execution_status or row.validation_status),
            of=["execution_status", "validation_status"],
        ),
        gain("pnl", "profit or loss"),
    ]
    list_filter = [
        filters.exactly("symbol"),
        filters.one_of("direction", models.TradingPlan.Direction.values),
        filters.one_of("validation_status", models.TradingPlan.Validation.values, title="validation"),
        filters.one_of("execution_status", models.TradingPlan.Execution.values, title="execution"),
    ]


@admin.register(models.Approval)
class ApprovalAdmin(record.HistoryAdmin):
    story = staticmethod(_story)
    list_display = [
        moment("timestamp"),
        pill("approval_status", "status"),
        "approval_reason",
        score("decision_confidence", "confidence"),
        identity("plan_id", "plan"),
    ]
    list_filter = [filters.one_of("approval_status", models.Approval.Status.values, title="status")]


@admin.register(Review)
class ReviewAdmin(record.KeysetAdmin):
    """Reviews, newest first: a row's key is the id of the strand that asked people first."""

    story = staticmethod(lambda row: html.story(row.pk))

    list_display = [
        moment("asked_at", "asked"),
        "symbol",
        pill("direction"),
        "needs",
        moment("deadline"),
        pill("outcome"),
    ]
    list_filter = [filters.exactly("symbol"), filters.one_of("outcome", Review.Outcome.values)]
