"""The lifecycle page: one story from its first cause to its end."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from strands import ids, tables
from strands.lessons.models import Lesson
from tradingops.console import (
    facts,
    lifecycle_candles,
    lifecycle_judgement,
    lifecycle_orders,
    lifecycle_panels,
    lifecycle_story,
)
from tradingops.console.consumers import PERMISSION
from tradingops.console.lifecycle_candles import Candle, Window
from tradingops.console.lifecycle_story import Story

#: As many strands of one table as a page shows.
MOST = 400

Rows = list[tuple[str, dict[str, Any]]]

#: A strand is of a lifecycle, or is itself the one that was asked for.
_STRANDS = " UNION ALL ".join(
    f"(SELECT '{table}', row_to_json(strand)::text FROM {table} AS strand"
    " WHERE lifecycle_id = %(id)s OR id = %(id)s ORDER BY said LIMIT %(most)s)"
    for table in tables.BY_NAME
)

#: Ids begin with the moment, so the key finds the bars of a time.
_BARS = """
    SELECT md_bar::text FROM md_strands
     WHERE id >= %(low)s AND id < %(high)s AND symbol = %(symbol)s AND timeframe = %(timeframe)s AND kind = 'bar'
     ORDER BY id LIMIT %(most)s
"""


@permission_required(PERMISSION, raise_exception=True)
def page(request: HttpRequest, lifecycle_id: str) -> HttpResponse:
    """Return the page of a lifecycle; the id of any strand leads to the page of its lifecycle."""
    found = _read(lifecycle_id)
    own = [(table, row) for table, row in found if row.get("lifecycle_id") == lifecycle_id]
    if found and not own and (elsewhere := found[0][1].get("lifecycle_id")):
        address = reverse("admin:console_lifecycle", args=[elsewhere])
        return HttpResponseRedirect(f"{address}#{quote(lifecycle_id)}")
    if not found:
        raise Http404(f"no strand has the id or the lifecycle {lifecycle_id}")
    story = lifecycle_story.story_of(lifecycle_id, own or found)
    return TemplateResponse(request, "console/lifecycle.html", {**admin.site.each_context(request), **context(story)})


def context(story: Story) -> dict[str, Any]:
    """Return what the page shows of a story."""
    window = lifecycle_candles.window_of(story)
    gates = lifecycle_panels.gates(story)
    return {
        "title": f"{story.symbol or 'Desk'} {story.direction}".strip(),
        "is_fullwidth": "1",
        "story": story,
        "outcome": story.outcome(),
        "before": lifecycle_panels.before(story),
        "intelligence": lifecycle_panels.intelligence(story),
        **_judged(story),
        "decided": lifecycle_panels.decided(story),
        "gates": gates,
        "failed": sum(gate.passed is False for gate in gates),
        "orders": lifecycle_orders.orders(story),
        "executions": lifecycle_orders.executions(story),
        "chart": lifecycle_candles.chart_of(story, _candles(window)) if window else None,
        "cut": len(story.told) >= MOST,
    }


def _judged(story: Story) -> dict[str, Any]:
    """Return what curators, evidence and lessons said of a story, with the titles of those lessons."""
    judged = {
        "by_alpha": lifecycle_judgement.of_signal(story),
        "by_dm": lifecycle_judgement.of_decision(story),
        "by_trader": lifecycle_judgement.of_orders(story),
    }
    applied = {use.lesson_id for each in judged.values() if each for use in each.lessons}
    return {
        **judged,
        "evidence": lifecycle_judgement.evidence(story),
        "learned": lifecycle_judgement.learned(story),
        "counterfactual": lifecycle_judgement.counterfactual(story),
        "titles": dict(Lesson.objects.filter(lesson_id__in=applied).values_list("lesson_id", "title"))
        if applied
        else {},
    }


def _read(lifecycle_id: str) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(_STRANDS, {"id": lifecycle_id, "most": MOST})
        return [(table, facts.mapping(facts.loads(text))) for table, text in cursor]


def _candles(window: Window) -> list[Candle]:
    asked: dict[str, str | int] = {
        "low": ids.lower_bound(max(window.start, ids.EPOCH)),
        "high": ids.lower_bound(max(window.end, ids.EPOCH)),
        "symbol": window.symbol,
        "timeframe": window.timeframe,
        "most": lifecycle_candles.MOST_BARS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BARS, asked)
        found = [lifecycle_candles.candle_of(facts.loads(text)) for (text,) in cursor if text]
    return sorted(filter(None, found), key=lambda candle: candle.opened)
