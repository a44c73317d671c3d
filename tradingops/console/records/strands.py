"""Rooms for the wire: one list a strand table, turns, deliveries, states, workers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from strands import figures, ids, kinds, models, tables, tags, telling
from tradingops.console.records import filters, record
from tradingops.console.showing import documents, html, moments, strands

REGIMES = ("trending_up", "trending_down", "ranging", "ranging_volatile", "ranging_quiet", "unknown")

#: The columns of a payload that a reader wants first.
LEADING = {"dm_decision", "trading_plan", "order_spec", "tr_outcome", "exec_metrics", "rm_risk_assessment", "op_note"}
TRAVELLED = (
    *("id", "parent_id", "lifecycle_id", "module", "module_id", "hop", "said", "session_bucket"),
    *("created_at", "updated_at"),
)
FILTERS = {
    role.name: [
        filters.one_of("kind", role.names),
        filters.exactly("symbol"),
        filters.lately("regime", REGIMES),
        *([filters.one_of("timeframe", moments.TIMEFRAMES)] if role.name == "market" else []),
    ]
    for role in kinds.ROLES.values()
}


def looks_like_an_id(text: str) -> bool:
    return ids.moment(text) is not None


def _facts(row: models.Strand | models.ModuleState, names: Iterable[str]) -> list[tuple[str, SafeString]]:
    return [(figures.spaced(name), html.value(getattr(row, name))) for name in names]


class StrandAdmin(record.KeysetAdmin):
    """One module's own strands, newest first."""

    list_display = ["when", "kind_pill", "symbol", "timeframe", "told_in_short", "lifecycle"]
    list_display_links = ["when"]
    search_fields = ["id"]
    search_help_text = "Exact id, lifecycle or symbol"

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return FILTERS[tables.BY_NAME[self.opts.db_table].module]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Find strands by an exact id, a lifecycle or a symbol: each has its index, and nothing is scanned."""
        word = search_term.strip()
        if not word:
            return queryset, False
        if looks_like_an_id(word.upper()):
            return queryset.filter(Q(id=word.upper()) | Q(lifecycle_id=word.upper())), False
        return queryset.filter(Q(id=word) | Q(lifecycle_id=word) | Q(symbol=word.upper())), False

    def sections(self, row: models.Strand) -> list[record.Section]:
        """Return the strand in short, what it says column by column, and how it travelled."""
        said = sorted(strands.payload(row).items(), key=lambda item: item[0] not in LEADING)
        plain = ((name, value) for name, value in said if not isinstance(value, (dict, list)))
        about = ("symbol", "timeframe", "regime", "at")
        identity = [
            ("in short", self.told_in_short(row)),
            *_facts(row, about),
            ("lifecycle", self.lifecycle(row)),
            *((figures.spaced(name), html.value(value)) for name, value in plain),
        ]
        return [
            record.Section(figures.spaced(row.kind or "strand"), identity),
            *(record.document(name, value) for name, value in said if isinstance(value, (dict, list))),
            record.Section("How it travelled", [*_facts(row, TRAVELLED), ("tags", html.plain_list(row.tags))]),
        ]

    @display(description="when")
    def when(self, row: models.Strand) -> SafeString:
        return html.moment(row.at)

    @display(description="kind")
    def kind_pill(self, row: models.Strand) -> SafeString:
        return html.chip(row.kind)

    @display(description="in short")
    def told_in_short(self, row: models.Strand) -> SafeString:
        return html.parts(strands.parts(row))

    @display(description="lifecycle")
    def lifecycle(self, row: models.Strand) -> SafeString:
        return html.lifecycle(row.lifecycle_id)


for model in models.STRANDS.values():
    admin.site.register(model, StrandAdmin)


@admin.register(models.Module)
class ModuleAdmin(record.RecordAdmin):
    list_display = ["module_type", "module_version", "stage", "state", "generational_depth", "offspring_count"]
    list_filter = [
        filters.one_of("status", ("active", "inactive", "failed")),
        filters.one_of("lifecycle_stage", ("experimental", "active", "deprecated", "archived")),
    ]
    search_fields = ["module_type"]
    ordering = ["module_type", "module_version"]

    @display(description="stage", ordering="lifecycle_stage")
    def stage(self, row: models.Module) -> SafeString:
        return html.pill(row.lifecycle_stage)

    @display(description="status", ordering="status")
    def state(self, row: models.Module) -> SafeString:
        return html.pill(row.status)


@admin.register(models.Message)
class MessageAdmin(record.KeysetAdmin):
    """Finished turns, newest first by the moment of their strand."""

    list_display = ["when", "listener", "tag", "state", "delivery_attempts", "error", "strand"]
    list_display_links = ["when"]
    list_filter = [
        filters.one_of("listener", tags.LISTENERS),
        filters.one_of("status", models.Message.Status.values),
        filters.exactly("strand_id", title="strand"),
    ]
    list_select_related = False
    search_fields = ["strand_id"]
    search_help_text = "Exact strand id"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        word = search_term.strip()
        return (queryset.filter(strand_id=word) if word else queryset), False

    @display(description="when")
    def when(self, row: models.Message) -> SafeString:
        return html.moment(row.now or row.timestamp)

    @display(description="status")
    def state(self, row: models.Message) -> SafeString:
        return html.pill(row.status)

    @display(description="error")
    def error(self, row: models.Message) -> str:
        return (row.error_message or "")[:120]

    @display(description="strand")
    def strand(self, row: models.Message) -> SafeString:
        return html.short(row.strand_id)


@admin.register(models.Delivery)
class DeliveryAdmin(record.KeysetAdmin):
    """What waits, the last to come first; requeueing and skipping are done on the messages page."""

    list_display = ["queued", "listener", "tag", "partition", "attempts", "next_try", "error", "strand"]
    list_display_links = ["queued"]
    list_filter = [filters.one_of("listener", tags.LISTENERS), filters.exactly("partition")]
    search_fields = ["strand_id"]
    search_help_text = "Exact strand id"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        word = search_term.strip()
        return (queryset.filter(strand_id=word) if word else queryset), False

    @display(description="queued")
    def queued(self, row: models.Delivery) -> SafeString:
        return html.moment(row.created_at)

    @display(description="next try")
    def next_try(self, row: models.Delivery) -> SafeString:
        return html.moment(row.not_before)

    @display(description="last error")
    def error(self, row: models.Delivery) -> str:
        return (row.last_error or "")[:120]

    @display(description="strand")
    def strand(self, row: models.Delivery) -> SafeString:
        return html.short(row.strand_id)


@admin.register(models.ModuleState)
class ModuleStateAdmin(record.RecordAdmin):
    list_display = ["listener", "partition", "turns", "version", "size", "updated"]
    list_display_links = ["listener", "partition"]
    list_filter = [filters.one_of("listener", tags.LISTENERS)]
    ordering = ["id"]
    sortable_by: tuple[str, ...] = ()

    def sections(self, row: models.ModuleState) -> list[record.Section]:
        facts = _facts(row, ("listener", "partition", "turns", "version", "updated_at"))
        folded = record.Section("Folded from its turns", document=documents.json_text(row.state))
        return [record.Section("", facts), folded]

    @display(description="size")
    def size(self, row: models.ModuleState) -> SafeString:
        return html.figure(f"{figures.count(len(row.state) / 1024)} KiB")

    @display(description="updated")
    def updated(self, row: models.ModuleState) -> SafeString:
        return html.moment(row.updated_at)


@admin.register(models.Worker)
class WorkerAdmin(record.RecordAdmin):
    list_display = ["listener", "host", "pid", "beat", "last_turn", "turn_count", "fault_count", "started"]
    list_filter = [filters.one_of("listener", tags.LISTENERS)]
    ordering = ["listener", "id"]

    @display(description="heartbeat", ordering="beat_at")
    def beat(self, row: models.Worker) -> SafeString:
        return html.moment(row.beat_at)

    @display(description="last turn", ordering="last_turn_at")
    def last_turn(self, row: models.Worker) -> SafeString:
        return html.moment(row.last_turn_at)

    @display(description="started", ordering="started_at")
    def started(self, row: models.Worker) -> SafeString:
        return html.moment(row.started_at)

    @display(description="turns", ordering="turns")
    def turn_count(self, row: models.Worker) -> SafeString:
        return html.figure(figures.count(row.turns))

    @display(description="faults", ordering="faults")
    def fault_count(self, row: models.Worker) -> SafeString:
        return html.figure(figures.count(row.faults), tone=telling.Tone.BAD if row.faults else telling.Tone.PLAIN)
