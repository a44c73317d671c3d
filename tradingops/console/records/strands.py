"""Rooms for what was said: one list a strand table, and the registry of who says it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from strands import figures, ids, kinds, models, tables
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, moment, pill, value
from tradingops.console.showing import html, moments, strands

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


def _line(row: models.Strand) -> SafeString:
    return html.parts(strands.parts(row))


class StrandAdmin(record.KeysetAdmin):
    """One module's own strands, newest first."""

    story = staticmethod(lambda row: html.story(row.lifecycle_id or row.pk, of=row.pk))

    list_display = [
        moment("at"),
        value("kind", "kind", html.chip),
        "symbol",
        "timeframe",
        Column("in short", _line, of=["kind"]),
    ]
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
        plain = [
            (figures.spaced(name), html.value(value)) for name, value in said if not isinstance(value, (dict, list))
        ]
        about = ("symbol", "timeframe", "regime", "at")
        identity = [
            ("in short", _line(row)),
            *record.facts(row, about),
            ("lifecycle", html.lifecycle(row.lifecycle_id)),
            *((figures.spaced(name), html.value(value)) for name, value in plain),
        ]
        return [
            record.Section(figures.spaced(row.kind or "strand"), identity),
            *(record.document(name, value) for name, value in said if isinstance(value, (dict, list))),
            record.Section("How it travelled", [*record.facts(row, TRAVELLED), ("tags", html.plain_list(row.tags))]),
        ]


for model in models.STRANDS.values():
    admin.site.register(model, StrandAdmin)


@admin.register(models.Module)
class ModuleAdmin(record.RecordAdmin):
    list_display = [
        "module_type",
        "module_version",
        pill("lifecycle_stage", "stage"),
        pill("status"),
        "generational_depth",
        "offspring_count",
    ]
    list_filter = [
        filters.one_of("status", ("active", "inactive", "failed")),
        filters.one_of("lifecycle_stage", ("experimental", "active", "deprecated", "archived")),
    ]
    search_fields = ["module_type"]
    ordering = ["module_type", "module_version"]
