"""Rooms for the wire at work: finished turns, what waits, what modules remember, who is at work."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString

from strands import figures, models, tags
from strands.given import HaltState
from strands.telling import Tone
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, identity, moment, pill, value, words
from tradingops.console.showing import documents, html
from tradingops.mandates import mandates
from tradingops.people import recovery


@admin.register(models.Message)
class MessageAdmin(record.KeysetAdmin):
    """Finished turns, newest first by the moment of their strand."""

    story = staticmethod(lambda row: html.story(row.strand_id) if row.strand_id else None)

    list_display = [
        Column("when", lambda row: html.absolute(row.now or row.timestamp), of=["now", "timestamp"]),
        "listener",
        "tag",
        pill("status"),
        "delivery_attempts",
        words("error_message", "error"),
        identity("strand_id", "strand"),
    ]
    list_filter = [
        filters.one_of("listener", tags.LISTENERS),
        filters.one_of("status", models.Message.Status.values),
        filters.exactly("strand_id", title="strand"),
    ]
    list_select_related = False
    search_fields = ["strand_id"]
    search_help_text = "Exact strand id"

    def bounded(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep what is handled by, or was said about, the symbols of somebody's mandates."""
        return recovery.within(rows, mandates.symbols_of(user))


@admin.register(models.Delivery)
class DeliveryAdmin(record.KeysetAdmin):
    """What waits, the last to come first; requeueing and skipping are done on the messages page."""

    story = staticmethod(lambda row: html.story(row.strand_id))

    list_display = [
        moment("created_at", "queued"),
        "listener",
        "tag",
        "partition",
        "attempts",
        moment("not_before", "next try"),
        words("last_error", "last error"),
        identity("strand_id", "strand"),
    ]
    list_filter = [filters.one_of("listener", tags.LISTENERS), filters.exactly("partition")]
    search_fields = ["strand_id"]
    search_help_text = "Exact strand id"

    def bounded(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep what is handled by, or was said about, the symbols of somebody's mandates."""
        return recovery.within(rows, mandates.symbols_of(user))


def _size(state: str) -> SafeString:
    return html.figure(f"{figures.count(len(state) / 1024)} KiB")


@admin.register(models.ModuleState)
class ModuleStateAdmin(record.RecordAdmin):
    list_display = [
        "listener",
        "partition",
        "turns",
        "version",
        value("state", "size", _size),
        moment("updated_at", "updated"),
    ]
    list_display_links = ["listener", "partition"]
    list_filter = [filters.one_of("listener", tags.LISTENERS)]
    ordering = ["id"]
    sortable_by: tuple[str, ...] = ()

    def sections(self, row: models.ModuleState) -> list[record.Section]:
        facts = record.facts(row, ("listener", "partition", "turns", "version", "updated_at"))
        folded = record.Section("Folded from its turns", document=documents.json_text(row.state))
        return [record.Section("", facts), folded]


@admin.register(models.ModuleTakeover)
class ModuleTakeoverAdmin(record.RecordAdmin):
    list_display = [
        "listener",
        "partition",
        "from_version",
        "to_version",
        value("state", "size", _size),
        moment("created_at", "taken over"),
    ]
    list_display_links = ["listener", "partition"]
    list_filter = [filters.one_of("listener", tags.LISTENERS)]
    ordering = ["-id"]
    sortable_by: tuple[str, ...] = ()

    def sections(self, row: models.ModuleTakeover) -> list[record.Section]:
        facts = record.facts(row, ("listener", "partition", "from_version", "to_version", "created_at"))
        return [record.Section("", facts), record.Section("Taken over", document=documents.json_text(row.state))]


@admin.register(models.Halt)
class HaltAdmin(record.RecordAdmin):
    story = staticmethod(lambda row: html.story(row.ruling))
    list_display = [
        "scope",
        "state",
        moment("begins", "from"),
        moment("ends", "until"),
        "ruling",
    ]
    list_display_links = ["scope"]
    list_filter = [filters.one_of("state", list(HaltState))]
    ordering = ["-said"]
    sortable_by: tuple[str, ...] = ()

    def bounded(self, rows: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Keep what stops something of the symbols of somebody's mandates."""
        named = mandates.named_of(user)
        if named is None:
            return rows
        return rows.filter(~Q(scope__startswith="symbol:") | Q(scope__in=[f"symbol:{each}" for each in named]))

    def sections(self, row: models.Halt) -> list[record.Section]:
        return [record.Section("", record.facts(row, ("scope", "state", "begins", "ends", "ruling", "said")))]


def _faults(count: int) -> SafeString:
    return html.figure(figures.count(count), tone=Tone.BAD if count else Tone.PLAIN)


@admin.register(models.Worker)
class WorkerAdmin(record.RecordAdmin):
    list_display = [
        "listener",
        "host",
        "pid",
        moment("beat_at", "heartbeat"),
        moment("last_turn_at", "last turn"),
        figure("turns", figures.count),
        value("faults", "faults", _faults),
        moment("started_at", "started"),
    ]
    list_filter = [filters.one_of("listener", tags.LISTENERS)]
    ordering = ["listener", "id"]
