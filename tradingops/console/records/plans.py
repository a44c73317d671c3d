"""Rooms for trading plans and the answers they got."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.decorators import display

from portfolio.plans import models
from strands import figures
from tradingops.console.records import filters, record
from tradingops.console.showing import html


@admin.register(models.TradingPlan)
class TradingPlanAdmin(record.RecordAdmin):
    list_display = ["when", "symbol", "side", "strength", "entry", "stop", "target", "state", "outcome", "lifecycle"]
    list_display_links = ["when"]
    list_filter = [
        filters.exactly("symbol"),
        filters.one_of("direction", models.TradingPlan.Direction.values),
        filters.one_of("validation_status", models.TradingPlan.Validation.values, title="validation"),
        filters.one_of("execution_status", models.TradingPlan.Execution.values, title="execution"),
    ]
    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: models.TradingPlan) -> SafeString:
        return html.moment(row.timestamp)

    @display(description="direction")
    def side(self, row: models.TradingPlan) -> SafeString:
        return html.pill(row.direction)

    @display(description="strength")
    def strength(self, row: models.TradingPlan) -> SafeString:
        return html.figure(figures.score(row.signal_strength))

    @display(description="entry")
    def entry(self, row: models.TradingPlan) -> SafeString:
        return html.figure(figures.price(row.entry_price))

    @display(description="stop")
    def stop(self, row: models.TradingPlan) -> SafeString:
        return html.figure(figures.price(row.stop_loss))

    @display(description="target")
    def target(self, row: models.TradingPlan) -> SafeString:
        return html.figure(figures.price(row.take_profit))

    @display(description="status")
    def state(self, row: models.TradingPlan) -> SafeString:
        return html.pill(row.execution_status or row.validation_status)

    @display(description="profit or loss")
    def outcome(self, row: models.TradingPlan) -> SafeString:
        return html.gain(row.pnl)

    @display(description="lifecycle")
    def lifecycle(self, row: models.TradingPlan) -> SafeString:
        return html.lifecycle(row.lifecycle_id)


@admin.register(models.Approval)
class ApprovalAdmin(record.RecordAdmin):
    list_display = ["when", "status", "approval_reason", "confidence", "about", "lifecycle"]
    list_display_links = ["when"]
    list_filter = [filters.one_of("approval_status", models.Approval.Status.values, title="status")]
    ordering = ["-timestamp"]
    sortable_by: tuple[str, ...] = ()

    @display(description="when")
    def when(self, row: models.Approval) -> SafeString:
        return html.moment(row.timestamp)

    @display(description="status")
    def status(self, row: models.Approval) -> SafeString:
        return html.pill(row.approval_status)

    @display(description="confidence")
    def confidence(self, row: models.Approval) -> SafeString:
        return html.figure(figures.score(row.decision_confidence))

    @display(description="plan")
    def about(self, row: models.Approval) -> SafeString:
        return html.short(str(row.plan_id) if row.plan_id else None)

    @display(description="lifecycle")
    def lifecycle(self, row: models.Approval) -> SafeString:
        return html.lifecycle(row.lifecycle_id)
