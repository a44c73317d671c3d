"""Rooms for lessons, for what each was made of, and for the ledger of writers outside."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from strands import figures, telling
from strands.lessons import models
from tradingops.console.records import filters, record
from tradingops.console.showing import html

MODULES = ("alpha", "dm", "trader")
LEVELS = {2: "braid", 3: "meta-braid", 4: "meta²-braid"}


@admin.register(models.Lesson)
class LessonAdmin(record.KeysetAdmin):
    """Lessons, the newest first; each title leads to the lesson's own page."""

    list_display = ["when", "page", "standing_", "module", "level_", "symbol", "sure", "worth", "touched"]
    list_display_links = ["when"]
    list_filter = [
        filters.one_of("standing", models.LessonStage.values),
        filters.one_of("module", MODULES),
        filters.one_of("level", [str(level) for level in LEVELS]),
        filters.exactly("symbol"),
    ]
    search_fields = ["lesson_id"]
    search_help_text = "Exact id of a lesson, or a symbol"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        word = search_term.strip().upper()
        if not word:
            return queryset, False
        return queryset.filter(lesson_id=word) | queryset.filter(symbol=word), False

    @display(description="learned")
    def when(self, row: models.Lesson) -> SafeString:
        return html.moment(row.created_at)

    @display(description="lesson")
    def page(self, row: models.Lesson) -> SafeString:
        link = reverse("admin:console_lesson", args=[row.lesson_id])
        return format_html('<a class="link" href="{}">{}</a>', link, row.title or row.lesson_id)

    @display(description="standing")
    def standing_(self, row: models.Lesson) -> SafeString:
        return html.pill(row.standing)

    @display(description="level")
    def level_(self, row: models.Lesson) -> str:
        return LEVELS.get(row.level, str(row.level))

    @display(description="confidence")
    def sure(self, row: models.Lesson) -> SafeString:
        return html.figure(figures.score(row.confidence))

    @display(description="effect")
    def worth(self, row: models.Lesson) -> SafeString:
        """What a decision that it touched gained by it, on average [share of the portfolio's value]."""
        effect = (row.effect or {}).get("mean")
        return html.figure(figures.percent(effect, digits=3, signed=True), tone=telling.gain(effect))

    @display(description="touched")
    def touched(self, row: models.Lesson) -> SafeString:
        return html.figure(figures.count((row.effect or {}).get("touched")))


@admin.register(models.Source)
class SourceAdmin(record.KeysetAdmin):
    """What lessons were made of."""

    list_display = ["id", "lesson_", "module", "level", "score_", "won", "pnl", "strand"]
    list_filter = [filters.exactly("lesson_id", title="lesson")]
    list_select_related = ["lesson"]

    @display(description="lesson")
    def lesson_(self, row: models.Source) -> SafeString:
        return html.related(row.lesson)

    @display(description="score")
    def score_(self, row: models.Source) -> SafeString:
        return html.figure(figures.score(row.score))

    @display(description="result")
    def pnl(self, row: models.Source) -> SafeString:
        return html.figure(figures.percent(row.pnl_percent, signed=True))

    @display(description="strand")
    def strand(self, row: models.Source) -> SafeString:
        return html.lifecycle(row.source_id)


@admin.register(models.WriterCall)
class WriterCallAdmin(record.KeysetAdmin):
    """Questions put to writers outside: what came of each, what it cost, how long it took. No key is kept here."""

    list_display = ["when", "state", "model", "lesson_", "tokens", "cost_", "took", "why"]
    list_display_links = ["when"]
    list_filter = [
        filters.one_of("status", models.WriterCall.Status.values),
        filters.exactly("lesson_id", title="lesson"),
    ]

    @display(description="asked")
    def when(self, row: models.WriterCall) -> SafeString:
        return html.moment(row.at)

    @display(description="what came of it")
    def state(self, row: models.WriterCall) -> SafeString:
        return html.pill(row.status)

    @display(description="lesson")
    def lesson_(self, row: models.WriterCall) -> SafeString:
        link = reverse("admin:console_lesson", args=[row.lesson_id])
        return format_html('<a class="link" href="{}">{}</a>', link, html.short(row.lesson_id))

    @display(description="tokens asked, answered")
    def tokens(self, row: models.WriterCall) -> SafeString:
        return html.figure(f"{figures.count(row.prompt_tokens)} / {figures.count(row.answer_tokens)}")

    @display(description="cost")
    def cost_(self, row: models.WriterCall) -> SafeString:
        return html.figure(figures.plain(row.cost))

    @display(description="seconds")
    def took(self, row: models.WriterCall) -> SafeString:
        return html.figure(figures.plain(row.seconds, figures=3))

    @display(description="why")
    def why(self, row: models.WriterCall) -> str:
        return (row.reason or "")[:120]
