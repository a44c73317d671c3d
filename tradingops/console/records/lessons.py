"""Rooms for lessons, for what each was made of, and for the ledger of writers outside."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.safestring import SafeString

from strands import figures
from strands.lessons import models
from tradingops.console.records import filters, record
from tradingops.console.records.columns import Column, figure, link, moment, pill, score, value, words
from tradingops.console.showing import html

MODULES = ("alpha", "dm", "trader")
LEVELS = {2: "braid", 3: "meta-braid", 4: "meta²-braid"}


def _worth(effect: dict[str, Any] | None) -> SafeString:
    """Return what a decision that a lesson touched gained by it, on average [share of the portfolio's value]."""
    mean = (effect or {}).get("mean")
    return html.signed(mean, figures.percent(mean, digits=3, signed=True))


def _touched(effect: dict[str, Any] | None) -> SafeString:
    return html.figure(figures.count((effect or {}).get("touched")))


def _tokens(row: models.WriterCall) -> SafeString:
    return html.figure(f"{figures.count(row.prompt_tokens)} / {figures.count(row.answer_tokens)}")


@admin.register(models.Lesson)
class LessonAdmin(record.KeysetAdmin):
    """Lessons, the newest first; each leads to the lesson's own page."""

    story = staticmethod(lambda row: reverse("admin:console_lesson", args=[row.lesson_id]))

    list_display = [
        moment("created_at", "learned"),
        link(
            "lesson",
            "console_lesson",
            lambda row: [row.lesson_id],
            lambda row: row.title or row.lesson_id,
            of=["title", "lesson_id"],
        ),
        pill("standing"),
        "module",
        value("level", "level", lambda level: LEVELS.get(level, str(level))),
        "symbol",
        score("confidence"),
        value("effect", "effect", _worth),
        value("effect", "touched", _touched),
    ]
    list_filter = [
        filters.one_of("standing", models.LessonStage.values),
        filters.one_of("module", MODULES),
        filters.one_of("level", [str(level) for level in LEVELS]),
        filters.exactly("symbol"),
    ]
    search_fields = ["lesson_id", "symbol"]
    search_help_text = "Exact id of a lesson, or a symbol"


@admin.register(models.Source)
class SourceAdmin(record.KeysetAdmin):
    """What lessons were made of."""

    story = staticmethod(lambda row: html.story(row.source_id) if row.source_id else None)

    list_display = [
        "id",
        value("lesson", "lesson", html.related),
        "module",
        "level",
        score("score"),
        "won",
        figure("pnl_percent", partial(figures.percent, signed=True), "result"),
    ]
    list_filter = [filters.exactly("lesson_id", title="lesson")]
    list_select_related = ["lesson"]


@admin.register(models.WriterCall)
class WriterCallAdmin(record.KeysetAdmin):
    """Questions put to writers outside: what came of each, what it cost, how long it took. No key is kept here."""

    list_display = [
        moment("at", "asked"),
        pill("status", "what came of it"),
        "model",
        link(
            "lesson",
            "console_lesson",
            lambda row: [row.lesson_id],
            lambda row: html.short(row.lesson_id),
            of=["lesson_id"],
        ),
        Column("tokens asked, answered", _tokens, of=["prompt_tokens", "answer_tokens"]),
        figure("cost", figures.plain),
        figure("seconds", partial(figures.plain, figures=3)),
        words("reason", "why"),
    ]
    list_filter = [
        filters.one_of("status", models.WriterCall.Status.values),
        filters.exactly("lesson_id", title="lesson"),
    ]
