"""The lifecycle page: one story from its first cause to its end."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from tradingops.console.lifecycle import judgement, orders, panels, plots, queries, went_by
from tradingops.console.lifecycle.story import Story, story_of
from tradingops.console.showing import candles, funding
from tradingops.mandates import mandates

#: Who may see stories.
PERMISSION = "strands.view_decisionstrand"


@permission_required(PERMISSION, raise_exception=True)
def page(request: HttpRequest, lifecycle_id: str) -> HttpResponse:
    """Return the page of a lifecycle; the id of any strand leads to the page of its lifecycle."""
    found = queries.strands(lifecycle_id)
    own = [(table, row) for table, row in found if row.get("lifecycle_id") == lifecycle_id]
    if found and not own and (elsewhere := found[0][1].get("lifecycle_id")):
        address = reverse("admin:console_lifecycle", args=[elsewhere])
        return HttpResponseRedirect(f"{address}#{quote(lifecycle_id)}")
    if not found:
        raise Http404(f"no strand has the id or the lifecycle {lifecycle_id}")
    for _table, row in found:
        if row.get("symbol"):
            mandates.refuse_outside(request.user, row["symbol"])
    story = story_of(lifecycle_id, own or found)
    return TemplateResponse(
        request,
        "console/lifecycle/page.html",
        {**admin.site.each_context(request), **context(story), "went_by": went_by.of(own or found)},
    )


def context(story: Story) -> dict[str, Any]:
    """Return what the page shows of a story."""
    window = plots.window_of(story)
    gates = panels.gates(story)
    return {
        "title": f"{story.symbol or 'Desk'} {story.direction}".strip(),
        "is_fullwidth": "1",
        "story": story,
        "outcome": story.outcome(),
        "before": panels.before(story),
        "intelligence": panels.intelligence(story),
        **_judged(story),
        "decided": panels.decided(story),
        "gates": gates,
        "failed": sum(gate.passed is False for gate in gates),
        "orders": orders.orders(story),
        "executions": orders.executions(story),
        "chart": plots.chart_of(story, candles.read(window)) if window else None,
        "unfunded": _unfunded(story),
        "cut": len(story.told) >= queries.MOST,
    }


def _unfunded(story: Story) -> str:
    """Return what to say where something was held and its funding was not counted; nothing else."""
    told = story.first("trader", "fill") and not story.first("venue", "funding")
    return funding.NOT_COUNTED if told and funding.not_counted([story.symbol]) else ""


def _judged(story: Story) -> dict[str, Any]:
    """Return what curators, evidence and lessons said of a story, with the titles of those lessons."""
    judged = {
        "by_alpha": judgement.of_signal(story),
        "by_dm": judgement.of_decision(story),
        "by_trader": judgement.of_orders(story),
    }
    applied = {use.lesson_id for each in judged.values() if each for use in each.lessons}
    return {
        **judged,
        "evidence": judgement.evidence(story),
        "learned": judgement.learned(story),
        "counterfactual": judgement.counterfactual(story),
        "titles": queries.titles(applied),
    }
