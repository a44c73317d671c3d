"""Rooms for the company's tables: work, what is in force, minds, and the desk as its agents see it."""

from __future__ import annotations

from functools import partial

from django.contrib import admin

from strands import figures
from tradingops.company import models
from tradingops.company.first_data import agents
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, gain, moment, pill, price, score, words

_of_agent = partial(filters.one_of, words=agents.AGENTS, title="agent")


class NewestFirst(record.RecordAdmin):
    ordering = ["-created_at", "pk"]


@admin.register(models.Proposal)
class ProposalAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "agent_id",
        words("title"),
        "signal_type",
        pill("status"),
        words("rejected_reason", "why not"),
    ]
    list_filter = [filters.one_of("status", models.ProposalStatus.values), _of_agent("agent_id")]


@admin.register(models.Mission)
class MissionAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        words("title"),
        "mission_type",
        "created_by",
        "priority",
        pill("status"),
        moment("completed_at", "completed"),
    ]
    list_filter = [
        filters.one_of("status", models.MissionStatus.values),
        filters.one_of("mission_type", models.MissionType.values, title="type"),
    ]


@admin.register(models.Step)
class StepAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "kind",
        pill("status"),
        "assigned_to",
        moment("started_at", "started"),
        moment("completed_at", "completed"),
        words("error"),
    ]
    list_filter = [
        filters.one_of("status", models.StepStatus.values),
        filters.one_of("kind", models.StepKind.values),
    ]


@admin.register(models.Event)
class EventAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "agent_id",
        "kind",
        words("title"),
        Column("tags", lambda row: ", ".join(row.tags), of=["tags"]),
        gain("pnl", "P&L"),
    ]
    list_filter = [_of_agent("agent_id"), filters.exactly("kind")]


@admin.register(models.ActionRun)
class ActionRunAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "action_type",
        "duration_ms",
        pill("status"),
        Column("errors", lambda row: "; ".join(row.errors)[:120], of=["errors"]),
    ]
    list_filter = [
        filters.one_of("action_type", models.ActionType.values, title="duty"),
        filters.one_of("status", models.ActionStatus.values),
    ]


@admin.register(models.Policy)
class PolicyAdmin(record.RecordAdmin):
    list_display = ["key", words("description"), "version", moment("updated_at", "updated")]
    ordering = ["key"]


@admin.register(models.TriggerRule)
class TriggerRuleAdmin(record.RecordAdmin):
    list_display = [
        "name",
        "trigger_event",
        words("description"),
        "cooldown_minutes",
        "fire_count",
        moment("last_fired_at", "last fired"),
        "enabled",
    ]
    ordering = ["name"]


@admin.register(models.Reaction)
class ReactionAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "source_agent",
        "target_agent",
        "reaction_type",
        pill("status"),
        moment("processed_at", "processed"),
    ]
    list_filter = [
        filters.one_of("status", models.ReactionStatus.values),
        _of_agent("target_agent"),
    ]


@admin.register(models.Memory)
class MemoryAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "agent_id",
        "type",
        words("content"),
        score("confidence"),
        "promoted",
    ]
    list_filter = [_of_agent("agent_id"), filters.one_of("type", models.MemoryType.values)]


@admin.register(models.Roundtable)
class RoundtableAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "format",
        words("topic"),
        Column("participants", lambda row: ", ".join(row.participants), of=["participants"]),
        pill("status"),
        moment("completed_at", "completed"),
    ]
    list_filter = [
        filters.one_of("format", models.Format.values),
        filters.one_of("status", models.RoundtableStatus.values),
    ]


@admin.register(models.Relationship)
class RelationshipAdmin(record.RecordAdmin):
    list_display = [
        "agent_a",
        "agent_b",
        score("affinity"),
        "total_interactions",
        moment("last_interaction_at", "last interaction"),
    ]
    ordering = ["-affinity", "agent_a", "agent_b"]


@admin.register(models.Signal)
class SignalAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        "token",
        "source",
        pill("signal_type", "signal"),
        score("confidence"),
        "processed",
    ]
    list_filter = [filters.one_of("source", models.SignalSource.values), filters.exactly("token")]


@admin.register(models.Position)
class PositionAdmin(record.RecordAdmin):
    list_display = [
        moment("opened_at", "opened"),
        "token",
        figure("size", figures.quantity),
        price("entry_price", "entry"),
        price("current_price", "now"),
        gain("unrealized_pnl", "unrealised"),
        pill("status"),
    ]
    list_filter = [filters.one_of("status", models.PositionStatus.values), filters.exactly("token")]
    ordering = ["-opened_at", "pk"]


@admin.register(models.TradeOutcome)
class TradeOutcomeAdmin(NewestFirst):
    list_display = [
        moment("created_at"),
        pill("outcome_type", "outcome"),
        price("entry_price", "entry"),
        price("exit_price", "exit"),
        gain("pnl", "P&L"),
        figure("pnl_percent", figures.percent, "of what it cost"),
        "hold_time_seconds",
    ]
    list_filter = [filters.one_of("outcome_type", models.OutcomeType.values, title="outcome")]


@admin.register(models.PortfolioMoment)
class PortfolioMomentAdmin(record.HistoryAdmin):
    list_display = [
        moment("timestamp"),
        figure("total_value", figures.money, "value"),
        gain("pnl_24h", "24 h"),
        "open_positions",
        figure("win_rate", figures.percent, "win rate"),
        score("sharpe_ratio", "Sharpe ratio"),
        figure("max_drawdown", figures.percent, "worst drawdown"),
    ]
